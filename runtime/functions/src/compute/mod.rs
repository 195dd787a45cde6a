//! Instances, in EC2: launches with the settings of a deployment, descriptions, and terminations.

#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_sdk_ec2::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    operation::run_instances::builders::RunInstancesFluentBuilder,
    types::{
        Filter, HttpTokensState, IamInstanceProfileSpecification, ImageState, Instance as Ec2Instance,
        InstanceInterruptionBehavior, InstanceMarketOptionsRequest, InstanceMetadataEndpointState,
        InstanceMetadataOptionsRequest, InstanceStateName, InstanceType, MarketType, Reservation,
        ResourceType, ShutdownBehavior, SpotInstanceType, SpotMarketOptions, Tag, TagSpecification,
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_model::{
    DeploymentName,
    contract::{environment::ScaleUpEnvironment, tag},
};
use jit_runners_runtime::{
    port::{
        ComputeError, EndInstances, Instance, InstanceState, Launch, LaunchInstances, ListInstances,
        LookAtImages, LookAtInstances,
    },
    record::{EndReason, Image, InstanceId, IntentId, Market},
    time::Time,
    user_data::user_data,
};

use crate::cloud::{Failure, failure};

/// The most instances on a page of `DescribeInstances`
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>).
const PAGE: i32 = 1_000;

/// How long a call may take if nothing depends on it.
const QUESTION: Duration = Duration::from_secs(5);

/// Launches instances of one deployment, and ends those that get no runner.
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
    /// The SDK does not retry: [`jit_runners_runtime::retry::launch_class`] decides what an error means for the
    /// launch, and each call is one that was reserved.
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        let once = aws_sdk_ec2::config::Config::builder().retry_config(RetryConfig::disabled());
        let call = self.template.call(&self.client, launch).customize().config_override(once);
        let answer = call.send().await.map_err(|error| compute_error(&error))?;
        let launched = answer.instances().iter().filter_map(Ec2Instance::instance_id);
        Ok(launched.map(InstanceId::new).collect())
    }
}

impl LookAtImages for Ec2Launcher {
    /// Called once. It describes one image by its id, so there are no pages.
    async fn image(&self, image: &str) -> Result<Image, ComputeError> {
        let call = self.client.describe_images().image_ids(image).customize().config_override(question());
        let answer = call.send().await.map_err(|error| compute_error(&error))?;
        let refused = |code: &str, message: &str| ComputeError::Refused {
            code: format!("InvalidAMIID.{code}"),
            message: message.to_owned(),
        };
        let found = answer.images().iter().find(|found| found.image_id() == Some(image));
        let found = found.ok_or_else(|| refused("NotFound", "EC2 shows no image of this id"))?;
        // As `RunInstances` would say.
        if let Some(state) = found.state().filter(|state| **state != ImageState::Available) {
            return Err(refused("Unavailable", state.as_str()));
        }
        let architecture = found.architecture().map(|it| it.as_str().to_owned());
        let architecture = architecture
            .ok_or_else(|| ComputeError::Unknown("an image without an architecture".to_owned()))?;
        Ok(Image { architecture })
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

impl LookAtInstances for Ec2Instances {
    /// With a filter, which ignores unknown instances. An unknown id would make the call fail for all.
    async fn look_at(&self, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError> {
        let ids = instances.iter().map(|instance| instance.as_str().to_owned()).collect();
        let these = Filter::builder().name("instance-id").set_values(Some(ids)).build();
        let call = self.client.describe_instances().filters(these).max_results(PAGE);
        let answer = call.customize().config_override(question()).send().await;
        let answer = answer.map_err(|error| compute_error(&error))?;
        let shown = answer.reservations().iter().flat_map(Reservation::instances);
        Ok(shown.filter_map(instance).collect())
    }
}

impl EndInstances for Ec2Instances {
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        terminate(&self.client, instances).await
    }
}

impl EndInstances for Ec2Launcher {
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        terminate(&self.client, instances).await
    }
}

async fn terminate(client: &Client, instances: &[InstanceId]) -> Result<(), ComputeError> {
    let ids = instances.iter().map(|instance| instance.as_str().to_owned()).collect();
    let ended = client.terminate_instances().set_instance_ids(Some(ids)).send().await;
    ended.map(drop).map_err(|error| compute_error(&error))
}

/// Called once, with a short time limit.
fn question() -> aws_sdk_ec2::config::Builder {
    aws_sdk_ec2::config::Config::builder()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(QUESTION).build())
}

fn instance(shown: &Ec2Instance) -> Option<Instance> {
    let intent = shown.tags().iter().find(|tag| tag.key() == Some(tag::INTENT)).and_then(|tag| tag.value());
    let launched_at = shown.launch_time().and_then(|time| time.to_millis().ok()?.try_into().ok());
    let state = match shown.state()?.name()? {
        InstanceStateName::Pending => InstanceState::Pending,
        InstanceStateName::Running => InstanceState::Running,
        InstanceStateName::Terminated => InstanceState::Terminated,
        _ => InstanceState::Ending,
    };
    // While an instance starts, this holds `pending`.
    let reason = shown.state_reason().filter(|_| !state.is_live());
    let ended =
        reason.and_then(|reason| Some(EndReason::new(reason.code()?, reason.message().unwrap_or_default())));
    Some(Instance {
        id: InstanceId::new(shown.instance_id()?),
        state,
        ended,
        launched_at: Time::from_millis(launched_at.unwrap_or_default()),
        intent: intent.map(|id| IntentId::from(id.to_owned())),
    })
}

fn compute_error<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> ComputeError {
    match failure(error) {
        Failure::Refused { code, message } => ComputeError::Refused { code, message },
        // Nothing was done, as when EC2 throttles a call.
        Failure::NotSent(message) => ComputeError::Refused { code: "RequestThrottled".to_owned(), message },
        Failure::NoAnswer(reason) => ComputeError::Unknown(reason),
    }
}

/// What all launches of a deployment have in common.
#[derive(Debug, Clone)]
pub struct Template {
    settings: ScaleUpEnvironment,
}

impl Template {
    /// The template of a deployment.
    pub fn new(settings: &ScaleUpEnvironment) -> Self {
        Self { settings: settings.clone() }
    }

    /// The call for `launch`. Its user data follows from the launch's release, so a repeated call has the same.
    pub(super) fn call(&self, client: &Client, launch: &Launch) -> RunInstancesFluentBuilder {
        let profile = IamInstanceProfileSpecification::builder()
            .arn(self.settings.instance_profile_arn.as_str())
            .build();
        // Version 2 only, and one hop, so that no container reaches the instance's role
        // (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html>).
        let metadata = InstanceMetadataOptionsRequest::builder()
            .http_endpoint(InstanceMetadataEndpointState::Enabled)
            .http_tokens(HttpTokensState::Required)
            .http_put_response_hop_limit(1)
            .build();
        let spot = launch.pool.market == Market::Spot;
        client
            .run_instances()
            .client_token(&launch.token)
            .image_id(&launch.image)
            .instance_type(InstanceType::from(launch.pool.instance_type.as_str()))
            .subnet_id(&launch.pool.subnet)
            .security_group_ids(self.settings.security_group_id.as_str())
            .iam_instance_profile(profile)
            .metadata_options(metadata)
            .user_data(BASE64_STANDARD.encode(user_data(&self.settings, &launch.release)))
            // The instance ends itself by shutting down.
            .instance_initiated_shutdown_behavior(ShutdownBehavior::Terminate)
            .min_count(1)
            .max_count(i32::try_from(launch.count).unwrap_or(i32::MAX))
            .set_instance_market_options(spot.then(spot_market))
            .set_tag_specifications(Some(self.tagged(launch, spot)))
    }

    fn tagged(&self, launch: &Launch, spot: bool) -> Vec<TagSpecification> {
        let labels = tag::labels(&launch.labels);
        let deployment = self.settings.deployment.as_str();
        let name = format!("{deployment}-runner");
        let tags: Vec<_> = [
            (tag::NAME, name.as_str()),
            (tag::DEPLOYMENT, deployment),
            (tag::INTENT, launch.intent.as_str()),
            (tag::REPOSITORY, launch.repository.as_str()),
            (tag::LABELS, labels.as_str()),
        ]
        .into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect();
        let mut resources =
            vec![ResourceType::Instance, ResourceType::Volume, ResourceType::NetworkInterface];
        if spot {
            resources.push(ResourceType::SpotInstancesRequest);
        }
        let specification = |resource| {
            TagSpecification::builder().resource_type(resource).set_tags(Some(tags.clone())).build()
        };
        resources.into_iter().map(specification).collect()
    }
}

fn spot_market() -> InstanceMarketOptionsRequest {
    let options = SpotMarketOptions::builder()
        .spot_instance_type(SpotInstanceType::OneTime)
        .instance_interruption_behavior(InstanceInterruptionBehavior::Terminate)
        .build();
    InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).spot_options(options).build()
}
