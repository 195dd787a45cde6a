//! What the five Lambda functions do, without AWS and GitHub: handlers, decisions, records, and the ports to the
//! outside. They read the model that their infrastructure is generated from, so they cannot ask for a variable that
//! the template does not set.

#![expect(
    async_fn_in_trait,
    reason = "ports are used through generics only, by one task that never leaves its thread"
)]

pub mod budget;
pub mod conformance;
pub mod deployment;
pub mod gap;
pub mod ledger;
pub mod lifecycle;
pub mod line;
pub mod message;
pub mod port;
pub mod rebalancer;
pub mod record;
pub mod release;
pub mod retry;
#[cfg(test)]
mod sample;
pub mod scaledown;
pub mod scaleup;
pub mod store;
pub mod teardown;
pub mod time;
pub mod user_data;
pub mod webhook;

use jit_runners_model::contract::environment::{Environment, EnvironmentError};

/// The settings of the running function. Called once, when it starts.
///
/// ```
/// use jit_runners_model::contract::environment::WebhookEnvironment;
///
/// // Every variable that is missing is named, not only the first.
/// let error = jit_runners_runtime::settings::<WebhookEnvironment>().unwrap_err().to_string();
/// assert!(error.contains("WEBHOOK_SECRET_ARN") && error.contains("SCALEUP_QUEUE_URL"));
/// ```
pub fn settings<E: Environment>() -> Result<E, EnvironmentError> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    E::read(|name| std::env::var(name).ok())
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::environment::WebhookEnvironment;

    use super::*;

    #[test]
    fn a_function_without_its_variables_says_which() {
        let error = settings::<WebhookEnvironment>().unwrap_err().to_string();
        for name in ["DEPLOYMENT_NAME", "WEBHOOK_SECRET_ARN", "SCALEUP_QUEUE_URL", "LIFECYCLE_QUEUE_URL"] {
            assert!(error.contains(name), "{error}");
        }
    }
}
