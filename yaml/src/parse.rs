//! Reads YAML text into a tree of located values.
//!
//! Takes bytes that anybody may have written and never runs out of memory or stack over them: size and depth are
//! bounded, and anchors, which can make a small file huge, are refused. What is wrong is collected; the tree holds
//! the rest, so that whoever reads it can report its own findings in the same run.

use std::{borrow::Cow, collections::BTreeMap, ops::ControlFlow, sync::Arc};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::tolerant::{Indented, indented};
use crate::tree::{Entry, Located, Place, Position, Scalar, YamlValue, excerpt};

/// Bytes of a file, at most: `CloudFormation` takes no larger template either.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Lists and mappings inside each other, at most.
const MAX_DEPTH: usize = 64;

/// What a file holds, and what is wrong with its YAML.
#[derive(Debug)]
pub struct Parsed {
    /// The document, without what was refused; none if the file is empty or has comments only.
    pub root: Option<Located>,
    /// Everything that was refused, in the order of the file.
    pub problems: Vec<YamlProblem>,
}

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlProblem {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: YamlProblemKind,
}

/// What is wrong with the text of a YAML file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum YamlProblemKind {
    /// Larger than any file of ours.
    #[error("the file has more than {MAX_BYTES} bytes; is it the right one?")]
    TooLarge,
    /// Not text.
    #[error("not UTF-8 text; save the file as UTF-8")]
    NotUtf8,
    /// Characters that no text has.
    #[error("the control character U+{code:04X}, which YAML does not allow; remove it")]
    ControlCharacter {
        /// The character's number.
        code: u32,
    },
    /// Not YAML.
    #[error(
        "not valid YAML: {found}; check the indentation, and put text that contains `: ` or ` #` in quotes"
    )]
    Syntax {
        /// What the parser says.
        found: String,
    },
    /// The same key twice.
    #[error("`{}` stands twice in the same place, first at {first}; remove one", excerpt(.key))]
    DoubledKey {
        /// The key.
        key: String,
        /// Where it stood first.
        first: Place,
    },
    /// A list or a mapping as a key.
    #[error("a key must be one word, not a list or keys of its own")]
    ComplexKey,
    /// `&name`.
    #[error("anchors (`&name`) are not supported; write the value where it is used")]
    Anchor,
    /// `*name`.
    #[error("aliases (`*name`) are not supported; write the value out")]
    Alias,
    /// A second `---`.
    #[error("a second document begins here; keep one")]
    SecondDocument,
    /// Too many levels.
    #[error("more than {MAX_DEPTH} levels inside each other; is it the right file?")]
    TooDeep,
}

/// Reads the one YAML document in `bytes`, the contents of `file`.
pub fn parse(file: &Arc<str>, bytes: &[u8]) -> Parsed {
    read(file, bytes, false)
}

/// Reads what [`parse`] reads, and also text in quotes, lists and objects that go on in lines which are not indented.
pub fn parse_tolerantly(file: &Arc<str>, bytes: &[u8]) -> Parsed {
    read(file, bytes, true)
}

fn read(file: &Arc<str>, bytes: &[u8], is_tolerant: bool) -> Parsed {
    let whole = Place::whole(Arc::clone(file));
    if bytes.len() > MAX_BYTES {
        return Parsed::refused(whole, YamlProblemKind::TooLarge);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let position = end_of(&String::from_utf8_lossy(&bytes[..error.valid_up_to()]));
            return Parsed::refused(whole.at(position), YamlProblemKind::NotUtf8);
        }
    };
    // A byte-order mark says nothing about UTF-8, and would shift the columns of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((index, found)) = text.char_indices().find(|(_, c)| is_refused(*c)) {
        let position = end_of(&text[..index]);
        return Parsed::refused(whole.at(position), YamlProblemKind::ControlCharacter { code: found.into() });
    }
    let strict = built(file, text, Vec::new());
    let is_broken = |parsed: &Parsed| {
        parsed.problems.iter().any(|problem| matches!(problem.kind, YamlProblemKind::Syntax { .. }))
    };
    if is_tolerant && is_broken(&strict) {
        let tolerant = indented(text).map(|Indented { text, added }| built(file, &text, added));
        if let Some(tolerant) = tolerant.filter(|tolerant| !is_broken(tolerant)) {
            return tolerant;
        }
    }
    strict
}

/// What stands in `text`; `added` is the white space that the file does not have in front of each line.
fn built(file: &Arc<str>, text: &str, added: Vec<isize>) -> Parsed {
    let mut builder = Builder { added, ..Builder::new(Arc::clone(file)) };
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => builder.broken(&error),
        };
        if step.is_break() {
            break;
        }
    }
    Parsed { root: builder.root, problems: builder.problems }
}

impl Parsed {
    fn refused(place: Place, kind: YamlProblemKind) -> Self {
        Self { root: None, problems: vec![YamlProblem { place, kind }] }
    }
}

impl Place {
    fn at(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }
}

/// Where the next character after `text` would stand.
fn end_of(text: &str) -> Position {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { line, column }
}

/// What is not a printable character of YAML (<https://yaml.org/spec/1.2.2/#51-character-set>).
const fn is_refused(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// Puts events together without recursion.
struct Builder {
    file: Arc<str>,
    open: Vec<Frame>,
    root: Option<Located>,
    documents: usize,
    problems: Vec<YamlProblem>,
    /// White space in front of each line that the file does not have.
    added: Vec<isize>,
}

/// A list or a mapping that has not ended.
struct Frame {
    place: Place,
    tag: Option<String>,
    content: Content,
}

enum Content {
    Sequence(Vec<Located>),
    Mapping { entries: Vec<Entry>, seen: BTreeMap<String, Place>, key: PendingKey },
}

/// What a mapping waits for.
enum PendingKey {
    /// A key.
    Awaited,
    /// The value of this key.
    Read { key: String, place: Place },
    /// The value of a key that was refused; it is refused with it.
    Refused,
}

impl Builder {
    const fn new(file: Arc<str>) -> Self {
        Self { file, open: Vec::new(), root: None, documents: 0, problems: Vec::new(), added: Vec::new() }
    }

    fn place(&self, marker: &Marker) -> Place {
        let added = marker.line().checked_sub(1).and_then(|line| self.added.get(line)).copied().unwrap_or(0);
        let column = (marker.col() + 1).checked_add_signed(-added).unwrap_or(1).max(1);
        let position = Position { line: marker.line(), column };
        Place::whole(Arc::clone(&self.file)).at(position)
    }

    fn refuse(&mut self, place: Place, kind: YamlProblemKind) {
        self.problems.push(YamlProblem { place, kind });
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> ControlFlow<()> {
        let place = self.place(&span.start);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.refuse(place, YamlProblemKind::SecondDocument);
                    return ControlFlow::Break(());
                }
            }
            Event::Alias(_) => {
                self.refuse(place, YamlProblemKind::Alias);
                self.complete(None);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.check_anchor(&place, anchor);
                let scalar = Scalar { text: text.into_owned(), quoted: style != ScalarStyle::Plain };
                self.complete(Some(Located { place, tag: written(tag), value: YamlValue::Scalar(scalar) }));
            }
            Event::SequenceStart(anchor, tag) => {
                return self.begin(place, anchor, tag, Content::Sequence(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                let content =
                    Content::Mapping { entries: Vec::new(), seen: BTreeMap::new(), key: PendingKey::Awaited };
                return self.begin(place, anchor, tag, content);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Frame { place, tag, content }) = self.open.pop() {
                    self.complete(Some(Located { place, tag, value: content.into() }));
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn begin(
        &mut self,
        place: Place,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        content: Content,
    ) -> ControlFlow<()> {
        self.check_anchor(&place, anchor);
        if self.open.len() == MAX_DEPTH {
            self.refuse(place, YamlProblemKind::TooDeep);
            self.abandon();
            return ControlFlow::Break(());
        }
        self.open.push(Frame { place, tag: written(tag), content });
        ControlFlow::Continue(())
    }

    fn check_anchor(&mut self, place: &Place, anchor: usize) {
        if anchor != 0 {
            self.refuse(place.clone(), YamlProblemKind::Anchor);
        }
    }

    /// Adds a value, or the gap that a refused one leaves, to the list or the mapping around it.
    fn complete(&mut self, value: Option<Located>) {
        let Some(frame) = self.open.last_mut() else {
            self.root = value;
            return;
        };
        let mut problem = None;
        match &mut frame.content {
            Content::Sequence(items) => items.extend(value),
            Content::Mapping { entries, seen, key } => match std::mem::replace(key, PendingKey::Awaited) {
                PendingKey::Refused => {}
                PendingKey::Read { key, place } => {
                    entries.extend(value.map(|value| Entry { key, place, value }));
                }
                PendingKey::Awaited => {
                    *key = match value {
                        Some(Located { place, value: YamlValue::Scalar(scalar), .. }) => {
                            if let Some(first) = seen.get(&scalar.text) {
                                let first = first.clone();
                                let kind = YamlProblemKind::DoubledKey { key: scalar.text, first };
                                problem = Some(YamlProblem { place, kind });
                                PendingKey::Refused
                            } else {
                                seen.insert(scalar.text.clone(), place.clone());
                                PendingKey::Read { key: scalar.text, place }
                            }
                        }
                        Some(Located { place, .. }) => {
                            problem = Some(YamlProblem { place, kind: YamlProblemKind::ComplexKey });
                            PendingKey::Refused
                        }
                        None => PendingKey::Refused,
                    };
                }
            },
        }
        self.problems.extend(problem);
    }

    fn broken(&mut self, error: &ScanError) -> ControlFlow<()> {
        let place = self.place(error.marker());
        // An alias without an anchor is an error of the scanner; with us, it is an alias like any other.
        let kind = match error.info() {
            info if info.ends_with("unknown anchor") => YamlProblemKind::Alias,
            // The scanner runs ahead of the events, and has a limit of its own.
            "recursion limit exceeded" => YamlProblemKind::TooDeep,
            info => YamlProblemKind::Syntax { found: info.to_owned() },
        };
        self.refuse(place, kind);
        self.abandon();
        ControlFlow::Break(())
    }

    /// Keeps what was complete at the top level, which can still be looked at. The last value is not: it may be
    /// the beginning of what could not be read.
    fn abandon(&mut self) {
        self.open.truncate(1);
        if let Some(Frame { place, tag, content: Content::Mapping { mut entries, key, .. } }) =
            self.open.pop()
        {
            if matches!(key, PendingKey::Awaited) {
                entries.pop();
            }
            self.root = Some(Located { place, tag, value: YamlValue::Mapping(entries) });
        }
    }
}

impl From<Content> for YamlValue {
    fn from(content: Content) -> Self {
        match content {
            Content::Sequence(items) => Self::Sequence(items),
            Content::Mapping { entries, .. } => Self::Mapping(entries),
        }
    }
}

/// A tag as it is written: `!Sub`, `!!str`.
fn written(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    tag.map(|tag| {
        if tag.is_yaml_core_schema() {
            format!("!!{}", tag.suffix)
        } else {
            format!("{}{}", tag.handle, tag.suffix)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed {
        parse(&"f.yaml".into(), text.as_bytes())
    }

    #[track_caller]
    fn refuses(text: &str, expected: &[&str]) {
        let found: Vec<_> = read(text)
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.place, problem.kind))
            .collect();
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn values_keep_their_place_their_quotes_and_their_tag() {
        let parsed = read("a:\n  - 'x'\n  - !Sub y\n  - 012\nb: |\n  text\n");
        assert_eq!(parsed.problems, []);
        let Some(Located { value: YamlValue::Mapping(entries), .. }) = parsed.root else { panic!() };
        let YamlValue::Sequence(items) = &entries[0].value.value else { panic!() };
        let of = |item: &Located| match &item.value {
            YamlValue::Scalar(scalar) => {
                (item.place.to_string(), item.tag.clone(), scalar.text.clone(), scalar.quoted)
            }
            _ => panic!(),
        };
        assert_eq!(of(&items[0]), ("f.yaml:2:5".into(), None, "x".into(), true));
        assert_eq!(of(&items[1]), ("f.yaml:3:5".into(), Some("!Sub".into()), "y".into(), false));
        assert_eq!(of(&items[2]), ("f.yaml:4:5".into(), None, "012".into(), false));
        assert_eq!(of(&entries[1].value).2, "text\n");
        assert!(of(&entries[1].value).3);
    }

    #[test]
    fn everything_that_is_refused() {
        refuses(
            "a: 1\nb: 2\na: 3\n",
            &["f.yaml:3:1: `a` stands twice in the same place, first at f.yaml:1:1"],
        );
        refuses("a: &x 1\nb: *x\n", &["f.yaml:1:4: anchors", "f.yaml:2:4: aliases"]);
        refuses("a: *x\n", &["f.yaml:1:4: aliases"]);
        refuses("a: 1\n---\nb: 2\n", &["f.yaml:2:1: a second document"]);
        refuses("? {a: b}\n: c\n", &["f.yaml:1:3: a key must be"]);
        refuses("a:\n\tb: 1\n", &["f.yaml:2:2: not valid YAML"]);
        refuses("a: 'x\n", &["f.yaml:1:4: not valid YAML"]);
        refuses("a: \u{7}\n", &["f.yaml:1:4: the control character U+0007"]);
        refuses(&"- ".repeat(100), &["f.yaml:1:129: more than 64 levels"]);
        refuses(&"[".repeat(300), &["f.yaml:1:256: more than 64 levels"]);
        refuses(&format!("a: {}", "{".repeat(300)), &["f.yaml:1:259: more than 64 levels"]);
        refuses(&"a".repeat(MAX_BYTES + 1), &["f.yaml: the file has more than"]);
    }

    #[test]
    fn bytes_that_are_not_text() {
        let parsed = parse(&"f.yaml".into(), b"a: 1\nb: \xff\n");
        assert_eq!(parsed.problems[0].place.to_string(), "f.yaml:2:4");
        assert_eq!(parsed.problems[0].kind, YamlProblemKind::NotUtf8);
        assert!(parsed.root.is_none());
    }

    #[test]
    fn what_stands_before_an_error_is_kept_but_not_the_value_before_it() {
        let parsed = read("a: 1\nb: 2\n c: 3\n");
        let Some(Located { value: YamlValue::Mapping(entries), .. }) = parsed.root else { panic!() };
        assert_eq!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(parsed.problems.len(), 1);
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(read("# only a comment\n").root.is_none());
        assert_eq!(read("").problems, []);
    }

    #[test]
    fn hostile_files_are_quick() {
        for unit in ["[", "{", "- ", "? ", "a: [", "&a [*a,", "{a: ", "\"\\", "!", "%"] {
            let parsed = read(&unit.repeat(MAX_BYTES / unit.len()));
            assert!(!parsed.problems.is_empty(), "{unit}");
            assert!(parsed.problems.len() < 200, "{unit}");
        }
    }

    #[test]
    fn paths_lead_to_the_nearest_parent() {
        let root = read("a:\n  b:\n    - c: 1\n").root.unwrap();
        let of = |path: &[&str]| {
            root.place_of(&path.iter().map(|&step| step.to_owned()).collect::<Vec<_>>()).to_string()
        };
        assert_eq!(of(&["a", "b", "0", "c"]), "f.yaml:3:10");
        assert_eq!(of(&["a", "b", "0"]), "f.yaml:3:7");
        assert_eq!(of(&["a", "b", "7"]), "f.yaml:2:3");
        assert_eq!(of(&["a", "x", "y"]), "f.yaml:1:1");
        assert_eq!(of(&["x"]), "f.yaml");
    }
}
