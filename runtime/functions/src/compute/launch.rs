//! One call of `RunInstances`
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>).

use aws_sdk_ec2::{
    Client,
    operation::run_instances::builders::RunInstancesFluentBuilder,
    types::{
        HttpTokensState, IamInstanceProfileSpecification, InstanceInterruptionBehavior,
        InstanceMarketOptionsRequest, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest,
        InstanceType, MarketType, ResourceType, ShutdownBehavior, SpotInstanceType, SpotMarketOptions, Tag,
        TagSpecification,
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_model::contract::{environment::ScaleUpEnvironment, tag};
use jit_runners_runtime::{port::Launch, record::Market, user_data::user_data};

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

    /// The call for `launch`. Its user data follows from the launch's release, so a call that is made again has the same.
    pub(super) fn call(&self, client: &Client, launch: &Launch) -> RunInstancesFluentBuilder {
        let profile = IamInstanceProfileSpecification::builder()
            .arn(self.settings.instance_profile_arn.as_str())
            .build();
        // Version 2 only, and one hop: no container reaches the instance's role
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
