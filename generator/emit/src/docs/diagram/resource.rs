//! What each kind of resource adds to the picture: a box, a line in another box, arrows.

use std::collections::BTreeMap;

use jit_runners_model::{
    Deployment, Piece, Ref, Text,
    contract::Handler,
    match_resource,
    resource::{
        Alarm, Api, CustomResource, Dashboard, EventInvokeConfig, EventRule, EventSourceMapping, Function,
        InstanceProfile, Integration, LogGroup, MetricFilter, Permission, Queue, QueuePolicy, ResourceId,
        Role, Route, Schedule, SecurityGroup, Stage, Table,
    },
};

use super::{Component, Drawing, Relation, effect};
use crate::docs::duration;

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

/// Everything that the deployment's resources add.
pub(super) fn draw(deployment: &Deployment) -> Drawing {
    let names = Names::new(deployment);
    let mut drawing = Drawing::default();
    for node in deployment.resources() {
        let of = Source { deployment, names: &names, id: node.id };
        match_resource!(&node.resource, it => it.draw(&mut drawing, &of));
    }
    sum_up(&mut drawing, deployment);
    drawing
}

/// What a resource adds, by its kind. Each kind of the model has it, or [`draw`] does not compile.
trait Draw {
    /// Adds it; nothing, where it only joins boxes whose arrows say so, or says who may.
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>);
}

/// Where a resource comes from.
struct Source<'a> {
    deployment: &'a Deployment,
    names: &'a Names,
    id: ResourceId,
}

impl Draw for Api {
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>) {
        drawing.set(Component::GitHub, "GitHub", "Sends webhooks, hands out jobs and registers runners");
        let address = of.deployment.choices().github_api_url.as_str();
        let host = address.trim_start_matches("https://").split('/').next().unwrap_or(address);
        drawing.line(Component::GitHub, host.to_owned());
        drawing.set(Component::Api, "HTTP API", self.description);
        drawing.arrow(Relation::Webhook, Component::GitHub, Component::Api, "workflow_job webhooks");
    }
}

impl Draw for Integration {
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>) {
        if let Some(function) = of.names.function(&self.function) {
            drawing.arrow(Relation::Invoke, Component::Api, function, "invokes");
        }
    }
}

impl Draw for Route {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        drawing.line(Component::Api, self.route_key.to_owned());
    }
}

impl Draw for Stage {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        let Self { throttling_rate_limit: rate, throttling_burst_limit: burst, .. } = self;
        drawing.line(Component::Api, format!("{rate}/s, bursts of {burst}"));
    }
}

impl Draw for Queue {
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>) {
        if let Some(part) = of.names.queue_of(of.id) {
            queue_box(drawing, part, self);
        }
        if let Some(redrive) = &self.redrive
            && let Some(dead_letters @ Component::DeadLetters(handler)) =
                of.names.queue(&redrive.dead_letter_target)
        {
            let times = redrive.max_receive_count;
            drawing.arrow(
                Relation::GiveUp,
                Component::Queue(handler),
                dead_letters,
                format!("after {times} receives"),
            );
        }
    }
}

impl Draw for Table {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        let words =
            drawing.set(Component::Table, suffix(&self.table_name), "Open jobs, runners and launches");
        words.title.push_str(" table");
        drawing
            .line(Component::Table, format!("{} indexes, items expire", self.global_secondary_indexes.len()));
        if self.point_in_time_recovery {
            drawing.line(Component::Table, "restorable for 35 days".to_owned());
        }
    }
}

impl Draw for Function {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        let handler = self.handler;
        let part = Component::Function(handler);
        drawing.set(part, handler.name(), handler.purpose());
        drawing.line(part, format!("{} MiB, {}", self.memory_size.get(), duration(self.timeout.seconds())));
        drawing.line(part, self.architecture.as_str().to_owned());
        effect::of_function(drawing, handler);
    }
}

impl Draw for EventSourceMapping {
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>) {
        if let (Some(queue), Some(function)) =
            (of.names.queue(&self.event_source), of.names.function(&self.function))
        {
            drawing.arrow(Relation::Feed, queue, function, format!("up to {} at once", self.batch_size));
        }
    }
}

impl Draw for InstanceProfile {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        drawing.set(Component::Runners, "Runners", "One instance for each job, spot where there is capacity");
        drawing.arrow(Relation::TakeJob, Component::Runners, Component::GitHub, "takes its job");
        effect::of_instances(drawing);
    }
}

impl Draw for SecurityGroup {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        let mut ports: Vec<_> =
            self.egress.iter().map(|rule| format!("{} {}", rule.protocol.as_str(), rule.port)).collect();
        ports.dedup();
        drawing.line(Component::Runners, format!("reach {}", ports.join(", ")));
    }
}

impl Draw for Schedule {
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>) {
        if let Some(handler) = of.names.handler(&self.target) {
            let part = Component::Schedule(handler);
            drawing.set(part, handler.name(), self.description);
            drawing.line(part, "EventBridge Scheduler".to_owned());
            drawing.line(part, self.expression());
            let every = match self.rate_minutes {
                1 => "every minute".to_owned(),
                minutes => format!("every {minutes} minutes"),
            };
            drawing.arrow(Relation::Start, Component::Schedule(handler), Component::Function(handler), every);
        }
    }
}

impl Draw for EventRule {
    fn draw(&self, drawing: &mut Drawing, of: &Source<'_>) {
        let part = Component::Rule(self.pattern.detail_type);
        drawing.set(part, suffix(&self.name), self.description);
        drawing.line(part, self.pattern.detail_type.to_owned());
        drawing.arrow(Relation::Report, Component::Runners, part, "interruptions and changes of state");
        if let Some(queue) = of.names.queue(&self.target) {
            drawing.arrow(Relation::Deliver, part, queue, "delivers events");
        }
    }
}

impl Draw for LogGroup {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        drawing.set(Component::Logs, "Log groups", "What functions and the HTTP API log");
    }
}

impl Draw for MetricFilter {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        metrics(drawing);
        drawing.arrow(Relation::Count, Component::Logs, Component::Metrics, "counted");
    }
}

impl Draw for Alarm {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        metrics(drawing);
        drawing.set(Component::Alarms, "Alarms", "Tell people what is wrong and what to do");
        drawing.set(Component::Topic, "SNS topic", "Yours, if you name one");
        drawing.line(Component::Topic, format!("yours, if {} is set", self.topic.cloudformation));
        drawing.arrow(Relation::Watch, Component::Metrics, Component::Alarms, "watched");
        drawing.arrow(Relation::Notify, Component::Alarms, Component::Topic, "notify");
    }
}

impl Draw for Dashboard {
    fn draw(&self, drawing: &mut Drawing, _: &Source<'_>) {
        metrics(drawing);
        drawing.set(Component::Dashboard, "Dashboard", "Demand, supply, time to start, queues and functions");
        drawing.line(Component::Dashboard, format!("{} graphs", self.widgets.len()));
        drawing.arrow(Relation::Draw, Component::Metrics, Component::Dashboard, "drawn");
    }
}

impl Draw for QueuePolicy {
    fn draw(&self, _: &mut Drawing, _: &Source<'_>) {}
}

impl Draw for Permission {
    fn draw(&self, _: &mut Drawing, _: &Source<'_>) {}
}

impl Draw for EventInvokeConfig {
    fn draw(&self, _: &mut Drawing, _: &Source<'_>) {}
}

impl Draw for Role {
    fn draw(&self, _: &mut Drawing, _: &Source<'_>) {}
}

impl Draw for CustomResource {
    fn draw(&self, _: &mut Drawing, _: &Source<'_>) {}
}

/// What takes more than one resource to say.
fn sum_up(drawing: &mut Drawing, deployment: &Deployment) {
    if let Some(words) = drawing.boxes.get_mut(&Component::Runners) {
        words.lines.insert(0, format!("at most {} at once", deployment.choices().runners.max));
    }
    if let Some(words) = drawing.boxes.get_mut(&Component::Logs) {
        words.lines = logs(deployment);
    }
    if let Some(words) = drawing.boxes.get_mut(&Component::Metrics) {
        words.lines = vec![format!("{} metric filters", deployment.resources_of::<MetricFilter>().count())];
    }
    if let Some(words) = drawing.boxes.get_mut(&Component::Alarms) {
        words.title = format!("{} alarms", deployment.resources_of::<Alarm>().count());
        words.lines = vec![alarms(deployment)];
    }
}

fn queue_box(drawing: &mut Drawing, part: Component, queue: &Queue) {
    let kept = duration(queue.message_retention_period);
    if let Component::DeadLetters(_) = part {
        drawing.set(part, "dead letters", "Messages that nobody could process");
        drawing.line(part, format!("kept for {kept}"));
    } else {
        drawing.set(
            part,
            format!("{} queue", suffix(&queue.queue_name)),
            "Messages that wait for a function",
        );
        drawing.line(part, format!("hidden for {}", duration(queue.visibility_timeout)));
        drawing.line(part, format!("kept for {kept}"));
    }
}

fn metrics(drawing: &mut Drawing) {
    drawing.set(
        Component::Metrics,
        "Metrics",
        "What services count, what functions log, and what filters find in logs",
    );
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

/// The literal part of a name, without the deployment's.
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
