//! From a Terraform module to the graph.
//!
//! ```text
//! *.tf -> evaluate -> Module -> translate -> Graph
//! ```
//!
//! The evaluator ([`crate::terraform`]) knows the language and nothing of AWS; the translator knows the provider's
//! resources, in the tables of `service/`, and nothing of the language. What Terraform says about itself (`timeouts`,
//! `source_code_hash`) is ignored by name, with a reason in the table; everything else is understood or refused.

mod argument;
mod body;
mod companions;
mod copies;
#[cfg(test)]
mod example;
mod interface;
mod plan;
mod problem;
mod references;
mod service;
pub(crate) mod settings;
mod translate;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hcl_edit::{
    expr::{Expression, TraversalOperator},
    structure::Body,
    template::Element,
};

use super::{Graph, GraphProblem};
use crate::{read::SourceFile, terraform};
use argument::{Argument, Becomes, Meaning};

pub use plan::MAX_PLAN_BYTES;
pub(crate) use plan::{TerraformPlan, from_plan};
pub(crate) use problem::{PlanProblem, TranslationProblem};

/// The graph of the module in `files`, as it stands, with what `others` attach to it.
pub(crate) fn from_terraform(files: &[SourceFile], others: &OtherFiles) -> Result<Graph, Vec<GraphProblem>> {
    let module = terraform::evaluate(files, others, &argument::computed)?;
    translate::translate(module, body::View::Written, &others.names())
}

/// Files of somebody else in the folder of a module. What they make beside it is theirs. What they attach to its resources
/// is a part of it, and is read as if it stood in the module's own files.
#[derive(Debug, Default)]
pub struct OtherFiles {
    /// Files with blocks of their own.
    pub parts: Vec<SourceFile>,
    /// Files that change blocks of others (<https://developer.hashicorp.com/terraform/language/files/override>).
    pub overrides: Vec<SourceFile>,
}

impl OtherFiles {
    /// The names of all of them, sorted.
    pub(crate) fn names(&self) -> BTreeSet<Arc<str>> {
        self.parts.iter().chain(&self.overrides).map(|file| Arc::clone(&file.name)).collect()
    }
}

/// Whether resources of this type say something about others: policies of a role, rules of a group, routes of an API.
pub(crate) fn attaches(resource_type: &str) -> bool {
    service::resource_type(resource_type).is_some_and(|of| match of.becomes {
        Becomes::Companion(_) => true,
        Becomes::Node(kind) => kind.facts().attaches,
    })
}

/// Whether an argument of `body` is an attribute of a resource that `is_own` knows, by its type and its name. What a
/// document says about a resource is no attachment to it.
pub(crate) fn names_any(body: &Body, is_own: &dyn Fn(&str, &str) -> bool) -> bool {
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

/// Types that have an argument in common, before it is listed once for all of them.
const MANY: usize = 5;

/// What is passed over, by what it is called, and why.
pub(crate) fn ignored() -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = Vec::new();
    let settings: [(&str, &[(&str, &'static str)]); 5] = [
        ("", terraform::IGNORED_BLOCKS),
        ("provider.", settings::IGNORED_OF_PROVIDER),
        ("variable.", interface::IGNORED_OF_VARIABLE),
        ("output.", interface::IGNORED_OF_OUTPUT),
        ("lifecycle.", settings::IGNORED_OF_LIFECYCLE),
    ];
    for (of, settings) in settings {
        all.extend(settings.iter().map(|(name, reason)| (format!("{of}{name}"), *reason)));
    }
    let mut arguments: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
    for of in service::all() {
        collect(of.name, of.arguments, &mut arguments);
    }
    for ((name, reason), types) in arguments {
        if types.len() > MANY {
            all.push((name.to_owned(), reason));
        } else {
            all.extend(types.iter().map(|of| (format!("{of}.{name}"), reason)));
        }
    }
    all
}

fn collect<'t>(
    of: &'t str,
    table: &'static [Argument],
    found: &mut BTreeMap<(&'static str, &'static str), Vec<&'t str>>,
) {
    for argument in table {
        match &argument.meaning {
            Meaning::Ignored(reason) => found.entry((argument.name, reason)).or_default().push(of),
            Meaning::Block(_, table) | Meaning::Blocks(_, table) => collect(of, table, found),
            Meaning::Property(_) | Meaning::Read(_) | Meaning::Provided | Meaning::Outside => {}
        }
    }
}
