//! The arrows: links between resources, and what handlers and instances do.

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{
    Deployment,
    contract::{Effect, Handler, InstanceEffect},
    resource::Resource,
};

use super::{Arrow, Component, End, Group, Relation, Words, boxes::Names};

/// Every arrow between two boxes. What one does to another in several ways is one arrow with all the verbs.
pub(super) fn arrows(deployment: &Deployment, names: &Names) -> BTreeSet<Arrow> {
    let mut arrows = Arrows::default();
    for node in deployment.resources() {
        arrows.add(names, &node.resource);
    }
    arrows
        .0
        .into_iter()
        .map(|((relation, from, to), verbs)| Arrow {
            relation,
            from: End::Component(from),
            to: End::Component(to),
            label: verbs.join(", "),
        })
        .collect()
}

#[derive(Default)]
struct Arrows(BTreeMap<(Relation, Component, Component), Vec<String>>);

impl Arrows {
    fn arrow(&mut self, relation: Relation, from: Component, to: Component, verb: impl Into<String>) {
        let (verbs, verb) = (self.0.entry((relation, from, to)).or_default(), verb.into());
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }

    fn add(&mut self, names: &Names, resource: &Resource) {
        match resource {
            Resource::Api(_) => {
                self.arrow(Relation::Webhook, Component::GitHub, Component::Api, "workflow_job webhooks");
            }
            Resource::Integration(integration) => {
                if let Some(function) = names.function(&integration.function) {
                    self.arrow(Relation::Invoke, Component::Api, function, "invokes");
                }
            }
            Resource::Function(function) => {
                let handler = function.handler;
                for effect in handler.effects() {
                    for (relation, to, verb) in does(*effect) {
                        self.arrow(relation, Component::Function(handler), to, verb);
                    }
                }
            }
            Resource::EventSourceMapping(mapping) => {
                if let (Some(queue), Some(function)) =
                    (names.queue(&mapping.event_source), names.function(&mapping.function))
                {
                    self.arrow(
                        Relation::Feed,
                        queue,
                        function,
                        format!("up to {} at once", mapping.batch_size),
                    );
                }
            }
            Resource::Queue(queue) => {
                if let Some(redrive) = &queue.redrive
                    && let Some(dead_letters @ Component::DeadLetters(handler)) =
                        names.queue(&redrive.dead_letter_target)
                {
                    let times = redrive.max_receive_count;
                    self.arrow(
                        Relation::GiveUp,
                        Component::Queue(handler),
                        dead_letters,
                        format!("after {times} receives"),
                    );
                }
            }
            Resource::InstanceProfile(_) => {
                self.arrow(Relation::TakeJob, Component::Runners, Component::GitHub, "takes its job");
                for effect in InstanceEffect::ALL {
                    match effect {
                        InstanceEffect::TakeOwnConfiguration => self.arrow(
                            Relation::Configure,
                            Component::Runners,
                            Component::Table,
                            "takes its own configuration",
                        ),
                        // What runners do among themselves needs no arrow.
                        InstanceEffect::TerminateItself => {}
                    }
                }
            }
            Resource::Schedule(schedule) => {
                if let Some(handler) = names.handler(&schedule.target) {
                    let every = match schedule.rate_minutes {
                        1 => "every minute".to_owned(),
                        minutes => format!("every {minutes} minutes"),
                    };
                    self.arrow(Relation::Start, Component::Schedule(handler), Component::Function(handler), every);
                }
            }
            Resource::EventRule(rule) => {
                let part = Component::Rule(rule.pattern.detail_type);
                self.arrow(Relation::Report, Component::Runners, part, "interruptions and changes of state");
                if let Some(queue) = names.queue(&rule.target) {
                    self.arrow(Relation::Deliver, part, queue, "delivers events");
                }
            }
            Resource::MetricFilter(_) => self.arrow(Relation::Count, Component::Logs, Component::Metrics, "counted"),
            Resource::Alarm(_) => {
                self.arrow(Relation::Watch, Component::Metrics, Component::Alarms, "watched");
                self.arrow(Relation::Notify, Component::Alarms, Component::Topic, "notify");
            }
            Resource::Dashboard(_) => self.arrow(Relation::Draw, Component::Metrics, Component::Dashboard, "drawn"),
            // Their other ends say all that an arrow can.
            Resource::Route(_)
            | Resource::Stage(_)
            | Resource::QueuePolicy(_)
            | Resource::Table(_)
            | Resource::Permission(_)
            | Resource::EventInvokeConfig(_)
            | Resource::Role(_)
            // What it calls scale-down for, scale-down's own arrows say.
            | Resource::CustomResource(_)
            | Resource::SecurityGroup(_)
            | Resource::LogGroup(_) => {}
        }
    }
}

/// What an effect of a function looks like.
fn does(effect: Effect) -> Vec<(Relation, Component, &'static str)> {
    match effect {
        Effect::WriteLog => vec![(Relation::Log, Component::Logs, "logs, metrics")],
        Effect::ReadWebhookSecret => vec![(Relation::ReadSecret, Component::WebhookSecret, "reads")],
        // The key is what a function signs in to GitHub with.
        Effect::ReadPrivateKey => vec![
            (Relation::ReadSecret, Component::PrivateKey, "reads"),
            (Relation::CallGitHub, Component::GitHub, "REST API"),
        ],
        Effect::PublishJob => sends(Effect::ConsumeJob, "sends jobs"),
        Effect::PublishEvent => sends(Effect::ConsumeEvent, "sends events"),
        Effect::ReadLedger => vec![(Relation::UseTable, Component::Table, "reads")],
        Effect::WriteLedger => vec![(Relation::UseTable, Component::Table, "writes")],
        Effect::LaunchInstances => vec![(Relation::Manage, Component::Runners, "launches")],
        // The queue's arrow to the function says the first two. Images, the account's role and the stack have no box: none of them
        // is part of the deployment.
        Effect::ConsumeJob
        | Effect::ConsumeEvent
        | Effect::DescribeImages
        | Effect::CreateSpotRole
        | Effect::DescribeOwnStack => Vec::new(),
        Effect::DescribeInstances => vec![(Relation::Manage, Component::Runners, "finds")],
        Effect::TerminateInstances => vec![(Relation::Manage, Component::Runners, "terminates")],
    }
}

/// To the queues of those who receive.
fn sends(received_by: Effect, verb: &'static str) -> Vec<(Relation, Component, &'static str)> {
    Handler::ALL
        .into_iter()
        .filter(|handler| handler.effects().contains(&received_by))
        .map(|handler| (Relation::Send, Component::Queue(handler), verb))
        .collect()
}

/// Replaces arrows that several boxes have in common by one from, or to, what is drawn around these boxes: all
/// functions, the functions of a group, the rules of a group.
pub(super) fn drawn_once(boxes: &BTreeMap<Component, Words>, mut arrows: BTreeSet<Arrow>) -> BTreeSet<Arrow> {
    let functions = || boxes.keys().copied().filter(|part| matches!(part, Component::Function(_)));
    let of_group: Vec<_> = functions().filter(|part| part.group() == Group::Functions).collect();
    let rules: Vec<_> = boxes.keys().copied().filter(|part| matches!(part, Component::Rule(_))).collect();
    lift(&mut arrows, &functions().collect::<Vec<_>>(), End::Serving);
    lift(&mut arrows, &of_group, End::Group(Group::Functions));
    lift(&mut arrows, &rules, End::Group(Group::Events));
    arrows
}

fn lift(arrows: &mut BTreeSet<Arrow>, members: &[Component], around: End) {
    let same_from = |arrow: &Arrow, member| Arrow { from: End::Component(member), ..arrow.clone() };
    let same_to = |arrow: &Arrow, member| Arrow { to: End::Component(member), ..arrow.clone() };
    let Some(first) = members.first().copied().filter(|_| members.len() > 1) else { return };
    for arrow in arrows.clone() {
        if arrow.from == End::Component(first)
            && members.iter().all(|part| arrows.contains(&same_from(&arrow, *part)))
        {
            for member in members {
                arrows.remove(&same_from(&arrow, *member));
            }
            arrows.insert(Arrow { from: around, ..arrow });
        } else if arrow.to == End::Component(first)
            && members.iter().all(|part| arrows.contains(&same_to(&arrow, *part)))
        {
            for member in members {
                arrows.remove(&same_to(&arrow, *member));
            }
            arrows.insert(Arrow { to: around, ..arrow });
        }
    }
}
