//! A part of SQS that the emulator does not know: the redrive of a dead-letter queue
//! (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>).

use std::{io::BufReader, net::TcpStream};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    connection::{self, Reply, Request},
    end_to_end::services::Services,
    listener::Listener,
};

/// Starts a stand-in that moves messages between the queues of `services`.
pub(crate) fn start(services: Services) -> Result<Listener> {
    // If the client is gone, there is nobody to report an error to.
    Listener::start(move |stream| drop(serve(stream, &services)))
}

fn serve(stream: &TcpStream, services: &Services) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    if let Some(request) = connection::read(&mut reader)? {
        let reply = match answer(&request, services) {
            Ok(answer) => Reply::new(200, answer),
            Err(error) => {
                Reply::new(400, json!({ "__type": "InvalidAddress", "message": format!("{error:#}") }))
            }
        };
        reply.send(stream, true)?;
    }
    Ok(())
}

fn answer(request: &Request, services: &Services) -> Result<Value> {
    ensure!(request.header("x-amz-target") == Some("AmazonSQS.StartMessageMoveTask"), "{}", request.line());
    let asked: Value = serde_json::from_str(&request.body)?;
    let source = asked["SourceArn"].as_str().context("no SourceArn")?;
    let name = source.rsplit(':').next().unwrap_or_default();
    let call = |action: &str, body: Value| services.json("sqs", &format!("AmazonSQS.{action}"), &body);
    let dead = call("GetQueueUrl", json!({ "QueueName": name }))?["QueueUrl"].clone();
    let target = source_of(source, &call)?;
    loop {
        let ask = json!({ "QueueUrl": dead, "MaxNumberOfMessages": 10, "VisibilityTimeout": 30 });
        let received = call("ReceiveMessage", ask)?;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return Ok(json!({ "TaskHandle": "a-task" }));
        }
        for message in messages {
            call("SendMessage", json!({ "QueueUrl": target, "MessageBody": message["Body"] }))?;
            call("DeleteMessage", json!({ "QueueUrl": dead, "ReceiptHandle": message["ReceiptHandle"] }))?;
        }
    }
}

/// The queue whose dead-letter queue is `dead`.
fn source_of(dead: &str, call: &dyn Fn(&str, Value) -> Result<Value>) -> Result<Value> {
    let queues = call("ListQueues", json!({}))?;
    for queue in queues["QueueUrls"].as_array().into_iter().flatten() {
        let ask = json!({ "QueueUrl": queue, "AttributeNames": ["RedrivePolicy"] });
        let attributes = call("GetQueueAttributes", ask)?;
        let policy = attributes["Attributes"]["RedrivePolicy"].as_str().unwrap_or("{}");
        if serde_json::from_str::<Value>(policy)?["deadLetterTargetArn"] == dead {
            return Ok(queue.clone());
        }
    }
    bail!("no queue sends its dead letters to {dead}")
}
