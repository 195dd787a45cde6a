//! The scale-up function.

use std::process::ExitCode;

use jit_runners_functions::{
    cloud::Cloud,
    compute::{Ec2Launcher, Template},
    function::{GithubAccess, run, serve_batches, warm_up},
    log::Log,
    ports::Ports,
    table::DynamoTable,
};
use jit_runners_model::contract::{Handler, environment::ScaleUpEnvironment};
use jit_runners_runtime::{release::pinned, scaleup::scaleup, settings};

fn main() -> ExitCode {
    run(Handler::ScaleUp, async || {
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
    })
}
