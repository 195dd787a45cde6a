//! The boxes, and what stands in them.

use std::collections::BTreeMap;

use jit_runners_model::{
    Deployment, Piece, Ref, Text,
    contract::{Effect, Handler},
    resource::{
        Alarm, EventSourceMapping, Function, LogGroup, MetricFilter, Queue, Resource, ResourceId, Stage,
    },
    stack::inputs,
};

use super::{Component, Words};
use crate::docs::readable::duration;

/// Which box a resource is in.
pub(super) struct Names {
    functions: BTreeMap<ResourceId, Handler>,
    queues: BTreeMap<ResourceId, Component>,
}

impl Names {
    pub(super) fn new(deployment: &Deployment) -> Self {
        let functions: BTreeMap<_, _> =
            deployment.resources_of::<Function>().map(|(id, function)| (id, function.handler)).collect();
        // A queue is known by the function that it feeds, its dead letters by the queue that they come from.
        let mut queues = BTreeMap::new();
        for (_, mapping) in deployment.resources_of::<EventSourceMapping>() {
            if let Some(handler) = functions.get(&mapping.function.id()) {
                queues.insert(mapping.event_source.id(), Component::Queue(*handler));
            }
        }
        for (id, queue) in deployment.resources_of::<Queue>() {
            if let Some(redrive) = &queue.redrive
                && let Some(Component::Queue(handler)) = queues.get(&id).copied()
            {
                queues.insert(redrive.dead_letter_target.id(), Component::DeadLetters(handler));
            }
        }
        Self { functions, queues }
    }

    pub(super) fn function(&self, function: &Ref<Function>) -> Option<Component> {
        self.functions.get(&function.id()).map(|handler| Component::Function(*handler))
    }

    pub(super) fn handler(&self, function: &Ref<Function>) -> Option<Handler> {
        self.functions.get(&function.id()).copied()
    }

    pub(super) fn queue(&self, queue: &Ref<Queue>) -> Option<Component> {
        self.queue_of(queue.id())
    }

    fn queue_of(&self, id: ResourceId) -> Option<Component> {
        self.queues.get(&id).copied()
    }
}

pub(super) fn boxes(deployment: &Deployment, names: &Names) -> BTreeMap<Component, Words> {
    let mut boxes = Boxes(BTreeMap::new());
    for node in deployment.resources() {
        boxes.add(deployment, names, node.id, &node.resource);
    }
    boxes.sum_up(deployment);
    boxes.0
}

struct Boxes(BTreeMap<Component, Words>);

impl Boxes {
    fn words(&mut self, part: Component) -> &mut Words {
        self.0.entry(part).or_default()
    }

    fn set(&mut self, part: Component, title: impl Into<String>, about: impl Into<String>) -> &mut Words {
        let words = self.words(part);
        (words.title, words.about) = (title.into(), about.into());
        words
    }

    fn line(&mut self, part: Component, line: String) {
        let lines = &mut self.words(part).lines;
        // Copies of a deployment say the same again.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }

    fn add(&mut self, deployment: &Deployment, names: &Names, id: ResourceId, resource: &Resource) {
        match resource {
            Resource::Api(api) => {
                self.set(Component::GitHub, "GitHub", "Sends webhooks, hands out jobs and registers runners");
                let address = deployment.choices().github_api_url.as_str();
                let host = address.trim_start_matches("https://").split('/').next().unwrap_or(address);
                self.line(Component::GitHub, host.to_owned());
                self.set(Component::Api, "HTTP API", api.description);
            }
            Resource::Route(route) => self.line(Component::Api, route.route_key.to_owned()),
            Resource::Stage(Stage { throttling_rate_limit: rate, throttling_burst_limit: burst, .. }) => {
                self.line(Component::Api, format!("{rate}/s, bursts of {burst}"));
            }
            Resource::Queue(queue) => {
                if let Some(part) = names.queue_of(id) {
                    self.queue(part, queue);
                }
            }
            Resource::Table(table) => {
                let words =
                    self.set(Component::Table, suffix(&table.table_name), "Open jobs, runners and launches");
                words.title.push_str(" table");
                self.line(
                    Component::Table,
                    format!("{} indexes, items expire", table.global_secondary_indexes.len()),
                );
                if table.point_in_time_recovery {
                    self.line(Component::Table, "restorable for 35 days".to_owned());
                }
            }
            Resource::Function(function) => self.function(function),
            Resource::InstanceProfile(_) => {
                self.set(
                    Component::Runners,
                    "Runners",
                    "One instance for each job, spot where there is capacity",
                );
            }
            Resource::SecurityGroup(group) => {
                let mut ports: Vec<_> = group
                    .egress
                    .iter()
                    .map(|rule| format!("{} {}", rule.protocol.as_str(), rule.port))
                    .collect();
                ports.dedup();
                self.line(Component::Runners, format!("reach {}", ports.join(", ")));
            }
            Resource::Schedule(schedule) => {
                if let Some(handler) = names.handler(&schedule.target) {
                    let part = Component::Schedule(handler);
                    self.set(part, handler.name(), schedule.description);
                    self.line(part, "EventBridge Scheduler".to_owned());
                    self.line(part, schedule.expression());
                }
            }
            Resource::EventRule(rule) => {
                let part = Component::Rule(rule.pattern.detail_type);
                self.set(part, suffix(&rule.name), rule.description);
                self.line(part, rule.pattern.detail_type.to_owned());
            }
            Resource::LogGroup(_) => {
                self.set(Component::Logs, "Log groups", "What functions and the HTTP API log");
            }
            Resource::MetricFilter(_) => self.metrics(),
            Resource::Alarm(alarm) => {
                self.metrics();
                self.set(Component::Alarms, "Alarms", "Tell people what is wrong and what to do");
                self.set(Component::Topic, "SNS topic", "Yours, if you name one");
                self.line(Component::Topic, format!("yours, if {} is set", alarm.topic.cloudformation));
            }
            Resource::Dashboard(dashboard) => {
                self.metrics();
                self.set(
                    Component::Dashboard,
                    "Dashboard",
                    "Demand, supply, time to start, queues and functions",
                );
                self.line(Component::Dashboard, format!("{} graphs", dashboard.widgets.len()));
            }
            // They join boxes, or say who may; no box of their own.
            Resource::Integration(_)
            | Resource::QueuePolicy(_)
            | Resource::Permission(_)
            | Resource::EventSourceMapping(_)
            | Resource::EventInvokeConfig(_)
            | Resource::Role(_)
            | Resource::CustomResource(_) => {}
        }
    }

    /// What takes more than one resource to say.
    fn sum_up(&mut self, deployment: &Deployment) {
        if let Some(words) = self.0.get_mut(&Component::Runners) {
            words.lines.insert(0, format!("at most {} at once", deployment.choices().runners.max));
        }
        if let Some(words) = self.0.get_mut(&Component::Logs) {
            words.lines = logs(deployment);
        }
        if let Some(words) = self.0.get_mut(&Component::Metrics) {
            words.lines =
                vec![format!("{} metric filters", deployment.resources_of::<MetricFilter>().count())];
        }
        if let Some(words) = self.0.get_mut(&Component::Alarms) {
            words.title = format!("{} alarms", deployment.resources_of::<Alarm>().count());
            words.lines = vec![alarms(deployment)];
        }
    }

    fn queue(&mut self, part: Component, queue: &Queue) {
        let kept = duration(queue.message_retention_period);
        if let Component::DeadLetters(_) = part {
            self.set(part, "dead letters", "Messages that nobody could process");
            self.line(part, format!("kept for {kept}"));
        } else {
            self.set(
                part,
                format!("{} queue", suffix(&queue.queue_name)),
                "Messages that wait for a function",
            );
            self.line(part, format!("hidden for {}", duration(queue.visibility_timeout)));
            self.line(part, format!("kept for {kept}"));
        }
    }

    fn function(&mut self, function: &Function) {
        let handler = function.handler;
        let part = Component::Function(handler);
        self.set(part, handler.name(), handler.purpose());
        self.line(
            part,
            format!("{} MiB, {}", function.memory_size.get(), duration(function.timeout.seconds())),
        );
        self.line(part, function.architecture.as_str().to_owned());
        for effect in handler.effects() {
            match effect {
                Effect::ReadWebhookSecret => {
                    self.secret(
                        Component::WebhookSecret,
                        "webhook secret",
                        inputs::WEBHOOK_SECRET_ARN.cloudformation,
                    );
                }
                Effect::ReadPrivateKey => {
                    self.secret(Component::PrivateKey, "private key", inputs::PRIVATE_KEY_ARN.cloudformation);
                }
                Effect::WriteLog
                | Effect::PublishJob
                | Effect::ConsumeJob
                | Effect::PublishEvent
                | Effect::ConsumeEvent
                | Effect::ReadLedger
                | Effect::WriteLedger
                | Effect::LaunchInstances
                | Effect::DescribeImages
                | Effect::DescribeInstances
                | Effect::TerminateInstances
                | Effect::CreateSpotRole
                | Effect::DescribeOwnStack => {}
            }
        }
    }

    fn secret(&mut self, part: Component, title: &str, input: &str) {
        self.set(part, title, "In Secrets Manager, made by you");
        self.line(part, "Secrets Manager".to_owned());
        self.line(part, input.to_owned());
    }

    fn metrics(&mut self) {
        self.set(
            Component::Metrics,
            "Metrics",
            "What services count, what functions log, and what filters find in logs",
        );
    }
}

/// How many log groups there are, and how long they keep events.
fn logs(deployment: &Deployment) -> Vec<String> {
    let mut days: Vec<_> =
        deployment.resources_of::<LogGroup>().map(|(_, group)| group.retention.get()).collect();
    let groups = days.len();
    days.sort_unstable();
    days.dedup();
    let kept = match days.as_slice() {
        [one] => format!("kept for {one} days"),
        several => {
            let (first, last) = (several.first().unwrap_or(&0), several.last().unwrap_or(&0));
            format!("kept for {first} to {last} days")
        }
    };
    vec![format!("{groups} groups"), kept]
}

fn alarms(deployment: &Deployment) -> String {
    // What they are about, and the functions that have such an alarm.
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for (_, alarm) in deployment.resources_of::<Alarm>() {
        let name = suffix(&alarm.alarm_name).replace('-', " ");
        let of_function =
            Handler::ALL.iter().find_map(|it| Some((name.strip_prefix(it.name())?.trim_start(), it.name())));
        match of_function {
            Some((about, function)) => match groups.iter_mut().find(|(known, _)| known == about) {
                Some((_, functions)) => functions.push(function),
                None => groups.push((about.to_owned(), vec![function])),
            },
            None => groups.push((name, Vec::new())),
        }
    }
    let words = |(about, functions): &(String, Vec<&str>)| match functions.as_slice() {
        [] => about.clone(),
        [function] => format!("{function} {about}"),
        functions => format!("{about} of {}", functions.join(", ")),
    };
    groups.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// What is in a name besides the deployment's.
fn suffix(name: &Text) -> String {
    let literals: String = name
        .pieces()
        .iter()
        .filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Expr(_) => None,
        })
        .collect();
    literals.trim_matches('-').to_owned()
}
