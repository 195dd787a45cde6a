//! The program of all five functions: the end of the function's name says which one this is.

use std::process::ExitCode;

use jit_runners_functions::{
    account::AwsAccount,
    clock::now,
    cloud::Cloud,
    compute::{Ec2Instances, Ec2Launcher, Template},
    function::{GithubAccess, run, serve_batches, serve_requests, serve_scale_down, serve_ticks, warm_up},
    github::GithubApi,
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    secret::RotatingSecret,
    table::DynamoTable,
};
use jit_runners_model::contract::{
    Handler,
    environment::{
        LifecycleEnvironment, RebalancerEnvironment, ScaleDownEnvironment, ScaleUpEnvironment,
        WebhookEnvironment,
    },
};
use jit_runners_runtime::{
    lifecycle::lifecycle, rebalancer::rebalancer, release::pinned, scaleup::scaleup, settings,
};

fn main() -> ExitCode {
    // Boxed, because only one of these large futures is ever used.
    run(async |handler| match handler {
        Handler::Webhook => Box::pin(serve_webhook()).await,
        Handler::ScaleUp => Box::pin(serve_scaleup()).await,
        Handler::ScaleDown => Box::pin(serve_scaledown()).await,
        Handler::Lifecycle => Box::pin(serve_lifecycle()).await,
        Handler::Rebalancer => Box::pin(serve_rebalancer()).await,
    })
}

async fn serve_webhook() -> anyhow::Result<()> {
    let settings: WebhookEnvironment = settings()?;
    let cloud = Cloud::of_function()?;
    let ports = Ports {
        table: (),
        compute: (),
        github: (),
        jobs: SqsQueue::new(cloud.sqs(), &settings.scale_up_queue_url),
        events: SqsQueue::new(cloud.sqs(), &settings.lifecycle_queue_url),
        account: (),
        log: Log::new(Handler::Webhook, settings.metrics_namespace.as_str()),
    };
    let read = RotatingSecret::read(cloud.secrets(), settings.webhook_secret_arn, now());
    let (secret, ()) = tokio::join!(read, ports.jobs.connect());
    serve_requests(&ports, &secret?, settings.github_installation_id).await
}

async fn serve_scaleup() -> anyhow::Result<()> {
    let settings: ScaleUpEnvironment = settings()?;
    pinned(&settings)?;
    let cloud = Cloud::of_function()?;
    let ports = Ports {
        table: DynamoTable::new(cloud.dynamodb(), settings.table_name.as_str()),
        compute: Ec2Launcher::new(cloud.ec2(), Template::new(&settings)),
        github: GithubAccess::of(&settings).connect(&cloud).await?,
        jobs: (),
        events: (),
        account: (),
        log: Log::new(Handler::ScaleUp, settings.metrics_namespace.as_str()),
    };
    warm_up(&ports, &ports.github).await;
    let handle = async |messages: &[_], deadline| scaleup(&ports, &settings, messages, deadline).await;
    serve_batches(&ports.log, handle).await
}

async fn serve_scaledown() -> anyhow::Result<()> {
    let settings: ScaleDownEnvironment = settings()?;
    let cloud = Cloud::of_function()?;
    let ports = Ports {
        table: DynamoTable::new(cloud.dynamodb(), settings.table_name.as_str()),
        compute: Ec2Instances::new(cloud.ec2(), settings.deployment.clone()),
        github: GithubApi::without_key(),
        jobs: SqsQueue::new(cloud.sqs(), &settings.scale_up_queue_url),
        events: (),
        account: AwsAccount::new(&cloud),
        log: Log::new(Handler::ScaleDown, settings.metrics_namespace.as_str()),
    };
    serve_scale_down(&ports, &settings, &cloud).await
}

async fn serve_lifecycle() -> anyhow::Result<()> {
    let settings: LifecycleEnvironment = settings()?;
    let cloud = Cloud::of_function()?;
    let ports = Ports {
        table: DynamoTable::new(cloud.dynamodb(), settings.table_name.as_str()),
        compute: Ec2Instances::new(cloud.ec2(), settings.deployment.clone()),
        github: GithubAccess::of(&settings).connect(&cloud).await?,
        jobs: SqsQueue::new(cloud.sqs(), &settings.scale_up_queue_url),
        events: (),
        account: (),
        log: Log::new(Handler::Lifecycle, settings.metrics_namespace.as_str()),
    };
    warm_up(&ports, &ports.github).await;
    let handle = async |messages: &[_], deadline| lifecycle(&ports, &settings, messages, deadline).await;
    serve_batches(&ports.log, handle).await
}

async fn serve_rebalancer() -> anyhow::Result<()> {
    let settings: RebalancerEnvironment = settings()?;
    let cloud = Cloud::of_function()?;
    let ports = Ports {
        table: DynamoTable::new(cloud.dynamodb(), settings.table_name.as_str()),
        compute: (),
        github: GithubAccess::of(&settings).connect(&cloud).await?,
        jobs: SqsQueue::new(cloud.sqs(), &settings.scale_up_queue_url),
        events: (),
        account: (),
        log: Log::new(Handler::Rebalancer, settings.metrics_namespace.as_str()),
    };
    warm_up(&ports, &ports.github).await;
    serve_ticks(&ports.log, async |deadline| rebalancer(&ports, &settings, deadline).await).await
}
