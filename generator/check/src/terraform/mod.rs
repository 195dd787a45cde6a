//! Terraform's language: from the files of a module to blocks with values.
//!
//! ```text
//! SourceFile -> tree -> Declarations -> Evaluator -> Module
//! ```
//!
//! What depends on inputs stays an expression; what depends on a condition stays a choice. What Terraform could do and
//! this cannot follow is refused, with its place.

mod body;
mod declaration;
mod evaluator;
mod expression;
mod function;
mod given;
mod instance;
mod interface;
mod json;
mod operation;
mod policy_document;
mod reference;
mod resource;
mod template;
#[cfg(test)]
mod tests;
mod validation;

use std::{collections::BTreeSet, sync::Arc};

use declaration::Declarations;
pub(crate) use declaration::IGNORED_BLOCKS;
use evaluator::{Evaluator, Refused};

use crate::{
    graph::{Address, Condition, Properties, Requirement, Value},
    problem::{ModuleProblem, Problem},
    read::{MAX_BYTES, Place, SourceFile, parse_hcl},
};

/// Files of a module, at most.
const MOST_FILES: usize = 500;

/// Bytes of all files together, at most.
const MOST_BYTES: usize = 16 * MAX_BYTES;

/// An evaluated module, before anybody asks what it means.
///
/// The body of a block is a map of its arguments; blocks inside it are lists of maps under the block's name, the form in
/// which Terraform's own JSON states them.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// `resource` blocks; one each for the instances of `for_each` and of a `count` that is a number.
    pub resources: Vec<ResourceBlock>,
    /// `variable` blocks.
    pub variables: Vec<NamedBlock>,
    /// `output` blocks.
    pub outputs: Vec<NamedBlock>,
    /// `precondition` and `postcondition` blocks.
    pub requirements: Vec<Requirement>,
    /// The arguments of `provider "aws"`.
    pub provider: Option<NamedBlock>,
    /// Variables whose values stand beside the module, or that take their default because no template has such an input, and
    /// where.
    pub given: Vec<(Arc<str>, Place)>,
}

/// A `resource` block.
#[derive(Debug, Clone)]
pub(crate) struct ResourceBlock {
    /// Its type: `aws_sqs_queue`.
    pub kind: Arc<str>,
    /// Its address: `aws_sqs_queue.scaleup`, `aws_sqs_queue.all["scaleup"]`.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
    /// `count = <condition> ? 1 : 0`.
    pub condition: Condition,
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
    /// Every other file: those that a module only reads (`file`).
    pub beside: Beside,
}

/// Reads a file in the folder of a module, by its path from there.
pub type ReadBeside = dyn Fn(&str) -> Option<Vec<u8>>;

/// Files in the folder of a module that are no part of it.
#[derive(Default)]
pub struct Beside(Option<Box<ReadBeside>>);

impl Beside {
    /// The files that `read` finds.
    pub fn new(read: impl Fn(&str) -> Option<Vec<u8>> + 'static) -> Self {
        Self(Some(Box::new(read)))
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.as_ref().and_then(|read| read(path))
    }
}

impl std::fmt::Debug for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Beside").field(&self.0.is_some()).finish()
    }
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
}

/// The contents of the one of `files` that has this path in its folder.
fn beside(files: &[SourceFile], path: &str) -> Option<Vec<u8>> {
    let is_it =
        |name: &str| name.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    files.iter().find(|file| is_it(&file.name)).map(|file| file.bytes.clone())
}

/// Whether the file is a part of a module. What else stands in its folder is only read where a part of it says so.
fn is_part(file: &SourceFile) -> bool {
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.rsplit_once('.').is_none_or(|(_, extension)| extension == "tf")
}

/// The module that `files` are, with what `others` attach to it. `has_partner` says whether the other dialect has an input for a
/// variable.
pub(crate) fn evaluate(
    files: &[SourceFile],
    others: &OtherFiles,
    schema: ProviderSchema<'_>,
    has_partner: &dyn Fn(&str) -> bool,
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
    let given = given::values(files, schema, &mut problems);
    let mut trees = |files: &[SourceFile]| {
        let mut trees = Vec::new();
        for file in files.iter().filter(|file| is_part(file)) {
            match parse_hcl(file) {
                Ok(tree) => trees.push(tree),
                Err(problem) => {
                    problems.push(Problem { place: problem.place, kind: problem.kind.into() });
                }
            }
        }
        trees
    };
    let (files_of_ours, parts, overrides) = (trees(files), trees(&others.parts), trees(&others.overrides));
    // What a file that cannot be read declares is missing everywhere else.
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut declarations = Declarations::of(&files_of_ours);
    declarations.add_other_files(&parts);
    declarations.add_overrides(&overrides, schema.ignored);
    let mut problems = declarations.take_problems();
    let mut evaluator = Evaluator::new(&declarations, schema, &given, has_partner);
    let read = |path: &str| beside(files, path).or_else(|| others.beside.read(path));
    evaluator.files = &read;
    let (module, is_whole) = evaluator.module();
    problems.extend(evaluator.into_problems());
    if problems.is_empty() && !is_whole {
        let place = Place::whole(files.first().map_or_else(|| "".into(), |file| file.name.clone()));
        problems.push(Problem { place, kind: ModuleProblem::Unfinished.into() });
    }
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(module) } else { Err(problems) }
}

impl Evaluator<'_> {
    /// The module, and whether nothing of it is missing.
    fn module(&mut self) -> (Module, bool) {
        let mut module = Module::default();
        let mut is_whole = true;
        let declarations = self.declarations;
        for (name, declared) in &declarations.variables {
            if declarations.is_of_others(declared.file) {
                continue;
            }
            let given = self.given.get(*name).map(|held| held.place.clone());
            if self.is_settled(name, declared) {
                module.given.push(((*name).into(), given.unwrap_or_else(|| declared.place())));
                // What is wrong with it is noted, whether anybody uses it or not.
                is_whole &= self.variable(name, *declared).is_ok();
                continue;
            }
            if let Some(place) = given
                && declared.body().get_attribute("default").is_none()
            {
                module.given.push(((*name).into(), place));
            }
            match self.variable(name, *declared) {
                Ok(variable) => module.variables.push(variable),
                Err(Refused) => is_whole = false,
            }
        }
        for (name, local) in &declarations.locals {
            if declarations.is_of_others(local.file) {
                continue;
            }
            // What is wrong with it is noted, whether anybody uses it or not.
            is_whole &= self.local(name, &local.file.place(local.value)).is_ok();
        }
        for id in declarations.ids() {
            if !declarations.belongs(id, self.schema.attaches) {
                continue;
            }
            match self.resources(id) {
                Ok(resources) => module.resources.extend(resources),
                Err(Refused) => is_whole = false,
            }
        }
        for (name, declared) in &declarations.outputs {
            match self.output(name, *declared) {
                Ok(output) => module.outputs.push(output),
                Err(Refused) => is_whole = false,
            }
        }
        if let Some(declared) = declarations.provider {
            module.provider = self.provider(declared).ok();
            is_whole &= module.provider.is_some();
        }
        module.requirements = std::mem::take(&mut self.requirements);
        self.refuse_circles();
        (module, is_whole)
    }
}
