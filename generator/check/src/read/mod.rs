//! From text to trees in which every value knows where it stands.

mod excerpt;
mod hcl;
mod located;
mod source;
mod yaml;

pub use excerpt::excerpt;
pub(crate) use hcl::{HclFile, HclProblemKind, parse as parse_hcl};
pub use located::{Entry, Located, Place, Position, Scalar, Value};
pub use source::SourceFile;
pub use yaml::{MAX_BYTES, Parsed, YamlProblem, YamlProblemKind, parse};
