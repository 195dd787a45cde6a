//! Scale-down is invoked for two things: the ticks of its schedule, and what whoever deploys asks for.

use std::time::Duration;

use anyhow::Context as _;
use jit_runners_model::contract::environment::ScaleDownEnvironment;
use jit_runners_runtime::{
    deployment::{Event, Request, deployment},
    port::{Observation, Observe as _},
    scaledown::scaledown,
    time::Time,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use super::{GithubAccess, about, warm_up};
use crate::{
    account::{AwsAccount, LastWords, answer_when_panicking},
    cloud::Cloud,
    compute::Ec2Instances,
    github::GithubApi,
    ports::Ports,
    queue::SqsQueue,
    table::DynamoTable,
};

/// What scale-down reaches.
pub type ScaleDownPorts = Ports<DynamoTable, Ec2Instances, GithubApi, SqsQueue, (), AwsAccount>;

/// How long a key may take without which a deployment can be ended as well.
const KEY_TIME: Duration = Duration::from_secs(20);

/// Runs scale-down at each tick of its schedule, and does what whoever deploys asks for. That takes no key of the App, so the
/// function begins without it; a tick fails that has none.
pub async fn serve_scale_down(
    ports: &ScaleDownPorts,
    settings: &ScaleDownEnvironment,
    cloud: &Cloud,
) -> anyhow::Result<()> {
    answer_when_panicking();
    let emulator = cloud.endpoint_of("s3");
    let emulator = &emulator;
    // What is wrong with it is told by whoever needs it.
    drop(GithubAccess::of(settings).give_key(cloud, &ports.github).await);
    warm_up(ports, &ports.github).await;
    let served = lambda_runtime::run(service_fn(async move |event: LambdaEvent<Event>| {
        ports.log.begin(about(&event));
        let deadline = Time::from_millis(event.context.deadline);
        let done = match event.payload.request(emulator.as_deref()) {
            Ok(None) => tick(ports, settings, cloud, deadline).await,
            Ok(Some(request)) => carry_out(ports, settings, cloud, &request, deadline).await,
            Err(error) => {
                ports.observe(Observation::Failed {
                    what: "a request of whoever deploys cannot be read",
                    error: error.to_string(),
                });
                Err(error.into())
            }
        };
        done.map_err(|error| Error::from(format!("{error:#}")))
    }));
    served.await.map_err(|error| anyhow::anyhow!(error))
}

async fn tick(
    ports: &ScaleDownPorts,
    settings: &ScaleDownEnvironment,
    cloud: &Cloud,
    deadline: Time,
) -> anyhow::Result<()> {
    let key = GithubAccess::of(settings).give_key(cloud, &ports.github).await;
    if let Err(error) = &key {
        ports.log.stopped(&format!("{error:#}"));
    }
    key?;
    scaledown(ports, settings, deadline).await;
    Ok(())
}

async fn carry_out(
    ports: &ScaleDownPorts,
    settings: &ScaleDownEnvironment,
    cloud: &Cloud,
    request: &Request,
    deadline: Time,
) -> anyhow::Result<()> {
    let _last_words = match request {
        Request::Stack(request) => Some(LastWords::prepared(request, settings.deployment.as_str())),
        Request::Terraform(_) => None,
    };
    if request.is_delete() {
        let key = GithubAccess::of(settings).give_key(cloud, &ports.github);
        let key = tokio::time::timeout(KEY_TIME, key).await.context("Secrets Manager does not answer");
        if let Err(error) = key.and_then(|key| key) {
            ports.observe(Observation::Failed {
                what: "GitHub cannot be asked to remove registrations; it removes them by itself",
                error: format!("{error:#}"),
            });
        }
    }
    // Large, and seldom needed.
    Ok(Box::pin(deployment(ports, settings, request, deadline)).await?)
}
