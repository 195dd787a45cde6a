//! The code that is run: our handlers, or the policies of others.

use std::rc::Rc;

use jit_runners_model::contract::environment::{
    Environment, EnvironmentError, LifecycleEnvironment, RebalancerEnvironment, ScaleDownEnvironment,
    ScaleUpEnvironment, WebhookEnvironment,
};
use jit_runners_runtime::{
    deployment,
    lifecycle::lifecycle,
    message::Message,
    rebalancer::rebalancer,
    scaledown::scaledown,
    scaleup::scaleup,
    time::Time,
    webhook::{Request, WebhookSecret, webhook},
};

use crate::{engine::LocalFuture, ports::SimPorts};

/// The five functions. Each gets the ports of one invocation and its event. `deadline` is a little before Lambda ends
/// the invocation.
pub trait Policy {
    /// Answers a webhook with an HTTP status.
    fn webhook(&self, ports: SimPorts, environments: Rc<Environments>, request: Request) -> LocalFuture<u16>;

    /// Works on jobs; returns which messages failed.
    fn scaleup(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>>;

    /// Works on events; returns which messages failed.
    fn lifecycle(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>>;

    /// Tidies up.
    fn scaledown(&self, ports: SimPorts, environments: Rc<Environments>, deadline: Time) -> LocalFuture<()>;

    /// Looks for demand that nobody serves.
    fn rebalancer(&self, ports: SimPorts, environments: Rc<Environments>, deadline: Time) -> LocalFuture<()>;

    /// Carries out a request of CloudFormation or Terraform; returns whether it was done. Other policies have no such
    /// function.
    fn deployment(
        &self,
        _ports: SimPorts,
        _environments: Rc<Environments>,
        _request: deployment::Request,
        _deadline: Time,
    ) -> LocalFuture<bool> {
        Box::pin(async { true })
    }
}

/// Our handlers.
#[derive(Debug, Clone, Copy, Default)]
pub struct OurPolicy;

impl Policy for OurPolicy {
    fn webhook(&self, ports: SimPorts, environments: Rc<Environments>, request: Request) -> LocalFuture<u16> {
        Box::pin(async move {
            let installation = environments.webhook.github_installation_id;
            webhook(&ports, &environments.secret, installation, &request).await.status
        })
    }

    fn scaleup(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>> {
        Box::pin(async move { scaleup(&ports, &environments.scaleup, &messages, deadline).await })
    }

    fn lifecycle(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>> {
        Box::pin(async move { lifecycle(&ports, &environments.lifecycle, &messages, deadline).await })
    }

    fn scaledown(&self, ports: SimPorts, environments: Rc<Environments>, deadline: Time) -> LocalFuture<()> {
        Box::pin(async move { scaledown(&ports, &environments.scaledown, deadline).await })
    }

    fn rebalancer(&self, ports: SimPorts, environments: Rc<Environments>, deadline: Time) -> LocalFuture<()> {
        Box::pin(async move { rebalancer(&ports, &environments.rebalancer, deadline).await })
    }

    fn deployment(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        request: deployment::Request,
        deadline: Time,
    ) -> LocalFuture<bool> {
        Box::pin(async move {
            deployment::deployment(&ports, &environments.scaledown, &request, deadline).await.is_ok()
        })
    }
}

/// What the functions are configured with.
#[derive(Debug, Clone)]
pub struct Environments {
    /// The secret that signs webhooks.
    pub secret: WebhookSecret,
    /// For the webhook function.
    pub webhook: WebhookEnvironment,
    /// For scale-up.
    pub scaleup: ScaleUpEnvironment,
    /// For lifecycle.
    pub lifecycle: LifecycleEnvironment,
    /// For scale-down.
    pub scaledown: ScaleDownEnvironment,
    /// For the rebalancer.
    pub rebalancer: RebalancerEnvironment,
}

impl Environments {
    /// Variables from `lookup`, with those of a small deployment as defaults.
    pub fn read(
        secret: WebhookSecret,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentError> {
        let lookup = |name: &str| lookup(name).or_else(|| variable(name).map(str::to_owned));
        Ok(Self {
            secret,
            webhook: Environment::read(lookup)?,
            scaleup: Environment::read(lookup)?,
            lifecycle: Environment::read(lookup)?,
            scaledown: Environment::read(lookup)?,
            rebalancer: Environment::read(lookup)?,
        })
    }
}

/// The variables of a small deployment.
fn variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "DEPLOYMENT_NAME" | "TABLE_NAME" => "jit-runners",
        "METRICS_NAMESPACE" => "JitRunners/jit-runners",
        "GITHUB_API_URL" => "https://api.github.com",
        "GITHUB_APP_ID" | "GITHUB_INSTALLATION_ID" | "RUNNER_GROUP_ID" => "1",
        "WEBHOOK_SECRET_ARN" => "arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhook",
        "PRIVATE_KEY_SECRET_ARN" => "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key",
        "SCALEUP_QUEUE_URL" => "https://sqs.eu-central-1.amazonaws.com/123456789012/jit-runners-scaleup",
        "LIFECYCLE_QUEUE_URL" => "https://sqs.eu-central-1.amazonaws.com/123456789012/jit-runners-lifecycle",
        "LABEL_MAPPINGS" => {
            r#"[{"label":"large","instance_type":"c5.xlarge","instance_types":["c5a.xlarge","m5.xlarge"]},{"label":"small","instance_type":"t3.small"}]"#
        }
        "DEFAULT_INSTANCE_TYPE" => "t3.medium",
        "DEFAULT_AMI" => "ami-0123456789abcdef0",
        "SUBNET_IDS" => "subnet-0a,subnet-0b,subnet-0c",
        "RUNNER_SECURITY_GROUP_ID" => "sg-0a",
        "RUNNER_INSTANCE_PROFILE_ARN" => "arn:aws:iam::123456789012:instance-profile/jit-runners",
        "RUNNER_ROLE_ID" => "AROA0123456789ABCDEFG",
        "RUNNER_VERSION" => "auto",
        "RUNNER_CHECKSUMS" => "",
        "RUNNER_SCOPE" => "repository",
        "MAX_RUNNERS" | "MAX_RUNNERS_PER_REPOSITORY" => "100",
        "PAUSED" => "false",
        "STALE_THRESHOLD_MINUTES" => "10",
        "MAX_RUNNER_AGE_MINUTES" => "360",
        "MAX_RE_ENQUEUE_ATTEMPTS" => "3",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> WebhookSecret {
        WebhookSecret::new("secret").unwrap()
    }

    #[test]
    fn every_variable_has_a_value_and_each_can_be_changed() {
        let usual = Environments::read(secret(), |_| None).unwrap();
        assert_eq!(usual.scaleup.max_runners.0.get(), 100);
        let lookup = |name: &str| (name == "MAX_RUNNERS").then(|| "7".to_owned());
        let changed = Environments::read(secret(), lookup).unwrap();
        assert_eq!((changed.scaleup.max_runners.0.get(), changed.rebalancer.max_runners.0.get()), (7, 7));
        assert_eq!(changed.scaledown, usual.scaledown);
    }
}
