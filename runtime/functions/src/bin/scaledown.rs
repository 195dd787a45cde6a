//! The scale-down function.

use std::process::ExitCode;

use jit_runners_functions::{
    account::AwsAccount,
    cloud::Cloud,
    compute::Ec2Instances,
    function::{run, serve_scale_down},
    github::GithubApi,
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    table::DynamoTable,
};
use jit_runners_model::contract::{Handler, environment::ScaleDownEnvironment};
use jit_runners_runtime::settings;

fn main() -> ExitCode {
    run(Handler::ScaleDown, async || {
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
    })
}
