//! Why a template, or the values for its parameters, could not be understood.

use super::meant;
use crate::read::{Place, excerpt};

/// What cannot be understood of a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum TemplateProblem {
    /// No template at all.
    #[error("there are no `Resources`; is this a CloudFormation template?")]
    NoResources,
    /// Another version of the language.
    #[error("`{}` is no version of the template format that the check knows; write \"2010-09-09\"", excerpt(.found))]
    UnknownVersion {
        /// What stands there.
        found: String,
    },
    /// A list where an object belongs, and the like.
    #[error("`{}` must be {expected}; this is {found}", excerpt(.of))]
    WrongShape {
        /// What has the shape.
        of: String,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A key that nobody knows.
    #[error("`{}` is no key of {of} that the check knows{}", excerpt(.key), meant(.suggestion.as_ref()))]
    UnknownKey {
        /// What has the key.
        of: &'static str,
        /// The key.
        key: String,
        /// A known one that is spelled almost alike.
        suggestion: Option<&'static str>,
    },
    /// A key that has to be there.
    #[error("{of} has no `{key}`; add it")]
    Missing {
        /// What lacks the key.
        of: &'static str,
        /// The key.
        key: &'static str,
    },
    /// Known, and not supported.
    #[error("`{}` is outside the subset that the check understands; {instead}", excerpt(.found))]
    Outside {
        /// What was found.
        found: String,
        /// What to do.
        instead: &'static str,
    },
    /// A function or a tag that does not exist.
    #[error("`{}` is no function that the check knows{}", excerpt(.name), meant(.suggestion.as_ref()))]
    UnknownFunction {
        /// Its name.
        name: String,
        /// A known one that is spelled almost alike.
        suggestion: Option<&'static str>,
    },
    /// A function beside other keys.
    #[error("`{}` stands beside other keys; a function must be the only key of its object", excerpt(.name))]
    NotAlone {
        /// The function.
        name: String,
    },
    /// Arguments that the function does not take.
    #[error("`{function}` takes {expected}; this is {}", excerpt(.found))]
    Arguments {
        /// The function.
        function: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What it was given.
        found: String,
    },
    /// `${` without `}`.
    #[error("`{}` opens a variable and never closes it; add `}}`, or write `${{!` for the characters themselves", excerpt(.found))]
    Unclosed {
        /// The text from there on.
        found: String,
    },
    /// A name that nothing has.
    #[error("no {what} is called `{}`{}", excerpt(.name), meant(.suggestion.as_ref()))]
    UnknownName {
        /// What it should be.
        what: &'static str,
        /// The name.
        name: String,
        /// A name that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// A name that is not one, or not of letters and digits.
    #[error("`{}` is no logical id; use letters and digits only", excerpt(.name))]
    BadName {
        /// The name.
        name: String,
    },
    /// A parameter and a resource of one name.
    #[error("`{}` is a parameter and a resource; rename one", excerpt(.name))]
    DoubledName {
        /// The name.
        name: String,
    },
    /// An attribute that the resource does not have.
    #[error("`{}` is no attribute of {of} that the check knows; it knows {known}", excerpt(.attribute))]
    UnknownAttribute {
        /// The type of the resource.
        of: &'static str,
        /// The attribute.
        attribute: String,
        /// Those that it has.
        known: String,
    },
    /// A reference to something that has no value for it.
    #[error("`{}`, {of}, has no value here; {instead}", excerpt(.name))]
    NoReference {
        /// What was referred to.
        name: String,
        /// Its type.
        of: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// Something that has no meaning in conditions.
    #[error("`{}` has no meaning in a condition; conditions can ask about parameters and mappings only", excerpt(.found))]
    NotInCondition {
        /// What was found.
        found: String,
    },
    /// A list, an object or nothing inside text.
    #[error("text cannot hold {found} here; {instead}")]
    NotText {
        /// What was found.
        found: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// An item that a list does not have.
    #[error("the list has {length} items, and no item {index}")]
    OutOfRange {
        /// The index.
        index: String,
        /// How many items there are.
        length: usize,
    },
    /// A plain scalar that is read as something else.
    #[error("found `{0}`, which CloudFormation takes for {taken_for}; put it in quotes", excerpt(.found))]
    NeedsQuotes {
        /// What stands there.
        found: String,
        /// What it is taken for.
        taken_for: &'static str,
    },
    /// Nothing where a value belongs.
    #[error("there is no value here, and CloudFormation takes no `null`; write one, or `!Ref AWS::NoValue`")]
    NoValue,
    /// A value that a key does not take.
    #[error("`{key}` must be {expected}; found `{}`", excerpt(.found))]
    BadValue {
        /// The key.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// What refers to itself in the end.
    #[error("{what} refer to each other in a circle: {circle}; CloudFormation refuses that, break it")]
    Circle {
        /// Resources or conditions.
        what: &'static str,
        /// Their names in order.
        circle: String,
    },
    /// More than a template can mean.
    #[error("the template means far more than it says; it is too large to be compared")]
    TooLarge,
    /// A resource that belongs to another one, which is not there.
    #[error("`{key}` must refer to {expected} of this template, by `!Ref` or `!GetAtt`; this is {}", excerpt(.found))]
    NotOfTemplate {
        /// The property.
        key: &'static str,
        /// What it must refer to.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
}

/// What the check does not follow, and what to do instead.
pub(crate) fn outside(found: &str, instead: &'static str) -> TemplateProblem {
    TemplateProblem::Outside { found: found.to_owned(), instead }
}

impl TemplateProblem {
    /// A scalar without quotes that is text to one reader and a number to another.
    pub(crate) fn unsure(written: &str) -> Self {
        let taken_for = "a number, or for text as it stands: nothing says which";
        Self::NeedsQuotes { found: written.to_owned(), taken_for }
    }
}

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
