//! The queues.

use anyhow::Result;
use aws_sdk_sqs::Client;
use jit_runners_functions::{cloud::Cloud, log::Log, ports::Ports, queue::SqsQueue};
use jit_runners_model::contract::Handler;
use jit_runners_runtime::{conformance, webhook::WebhookSecret};
use jit_runners_simulation::policy::Environments;

use super::emulated::{run, start};

async fn create(client: &Client, name: &str) -> Result<String> {
    let created = client.create_queue().queue_name(name).send().await?;
    Ok(created.queue_url().unwrap_or_default().to_owned())
}

/// All messages of a queue. SQS returns only some of them at a time.
async fn drained(client: &Client, url: &str) -> Result<Vec<String>> {
    let mut bodies = Vec::new();
    loop {
        let ask = client.receive_message().queue_url(url).max_number_of_messages(10);
        let found = ask.send().await?;
        if found.messages().is_empty() {
            return Ok(bodies);
        }
        bodies.extend(found.messages().iter().filter_map(|message| message.body().map(str::to_owned)));
    }
}

#[test]
fn queues_are_ones_that_handlers_can_rely_on() -> Result<()> {
    let Some((_emulator, configuration)) = start("conformance of the queues")? else { return Ok(()) };
    run(async {
        let client = Cloud::from(configuration).sqs();
        let (jobs, events) = (create(&client, "jobs").await?, create(&client, "events").await?);
        let urls = |name: &str| match name {
            "SCALEUP_QUEUE_URL" => Some(jobs.clone()),
            "LIFECYCLE_QUEUE_URL" => Some(events.clone()),
            _ => None,
        };
        let settings = Environments::read(WebhookSecret::new("unused")?, urls)?.webhook;
        let ports = Ports {
            table: (),
            compute: (),
            github: (),
            jobs: SqsQueue::new(client.clone(), &settings.scale_up_queue_url),
            events: SqsQueue::new(client.clone(), &settings.lifecycle_queue_url),
            account: (),
            log: Log::new(Handler::Webhook, "conformance"),
        };
        assert_eq!(conformance::queues(&ports).await.as_slice(), [""; 0]);
        assert_eq!(conformance::received_jobs(&drained(&client, &jobs).await?).as_slice(), [""; 0]);
        assert_eq!(conformance::received_events(&drained(&client, &events).await?).as_slice(), [""; 0]);
        Ok(())
    })
}
