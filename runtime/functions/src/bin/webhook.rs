//! The webhook function.

use std::process::ExitCode;

use jit_runners_functions::{
    clock::now,
    cloud::Cloud,
    function::{run, serve_requests},
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    secret::RotatingSecret,
};
use jit_runners_model::contract::{Handler, environment::WebhookEnvironment};
use jit_runners_runtime::settings;

fn main() -> ExitCode {
    run(Handler::Webhook, async || {
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
        serve_requests(&ports, &secret?).await
    })
}
