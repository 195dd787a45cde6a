//! EventBridge for EC2's events. Only EC2 can put its events onto a bus, so this carries them from the stand-in to the
//! targets of the deployed rules. The emulator decides whether a rule matches an event.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{ec2::StandIn, services::Services};

/// A rule that was deployed.
struct Rule {
    pattern: String,
    /// ARNs of queues.
    targets: Vec<String>,
}

/// Carries events until it is dropped.
pub(crate) fn carry(ec2: Arc<StandIn>, services: Services, over: Arc<AtomicBool>) -> JoinHandle<Result<()>> {
    thread::spawn(move || {
        let rules = rules(&services)?;
        while !over.load(Ordering::Relaxed) {
            for notice in ec2.notices() {
                deliver(&services, &rules, &notice)?;
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    })
}

fn rules(services: &Services) -> Result<Vec<Rule>> {
    let listed = services.json("events", "AWSEvents.ListRules", &json!({}))?;
    let mut rules = Vec::new();
    for rule in listed["Rules"].as_array().context("no rules")? {
        let Some(pattern) = rule["EventPattern"].as_str().filter(|_| rule["State"] == "ENABLED") else {
            continue;
        };
        let targets =
            services.json("events", "AWSEvents.ListTargetsByRule", &json!({ "Rule": rule["Name"] }))?;
        let targets = targets["Targets"].as_array().context("no targets")?;
        let targets = targets.iter().filter_map(|target| target["Arn"].as_str().map(str::to_owned)).collect();
        rules.push(Rule { pattern: pattern.to_owned(), targets });
    }
    Ok(rules)
}

fn deliver(services: &Services, rules: &[Rule], event: &str) -> Result<()> {
    for rule in rules {
        let ask = json!({ "EventPattern": rule.pattern, "Event": event });
        if services.json("events", "AWSEvents.TestEventPattern", &ask)?["Result"] == Value::Bool(true) {
            for queue in &rule.targets {
                // arn:aws:sqs:REGION:ACCOUNT:NAME
                let name = queue.rsplit(':').next().unwrap_or_default();
                // A removal deletes queues before rules.
                let Ok(url) = services.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": name }))
                else {
                    continue;
                };
                let message = json!({ "QueueUrl": url["QueueUrl"], "MessageBody": event });
                services.json("sqs", "AmazonSQS.SendMessage", &message)?;
            }
        }
    }
    Ok(())
}
