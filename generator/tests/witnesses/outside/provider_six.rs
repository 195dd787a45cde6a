//! The module also supports version 6 of the AWS provider. The names can be checked without its binary: the bindings
//! that are generated from its schema list every argument, block and attribute.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use hcl_edit::expr::{Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::visit::{self, Visit};
use tempfile::TempDir;

use crate::support::outputs::Output;
use jit_runners_witnesses::{files, process, tools};

/// Arguments of Terraform itself, for every resource.
const META_ARGUMENTS: [&str; 6] = ["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner"];

/// Names that the module uses, by the folder of the bindings of their resource or data source.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_name_exists_in_version_6() -> Result<()> {
    let check = "names of AWS provider 6";
    let Some(package) = tools::require_npm(check, "@cdktf/provider-aws")? else { return Ok(()) };
    let mut uses = Collector::default();
    for output in Output::all()? {
        for file in files::files_with_extension(&output.path("terraform"), "tf")? {
            let body: Body =
                fs::read_to_string(&file)?.parse().with_context(|| file.display().to_string())?;
            uses.visit_body(&body);
        }
    }
    let uses = uses.0;
    ensure!(!uses.is_empty(), "the module uses no AWS resource");
    let unpacked = unpack(&package, uses.keys())?;
    let mut unknown = Vec::new();
    for (kind, names) in &uses {
        let Ok(source) = fs::read_to_string(unpacked.path().join("package/lib").join(kind).join("index.js"))
        else {
            unknown.push(format!("{kind} does not exist"));
            continue;
        };
        let known = known_names(&source);
        unknown.extend(names.difference(&known).map(|name| format!("{kind} has no `{name}`")));
    }
    ensure!(unknown.is_empty(), "not in AWS provider 6:\n{}", unknown.join("\n"));
    eprintln!(
        "{check}: {} names of {} types exist",
        uses.values().map(BTreeSet::len).sum::<usize>(),
        uses.len()
    );
    Ok(())
}

/// Unpacks only the bindings of the used types: the package has some forty thousand files.
fn unpack<'kind>(package: &Path, kinds: impl Iterator<Item = &'kind String>) -> Result<TempDir> {
    let folder = TempDir::with_prefix("jit-runners-provider-")?;
    let mut command = Command::new("tar");
    command.arg("-xzf").arg(package).arg("-C").arg(folder.path());
    // A missing type makes tar fail. It is already reported by name above, so the status is ignored.
    process::run(command.args(kinds.map(|kind| format!("package/lib/{kind}/index.js"))))?;
    Ok(folder)
}

/// In the bindings, arguments and blocks are keys (`log_format: cdktf.…`), and computed attributes are strings in their
/// accessors (`this.getStringAttribute('arn')`).
fn known_names(bindings: &str) -> BTreeSet<String> {
    let key = |line: &str| line.split_once(": ").map(|(key, _)| key.trim().to_owned());
    let accessor = |line: &str| {
        let (_, rest) = line.split_once("Attribute('")?;
        Some(rest.split_once('\'')?.0.to_owned())
    };
    let is_name = |name: &String| {
        name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
    };
    let lines = bindings.lines();
    let mut names: BTreeSet<String> = lines.flat_map(|line| [key(line), accessor(line)]).flatten().collect();
    names.retain(is_name);
    names
}

/// Walks the module and collects every name that belongs to an AWS type.
#[derive(Default)]
struct Collector(Uses);

impl Collector {
    fn note(&mut self, kind: &str, name: &str) {
        self.0.entry(kind.to_owned()).or_default().insert(name.to_owned());
    }

    /// Collects the names in a resource's body, including nested blocks.
    fn note_body(&mut self, kind: &str, body: &Body, is_outermost: bool) {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    if !(is_outermost && META_ARGUMENTS.contains(&attribute.key.as_str())) {
                        self.note(kind, attribute.key.as_str());
                    }
                }
                Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                    if let Some(label) = block.labels.first() {
                        self.note(kind, label.as_str());
                    }
                    for content in block.body.get_blocks("content") {
                        self.note_body(kind, &content.body, false);
                    }
                }
                Structure::Block(block) => {
                    if !(is_outermost && META_ARGUMENTS.contains(&block.ident.as_str())) {
                        self.note(kind, block.ident.as_str());
                        self.note_body(kind, &block.body, false);
                    }
                }
            }
        }
    }
}

impl Visit for Collector {
    fn visit_block(&mut self, block: &Block) {
        let kind = match (block.ident.as_str(), block.labels.first()) {
            ("resource", Some(label)) => bindings_folder("", label.as_str()),
            ("data", Some(label)) => bindings_folder("data-aws-", label.as_str()),
            _ => None,
        };
        if let Some(kind) = kind {
            self.0.entry(kind.clone()).or_default();
            self.note_body(&kind, &block.body, true);
        }
        visit::visit_block(self, block);
    }

    /// `aws_sqs_queue.dlq["scaleup"].arn` and `data.aws_partition.current.dns_suffix`.
    fn visit_traversal(&mut self, traversal: &Traversal) {
        let start = traversal.expr.as_variable().map(|name| name.as_str().to_owned());
        let mut names = traversal.operators.iter().filter_map(|operator| match operator.value() {
            TraversalOperator::GetAttr(name) => Some(name.as_str()),
            _ => None,
        });
        let kind = match start.as_deref() {
            Some("data") => names.next().and_then(|kind| bindings_folder("data-aws-", kind)),
            Some(kind) => bindings_folder("", kind),
            None => None,
        };
        // After the type come the resource's name and the attribute.
        if let (Some(kind), Some(attribute)) = (kind, names.nth(1)) {
            self.note(&kind, attribute);
        }
        visit::visit_traversal(self, traversal);
    }
}

/// The bindings of `aws_sqs_queue` are in `sqs-queue`, those of the data source in `data-aws-sqs-queue`.
fn bindings_folder(prefix: &str, kind: &str) -> Option<String> {
    Some(format!("{prefix}{}", kind.strip_prefix("aws_")?.replace('_', "-")))
}
