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
mod computed;
mod copies;
#[cfg(test)]
mod example;
mod fold;
pub(crate) mod guests;
mod ignored;
mod input;
mod lifecycle;
mod output;
mod plan;
mod problem;
pub(crate) mod provider;
mod references;
mod service;
mod translate;

pub use guests::Guests;
pub(crate) use ignored::ignored;
pub use plan::MAX_PLAN_BYTES;
pub(crate) use plan::{PlanProblem, TerraformPlan, from_plan};
pub(crate) use problem::TranslationProblem;

use super::{Graph, GraphProblem};
use crate::{read::SourceFile, terraform};

/// The graph of the module in `files`, as it stands, with what `guests` attach to it.
pub(crate) fn from_terraform(files: &[SourceFile], guests: &Guests) -> Result<Graph, Vec<GraphProblem>> {
    let module = terraform::evaluate(files, guests, &computed::computed)?;
    translate::translate(module, body::View::Written, &guests.names())
}
