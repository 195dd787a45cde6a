//! Why a Terraform module could not be evaluated, and what a module or a plan says that the check does not understand.

use std::sync::Arc;

use super::meant;
use crate::read::{MAX_BYTES, Place, excerpt};

/// Something in a module that the check does not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum ModuleProblem {
    /// A map that nobody gives a value.
    #[error(
        "`{name}` has a type that no parameter of a template can have, and no value: give it a default, or a value in terraform.tfvars"
    )]
    NoValue {
        /// The variable.
        name: String,
    },
    /// A type of resource that the provider has and the check does not, or that nobody has.
    #[error("resources of type `{}` are outside the subset that the check understands", excerpt(.found))]
    OutsideType {
        /// The type.
        found: String,
    },
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
    /// A module that is no folder of the configuration.
    #[error(
        "the module `{}` is fetched from elsewhere, and the check reads modules in folders below the root only; copy it into a \
         folder and write `source = \"./...\"`, or write its resources here",
        excerpt(.address)
    )]
    RemoteModule {
        /// Its source.
        address: String,
    },
    /// A module in a folder that is not below the root.
    #[error(
        "the module `{}` stands outside the folder that is checked; check a folder that holds both, or move the module below \
         this one",
        excerpt(.address)
    )]
    ModuleAbove {
        /// Its source.
        address: String,
    },
    /// A module in a folder that is not there.
    #[error("there is no folder `{}` in the folder that is checked", excerpt(.path))]
    NoFolder {
        /// The folder.
        path: String,
    },
    /// A module without files.
    #[error("there is no *.tf file in the folder `{}`", excerpt(.path))]
    EmptyFolder {
        /// The folder.
        path: String,
    },
    /// A file of a module that the check does not understand.
    #[error(
        "this file is outside what the check understands: it reads *.tf files without overrides; write what it says in one of them"
    )]
    OutsideFile,
    /// A file of a module that is none, or leads elsewhere.
    #[error(
        "the file cannot be read; it must be a plain file in the folder that is checked, and no larger than {MAX_BYTES} bytes"
    )]
    UnreadableFile,
    /// Modules without end.
    #[error("more than {most} modules, or more than {levels} levels of them; is it the right folder?")]
    TooManyModules {
        /// How many there may be.
        most: usize,
        /// How deeply they may call each other.
        levels: usize,
    },
    /// A value for a variable that a module does not have.
    #[error("`{}` has no input `{}`{}", excerpt(.module), excerpt(.name), meant(.suggestion.as_ref()))]
    NoInput {
        /// The module.
        module: String,
        /// The name.
        name: String,
        /// An input that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// A variable of a module without a value.
    #[error("`{}` is not given `{}`, which has no default", excerpt(.module), excerpt(.name))]
    NoArgument {
        /// The module.
        module: String,
        /// The variable, or a part of it.
        name: String,
    },
    /// A value that may be something else than the variable that it is given to takes.
    #[error(
        "{what} must be {expected}, and `{}` need not be; give the variable that it comes from the same type",
        excerpt(.found)
    )]
    Unsure {
        /// The variable, or a part of it.
        what: String,
        /// What it takes.
        expected: &'static str,
        /// What is given.
        found: String,
    },
    /// A provider that a module asks for and does not get.
    #[error("`{}` is not given the provider `{}`; add it to its `providers`", excerpt(.module), excerpt(.name))]
    NoProvider {
        /// The module.
        module: String,
        /// The provider.
        name: Arc<str>,
    },
    /// A provider that a module does not ask for.
    #[error(
        "`{}` does not ask for the provider `{}`; name it in the `configuration_aliases` of the module, or remove it here",
        excerpt(.module), excerpt(.name)
    )]
    UnwantedProvider {
        /// The module.
        module: String,
        /// The provider.
        name: Arc<str>,
    },
    /// A provider that may be of another account than the one without an alias.
    #[error(
        "the provider `{}` does not say the same `{argument}` as `aws`; one stack has one account: let both say the same",
        excerpt(.name)
    )]
    OtherAccount {
        /// The provider.
        name: String,
        /// The argument that differs.
        argument: &'static str,
    },
    /// A reference to an output that a module does not have.
    #[error("`{}` has no output `{}`{}", excerpt(.module), excerpt(.name), meant(.suggestion.as_ref()))]
    NoOutput {
        /// The module.
        module: String,
        /// The name.
        name: String,
        /// An output that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// A value that the validation of a variable refuses.
    #[error("{what} is refused by the validation of its variable: {}", excerpt(.message))]
    Invalid {
        /// What has the value.
        what: String,
        /// What the validation says.
        message: String,
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

/// What is wrong with a block that could be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum TranslationProblem {
    /// A type of resources that is not in the tables.
    #[error(
        "resources of type `{}` are outside the subset that the check understands{}",
        excerpt(.found),
        meant(.suggestion.as_ref())
    )]
    UnknownType {
        /// The type.
        found: String,
        /// A known one that is spelled almost alike.
        suggestion: Option<String>,
    },
    /// An argument that the provider has and the check does not.
    #[error(
        "`{}` of {of} is outside the subset that the check understands; leave it out of what is compared",
        excerpt(.path)
    )]
    OutsideArgument {
        /// The type of the resource.
        of: String,
        /// The argument.
        path: String,
    },
    /// An attribute that only the provider knows.
    #[error("`{}` of {of} is nothing that a module can set; remove it", excerpt(.path))]
    ReadOnly {
        /// The type of the resource.
        of: String,
        /// The attribute.
        path: String,
    },
    /// A block that may stand once.
    #[error("`{}` of {of} stands {count} times; keep one", excerpt(.path))]
    DoubledBlock {
        /// The type of the resource.
        of: String,
        /// The block.
        path: String,
        /// How often it stands.
        count: usize,
    },
    /// A value that cannot be followed.
    #[error("`{}` of {of} must be {expected}; this is {}", excerpt(.path), excerpt(.found))]
    NotUnderstood {
        /// The type of the resource.
        of: String,
        /// The argument.
        path: String,
        /// What can be followed.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A part without a whole.
    #[error(
        "this {of} belongs to {}, which is no {owner} of this module; declare it here, or leave both out",
        excerpt(.found)
    )]
    NoOwner {
        /// The type of the part.
        of: String,
        /// The type of the whole.
        owner: &'static str,
        /// What the part says about it.
        found: String,
    },
    /// A part of a resource which has another value for the same property.
    #[error("{} says what {} says itself in `{property}`; remove one of the two", excerpt(.address), excerpt(.owner))]
    SaidTwice {
        /// The part.
        address: Arc<str>,
        /// The whole.
        owner: Arc<str>,
        /// The property.
        property: String,
    },
    /// Names of what a role may have that are not those of what it has.
    #[error("{} says that the role has only {}; the module gives it {}", excerpt(.address), excerpt(.listed), excerpt(.given))]
    NotExclusive {
        /// The resource that lists.
        address: Arc<str>,
        /// What it lists.
        listed: String,
        /// What the module says elsewhere.
        given: String,
    },
    /// A reference to a block that is no node.
    #[error(
        "the {attribute} of {of} is outside the subset that the check understands; refer to the resource that it \
         belongs to"
    )]
    DanglingReference {
        /// What is referred to.
        of: Arc<str>,
        /// Which attribute of it.
        attribute: String,
    },
    /// `depends_on` something that is not there.
    #[error("the module has no {}; mend `depends_on`", excerpt(.address))]
    UnknownDependency {
        /// The address.
        address: Arc<str>,
    },
    /// Two resources of one address.
    #[error("a second {}; rename one", excerpt(.address))]
    DoubledAddress {
        /// The address.
        address: Arc<str>,
    },
    /// Resources that refer to each other.
    #[error("{names} is a circle of references; break it")]
    Circle {
        /// The addresses, the first one at the end again, on one line.
        names: String,
    },
    /// Copies of copies.
    #[error("the module says so much in so many places that the check gives up here; is it the right one?")]
    TooMuch,
    /// A resource of another region than the module's.
    #[error("this resource is in {}, another region than the provider's; the check compares one region", excerpt(.found))]
    OtherRegion {
        /// The region.
        found: String,
    },
    /// A provider of another region than another one's.
    #[error(
        "the provider `{}` is in {}, and `{}` in {}; the check compares deployments in one region: check what is in \
         each region as a module of its own",
        excerpt(.name), excerpt(.found), excerpt(.other), excerpt(.expected)
    )]
    ProviderRegion {
        /// The provider.
        name: Arc<str>,
        /// Its region.
        found: String,
        /// The other provider.
        other: Arc<str>,
        /// The other one's region.
        expected: String,
    },
    /// An argument of a block that is no resource.
    #[error("`{}` of {of} is nothing that the check knows{}", excerpt(.name), meant(.suggestion.as_ref()))]
    UnknownSetting {
        /// The block.
        of: &'static str,
        /// The argument.
        name: String,
        /// A known one that is spelled almost alike.
        suggestion: Option<&'static str>,
    },
    /// A type constraint of a variable.
    #[error(
        "the type `{}` is outside the subset that the check understands; variables are string, number, bool, \
         list(string) or set(string)",
        excerpt(.found)
    )]
    VariableType {
        /// The type.
        found: String,
    },
}

/// What is wrong with the JSON of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum PlanProblem {
    /// Larger than any plan of ours.
    #[error("the file has more than {most} bytes; is it the right one?")]
    TooLarge {
        /// How many it may have.
        most: usize,
    },
    /// Not JSON, or not what a plan has.
    #[error("not the JSON of a plan: {}; write it with `terraform show -json PLAN`", excerpt(.found))]
    NotAPlan {
        /// What the parser says.
        found: String,
    },
    /// A format that did not exist yet.
    #[error(
        "format {} of plans is outside the subset that the check understands; it knows version 1",
        excerpt(.found)
    )]
    OtherFormat {
        /// The version.
        found: String,
    },
    /// Terraform itself could not plan everything.
    #[error("Terraform stopped before this plan was complete; mend what it reported and plan again")]
    Incomplete,
    /// Modules inside the module.
    #[error(
        "the plan has resources of {}, a module inside the module, which is outside the subset that the check \
         understands",
        excerpt(.found)
    )]
    ChildModule {
        /// The module.
        found: String,
    },
}
