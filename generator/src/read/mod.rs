//! From text to trees in which every value knows where it stands.

mod excerpt;
mod hcl;
mod located;
mod source;
mod yaml;

pub(crate) use excerpt::excerpt;
pub(crate) use hcl::{HclFile, HclProblemKind, parse as parse_hcl};
pub(crate) use located::{Entry, Located, Place, Position, Scalar, Value};
pub use source::SourceFile;
pub(crate) use yaml::{MAX_BYTES, YamlProblemKind, parse};
