//! The lifecycle function.

use std::process::ExitCode;

use jit_runners_functions::{
    cloud::Cloud,
    compute::Ec2Instances,
    function::{GithubAccess, run, serve_batches, warm_up},
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    table::DynamoTable,
};
use jit_runners_model::contract::{Handler, environment::LifecycleEnvironment};
use jit_runners_runtime::{lifecycle::lifecycle, settings};

fn main() -> ExitCode {
    run(Handler::Lifecycle, async || {
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
    })
}
