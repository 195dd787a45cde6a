//! Installation tokens: each process has one, for an hour.

use std::time::Duration;

use jit_runners_runtime::{
    port::{GithubError, Refusal},
    time::Time,
};

use super::GithubWorld;

/// How old a token is when its process asks for a new one. Tokens are valid for an hour.
const RENEWED_AFTER: Duration = Duration::from_mins(55);

/// When the token of a process was issued that began at `began`, and asks for a new one when it is old.
pub(crate) fn issued_at(began: Time, now: Time) -> Time {
    let renewals = now.since(began).as_secs() / RENEWED_AFTER.as_secs();
    began + RENEWED_AFTER * u32::try_from(renewals).unwrap_or(u32::MAX)
}

impl GithubWorld {
    /// Refuses a call whose token is too young. GitHub's servers learn of a token at different times.
    pub(crate) fn accepts_token(&mut self, now: Time, issued_at: Time) -> Result<(), GithubError> {
        let age = now.since(issued_at);
        if age >= self.settings.young_token || !self.trouble.chance(self.settings.young_token_refused) {
            return Ok(());
        }
        self.happened.young_tokens += 1;
        let message = "Resource not accessible by integration".to_owned();
        Err(GithubError::Refused(Refusal {
            status: 403,
            message,
            retry_after: None,
            rate_limit: None,
            token_age: Some(age),
        }))
    }
}
