//! The three readers: each turns its source into the canonical graph (`graph/`), and shares no table with the others.

pub(crate) mod from_cloudformation;
mod from_model;
pub(crate) mod from_terraform;

pub(crate) use from_cloudformation::{from_cloudformation, parameter_values};
pub(crate) use from_model::from_model;
pub use from_terraform::MAX_PLAN_BYTES;
pub(crate) use from_terraform::{TerraformPlan, from_plan, from_terraform};

/// What either dialect says and nobody compares: what it is called, and why.
pub fn ignored() -> impl Iterator<Item = (String, &'static str)> {
    let template = from_cloudformation::IGNORED.iter().map(|(name, reason)| ((*name).to_owned(), *reason));
    from_terraform::ignored().into_iter().chain(template)
}
