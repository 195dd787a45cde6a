//! A report for a person in a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Said, compared, counted, guests, place, subject, unknown};
use crate::{
    check::{Report, Subject},
    difference::Side,
};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints each difference with both values, where they stand, and whose fault it is.
pub fn text(writer: &mut dyn Write, report: &Report) -> io::Result<()> {
    for difference in &report.differences {
        writeln!(writer, "{BOLD}{}{BOLD:#}", subject(difference))?;
        let Said { terraform, cloudformation, model } = Said::of(difference);
        side(writer, "terraform", terraform, difference.terraform.as_ref())?;
        side(writer, "cloudformation", cloudformation, difference.cloudformation.as_ref())?;
        if report.has_model() {
            writeln!(writer, "  {:<15} {}", "model", model.as_deref().unwrap_or("nothing"))?;
        }
        if let Some(wrong) = difference.wrong {
            writeln!(writer, "  {:<15} {BAD}{}{BAD:#}", "wrong", wrong.as_str())?;
        }
        writeln!(writer)?;
    }
    if !report.unknown.is_empty() {
        writeln!(writer, "{BOLD}Not known before the plan is applied, and not compared{BOLD:#}")?;
        for unknown in unknown(report) {
            writeln!(writer, "  {unknown}")?;
        }
        writeln!(writer)?;
    }
    if let Some(guests) = guests(report) {
        writeln!(writer, "{guests}")?;
    }
    let compared = compared(report);
    if report.is_equivalent() {
        let same = match report.subject {
            Subject::Files => "both say the same",
            Subject::FilesAndModel => "both say the same, and what the model says",
            Subject::Plan => "the plan and the template make the same",
        };
        writeln!(writer, "{GOOD}equivalent{GOOD:#}: {same}; {compared}")
    } else {
        let found = counted(report.differences.len(), "difference");
        writeln!(writer, "{BAD}not equivalent{BAD:#}: {found}; {compared}")
    }
}

fn side(writer: &mut dyn Write, who: &str, said: Option<String>, side: Option<&Side>) -> io::Result<()> {
    match (said, side) {
        (Some(said), Some(side)) => writeln!(writer, "  {who:<15} {said}  {FAINT}({}){FAINT:#}", place(side)),
        _ => writeln!(writer, "  {who:<15} nothing"),
    }
}
