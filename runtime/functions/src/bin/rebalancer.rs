//! The rebalancer.

use std::process::ExitCode;

use jit_runners_functions::{
    cloud::Cloud,
    function::{GithubAccess, run, serve_ticks, warm_up},
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    table::DynamoTable,
};
use jit_runners_model::contract::{Handler, environment::RebalancerEnvironment};
use jit_runners_runtime::{rebalancer::rebalancer, settings};

fn main() -> ExitCode {
    run(Handler::Rebalancer, async || {
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
    })
}
