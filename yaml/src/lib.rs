//! Reads YAML files that people write: `jit-runners.yaml` and the scenarios of the simulation. Every problem of a file is
//! told in one run, with its file, line and column, and with what to write.
//!
//! ```text
//! bytes -> located tree -> fields: the keys that the decoder asks for -> values; the rest is refused, with a suggestion
//! ```
//!
//! ```
//! use jit_runners_yaml::{YamlValue, parse};
//!
//! let parsed = parse(&"template.yaml".into(), b"Resources:\n  Jobs: !Ref Queue\n");
//! assert_eq!(parsed.problems, []);
//! let root = parsed.root.ok_or("an empty file")?;
//! assert!(matches!(root.value, YamlValue::Mapping(_)));
//! let path = ["Resources".to_owned(), "Jobs".to_owned()];
//! assert_eq!(root.place_of(&path).to_string(), "template.yaml:2:9");
//! # Ok::<(), &str>(())
//! ```

mod fields;
mod parse;
mod problem;
pub mod quantity;
pub mod reader;
pub mod scalar;
pub mod schema;
pub mod section;
mod tolerant;
mod tree;

pub use self::{
    fields::{Fields, Given},
    parse::{MAX_BYTES, Parsed, YamlProblem, YamlProblemKind, parse, parse_tolerantly},
    problem::{Problem, ProblemKind, closest, refuse_tags},
    section::{Section, Spot},
    tree::{Entry, Located, Place, Position, Scalar, YamlValue, excerpt},
};
