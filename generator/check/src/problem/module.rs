//! Why a module could not be evaluated.

use super::meant;
use crate::read::{Place, excerpt};

/// Something in a module that the check does not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum ModuleProblem {
    /// More files than a module has.
    #[error("more than {most} files; is it the right folder?")]
    TooManyFiles {
        /// How many there may be.
        most: usize,
    },
    /// Larger files than a module has.
    #[error("the files have more than {most} bytes together; is it the right folder?")]
    TooManyBytes {
        /// How many there may be.
        most: usize,
    },
    /// Values without end.
    #[error("the module makes more values than the check can hold; is it the right one?")]
    TooLarge,
    /// Expressions without end.
    #[error("too many expressions inside each other; give parts of it a name in `locals`")]
    TooDeep,
    /// A word that no block begins with.
    #[error("`{}` is no block or argument that the check knows here", excerpt(.name))]
    Unknown {
        /// The word.
        name: String,
    },
    /// Labels that do not fit a block.
    #[error("a `{kind}` block has {expected}")]
    Labels {
        /// The block's kind.
        kind: String,
        /// The labels that belong there.
        expected: &'static str,
    },
    /// Two things of one name.
    #[error("`{}` stands twice, first at {first}; remove one", excerpt(.name))]
    Doubled {
        /// The name.
        name: String,
        /// Where it stood first.
        first: Place,
    },
    /// An argument without which a block means nothing.
    #[error("`{}` needs `{name}`", excerpt(.of))]
    Missing {
        /// The block.
        of: String,
        /// The argument.
        name: &'static str,
    },
    /// A reference to nothing.
    #[error("`{}` is not declared in these files{}", excerpt(.name), meant(.suggestion.as_ref()))]
    NotDeclared {
        /// What is referred to.
        name: String,
        /// Something that is declared, and is spelled almost alike.
        suggestion: Option<String>,
    },
    /// A reference to part of a value that it does not have.
    #[error("{} has no `{}`", excerpt(.of), excerpt(.name))]
    NoSuchPart {
        /// The value.
        of: String,
        /// The attribute, the key, or the index.
        name: String,
    },
    /// An attribute that is known only after the deployment, and that the check has no word for.
    #[error(
        "the check does not know the attribute `{}` of `{}`, and no argument of this name is stated there",
        excerpt(.name), excerpt(.of)
    )]
    NoSuchAttribute {
        /// The resource.
        of: String,
        /// The attribute.
        name: String,
    },
    /// Definitions that need each other.
    #[error("these refer to each other in a circle: {path}; take one reference away")]
    Cycle {
        /// The names, from one of them round to itself, on one line.
        path: String,
    },
    /// A function that Terraform does not have, or that the check does not evaluate.
    #[error("`{}` is no function that the check knows{}", excerpt(.name), meant(.suggestion.as_ref()))]
    UnknownFunction {
        /// Its name.
        name: String,
        /// A known one that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// Too many arguments of a function, or too few.
    #[error("`{name}` takes {expected} arguments; these are {found}")]
    ArgumentCount {
        /// The function.
        name: String,
        /// How many it takes.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// A list where text belongs, and the like.
    #[error("{what} must be {expected}; this is {found}")]
    WrongKind {
        /// What it belongs to.
        what: String,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Something that has to be found out, where the check needs to know it.
    #[error("{what} must be known from the files alone; this depends on `{on}`")]
    NotKnown {
        /// What needs to be known.
        what: String,
        /// What it depends on.
        on: String,
    },
    /// Something was refused, and nobody said why: a mistake of the check, which must not pass for an answer.
    #[error("the module could not be evaluated to its end; this is a mistake of the check: please report it")]
    Unfinished,
    /// Something that Terraform can do and the check does not follow.
    #[error("{} is outside what the check understands; {instead}", excerpt(.what))]
    Outside {
        /// What it is.
        what: String,
        /// What to do.
        instead: &'static str,
    },
}
