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
mod references;
mod service;
mod settings;
mod translate;

use std::collections::BTreeMap;

use crate::{
    graph::Graph,
    problem::Problem,
    read::SourceFile,
    terraform::{self, OtherFiles, ProviderSchema},
};
use argument::{Argument, Becomes, Meaning};

pub use plan::MAX_PLAN_BYTES;
pub(crate) use plan::{TerraformPlan, from_plan};

/// The graph of the module in `files`, as it stands, with what `others` attach to it.
pub(crate) fn from_terraform(files: &[SourceFile], others: &OtherFiles) -> Result<Graph, Vec<Problem>> {
    let schema =
        ProviderSchema { computed: &argument::computed, attaches, ignored: settings::IGNORED_OF_PROVIDER };
    let module = terraform::evaluate(files, others, schema)?;
    translate::translate(module, body::View::Written, &others.names())
}

/// Whether resources of this type say something about others: policies of a role, rules of a group, routes of an API.
fn attaches(resource_type: &str) -> bool {
    service::resource_type(resource_type).is_some_and(|of| match of.becomes {
        Becomes::Companion(_) => true,
        Becomes::Node(kind) => kind.facts().attaches,
    })
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
