//! What can be wrong with a file, and the message about it.

use std::fmt;

use jit_runners_model::NameError;

use crate::{
    parse::YamlProblemKind,
    tree::{Located, Place, YamlValue, excerpt},
};

/// Something that is wrong: where, about which key, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// The keys that lead to it, outermost first; none for the file as a whole.
    pub path: Vec<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.path.is_empty() {
            let path: Vec<_> = self.path.iter().map(|step| excerpt(step)).collect();
            write!(f, "{}: ", path.join("."))?;
        }
        self.kind.fmt(f)
    }
}

/// What is wrong. Each message says what was found and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// The text is not YAML that we take.
    #[error(transparent)]
    Yaml(#[from] YamlProblemKind),
    /// An unknown key.
    #[error("unknown key; {}", suggest(*.suggestion, .known))]
    UnknownKey {
        /// The known key that looks most like it.
        suggestion: Option<&'static str>,
        /// Every key that can stand there.
        known: Vec<&'static str>,
    },
    /// An entry of a list lacks a key.
    #[error("`{key}` is missing; add it, for example `{key}: {example}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// A value for it.
        example: String,
    },
    /// A list where a text is expected, and so on.
    #[error("found {found}; expected {expected}")]
    WrongShape {
        /// What stands there.
        found: &'static str,
        /// What should.
        expected: &'static str,
    },
    /// A key without a value.
    #[error("has no value; write `{example}`, or remove the line")]
    NoValue {
        /// The key with a value.
        example: String,
    },
    /// Text that other YAML readers take for something else.
    #[error("found `{0}`, which YAML takes for {taken_for}; put it in quotes: `\"{0}\"`", excerpt(.found))]
    NeedsQuotes {
        /// What stands there.
        found: String,
        /// What else it could be.
        taken_for: &'static str,
    },
    /// Neither `true` nor `false`.
    #[error("found {found}; write `true` or `false`, without quotes")]
    NotAFlag {
        /// What stands there, as it stands there.
        found: String,
    },
    /// Not a whole number in the one way of writing it.
    #[error("found {found}; expected a whole number from {low} to {high}; write `{write}`")]
    NotANumber {
        /// What stands there, as it stands there.
        found: String,
        /// Smallest number.
        low: u32,
        /// Largest number.
        high: u32,
        /// What was probably meant, or a number that fits.
        write: u32,
    },
    /// Not a number from 0 to a limit.
    #[error("found {found}; expected {what} from 0 to {high}; write `{write}`")]
    NotInRange {
        /// What stands there, as it stands there.
        found: String,
        /// What the number is.
        what: &'static str,
        /// Largest number.
        high: String,
        /// What was probably meant.
        write: String,
    },
    /// A quantity without unit, with a wrong one, or out of range.
    #[error("found {found}{because}; expected {expected}; write `{write}`")]
    NotAQuantity {
        /// What stands there, as it stands there.
        found: String,
        /// What is wrong with it.
        because: &'static str,
        /// What is expected.
        expected: String,
        /// What was probably meant, or a quantity that fits.
        write: String,
    },
    /// Not one of a few words.
    #[error("found `{}`; {}", excerpt(.found), suggest(*.suggestion, .known))]
    NotOneOf {
        /// What stands there.
        found: String,
        /// The word that looks most like it.
        suggestion: Option<&'static str>,
        /// Every word.
        known: Vec<&'static str>,
    },
    /// Text that breaks the rule of its type.
    #[error("found `{}`; expected {}", excerpt(&.0.found), .0.expected)]
    Name(#[from] NameError),
    /// A tag such as `!Sub`.
    #[error("found the tag `{}`; remove it, values here are plain", excerpt(.tag))]
    Tagged {
        /// The tag.
        tag: String,
    },
    /// What only the reader of this kind of file knows, such as a rule between two of its values.
    #[error("{message}")]
    Told {
        /// The message.
        message: String,
    },
}

/// Refuses every tag in the tree, for files in which values are plain.
pub fn refuse_tags(node: &Located, path: &mut Vec<String>, problems: &mut Vec<Problem>) {
    if let Some(tag) = &node.tag {
        let kind = ProblemKind::Tagged { tag: tag.clone() };
        problems.push(Problem { place: node.place.clone(), path: path.clone(), kind });
    }
    match &node.value {
        YamlValue::Scalar(_) => {}
        YamlValue::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                refuse_tags(item, path, problems);
                path.pop();
            }
        }
        YamlValue::Mapping(entries) => {
            for entry in entries {
                path.push(entry.key.clone());
                refuse_tags(&entry.value, path, problems);
                path.pop();
            }
        }
    }
}

/// The closest of `known`, if one is close enough to be a slip of the finger.
pub fn closest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|&candidate| (strsim::jaro_winkler(&found.to_lowercase(), candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

fn suggest(suggestion: Option<&'static str>, known: &[&'static str]) -> String {
    match suggestion {
        Some(suggestion) => format!("did you mean `{suggestion}`?"),
        None => format!("expected one of `{}`", known.join("`, `")),
    }
}
