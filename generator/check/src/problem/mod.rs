//! Why files could not be understood as a deployment: one type of problem, with a place, for all that read them. It knows nothing
//! of who finds a problem. Each message says what was found and what to write.

mod cloudformation;
mod terraform;

pub(crate) use cloudformation::{ParametersProblem, TemplateProblem, outside};
pub(crate) use terraform::{ModuleProblem, PlanProblem, TranslationProblem};

use crate::read::{HclProblemKind, Place, YamlProblemKind, excerpt};

/// Something that cannot be understood, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: ProblemKind,
}

/// Why a list of what to ignore could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum IgnoreProblem {
    /// Something else.
    #[error(
        "this is no list of what to ignore; write `ignore:` and below it entries with `kind`, `name` and `reason`"
    )]
    OtherForm,
    /// A key that nobody knows.
    #[error("`{}` is no key here; there are `ignore`, `kind`, `name` and `reason`", excerpt(.key))]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// An entry without a key that it must have.
    #[error("an entry needs a `{key}`")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// An entry that is about no difference.
    #[error("no difference is about the {kind} `{}`; remove the entry", excerpt(.name))]
    MatchesNothing {
        /// The kind of resource.
        kind: String,
        /// The name of the resource.
        name: String,
    },
}

/// What cannot be understood of a property, in words that fit both dialects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum ProblemKind {
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
    /// A list of what to ignore that cannot be used.
    #[error(transparent)]
    Ignore(#[from] IgnoreProblem),
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

impl ProblemKind {
    /// Whether nothing can be compared because of it: a file that is none, or what could not be deployed.
    pub(crate) const fn is_fatal(&self) -> bool {
        match self {
            Self::DoubledName { .. }
            | Self::Plan(_)
            | Self::Yaml(_)
            | Self::Ignore(_)
            | Self::Parameters(_)
            | Self::Hcl(_) => true,
            Self::UnknownProperty { .. }
            | Self::WrongShape { .. }
            | Self::NotJson { .. }
            | Self::DoubledItem { .. } => false,
            Self::Translation(problem) => matches!(
                problem,
                TranslationProblem::DoubledAddress { .. }
                    | TranslationProblem::Circle { .. }
                    | TranslationProblem::TooMuch
            ),
            Self::Template(problem) => matches!(
                problem,
                TemplateProblem::NoResources
                    | TemplateProblem::UnknownVersion { .. }
                    | TemplateProblem::DoubledName { .. }
                    | TemplateProblem::Circle { .. }
                    | TemplateProblem::TooLarge
            ),
            Self::Module(problem) => matches!(
                problem,
                ModuleProblem::TooManyFiles { .. }
                    | ModuleProblem::TooManyBytes { .. }
                    | ModuleProblem::TooManyModules { .. }
                    | ModuleProblem::TooLarge
                    | ModuleProblem::Doubled { .. }
                    | ModuleProblem::Cycle { .. }
                    | ModuleProblem::Unfinished
            ),
        }
    }
}

/// Names that are looked through for one that was meant, at most.
const MOST_COMPARED: usize = 1_000;
/// Bytes of a name, at most: a longer one is none that anybody mistyped, and comparing it would take its time.
const MOST_BYTES: usize = 100;
/// Slips of the finger between two names that are almost alike, at most.
const MOST_SLIPS: usize = 2;

/// The one of `known` that is spelled almost like `name`.
pub(crate) fn alike<K: AsRef<str> + Ord>(name: &str, known: impl Iterator<Item = K>) -> Option<K> {
    if name.len() > MOST_BYTES {
        return None;
    }
    known
        .take(MOST_COMPARED)
        // Each slip is worth a letter, so that most names need no comparison.
        .filter(|known| known.as_ref().len().abs_diff(name.len()) <= MOST_SLIPS)
        .map(|known| (strsim::osa_distance(known.as_ref(), name), known))
        .filter(|(slips, _)| *slips <= MOST_SLIPS && slips * 2 < name.len())
        .min()
        .map(|(_, known)| known)
}

/// What a message says about the name that was probably meant.
pub(crate) fn meant<N: std::fmt::Display>(name: Option<N>) -> String {
    name.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(alike(name, ["queue_url", "queue_arn", "name"].into_iter()), expected);
    }

    #[test]
    fn the_nearest_name_was_meant() {
        check("queue_ulr", Some("queue_url"));
        check("queue_an", Some("queue_arn"));
        check("nme", Some("name"));
        check("policy", None);
    }

    #[test]
    fn nobody_meant_a_very_long_name() {
        let long = "x".repeat(101);
        assert_eq!(alike(&long, [long.as_str()].into_iter()), None);
        assert_eq!(alike("x", [long.as_str()].into_iter()), None);
    }
}
