//! A function's settings: the only place that reads the process's environment.

use jit_runners_model::contract::environment::{Environment, EnvironmentError};

/// The settings of the running function. Called once, when it starts.
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
