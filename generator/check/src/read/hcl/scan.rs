//! Checks text before the parser runs: whether everything that is opened is closed, and whether the parser will finish in
//! reasonable time.
//!
//! Two things make `hcl-edit` slow. After a failure behind two operators it reads the last operand again, on each
//! level, so that levels double its time; and it compares each key of an object with all keys before it.

use super::HclProblemKind;

/// Assignments between one pair of braces, at most.
pub(super) const MAX_ENTRIES: usize = 500;
/// Brackets and quotes inside each other, at most; the parser refuses fewer in expressions.
const MAX_DEPTH: usize = 128;
/// Brackets inside each other that stand behind several operators, at most.
const MAX_TANGLED: usize = 6;

/// Looks through `text`; what is wrong, and at which byte.
pub(super) fn scan(text: &str) -> Result<(), (usize, HclProblemKind)> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, open: Vec::new(), level: Level::default() };
    while scanner.at < scanner.bytes.len() {
        match scanner.open.last() {
            Some(Open { kind: Delimiter::Quote, .. }) => scanner.quoted()?,
            Some(Open { kind: Delimiter::Heredoc { marker }, .. }) => {
                let marker = *marker;
                scanner.heredoc(marker)?;
            }
            Some(Open { kind: Delimiter::Bracket(_), .. }) | None => scanner.code()?,
        }
    }
    match scanner.open.pop() {
        None => Ok(()),
        Some(Open { kind, offset, .. }) => Err((offset, HclProblemKind::Unclosed { what: kind.noun() })),
    }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    open: Vec<Open<'t>>,
    level: Level,
}

/// What is open, and the level around it.
struct Open<'t> {
    kind: Delimiter<'t>,
    offset: usize,
    outer: Level,
}

#[derive(Clone, PartialEq, Eq)]
enum Delimiter<'t> {
    Quote,
    Heredoc {
        marker: &'t [u8],
    },
    /// With the bracket that closes it.
    Bracket(u8),
}

/// What was seen since a bracket was opened.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators since something last separated two expressions.
    operators: usize,
    /// Assignments.
    entries: usize,
    /// Brackets around this one that stand behind several operators.
    tangled: usize,
}

impl Delimiter<'_> {
    const fn noun(&self) -> &'static str {
        match self {
            Self::Quote => "text",
            Self::Heredoc { .. } => "text (`<<`)",
            Self::Bracket(_) => "bracket",
        }
    }
}

impl<'t> Scanner<'t> {
    fn next_is(&self, text: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn push(&mut self, kind: Delimiter<'t>, width: usize) -> Result<(), (usize, HclProblemKind)> {
        if self.open.len() >= MAX_DEPTH {
            return Err((self.at, HclProblemKind::TooDeep));
        }
        let tangled = self.level.tangled + usize::from(self.level.operators > 1);
        if tangled > MAX_TANGLED {
            return Err((self.at, HclProblemKind::Tangled));
        }
        self.open.push(Open { kind, offset: self.at, outer: self.level });
        self.level = Level { tangled, ..Level::default() };
        self.at += width;
        Ok(())
    }

    fn pop(&mut self) {
        if let Some(open) = self.open.pop() {
            self.level = open.outer;
        }
    }

    /// `${` and `%{` open, `$${` and `%%{` are characters; whether one of them stood here.
    fn marker(&mut self) -> Result<bool, (usize, HclProblemKind)> {
        if self.next_is("$${") || self.next_is("%%{") {
            self.at += 3;
        } else if self.next_is("${") || self.next_is("%{") {
            self.push(Delimiter::Bracket(b'}'), 2)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn quoted(&mut self) -> Result<(), (usize, HclProblemKind)> {
        if self.marker()? {
            return Ok(());
        }
        match self.bytes.get(self.at) {
            Some(b'\\') => self.at += 2,
            Some(b'"') => {
                self.pop();
                self.at += 1;
            }
            Some(b'\n') => {
                let offset = self.open.last().map_or(self.at, |open| open.offset);
                return Err((offset, HclProblemKind::BrokenText));
            }
            _ => self.at += 1,
        }
        Ok(())
    }

    fn heredoc(&mut self, marker: &[u8]) -> Result<(), (usize, HclProblemKind)> {
        let begins_line = self.at == 0 || self.bytes.get(self.at - 1) == Some(&b'\n');
        if begins_line {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            if line.trim_ascii() == marker {
                self.pop();
                // The line break is code again.
                self.at += line.len();
                return Ok(());
            }
        }
        if !self.marker()? {
            self.at += 1;
        }
        Ok(())
    }

    fn code(&mut self) -> Result<(), (usize, HclProblemKind)> {
        let Some(byte) = self.bytes.get(self.at).copied() else { return Ok(()) };
        match byte {
            b'#' => self.skip_line(),
            b'/' if self.next_is("//") => self.skip_line(),
            b'/' if self.next_is("/*") => {
                let rest = self.bytes.get(self.at + 2..).unwrap_or_default();
                match rest.windows(2).position(|pair| pair == b"*/") {
                    Some(length) => self.at += length + 4,
                    None => return Err((self.at, HclProblemKind::Unclosed { what: "comment" })),
                }
            }
            b'"' => self.push(Delimiter::Quote, 1)?,
            b'(' => self.push(Delimiter::Bracket(b')'), 1)?,
            b'[' => self.push(Delimiter::Bracket(b']'), 1)?,
            b'{' => self.push(Delimiter::Bracket(b'}'), 1)?,
            b')' | b']' | b'}' => {
                if self.open.last().is_none_or(|open| open.kind != Delimiter::Bracket(byte)) {
                    return Err((self.at, HclProblemKind::Unopened { bracket: byte.into() }));
                }
                self.pop();
                self.at += 1;
            }
            b'<' if self.next_is("<<") => self.begin_heredoc()?,
            b'=' if self.next_is("=>") => self.separator(2),
            b'=' if !self.next_is("==") => {
                self.level.entries += 1;
                self.separator(1);
            }
            b':' => {
                self.level.entries += 1;
                self.separator(1);
            }
            b',' | b'?' => self.separator(1),
            b'\n' => {
                if self.open.last().is_none_or(|open| open.kind == Delimiter::Bracket(b'}')) {
                    self.level.operators = 0;
                }
                self.at += 1;
            }
            b'=' | b'!' | b'<' | b'>' | b'&' | b'|' => {
                self.level.operators += 1;
                let double = self.bytes.get(self.at + 1).is_some_and(|next| b"=&|".contains(next));
                self.at += 1 + usize::from(double);
            }
            b'+' | b'-' | b'*' | b'/' | b'%' => {
                self.level.operators += 1;
                self.at += 1;
            }
            _ if is_word(byte) => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += rest.iter().take_while(|byte| is_word(**byte)).count();
            }
            _ => self.at += 1,
        }
        if self.level.entries > MAX_ENTRIES && !self.open.is_empty() {
            return Err((self.at, HclProblemKind::TooManyEntries));
        }
        Ok(())
    }

    fn separator(&mut self, width: usize) {
        self.level.operators = 0;
        self.at += width;
    }

    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| **byte != b'\n').count();
    }

    fn begin_heredoc(&mut self) -> Result<(), (usize, HclProblemKind)> {
        let rest = self.bytes.get(self.at + 2..).unwrap_or_default();
        let dash = usize::from(rest.first() == Some(&b'-'));
        let rest = rest.get(dash..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_word(**byte)).count();
        let (marker, rest) = rest.split_at_checked(length).unwrap_or_default();
        let line_break = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [] => return Err((self.at, HclProblemKind::Unclosed { what: "text (`<<`)" })),
            _ => 0,
        };
        if marker.is_empty() || line_break == 0 {
            // Whatever it is, the parser will say so.
            self.at += 2;
            return Ok(());
        }
        self.push(Delimiter::Heredoc { marker }, 2 + dash + length + line_break)
    }
}

/// Part of a name: names may have hyphens.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80
}
