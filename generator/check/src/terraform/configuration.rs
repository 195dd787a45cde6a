//! The folders of one configuration: the root module, and the modules in folders below it that it calls. All files are read
//! before anything is evaluated.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hcl_edit::{
    expr::Expression,
    structure::{Block, BlockLabel},
};

use super::{Beside, FileRole, MOST_BYTES, MOST_FILES, declaration::Declarations};
use crate::{
    graph::value::circle::{Edges, described, order},
    problem::{ModuleProblem, Problem, ProblemKind},
    read::{HclFile, Place, SourceFile, parse_hcl},
};

/// The root folder, as modules call it.
pub(super) const ROOT: &str = ".";
/// How deeply modules may call each other.
const MOST_LEVELS: usize = 16;
/// Modules that are called, at most, those that modules call included.
pub(super) const MOST_MODULES: usize = 1_000;

/// The parsed files of each folder, by its path from the root.
pub(super) type Folders = BTreeMap<String, Vec<HclFile>>;

/// What all folders declare.
#[derive(Default)]
pub(super) struct Configuration<'a> {
    /// The root module.
    pub root: Folder<'a>,
    /// The modules below it, by their folders.
    below: BTreeMap<&'a str, Folder<'a>>,
}

/// A folder with a module.
#[derive(Default)]
pub(super) struct Folder<'a> {
    /// Its path from the root, as Terraform writes it in `path.module`.
    pub path: &'a str,
    /// What its files declare.
    pub declarations: Declarations<'a>,
}

impl<'a> Configuration<'a> {
    /// What the files of `folders` declare. The root folder declares `root`.
    pub(super) fn of(root: Declarations<'a>, folders: &'a Folders) -> Self {
        // A folder without files could not be read.
        let below = folders.iter().filter(|(path, files)| *path != ROOT && !files.is_empty());
        let folder = |(path, files): (&'a String, &'a Vec<HclFile>)| {
            (path.as_str(), Folder { path, declarations: Declarations::of_called(files) })
        };
        Self { root: Folder { path: ROOT, declarations: root }, below: below.map(folder).collect() }
    }

    /// Takes what is wrong with the blocks themselves.
    pub(super) fn take_problems(&mut self) -> Vec<Problem> {
        let mut problems = self.root.declarations.take_problems();
        problems.extend(self.below.values_mut().flat_map(|folder| folder.declarations.take_problems()));
        problems
    }

    /// Whether there are blocks, in any folder, that may make resources which nobody can see here.
    pub(super) fn is_open(&self) -> bool {
        self.root.declarations.is_open || self.below.values().any(|folder| folder.declarations.is_open)
    }

    /// The folder of the module that `call`, in the folder at `path`, names.
    pub(super) fn called(&'a self, path: &str, call: &Block) -> Option<&'a Folder<'a>> {
        let source = call.body.get_attribute("source")?.value.as_str()?;
        self.below.get(below(path, source).ok()?.as_str())
    }
}

/// Why a `source` leads to no folder of the configuration.
enum Elsewhere {
    /// It is fetched from a registry or a repository.
    Remote,
    /// It is a folder that is not below the root.
    AboveRoot,
    /// It is the root itself.
    Root,
}

/// The folder that `source` names in the folder at `path`. What begins otherwise than this is fetched
/// (<https://developer.hashicorp.com/terraform/language/modules/sources#local-paths>).
fn below(path: &str, source: &str) -> Result<String, Elsewhere> {
    if !source.starts_with("./") && !source.starts_with("../") {
        return Err(Elsewhere::Remote);
    }
    let mut parts: Vec<&str> = path.split('/').filter(|part| *part != ROOT).collect();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(Elsewhere::AboveRoot)?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { Err(Elsewhere::Root) } else { Ok(parts.join("/")) }
}

/// Reads the folders that are called, one after the other.
pub(super) struct FolderReader<'r> {
    beside: &'r Beside,
    /// What stands before the path of a file in its name.
    prefix: String,
    files: usize,
    bytes: usize,
    folders: Folders,
    edges: BTreeMap<String, BTreeMap<String, Place>>,
    calls: BTreeMap<String, Vec<String>>,
    /// What is wrong.
    problems: Vec<Problem>,
}

impl<'r> FolderReader<'r> {
    /// A reader of the folders that `root` calls: the root's own files, which have been parsed already.
    pub(super) fn new(root: Vec<HclFile>, sources: &[SourceFile], beside: &'r Beside) -> Self {
        let name = sources.first().map_or("", |file| file.name.as_ref());
        let prefix = name.rfind('/').and_then(|end| name.get(..=end)).unwrap_or_default().to_owned();
        Self {
            beside,
            prefix,
            files: sources.len(),
            bytes: sources.iter().map(|file| file.bytes.len()).sum(),
            folders: BTreeMap::from([(ROOT.to_owned(), root)]),
            edges: BTreeMap::new(),
            calls: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// All folders, and what is wrong with them.
    pub(super) fn read(mut self) -> (Folders, Vec<Problem>) {
        let mut found = self.called_from(ROOT);
        while let Some((path, place)) = found.pop() {
            if self.folders.contains_key(&path) {
                continue;
            }
            match self.folder(&path, &place) {
                Ok(files) => {
                    self.folders.insert(path.clone(), files);
                    found.extend(self.called_from(&path));
                }
                // One message is enough for a folder that several modules call.
                Err(problems) => {
                    self.problems.extend(problems);
                    self.folders.insert(path, Vec::new());
                }
            }
        }
        self.bound();
        (self.folders, self.problems)
    }

    /// The folders that the module at `path` calls, and where.
    fn called_from(&mut self, path: &str) -> Vec<(String, Place)> {
        let mut called = Vec::new();
        let mut problems = Vec::new();
        for file in self.folders.get(path).into_iter().flatten() {
            for block in file.body.blocks().filter(|block| block.has_ident("module")) {
                match source(file, block, path) {
                    Ok(found) => called.push(found),
                    Err(problem) => problems.push(*problem),
                }
            }
        }
        self.problems.extend(problems);
        self.edges.insert(path.to_owned(), called.iter().cloned().collect());
        self.calls.insert(path.to_owned(), called.iter().map(|(path, _)| path.clone()).collect());
        called
    }

    /// The parsed files of the folder at `path`, which is called at `place`.
    fn folder(&mut self, path: &str, place: &Place) -> Result<Vec<HclFile>, Vec<Problem>> {
        let problem = |place: Place, kind: ProblemKind| Problem { place, kind };
        let refused = |kind: ModuleProblem| Err(vec![problem(place.clone(), kind.into())]);
        let Some(names) = self.beside.list(path) else {
            return refused(ModuleProblem::NoFolder { path: path.to_owned() });
        };
        let mut problems = Vec::new();
        let mut parts = Vec::new();
        for name in names.into_iter().collect::<BTreeSet<_>>() {
            let path = format!("{path}/{name}");
            let whole = || Place::whole(self.name(&path));
            match FileRole::of(&name) {
                FileRole::Part => parts.push(path),
                FileRole::Override | FileRole::Outside => {
                    problems.push(problem(whole(), ModuleProblem::OutsideFile.into()));
                }
                // Terraform takes values for the root module only.
                FileRole::Values | FileRole::Other => {}
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if parts.is_empty() {
            return refused(ModuleProblem::EmptyFolder { path: path.to_owned() });
        }
        let mut files = Vec::new();
        for path in parts {
            self.files += 1;
            if self.files > MOST_FILES {
                return refused(ModuleProblem::TooManyFiles { most: MOST_FILES });
            }
            let name = self.name(&path);
            let Some(bytes) = self.beside.read(&path) else {
                problems.push(problem(Place::whole(name), ModuleProblem::UnreadableFile.into()));
                continue;
            };
            self.bytes = self.bytes.saturating_add(bytes.len());
            if self.bytes > MOST_BYTES {
                return refused(ModuleProblem::TooManyBytes { most: MOST_BYTES });
            }
            match parse_hcl(&SourceFile { name, bytes }) {
                Ok(file) => files.push(file),
                Err(found) => problems.push(problem(found.place, found.kind.into())),
            }
        }
        if problems.is_empty() { Ok(files) } else { Err(problems) }
    }

    fn name(&self, path: &str) -> Arc<str> {
        format!("{}{path}", self.prefix).into()
    }

    /// Refuses modules that call themselves, and more calls than any deployment has.
    fn bound(&mut self) {
        let edges: Edges<&str, &Place> = self
            .edges
            .iter()
            .map(|(from, to)| (from.as_str(), to.iter().map(|(to, place)| (to.as_str(), place)).collect()))
            .collect();
        let order = order(&edges);
        let mut problems = Vec::new();
        for circle in &order.circles {
            let names: Vec<String> = circle.iter().map(|(path, _)| format!("./{path}")).collect();
            let Some((_, place)) = circle.first() else { continue };
            let kind = ModuleProblem::Cycle { path: described(&names) };
            problems.push(Problem { place: Place::clone(place), kind: kind.into() });
        }
        // Levels below each folder, and modules that it calls, each before those that call it.
        let mut sizes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for path in order.sorted {
            let (mut levels, mut modules) = (0, 0_usize);
            for called in self.calls.get(path).into_iter().flatten() {
                let (below, more) = sizes.get(called.as_str()).copied().unwrap_or_default();
                levels = levels.max(below + 1);
                modules = modules.saturating_add(more).saturating_add(1);
            }
            sizes.insert(path, (levels, modules));
        }
        let (levels, modules) = sizes.get(ROOT).copied().unwrap_or_default();
        let first = self.edges.get(ROOT).and_then(|called| called.values().min());
        if let Some(place) = first
            && (levels > MOST_LEVELS || modules > MOST_MODULES)
        {
            let kind = ModuleProblem::TooManyModules { most: MOST_MODULES, levels: MOST_LEVELS };
            problems.push(Problem { place: place.clone(), kind: kind.into() });
        }
        self.problems.extend(problems);
    }
}

/// The folder that a call names, and where; or what is wrong with its `source`.
fn source(file: &HclFile, call: &Block, path: &str) -> Result<(String, Place), Box<Problem>> {
    let refused = |place: Place, kind: ModuleProblem| Err(Box::new(Problem { place, kind: kind.into() }));
    let name = call.labels.first().map_or("", BlockLabel::as_str);
    let Some(attribute) = call.body.get_attribute("source") else {
        let of = format!("module.{name}");
        return refused(file.place(call), ModuleProblem::Missing { of, name: "source" });
    };
    let place = file.place(&attribute.value);
    let Expression::String(source) = &attribute.value else {
        let kind = ModuleProblem::WrongKind {
            what: "the `source` of a module".to_owned(),
            expected: "text that is written out",
            found: format!("`{}`", file.source(&attribute.value).trim()),
        };
        return refused(place, kind);
    };
    let source = source.as_str();
    let found = || source.to_owned();
    match below(path, source) {
        Ok(path) => Ok((path, place)),
        Err(Elsewhere::Remote) => refused(place, ModuleProblem::RemoteModule { address: found() }),
        Err(Elsewhere::AboveRoot) => refused(place, ModuleProblem::ModuleAbove { address: found() }),
        Err(Elsewhere::Root) => {
            let path = described(&[ROOT]);
            refused(place, ModuleProblem::Cycle { path })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_lead_to_folders_below_the_root() {
        let leads = |path: &str, source: &str| match below(path, source) {
            Ok(path) => path,
            Err(Elsewhere::Remote) => "remote".to_owned(),
            Err(Elsewhere::AboveRoot) => "above".to_owned(),
            Err(Elsewhere::Root) => "root".to_owned(),
        };
        assert_eq!(leads(ROOT, "./queue"), "queue");
        assert_eq!(leads(ROOT, "./modules//queue/."), "modules/queue");
        assert_eq!(leads("modules/queue", "../letters"), "modules/letters");
        assert_eq!(leads("modules/queue", "./letters"), "modules/queue/letters");
        assert_eq!(leads(ROOT, "../queue"), "above");
        assert_eq!(leads("queue", "../../queue"), "above");
        assert_eq!(leads("queue", "../"), "root");
        for source in ["queue", "terraform-aws-modules/sqs/aws", "/queue", "git::https://a/b.git", ""] {
            assert_eq!(leads(ROOT, source), "remote", "{source}");
        }
    }
}
