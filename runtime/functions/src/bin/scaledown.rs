//! The scale-down function.

use std::process::ExitCode;

use jit_runners_functions::{
    cloud::Cloud,
    compute::Ec2Instances,
    function::{GithubAccess, run, serve_ticks, warm_up},
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    table::DynamoTable,
};
use jit_runners_model::contract::{Handler, environment::ScaleDownEnvironment};
use jit_runners_runtime::{scaledown::scaledown, settings};

fn main() -> ExitCode {
    run(Handler::ScaleDown, async || {
        let settings: ScaleDownEnvironment = settings()?;
        let cloud = Cloud::of_function()?;
        let ports = Ports {
            table: DynamoTable::new(cloud.dynamodb(), settings.table_name.as_str()),
            compute: Ec2Instances::new(cloud.ec2(), settings.deployment.clone()),
            github: GithubAccess::of(&settings).connect(&cloud).await?,
            jobs: SqsQueue::new(cloud.sqs(), &settings.scale_up_queue_url),
            events: (),
            log: Log::new(Handler::ScaleDown, settings.metrics_namespace.as_str()),
        };
        warm_up(&ports, &ports.github).await;
        serve_ticks(&ports.log, async |deadline| scaledown(&ports, &settings, deadline).await).await
    })
}
