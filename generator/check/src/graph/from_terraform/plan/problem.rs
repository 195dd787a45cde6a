//! What makes a file no plan that the check can read.

use super::MAX_PLAN_BYTES;
use crate::read::excerpt;

/// What is wrong with the JSON of a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum PlanProblem {
    /// Larger than any plan of ours.
    #[error("the file has more than {MAX_PLAN_BYTES} bytes; is it the right one?")]
    TooLarge,
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
