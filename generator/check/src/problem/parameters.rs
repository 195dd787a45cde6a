//! Why values for parameters could not be used.

use super::meant;
use crate::read::{Place, excerpt};

/// Why values for parameters could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum ParametersProblem {
    /// None of the forms.
    #[error(
        "this is no list of parameters; write `[{{\"ParameterKey\": \"Name\", \"ParameterValue\": \"value\"}}]`, \
         `[\"Name=value\"]` or `{{\"Parameters\": {{\"Name\": \"value\"}}}}`"
    )]
    OtherForm,
    /// A value of a parameter that the template does not have.
    #[error("the template has no parameter `{}`{}", excerpt(.name), meant(.suggestion.as_ref()))]
    Unknown {
        /// The name.
        name: String,
        /// A parameter that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// Two values of one parameter.
    #[error("a second value for `{}`, after the one at {first}; remove one", excerpt(.name))]
    Doubled {
        /// The name.
        name: String,
        /// Where the first one stands.
        first: Place,
    },
    /// A parameter without a value.
    #[error("`{name}` has no default at {declared}, and no value here; add one")]
    Missing {
        /// The name.
        name: String,
        /// Where the template declares it.
        declared: Place,
    },
    /// Values that the template refuses.
    #[error("the values of the parameters break this rule{}", after_colon(.message))]
    RuleBroken {
        /// What the template says of it.
        message: String,
    },
    /// Text where a number belongs.
    #[error("`{name}` takes a number; `{}` is none", excerpt(.found))]
    NoNumber {
        /// The name.
        name: String,
        /// The text.
        found: String,
    },
}

/// What a template says, if it says anything.
fn after_colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {}", excerpt(message)) }
}
