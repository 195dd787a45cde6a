//! `jit-runners generate`: decides what to write, and then writes it.

use std::{
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};
use jit_runners_check::{SourceFile, report};
use jit_runners_emit::{
    GeneratedFile,
    cloudformation::{LARGEST_BODY, TEMPLATE},
};
use jit_runners_model::Deployment;
use similar::{ChangeTag, TextDiff};

use super::{Error, Session, WARNING, files, quoted, say_advice, say_source};
use crate::{
    cli::Generate,
    config::{self, Loaded},
    disk, exit,
    fixes::{self, Action, Fix, Origin},
};

const GOOD: Style = AnsiColor::Green.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();
const GONE: Style = AnsiColor::Red.on_default();
const BOLD: Style = Style::new().bold();

/// Writes the files, or with `--check` says which ones are stale.
pub(super) fn run(arguments: &Generate, session: &mut Session<'_>) -> Result<u8, Error> {
    let loaded = config::load(arguments.config.file.as_deref())?;
    say_advice(session.err, &loaded)?;
    let generated = files(&loaded.deployment);
    let out = &disk::without_detours(&arguments.out);
    let fixes = fixes::needed(&generated, &disk::look(out, &generated)?);
    if arguments.check {
        return check(arguments, out, &fixes, (&generated, &loaded), session);
    }
    for fix in &fixes {
        warn(session.err, out, fix)?;
    }
    let copies = disk::apply(out, &fixes, &generated)?;
    for copy in copies {
        let (at, of) = (out.join(copy.at), out.join(copy.of));
        writeln!(session.out, "{CHANGED}kept{CHANGED:#}      {} (was {})", at.display(), of.display())?;
    }
    for fix in &fixes {
        report_fix(session.out, out, fix)?;
    }
    say_source(session.out, &loaded)?;
    summarise(session.out, out, &fixes, &loaded.deployment)?;
    advise(session.err, &generated)?;
    prove(&generated, &loaded.deployment, session)
}

fn check(
    arguments: &Generate,
    out: &Path,
    fixes: &[Fix],
    (generated, loaded): (&[GeneratedFile], &Loaded),
    session: &mut Session<'_>,
) -> Result<u8, Error> {
    let mut stale = 0;
    for Fix { path, action } in fixes {
        let path = out.join(path).display().to_string();
        match action {
            Action::Keep => continue,
            Action::Create { .. } => writeln!(session.out, "{GONE}missing{GONE:#}   {path}")?,
            Action::Remove { origin, .. } => {
                writeln!(session.out, "{CHANGED}leftover{CHANGED:#}  {path}{}", remark(*origin))?;
            }
            Action::Replace { old, origin, new } => {
                writeln!(session.out, "{CHANGED}stale{CHANGED:#}     {path}{}", remark(*origin))?;
                write_diff(session.out, &path, old, new)?;
            }
        }
        stale += 1;
    }
    if stale == 0 {
        writeln!(session.out, "{GOOD}fresh{GOOD:#}: {} files in {}", fixes.len(), out.display())?;
        say_source(session.out, loaded)?;
        return prove(generated, &loaded.deployment, session);
    }
    say_source(session.out, loaded)?;
    let command = command(session.program, arguments.config.file.as_deref(), Some(&arguments.out));
    writeln!(session.out, "{stale} of {} files differ; run: {BOLD}{command}{BOLD:#}", fixes.len())?;
    Ok(exit::STALE)
}

/// Reads what was generated with the readers of the check, which share nothing with what wrote it.
fn prove(
    generated: &[GeneratedFile],
    deployment: &Deployment,
    session: &mut Session<'_>,
) -> Result<u8, Error> {
    let source = |file: &GeneratedFile| SourceFile::new(file.path.as_str(), file.contents.as_bytes());
    let is_module = |file: &&GeneratedFile| {
        file.path
            .strip_prefix("terraform/")
            .is_some_and(|name| Path::new(name).extension() == Some("tf".as_ref()) && !name.contains('/'))
    };
    let terraform: Vec<_> = generated.iter().filter(is_module).map(source).collect();
    let template = generated.iter().find(|file| file.path == TEMPLATE).map(source);
    let template = template.unwrap_or_else(|| SourceFile::new(TEMPLATE, ""));
    let found = jit_runners_check::check(&terraform, &template, Some(deployment))?;
    report::text(session.out, &found)?;
    Ok(if found.is_equivalent() { exit::FINE } else { exit::NOT_EQUIVALENT })
}

const fn remark(origin: Origin) -> &'static str {
    match origin {
        Origin::Generated => "",
        Origin::Edited => " (edited by hand)",
        Origin::Foreign => " (not written by jit-runners)",
    }
}

/// What to type to write the files that `config` describes to `out`; without them, the usual ones.
pub(super) fn command(program: &str, config: Option<&Path>, out: Option<&Path>) -> String {
    let config = config.map(|file| format!(" --config {}", quoted(file)));
    let out = out.filter(|out| *out != Path::new("generated"));
    let out = out.map(|out| format!(" --out {}", quoted(out)));
    format!("{program} generate{}{}", config.unwrap_or_default(), out.unwrap_or_default())
}

/// Warns about a file that no earlier run wrote, before it is replaced or removed.
fn warn(err: &mut dyn Write, out: &Path, fix: &Fix) -> io::Result<()> {
    let Some((old, origin)) = fix.action.lost() else { return Ok(()) };
    let path = out.join(&fix.path).display().to_string();
    let remark = match origin {
        Origin::Generated | Origin::Edited => "was edited by hand",
        Origin::Foreign => "was not written by jit-runners",
    };
    writeln!(err, "{WARNING}warning{WARNING:#}: {path} {remark}; a copy of it is kept beside it")?;
    match &fix.action {
        Action::Replace { new, .. } => write_diff(err, &path, old, new),
        Action::Create { .. } | Action::Remove { .. } | Action::Keep => Ok(()),
    }
}

/// Says what a person must do differently because of what they chose.
fn advise(err: &mut dyn Write, generated: &[GeneratedFile]) -> io::Result<()> {
    let too_large = |file: &&GeneratedFile| file.path == TEMPLATE && file.contents.len() > LARGEST_BODY;
    let Some(template) = generated.iter().find(too_large) else { return Ok(()) };
    writeln!(
        err,
        "{WARNING}warning{WARNING:#}: {TEMPLATE} has {} bytes, and CloudFormation takes {LARGEST_BODY} directly; \
         add `--s3-bucket BUCKET` to `aws cloudformation deploy`, or choose fewer or shorter tags",
        template.contents.len(),
    )
}

fn report_fix(writer: &mut dyn Write, out: &Path, fix: &Fix) -> io::Result<()> {
    let (style, word) = match fix.action {
        Action::Keep => return Ok(()),
        Action::Create { .. } => (GOOD, "created"),
        Action::Replace { .. } => (CHANGED, "replaced"),
        Action::Remove { .. } => (GONE, "removed"),
    };
    writeln!(writer, "{style}{word:<9}{style:#} {}", out.join(&fix.path).display())
}

fn summarise(writer: &mut dyn Write, out: &Path, fixes: &[Fix], deployment: &Deployment) -> io::Result<()> {
    let count = |wanted: fn(&Action) -> bool| fixes.iter().filter(|fix| wanted(&fix.action)).count();
    let written = count(|action| matches!(action, Action::Create { .. } | Action::Replace { .. }));
    let removed = count(|action| matches!(action, Action::Remove { .. }));
    let unchanged = count(|action| matches!(action, Action::Keep));
    let also = if removed == 0 { String::new() } else { format!(", {removed} removed") };
    writeln!(
        writer,
        "{BOLD}{}{BOLD:#}: {written} written, {unchanged} unchanged{also}; {} resources, {} parameters, {} outputs",
        out.display(),
        deployment.resources().len(),
        deployment.parameters().len(),
        deployment.outputs().len(),
    )
}

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const CONTEXT_LINES: usize = 3;

/// Writes the unified diff that makes `new` out of what stands at `path` now.
fn write_diff(writer: &mut dyn Write, path: &str, old: &[u8], new: &str) -> io::Result<()> {
    let Ok(old) = std::str::from_utf8(old) else {
        return writeln!(writer, "{path} is not text, so no differences are shown");
    };
    writeln!(writer, "{REMOVED}--- {path}{REMOVED:#}")?;
    writeln!(writer, "{ADDED}+++ {path} (generated){ADDED:#}")?;
    let diff = TextDiff::from_lines(old, new);
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        writeln!(writer, "{PLACE}{}{PLACE:#}", hunk.header().to_string().trim_end())?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', REMOVED),
                ChangeTag::Insert => ('+', ADDED),
            };
            let line = change.value();
            writeln!(writer, "{style}{sign}{}{style:#}", line.strip_suffix('\n').unwrap_or(line))?;
            if change.missing_newline() {
                writeln!(writer, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}
