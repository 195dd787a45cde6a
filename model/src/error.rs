//! Why a deployment was refused.

use std::fmt;

use crate::choices::ChoiceProblem;

/// Every reason why choices do not make a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reasons; at least one.
    pub problems: Vec<ChoiceProblem>,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{}: {}", problem.path.join("."), problem.message)?;
        }
        Ok(())
    }
}
