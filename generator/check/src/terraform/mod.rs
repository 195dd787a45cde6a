//! Terraform's language: from the files of a module to blocks with values.
//!
//! ```text
//! SourceFile -> tree -> Declarations -> Evaluator -> Module
//! ```
//!
//! Modules in folders below the root are evaluated with it: each instance of a call has its own inputs, and its resources stand
//! among those of the root.
//!
//! What depends on inputs stays an expression; what depends on a condition stays a choice. What Terraform could do and
//! this cannot follow is refused, with its place.

mod beside;
mod body;
mod characters;
mod configuration;
mod contents;
mod conversion;
mod declaration;
mod dependency;
mod evaluator;
mod expression;
mod figure;
mod file_role;
mod function;
mod given;
mod instance;
mod interface;
mod json;
mod module;
mod one_type;
mod operation;
mod policy_document;
mod provider;
mod reference;
mod repetition;
mod resource;
mod template;
#[cfg(test)]
mod tests;
mod validation;

use std::{collections::BTreeSet, sync::Arc};

pub use beside::{Beside, ListBeside, ReadBeside};
use configuration::{Configuration, FolderReader, ROOT};
use declaration::Declarations;
pub(crate) use declaration::IGNORED_BLOCKS;
use evaluator::Evaluator;
pub use file_role::FileRole;

use crate::{
    graph::{Address, Condition, Properties, Requirement, Value},
    problem::{ModuleProblem, Problem},
    read::{MAX_BYTES, Place, SourceFile, parse_hcl},
};

/// Files of a module and of those that it calls, at most.
const MOST_FILES: usize = 500;

/// Bytes of all files together, at most.
const MOST_BYTES: usize = 16 * MAX_BYTES;

/// An evaluated module, before anybody asks what it means.
///
/// The body of a block is a map of its arguments; blocks inside it are lists of maps under the block's name, the form in
/// which Terraform's own JSON states them.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// `resource` blocks; one each for the instances of `for_each` and of a `count` that is a number. Those of the modules that it
    /// calls come after its own.
    pub resources: Vec<ResourceBlock>,
    /// `variable` blocks.
    pub variables: Vec<NamedBlock>,
    /// `output` blocks.
    pub outputs: Vec<NamedBlock>,
    /// `precondition` and `postcondition` blocks.
    pub requirements: Vec<Requirement>,
    /// The arguments of `provider "aws"`, and of those with an alias (`aws.east`) that anything uses.
    pub providers: Vec<NamedBlock>,
    /// Variables whose values stand beside the module, or that take their default because no template has such an input, and
    /// where.
    pub given: Vec<(Arc<str>, Place)>,
    /// What could not be evaluated.
    pub unread: Unread,
}

/// What of a module could not be evaluated, where that may be left out.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    /// Whether anything may be left out.
    pub is_partial: bool,
    /// Why.
    pub problems: Vec<Problem>,
    /// Resources that are left out, by their types and addresses.
    pub resources: Vec<(Arc<str>, Address, Place)>,
    /// Variables that are left out.
    pub variables: Vec<(Arc<str>, Place)>,
    /// Whether there is a block that may make resources of any type.
    pub is_open: bool,
    /// Whether a module may demand more of the variables.
    pub lacks_bounds: bool,
}

/// A `resource` block.
#[derive(Debug, Clone)]
pub(crate) struct ResourceBlock {
    /// Its type: `aws_sqs_queue`.
    pub kind: Arc<str>,
    /// Its address: `aws_sqs_queue.scaleup`, `module.a.aws_sqs_queue.all["scaleup"]`.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
    /// `count = <condition> ? 1 : 0`, its own and those of the modules that it is in.
    pub condition: Condition,
    /// The provider that makes it, as the root module calls it: `aws`, `aws.east`.
    pub provider: Arc<str>,
    /// Its arguments and blocks, without meta-arguments.
    pub arguments: Properties,
    /// Addresses in `depends_on`.
    pub depends_on: Vec<(Address, Place)>,
    /// The arguments of its `lifecycle` block.
    pub lifecycle: Properties,
}

/// A block that one label names.
#[derive(Debug, Clone)]
pub(crate) struct NamedBlock {
    /// The label.
    pub name: Arc<str>,
    /// Where it begins.
    pub place: Place,
    /// Its arguments and blocks.
    pub arguments: Properties,
}

/// Files of somebody else in the folder of a module. What they make beside it is theirs. What they attach to its resources
/// is a part of it, and is read as if it stood in the module's own files.
#[derive(Debug, Default)]
pub struct OtherFiles {
    /// Files with blocks of their own.
    pub parts: Vec<SourceFile>,
    /// Files that change blocks of others (<https://developer.hashicorp.com/terraform/language/files/override>).
    pub overrides: Vec<SourceFile>,
    /// Every other file: those that a module only reads (`file`), and modules in folders below.
    pub beside: Beside,
}

impl OtherFiles {
    /// The names of all of them, sorted.
    pub(crate) fn names(&self) -> BTreeSet<Arc<str>> {
        self.parts.iter().chain(&self.overrides).map(|file| Arc::clone(&file.name)).collect()
    }
}

/// What the evaluator must know of the provider. Whoever knows the provider's resources says it.
#[derive(Clone, Copy)]
pub(crate) struct ProviderSchema<'a> {
    /// The attributes that a resource has once it exists: by its type, the attribute's name and the resource's address. An
    /// attribute that it does not know is taken from the resource's own block.
    pub computed: &'a dyn Fn(&str, &str, &Address) -> Option<Value>,
    /// Whether the check knows resources of a type.
    pub is_known: fn(&str) -> bool,
    /// Whether resources of a type say something about others.
    pub attaches: fn(&str) -> bool,
    /// Arguments of the `provider` block that say who deploys and how, and why they are not compared.
    pub ignored: &'static [(&'static str, &'static str)],
    /// Those of them on which the account may depend: providers that say different things may have different accounts.
    pub of_accounts: &'static [&'static str],
}

/// The contents of the one of `files` that has this path in its folder.
fn beside(files: &[SourceFile], path: &str) -> Option<Vec<u8>> {
    let is_it =
        |name: &str| name.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    files.iter().find(|file| is_it(&file.name)).map(|file| file.bytes.clone())
}

/// What a file is to the module in whose folder it stands. What is nothing to Terraform is only read where the module says so.
fn role(file: &SourceFile) -> FileRole {
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    // A file without an ending was named by somebody, such as a pipe.
    if name.contains('.') { FileRole::of(name) } else { FileRole::Part }
}

/// The module that `files` are, with what `others` attach to it. `has_partner` says whether the other dialect has an input for a
/// variable, `is_partial` whether what cannot be evaluated is left out.
pub(crate) fn evaluate(
    files: &[SourceFile],
    others: &OtherFiles,
    schema: ProviderSchema<'_>,
    has_partner: &dyn Fn(&str) -> bool,
    is_partial: bool,
) -> Result<Module, Vec<Problem>> {
    let all = || files.iter().chain(&others.parts).chain(&others.overrides);
    if let Some(first) = all().nth(MOST_FILES) {
        let kind = ModuleProblem::TooManyFiles { most: MOST_FILES }.into();
        return Err(vec![Problem { place: Place::whole(first.name.clone()), kind }]);
    }
    let bytes = all().map(|file| file.bytes.len()).sum::<usize>();
    if let Some(last) = all().last()
        && bytes > MOST_BYTES
    {
        let kind = ModuleProblem::TooManyBytes { most: MOST_BYTES }.into();
        return Err(vec![Problem { place: Place::whole(last.name.clone()), kind }]);
    }
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| matches!(role(file), FileRole::Override | FileRole::Outside)) {
        let place = Place::whole(Arc::clone(&file.name));
        problems.push(Problem { place, kind: ModuleProblem::OutsideFile.into() });
    }
    let given = given::values(files, schema, &mut problems);
    let mut trees = |files: &[SourceFile], wanted: FileRole| {
        let mut trees = Vec::new();
        for file in files.iter().filter(|file| role(file) == wanted) {
            match parse_hcl(file) {
                Ok(tree) => trees.push(tree),
                Err(problem) => {
                    problems.push(Problem { place: problem.place, kind: problem.kind.into() });
                }
            }
        }
        trees
    };
    let (ours, parts) = (trees(files, FileRole::Part), trees(&others.parts, FileRole::Part));
    let overrides = trees(&others.overrides, FileRole::Override);
    // What a file that cannot be read declares is missing everywhere else.
    if !problems.is_empty() {
        return Err(problems);
    }
    let (folders, mut problems) = FolderReader::new(ours, files, &others.beside).read();
    let may_go_on = |problems: &[Problem]| {
        problems.is_empty() || (is_partial && !problems.iter().any(|problem| problem.kind.is_fatal()))
    };
    let are_folders_read = may_go_on(&problems);
    let mut declarations = Declarations::of(folders.get(ROOT).map_or(&[], Vec::as_slice));
    declarations.add_other_files(&parts);
    let before = declarations.count_problems();
    declarations.add_overrides(&overrides, schema.ignored);
    // What is overridden may be anything.
    let is_overridden = declarations.count_problems() > before;
    let mut configuration = Configuration::of(declarations, &folders);
    problems.extend(configuration.take_problems());
    // What a folder that cannot be read declares is missing everywhere else.
    if !are_folders_read {
        problems.sort();
        return Err(problems);
    }
    let mut evaluator = Evaluator::new(&configuration, schema, &given, has_partner);
    evaluator.is_partial = is_partial;
    let read = |path: &str| beside(files, path).or_else(|| others.beside.read(path));
    evaluator.files = &read;
    let (mut module, is_whole) = evaluator.everything();
    problems.extend(evaluator.into_problems());
    if problems.is_empty() && !is_whole {
        let place = Place::whole(files.first().map_or_else(|| "".into(), |file| file.name.clone()));
        problems.push(Problem { place, kind: ModuleProblem::Unfinished.into() });
    }
    problems.sort();
    problems.dedup();
    if may_go_on(&problems) && !is_overridden {
        module.unread.is_partial = is_partial;
        module.unread.problems = problems;
        Ok(module)
    } else {
        Err(problems)
    }
}
