//! Reads HCL text into a tree whose nodes know where they stand.
//!
//! Takes bytes that anybody may have written. `hcl-edit` bounds the depth of a tree; what makes its parser slow is
//! refused before it runs (`scan`).

mod scan;

use std::{ops::Range, sync::Arc};

use hcl_edit::{Span, structure::Body};

use super::{MAX_BYTES, Place, Position, SourceFile};

/// A file as a tree.
#[derive(Debug)]
pub(crate) struct HclFile {
    /// Its attributes and blocks.
    pub body: Body,
    name: Arc<str>,
    text: String,
    positions: Positions,
}

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HclProblem {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: HclProblemKind,
}

/// What is wrong with the text of an HCL file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum HclProblemKind {
    /// Larger than any file of a module.
    #[error("the file has more than {MAX_BYTES} bytes; is it the right one?")]
    TooLarge,
    /// Not text.
    #[error("not UTF-8 text; save the file as UTF-8")]
    NotUtf8,
    /// Something begins here and never ends.
    #[error("this {what} is never closed")]
    Unclosed {
        /// What begins.
        what: &'static str,
    },
    /// A bracket that closes nothing.
    #[error("this `{bracket}` closes nothing that is open")]
    Unopened {
        /// The bracket.
        bracket: char,
    },
    /// A line break between quotes.
    #[error("this text goes over the end of its line; write `\\n`, or use `<<EOT`")]
    BrokenText,
    /// Too many levels.
    #[error("too many brackets inside each other; is it the right file?")]
    TooDeep,
    /// Operators and brackets that a parser would never finish.
    #[error("too many operators and brackets inside each other; give parts of it a name in `locals`")]
    Tangled,
    /// Too much in one object.
    #[error("more than {} entries between one pair of braces; is it the right file?", scan::MAX_ENTRIES)]
    TooManyEntries,
    /// The same argument of a block, or the same key of an object, twice.
    #[error("this name stands twice in the same place; remove one")]
    DoubledName,
    /// Not HCL.
    #[error("not valid HCL: {found}")]
    Syntax {
        /// What the parser says.
        found: String,
    },
}

/// Reads one file.
pub(crate) fn parse(file: &SourceFile) -> Result<HclFile, HclProblem> {
    let refuse = |place, kind| Err(HclProblem { place, kind });
    let whole = Place::whole(Arc::clone(&file.name));
    if file.bytes.len() > MAX_BYTES {
        return refuse(whole, HclProblemKind::TooLarge);
    }
    let text = match std::str::from_utf8(&file.bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = String::from_utf8_lossy(file.bytes.get(..error.valid_up_to()).unwrap_or_default());
            let place = Positions::of(&valid).place(&file.name, &valid, valid.len());
            return refuse(place, HclProblemKind::NotUtf8);
        }
    };
    // A byte-order mark says nothing about UTF-8, and would shift the columns of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    let positions = Positions::of(&text);
    if let Err((offset, kind)) = scan::scan(&text) {
        return refuse(positions.place(&file.name, &text, offset), kind);
    }
    match hcl_edit::parser::parse_body(&text) {
        Ok(body) => Ok(HclFile { body, name: Arc::clone(&file.name), text, positions }),
        Err(error) => {
            let place = positions.place(&file.name, &text, error.location().offset());
            let found = error.message();
            if found.contains("found redefined") {
                return refuse(place, HclProblemKind::DoubledName);
            }
            refuse(place, HclProblemKind::Syntax { found: found.to_owned() })
        }
    }
}

impl HclFile {
    /// Where `node` begins.
    pub(crate) fn place(&self, node: &impl Span) -> Place {
        match node.span() {
            Some(span) => self.positions.place(&self.name, &self.text, span.start),
            None => Place::whole(Arc::clone(&self.name)),
        }
    }

    /// The characters that `node` was read from.
    pub(crate) fn source(&self, node: &impl Span) -> &str {
        node.span().map_or("", |span| self.slice(span))
    }

    /// The characters of `span`.
    pub(crate) fn slice(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }
}

/// Finds lines and columns in a time that does not depend on the length of a line.
#[derive(Debug)]
struct Positions {
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    /// Characters before each block of bytes.
    characters: Vec<usize>,
}

/// Bytes between two counts of characters.
const BLOCK: usize = 128;

impl Positions {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(index, _)| index + 1)).collect();
        let mut before = 0;
        let characters = bytes
            .chunks(BLOCK)
            .map(|block| {
                let here = before;
                before += begun(block);
                here
            })
            .collect();
        Self { lines, characters }
    }

    fn place(&self, file: &Arc<str>, text: &str, offset: usize) -> Place {
        let line = self.lines.partition_point(|begin| *begin <= offset).max(1);
        let begin = self.lines.get(line - 1).copied().unwrap_or_default();
        let column = self.before(text, offset).saturating_sub(self.before(text, begin)) + 1;
        Place { position: Some(Position { line, column }), ..Place::whole(Arc::clone(file)) }
    }

    /// Characters before `offset`.
    fn before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        let rest = text.as_bytes().get(block * BLOCK..offset.min(text.len())).unwrap_or_default();
        self.characters.get(block).copied().unwrap_or_default() + begun(rest)
    }
}

/// Characters that begin in `bytes`.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0b1100_0000) != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: impl AsRef<[u8]>) -> Result<HclFile, String> {
        let file = SourceFile { name: "main.tf".into(), bytes: text.as_ref().to_vec() };
        parse(&file).map_err(|problem| format!("{}: {}", problem.place, problem.kind))
    }

    #[track_caller]
    fn refused(text: impl AsRef<[u8]>, expected: &str) {
        let message = read(text).expect_err("it should be refused");
        assert!(message.starts_with(expected), "{message}");
    }

    #[track_caller]
    fn ends(text: &str) {
        let _ = read(text);
    }

    #[test]
    fn nodes_know_their_line_and_their_column_in_characters() {
        let file = read("a = 1\nb = [\"ä€\", c]\n").unwrap();
        let value = &file.body.get_attribute("b").unwrap().value;
        assert_eq!(file.place(value).to_string(), "main.tf:2:5");
        let items = value.as_array().unwrap();
        assert_eq!(file.place(items.get(1).unwrap()).to_string(), "main.tf:2:12");
        assert_eq!(file.source(items.get(0).unwrap()), "\"ä€\"");
        let long = format!("a = [\"{}\", b]\n", "ä".repeat(5_000));
        let file = read(&long).unwrap();
        let value = &file.body.get_attribute("a").unwrap().value;
        assert_eq!(file.place(value.as_array().unwrap().get(1).unwrap()).to_string(), "main.tf:1:5010");
    }

    #[test]
    fn a_byte_order_mark_is_no_character() {
        let file = read("\u{feff}a = 1\n").unwrap();
        assert_eq!(file.place(&file.body.get_attribute("a").unwrap().value).to_string(), "main.tf:1:5");
    }

    #[test]
    fn what_is_not_a_file_of_a_module_is_refused() {
        refused(b"a = \"\xff\"", "main.tf:1:6: not UTF-8");
        refused(vec![b' '; MAX_BYTES + 1], "main.tf: the file has more than");
        refused("a = [1\n", "main.tf:1:5: this bracket is never closed");
        refused("a {\n  b = (1]\n}\n", "main.tf:2:9: this `]` closes nothing");
        refused("a = \"b\nc\"\n", "main.tf:1:5: this text goes over");
        refused("a = <<EOT\nx\n", "main.tf:1:5: this text (`<<`) is never closed");
        refused("a = <<EOT", "main.tf:1:5: this text (`<<`) is never closed");
        refused("/* a", "main.tf:1:1: this comment is never closed");
        refused("a = 1\na = 2\n", "main.tf:2:1: this name stands twice");
        refused("a = {\n  b = 1\n  b = 2\n}\n", "main.tf:3:3: this name stands twice");
        refused("\u{0}\u{1}PK\u{3}", "main.tf:1:1: not valid HCL");
    }

    #[test]
    fn what_is_written_in_ordinary_style_passes_the_scan() {
        for text in [
            "",
            "a = \"$${b} %%{ \\\" ${c[\"d\"]} \\\\\"\n",
            "a = <<-EOT\n  ${b[\"EOT\"]}\n  EOT_\n  EOT\nb = <<X\nX\n",
            "a = <<EOT\r\nx\r\nEOT\r\nb = 1\r\n",
            "# it's (\n// [\n/* { \" */\na = 1 # }\n",
            "a = b-c * (d + e) / 2 - [for x in y : x if x != \"\"][0]\n",
            "a = \"%{ if b }c%{ else }d%{ endif ~}\"\n",
        ] {
            read(text).unwrap_or_else(|message| panic!("{text}: {message}"));
        }
    }

    #[test]
    fn hostile_text_comes_to_an_end() {
        const LENGTH: usize = MAX_BYTES / 4;
        let of = |part: &str| format!("a = {}", part.repeat(LENGTH / part.len()));
        refused(of("["), "main.tf:1:133: too many brackets");
        for part in [
            "[",
            "(",
            "{",
            "{a=",
            "\"${",
            "\"%{if ",
            "%{",
            "f(",
            "-",
            "!",
            "1+",
            "1+1+(",
            "a.",
            "a[*].",
            "1 ? ",
            "[for a in ",
            "<<",
            "\"a",
            "/*",
            "a ? b : ",
            "1.",
            "&",
            "a{\n",
            "\n",
            "=",
            "9",
            "\"$${",
            "a::",
        ] {
            ends(&of(part));
        }
        // Each failure behind two operators is read twice.
        for (open, broken, close) in [
            ("1+1+(", "1 & 2", ")"),
            ("1+1+(", "\"%{foo}\"", ")"),
            ("1+1+\"${", "a.99999999999999999999", "}\""),
        ] {
            for depth in [6, 7, 20, 40, 60] {
                ends(&format!("a = {}{broken}{}\n", open.repeat(depth), close.repeat(depth)));
            }
        }
        let wide = format!("1+1+({}", "1,".repeat(100));
        ends(&format!("a = {}{}\n", wide.repeat(30), ")".repeat(30)));
        let entries = |count: usize| (0..count).map(|n| format!("k{n}=1,")).collect::<Vec<_>>().concat();
        refused(format!("a = {{{}}}\n", entries(100_000)), "main.tf:1:");
        ends(&format!("a = [{}]\n", format!("{{{}}},", entries(450)).repeat(100)));
        ends(&format!("a = \"{}\"\n", "x".repeat(LENGTH)));
        ends(&format!("a = <<E\n{}\nE\n", "x\n".repeat(LENGTH / 2)));
        ends(&format!("a = <<E\n{}\nE\n", "%{if a}x%{endif}".repeat(LENGTH / 16)));
        ends(&format!("a = [{}]\n", "1,".repeat(LENGTH / 2)));
        ends(&"a = 1\n".repeat(LENGTH / 6));
        ends(&entries(50_000).replace(',', "\n"));
        ends(&format!("a = x{}\n", "[0]".repeat(LENGTH / 3)));
    }
}
