//! Instances, in EC2.

mod launch;

use aws_sdk_ec2::{
    Client,
    config::retry::RetryConfig,
    error::{ProvideErrorMetadata, SdkError},
    types::{Filter, Instance as Ec2Instance, InstanceStateName, Reservation},
};
use jit_runners_model::{DeploymentName, contract::tag};
use jit_runners_runtime::{
    port::{ComputeError, EndInstances, Instance, InstanceState, Launch, LaunchInstances, ListInstances},
    record::{InstanceId, IntentId},
    time::Time,
};

pub use self::launch::Template;
use crate::failure::{Failure, failure};

/// Instances on a page of `DescribeInstances`, at most
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>).
const PAGE: i32 = 1_000;

/// Launches instances of one deployment.
#[derive(Debug, Clone)]
pub struct Ec2Launcher {
    client: Client,
    template: Template,
}

impl Ec2Launcher {
    /// Launches from `template`.
    pub const fn new(client: Client, template: Template) -> Self {
        Self { client, template }
    }
}

impl LaunchInstances for Ec2Launcher {
    /// The SDK repeats nothing: what an error means for the launch is decided by
    /// [`jit_runners_runtime::retry::launch_class`], and each call is one that was promised.
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        let once = aws_sdk_ec2::config::Config::builder().retry_config(RetryConfig::disabled());
        let call = self.template.call(&self.client, launch).customize().config_override(once);
        let answer = call.send().await.map_err(|error| compute_error(&error))?;
        let launched = answer.instances().iter().filter_map(Ec2Instance::instance_id);
        Ok(launched.map(InstanceId::new).collect())
    }
}

/// Looks at instances of one deployment, and ends them.
#[derive(Debug, Clone)]
pub struct Ec2Instances {
    client: Client,
    deployment: DeploymentName,
}

impl Ec2Instances {
    /// The instances of `deployment`.
    pub const fn new(client: Client, deployment: DeploymentName) -> Self {
        Self { client, deployment }
    }
}

impl ListInstances for Ec2Instances {
    async fn instances(&self) -> Result<Vec<Instance>, ComputeError> {
        let ours = Filter::builder()
            .name(format!("tag:{}", tag::DEPLOYMENT))
            .values(self.deployment.as_str())
            .build();
        let call = self.client.describe_instances().filters(ours).max_results(PAGE);
        let mut pages = call.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| compute_error(&error))?;
            let instances = page.reservations().iter().flat_map(Reservation::instances);
            found.extend(instances.filter_map(instance));
        }
        Ok(found)
    }
}

impl EndInstances for Ec2Instances {
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        let ids = instances.iter().map(|instance| instance.as_str().to_owned()).collect();
        let ended = self.client.terminate_instances().set_instance_ids(Some(ids)).send().await;
        ended.map(drop).map_err(|error| compute_error(&error))
    }
}

fn instance(shown: &Ec2Instance) -> Option<Instance> {
    let intent = shown.tags().iter().find(|tag| tag.key() == Some(tag::INTENT)).and_then(|tag| tag.value());
    let launched_at = shown.launch_time().and_then(|time| time.to_millis().ok()?.try_into().ok());
    Some(Instance {
        id: InstanceId::new(shown.instance_id()?),
        state: match shown.state()?.name()? {
            InstanceStateName::Pending => InstanceState::Pending,
            InstanceStateName::Running => InstanceState::Running,
            InstanceStateName::Terminated => InstanceState::Terminated,
            _ => InstanceState::Ending,
        },
        launched_at: Time::from_millis(launched_at.unwrap_or_default()),
        intent: intent.map(|id| IntentId::from(id.to_owned())),
    })
}

fn compute_error<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> ComputeError {
    match failure(error) {
        Failure::Refused { code, message } => ComputeError::Refused { code, message },
        // Nothing was done, as when EC2 asks to come again later.
        Failure::NotSent(message) => ComputeError::Refused { code: "RequestThrottled".to_owned(), message },
        Failure::NoAnswer(reason) => ComputeError::Unknown(reason),
    }
}

#[cfg(test)]
mod tests;
