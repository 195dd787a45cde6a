//! What a deployment needs of its account besides instances, and the stack that it was deployed with.

use crate::deployment::{Answer, AnswerAddress};

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The service refused.
    #[error("{code}: {message}")]
    Refused {
        /// The service's code.
        code: String,
        /// Its words.
        message: String,
    },
    /// No answer: it was done, or not.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// EC2 Spot's own role, of which an account has one.
pub trait SpotRole {
    /// Makes the role, unless the account has it already.
    async fn make_sure_of_spot_role(&self) -> Result<(), AccountError>;
}

/// Looks at stacks.
pub trait Stacks {
    /// The status of the stack with this ARN, such as `DELETE_IN_PROGRESS`.
    async fn stack_status(&self, stack: &str) -> Result<String, AccountError>;
}

/// Answers CloudFormation.
pub trait AnswerStack {
    /// Leaves `answer` where CloudFormation waits for it. Once more is harmless.
    async fn answer(&self, address: &AnswerAddress, answer: &Answer) -> Result<(), AccountError>;
}
