//! From text to trees in which every value knows where it stands.

mod excerpt;
mod located;
mod yaml;

pub(crate) use excerpt::excerpt;
pub(crate) use located::{Entry, Located, Place, Position, Scalar, Value};
pub(crate) use yaml::{MAX_BYTES, YamlProblemKind, parse};
