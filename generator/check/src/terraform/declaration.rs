//! What the files declare, before anything is evaluated.

use std::{collections::BTreeMap, sync::Arc};

use hcl_edit::{
    expr::{Expression, ObjectKey, TraversalOperator},
    structure::{Attribute, Block, BlockLabel, Body, Structure},
    template::Element,
};

use super::provider::{not_a_provider, provider_name};
use crate::{
    problem::{ModuleProblem, Problem, alike},
    read::{HclFile, Place},
};

/// Blocks that say nothing about what is deployed.
pub(crate) const IGNORED_BLOCKS: &[(&str, &str)] = &[
    ("terraform", "which Terraform may read the module, and where it keeps its state"),
    ("moved", "what a resource was called in earlier states"),
    ("removed", "what earlier states had"),
    ("import", "how an existing resource gets into the state"),
    ("check", "a warning after the deployment"),
];

/// What may stand in `terraform`: it is ignored, but a misspelled word is not.
const TERRAFORM: &[&str] =
    &["required_version", "required_providers", "backend", "cloud", "provider_meta", "experiments"];

/// What is declared.
#[derive(Default)]
pub(super) struct Declarations<'a> {
    /// `variable` blocks.
    pub variables: BTreeMap<&'a str, DeclaredBlock<'a>>,
    /// Values of `locals`.
    pub locals: BTreeMap<&'a str, Local<'a>>,
    /// `output` blocks.
    pub outputs: BTreeMap<&'a str, DeclaredBlock<'a>>,
    /// `resource` and `data` blocks, in the order of the files.
    pub blocks: Vec<DeclaredResource<'a>>,
    /// `module` blocks.
    pub calls: BTreeMap<&'a str, DeclaredBlock<'a>>,
    /// `provider "aws"` by what resources call it: `aws`, `aws.east`.
    pub providers: BTreeMap<Arc<str>, DeclaredBlock<'a>>,
    /// Providers that whoever calls the module must give it (`configuration_aliases`), and where it says so.
    pub wanted_providers: BTreeMap<Arc<str>, Place>,
    /// Whether another module calls this one.
    is_called: bool,
    /// Whether there are blocks that may make resources which nobody can see here.
    pub is_open: bool,
    /// Files of somebody else.
    others: &'a [HclFile],
    ids: BTreeMap<(Mode, &'a str, &'a str), BlockId>,
    problems: Vec<Problem>,
}

/// A block.
#[derive(Clone, Copy)]
pub(super) struct DeclaredBlock<'a> {
    /// The file that it stands in.
    pub file: &'a HclFile,
    /// The block itself.
    pub block: &'a Block,
}

/// A value of `locals`.
#[derive(Clone, Copy)]
pub(super) struct Local<'a> {
    /// The file that it stands in.
    pub file: &'a HclFile,
    /// Where its name stands.
    pub name: &'a Attribute,
    /// Its value.
    pub value: &'a Expression,
}

/// Which `resource` or `data` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlockId(usize);

/// A `resource` or a `data` block.
#[derive(Clone)]
pub(super) struct DeclaredResource<'a> {
    /// Which of them.
    pub mode: Mode,
    /// Its type.
    pub kind: Arc<str>,
    /// Its type and its name: `aws_sqs_queue.scaleup`, `data.aws_region.current`.
    pub address: Arc<str>,
    /// The block.
    pub declared: DeclaredBlock<'a>,
}

/// What is made, or what is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// `resource`.
    Resource,
    /// `data`.
    Data,
}

impl<'a> DeclaredBlock<'a> {
    /// Where the block begins.
    pub(super) fn place(&self) -> Place {
        self.file.place(self.block)
    }

    /// What is in it.
    pub(super) const fn body(&self) -> &'a Body {
        &self.block.body
    }
}

impl<'a> Declarations<'a> {
    /// What the `files` of a root module declare.
    pub(super) fn of(files: &'a [HclFile]) -> Self {
        let mut declarations = Self::default();
        declarations.add(files);
        declarations
    }

    /// What the `files` of a module declare that another one calls.
    pub(super) fn of_called(files: &'a [HclFile]) -> Self {
        let mut declarations = Self { is_called: true, ..Self::default() };
        declarations.add(files);
        declarations
    }

    fn add(&mut self, files: &'a [HclFile]) {
        for file in files {
            for structure in &file.body {
                match structure {
                    Structure::Attribute(attribute) => {
                        let name = attribute.key.to_string();
                        self.refuse(file.place(attribute), ModuleProblem::Unknown { name });
                    }
                    Structure::Block(block) => self.block(DeclaredBlock { file, block }),
                }
            }
        }
    }

    /// Declares those blocks of somebody else's files that ours can refer to. Their other blocks are not looked at.
    pub(super) fn add_other_files(&mut self, files: &'a [HclFile]) {
        self.others = files;
        for file in files {
            for block in file.body.blocks() {
                let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
                if matches!(
                    (block.ident.as_str(), labels.as_slice()),
                    ("variable", [_])
                        | ("locals", [])
                        | ("resource" | "data", [_, _])
                        | ("provider", ["aws"])
                ) {
                    self.block(DeclaredBlock { file, block });
                }
            }
        }
    }

    /// Looks at override files, whose blocks change those of other files. They may only change what is not compared.
    pub(super) fn add_overrides(&mut self, files: &'a [HclFile], ignored: &[(&str, &str)]) {
        for file in files {
            for block in file.body.blocks() {
                let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
                let changes_nothing = match (block.ident.as_str(), labels.as_slice()) {
                    ("terraform", []) => true,
                    ("provider", ["aws"]) => block.body.iter().all(|structure| {
                        let name = match structure {
                            Structure::Attribute(attribute) => attribute.key.as_str(),
                            Structure::Block(block) => block.ident.as_str(),
                        };
                        ignored.iter().any(|(ignored, _)| *ignored == name)
                    }),
                    _ => false,
                };
                if !changes_nothing {
                    let what = format!("a `{}` block in a file of overrides", block.ident.as_str());
                    let instead = "the check reads what the module's own files say: choose it in jit-runners.yaml, \
                                   or give it as an input";
                    self.refuse(file.place(block), ModuleProblem::Outside { what, instead });
                }
            }
        }
    }

    /// Whether `file` is somebody else's.
    pub(super) fn is_of_others(&self, file: &HclFile) -> bool {
        self.others.iter().any(|other| std::ptr::eq(other, file))
    }

    /// Whether the block is the module's, or is attached to what is.
    pub(super) fn belongs(&self, id: BlockId, attaches: fn(&str) -> bool) -> bool {
        let Some(DeclaredResource { mode, kind, declared, .. }) = self.get(id) else { return false };
        let is_own = |kind: &str, name: &str| {
            self.find(Mode::Resource, kind, name)
                .and_then(|id| self.get(id))
                .is_some_and(|found| !self.is_of_others(found.declared.file))
        };
        !self.is_of_others(declared.file)
            || (*mode == Mode::Resource && attaches(kind) && names_any(declared.body(), &is_own))
    }

    /// How much is wrong with the blocks themselves.
    pub(super) const fn count_problems(&self) -> usize {
        self.problems.len()
    }

    /// Takes what is wrong with the blocks themselves.
    pub(super) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// The block of this type and this name.
    pub(super) fn find(&self, mode: Mode, kind: &str, name: &str) -> Option<BlockId> {
        self.ids.get(&(mode, kind, name)).copied()
    }

    /// A block.
    pub(super) fn get(&self, id: BlockId) -> Option<&DeclaredResource<'a>> {
        self.blocks.get(id.0)
    }

    /// All blocks.
    pub(super) fn ids(&self) -> impl Iterator<Item = BlockId> + use<> {
        (0..self.blocks.len()).map(BlockId)
    }

    /// The declared name that is spelled almost like `name`.
    pub(super) fn similar(&self, name: &str) -> Option<String> {
        let blocks = self.blocks.iter().map(|block| block.address.to_string());
        let locals = self.locals.keys().map(|name| format!("local.{name}"));
        let variables = self.variables.keys().map(|name| format!("var.{name}"));
        let calls = self.calls.keys().map(|name| format!("module.{name}"));
        alike(name, blocks.chain(locals).chain(variables).chain(calls))
    }

    fn refuse(&mut self, place: Place, kind: ModuleProblem) {
        self.problems.push(Problem { place, kind: kind.into() });
    }

    fn block(&mut self, declared: DeclaredBlock<'a>) {
        let DeclaredBlock { file, block } = declared;
        let kind = block.ident.as_str();
        let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
        let expected = match (kind, labels.as_slice()) {
            ("variable", &[name]) => return self.named(declared, name, "var", |all| &mut all.variables),
            ("output", &[name]) => return self.named(declared, name, "output", |all| &mut all.outputs),
            ("resource", &[kind, name]) => return self.resource(declared, Mode::Resource, kind, name),
            ("data", &[kind, name]) => return self.resource(declared, Mode::Data, kind, name),
            ("locals", &[]) => return self.locals(declared),
            ("provider", &["aws"]) => return self.provider(declared),
            // What another provider makes is refused where it stands.
            ("provider", &[_]) => return,
            ("module", &[name]) => return self.named(declared, name, "module", |all| &mut all.calls),
            ("terraform", &[]) => return self.terraform(declared),
            (kind, _) if IGNORED_BLOCKS.iter().any(|(ignored, _)| *ignored == kind) => return,
            ("variable" | "output" | "provider" | "module", _) => "one label, its name",
            ("resource" | "data", _) => "two labels, its type and its name",
            ("locals" | "terraform", _) => "no label",
            _ => {
                let name = kind.to_owned();
                self.is_open = true;
                return self.refuse(file.place(block), ModuleProblem::Unknown { name });
            }
        };
        self.is_open = true;
        self.refuse(file.place(block), ModuleProblem::Labels { kind: kind.to_owned(), expected });
    }

    fn named(
        &mut self,
        declared: DeclaredBlock<'a>,
        name: &'a str,
        prefix: &str,
        of: fn(&mut Self) -> &mut BTreeMap<&'a str, DeclaredBlock<'a>>,
    ) {
        match of(self).get(name) {
            Some(first) => {
                let first = first.place();
                self.doubled(declared.place(), format!("{prefix}.{name}"), first);
            }
            None => {
                of(self).insert(name, declared);
            }
        }
    }

    fn doubled(&mut self, place: Place, name: String, first: Place) {
        self.refuse(place, ModuleProblem::Doubled { name, first });
    }

    fn resource(&mut self, declared: DeclaredBlock<'a>, mode: Mode, kind: &'a str, name: &'a str) {
        let prefix = if mode == Mode::Data { "data." } else { "" };
        let address: Arc<str> = format!("{prefix}{kind}.{name}").into();
        if let Some(first) = self.find(mode, kind, name).and_then(|id| self.get(id)) {
            let first = first.declared.place();
            return self.doubled(declared.place(), address.to_string(), first);
        }
        self.ids.insert((mode, kind, name), BlockId(self.blocks.len()));
        self.blocks.push(DeclaredResource { mode, kind: kind.into(), address, declared });
    }

    fn locals(&mut self, declared: DeclaredBlock<'a>) {
        for structure in declared.body() {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = attribute.key.as_str();
                    if let Some(first) = self.locals.get(name) {
                        let first = first.file.place(first.name);
                        let place = declared.file.place(attribute);
                        self.doubled(place, format!("local.{name}"), first);
                    } else {
                        let local = Local { file: declared.file, name: attribute, value: &attribute.value };
                        self.locals.insert(name, local);
                    }
                }
                Structure::Block(block) => {
                    let name = block.ident.to_string();
                    self.refuse(declared.file.place(block), ModuleProblem::Unknown { name });
                }
            }
        }
    }

    fn provider(&mut self, declared: DeclaredBlock<'a>) {
        if self.is_called {
            let what = "a provider in a module that another one calls".to_owned();
            let instead = "declare it in the root module, which gives it to the module by `providers`";
            return self.refuse(declared.place(), ModuleProblem::Outside { what, instead });
        }
        let name: Arc<str> = match declared.body().get_attribute("alias") {
            None => "aws".into(),
            Some(alias) => {
                let Some(alias) = alias.value.as_str() else {
                    let kind = ModuleProblem::WrongKind {
                        what: "`alias`".to_owned(),
                        expected: "text that is written out",
                        found: format!("`{}`", declared.file.source(&alias.value).trim()),
                    };
                    return self.refuse(declared.file.place(&alias.value), kind);
                };
                format!("aws.{alias}").into()
            }
        };
        match self.providers.get(&name) {
            Some(first) => {
                let first = first.place();
                self.doubled(declared.place(), format!("provider.{name}"), first);
            }
            None => {
                self.providers.insert(name, declared);
            }
        }
    }

    fn terraform(&mut self, declared: DeclaredBlock<'a>) {
        for structure in declared.body() {
            let (place, name) = match structure {
                Structure::Attribute(attribute) => (declared.file.place(attribute), attribute.key.as_str()),
                Structure::Block(block) => (declared.file.place(block), block.ident.as_str()),
            };
            if !TERRAFORM.contains(&name) {
                self.refuse(place, ModuleProblem::Unknown { name: name.to_owned() });
            } else if self.is_called && matches!(name, "backend" | "cloud") {
                let what = format!("a `{name}` block in a module that another one calls");
                let instead = "the state is the root module's: remove it";
                self.refuse(place, ModuleProblem::Outside { what, instead });
            }
            if let ("required_providers", Structure::Block(block)) = (name, structure) {
                self.required_providers(declared.file, block.body.get_attribute("aws"));
            }
        }
    }

    /// Notes which providers the module wants (`configuration_aliases`). Those of a root module are its own.
    fn required_providers(&mut self, file: &'a HclFile, aws: Option<&'a Attribute>) {
        let Some(Expression::Object(entries)) = aws.map(|aws| &aws.value) else { return };
        let aliases = entries.iter().find(|(key, _)| key_of(key) == Some("configuration_aliases"));
        for alias in aliases.and_then(|(_, value)| value.expr().as_array()).into_iter().flatten() {
            match provider_name(alias) {
                Some(name) => {
                    self.wanted_providers.insert(name, file.place(alias));
                }
                None => self.refuse(file.place(alias), not_a_provider(file, alias)),
            }
        }
    }
}

/// The name that a key of an object is.
pub(super) fn key_of(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str()),
        ObjectKey::Expression(expression) => expression.as_str(),
    }
}

/// Whether an argument of `body` is an attribute of a resource that `is_own` knows, by its type and its name. What a
/// document says about a resource is no attachment to it.
fn names_any(body: &Body, is_own: &dyn Fn(&str, &str) -> bool) -> bool {
    body.attributes().any(|attribute| refers(&attribute.value, is_own))
}

fn refers(value: &Expression, is_own: &dyn Fn(&str, &str) -> bool) -> bool {
    match value {
        Expression::Parenthesis(parenthesis) => refers(parenthesis.inner(), is_own),
        Expression::Array(items) => items.iter().any(|item| refers(item, is_own)),
        Expression::StringTemplate(template) => template.iter().any(|element| match element {
            Element::Interpolation(interpolation) => refers(&interpolation.expr, is_own),
            Element::Literal(_) | Element::Directive(_) => false,
        }),
        Expression::Traversal(traversal) => {
            let (Expression::Variable(kind), Some(first)) =
                (&traversal.expr, traversal.operators.as_slice().first())
            else {
                return false;
            };
            matches!(first.value(), TraversalOperator::GetAttr(name) if is_own(kind.as_str(), name.as_str()))
        }
        _ => false,
    }
}
