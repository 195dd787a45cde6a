//! Why files could not be understood as a deployment.

use super::{
    from_cloudformation::ParametersProblem,
    from_terraform::{PlanProblem, TranslationProblem},
    spelling::meant,
};
use crate::{
    cloudformation::TemplateProblem,
    read::{HclProblemKind, Place, YamlProblemKind, excerpt},
    terraform::ModuleProblem,
};

/// Something that cannot be understood, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GraphProblem {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: GraphProblemKind,
}

/// What cannot be understood of a property, in words that fit both dialects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum GraphProblemKind {
    /// A property that the vocabulary does not have.
    #[error("`{}` is no property of {of} that the check knows{}", excerpt(.path), meant(.suggestion.as_ref()))]
    UnknownProperty {
        /// The kind of resource.
        of: String,
        /// The property, from the resource down.
        path: String,
        /// A known one that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// A list where a number belongs, and the like.
    #[error("`{}` must be {expected}; this is {found}", excerpt(.path))]
    WrongShape {
        /// The property.
        path: String,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Text that should be a JSON document.
    #[error("`{}` must be a JSON document; {found}", excerpt(.path))]
    NotJson {
        /// The property.
        path: String,
        /// What the parser says.
        found: String,
    },
    /// Two resources that the service would know under one name.
    #[error("a second {kind} called `{}`, after the one at {first}; each needs a name of its own", excerpt(.name))]
    DoubledName {
        /// The kind of resource.
        kind: &'static str,
        /// The name.
        name: String,
        /// Where the first one is.
        first: Place,
    },
    /// Two items of one name in a list of named items.
    #[error("`{}` has two items called `{}`; remove one", excerpt(.path), excerpt(.key))]
    DoubledItem {
        /// The list.
        path: String,
        /// The name.
        key: String,
    },
    /// What Terraform's resources say.
    #[error(transparent)]
    Translation(#[from] TranslationProblem),
    /// What is no plan.
    #[error(transparent)]
    Plan(#[from] PlanProblem),
    /// A file that is no YAML.
    #[error(transparent)]
    Yaml(YamlProblemKind),
    /// A template that cannot be understood.
    #[error(transparent)]
    Template(TemplateProblem),
    /// Values for parameters that cannot be used.
    #[error(transparent)]
    Parameters(#[from] ParametersProblem),
    /// Of the text of a file of a module.
    #[error(transparent)]
    Hcl(#[from] HclProblemKind),
    /// Of a module.
    #[error(transparent)]
    Module(#[from] ModuleProblem),
}
