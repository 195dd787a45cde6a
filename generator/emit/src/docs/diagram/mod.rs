//! The architecture at the level of people: a few boxes, and labelled arrows between them.
//!
//! Everything in it comes from the model's resources, and from the effects from which roles are derived. What it is drawn
//! as ([`super::mermaid`], [`super::svg`]) decides where things stand and nothing else.

mod effect;
mod resource;

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{Deployment, contract::Handler};

/// A box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    /// GitHub, with its webhooks and its REST API.
    GitHub,
    /// The HTTP API.
    Api,
    /// A function.
    Function(Handler),
    /// The secret that signs webhooks.
    WebhookSecret,
    /// The queue that feeds a function.
    Queue(Handler),
    /// That queue's dead letters.
    DeadLetters(Handler),
    /// What starts a function.
    Schedule(Handler),
    /// Events of EC2, by their type.
    Rule(&'static str),
    /// The runners' instances.
    Runners,
    /// The table.
    Table,
    /// The App's private key.
    PrivateKey,
    /// The log groups.
    Logs,
    /// Metrics.
    Metrics,
    /// The alarms.
    Alarms,
    /// Whom alarms tell.
    Topic,
    /// The dashboard.
    Dashboard,
}

/// Boxes that belong together, in the order in which people meet them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    GitHub,
    Ingress,
    Events,
    Queues,
    Schedules,
    Functions,
    Instances,
    State,
    Operations,
}

impl Group {
    /// The groups around which the one frame is drawn: what serves jobs.
    pub(super) const SERVING: [Self; 7] = [
        Self::Ingress,
        Self::Events,
        Self::Queues,
        Self::Schedules,
        Self::Functions,
        Self::Instances,
        Self::State,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Ingress => "Ingress",
            Self::Events => "EC2 events",
            Self::Queues => "Queues",
            Self::Schedules => "Schedules",
            Self::Functions => "Functions",
            Self::Instances => "EC2",
            Self::State => "State and secrets",
            Self::Operations => "Operations: CloudWatch",
        }
    }
}

impl Component {
    pub(super) const fn group(self) -> Group {
        match self {
            Self::GitHub => Group::GitHub,
            Self::Api | Self::WebhookSecret | Self::Function(Handler::Webhook) => Group::Ingress,
            Self::Function(
                Handler::ScaleUp | Handler::ScaleDown | Handler::Lifecycle | Handler::Rebalancer,
            ) => Group::Functions,
            Self::Queue(_) | Self::DeadLetters(_) => Group::Queues,
            Self::Schedule(_) => Group::Schedules,
            Self::Rule(_) => Group::Events,
            Self::Runners => Group::Instances,
            Self::Table | Self::PrivateKey => Group::State,
            Self::Logs | Self::Metrics | Self::Alarms | Self::Topic | Self::Dashboard => Group::Operations,
        }
    }
}

/// What stands in a box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// The heading.
    pub(super) title: String,
    /// A few short lines under it.
    pub(super) lines: Vec<String>,
    /// What it is, shown when a reader points at it.
    pub(super) about: String,
}

/// What an arrow begins or ends at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A box.
    Component(Component),
    /// Each box of a group that is of the same kind: its functions, its rules.
    Group(Group),
    /// Each of the functions.
    Serving,
}

/// What an arrow says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// GitHub tells the API what happened.
    Webhook,
    /// The API calls a function.
    Invoke,
    /// A function sends messages.
    Send,
    /// A queue feeds a function.
    Feed,
    /// A queue gives messages up.
    GiveUp,
    /// A schedule starts a function.
    Start,
    /// A rule hands events over.
    Deliver,
    /// A function reads a secret.
    ReadSecret,
    /// A function speaks to GitHub.
    CallGitHub,
    /// A function uses the table.
    UseTable,
    /// A function looks after instances.
    Manage,
    /// A runner takes its configuration.
    Configure,
    /// A runner takes a job.
    TakeJob,
    /// Instances come and go.
    Report,
    /// Functions log.
    Log,
    /// Log events are counted.
    Count,
    /// Metrics are watched.
    Watch,
    /// Metrics are drawn.
    Draw,
    /// People are notified.
    Notify,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) relation: Relation,
    pub(super) from: End,
    pub(super) to: End,
    pub(super) label: String,
}

/// A picture in the making. What one box does to another in several ways is one arrow with all the verbs.
#[derive(Default)]
struct Drawing {
    boxes: BTreeMap<Component, Words>,
    arrows: BTreeMap<(Relation, Component, Component), Vec<String>>,
}

impl Drawing {
    fn set(&mut self, part: Component, title: impl Into<String>, about: impl Into<String>) -> &mut Words {
        let words = self.boxes.entry(part).or_default();
        (words.title, words.about) = (title.into(), about.into());
        words
    }

    fn line(&mut self, part: Component, line: String) {
        let lines = &mut self.boxes.entry(part).or_default().lines;
        // Copies of a deployment say the same again.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }

    fn arrow(&mut self, relation: Relation, from: Component, to: Component, verb: impl Into<String>) {
        let (verbs, verb) = (self.arrows.entry((relation, from, to)).or_default(), verb.into());
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
}

/// The whole picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagram {
    pub(super) boxes: BTreeMap<Component, Words>,
    pub(super) arrows: BTreeSet<Arrow>,
}

impl Diagram {
    pub(super) fn new(deployment: &Deployment) -> Self {
        let Drawing { boxes, arrows } = resource::draw(deployment);
        let arrows = arrows.into_iter().map(|((relation, from, to), verbs)| Arrow {
            relation,
            from: End::Component(from),
            to: End::Component(to),
            label: verbs.join(", "),
        });
        let arrows = effect::drawn_once(&boxes, arrows.collect());
        Self { boxes, arrows }
    }

    /// The boxes of `group`, in order.
    pub(super) fn members(&self, group: Group) -> impl Iterator<Item = (Component, &Words)> {
        self.boxes.iter().filter(move |(part, _)| part.group() == group).map(|(part, words)| (*part, words))
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{
        Choices, Deployment,
        contract::Handler,
        resource::{Kind, Resource},
    };

    use super::{Component, Diagram, End, Group, Relation};

    fn deployment(alarms: bool, dashboard: bool) -> Deployment {
        Deployment::new(Choices { alarms, dashboard, ..Choices::default() }).unwrap()
    }

    fn count(diagram: &Diagram, wanted: fn(Component) -> bool) -> usize {
        diagram.boxes.keys().filter(|part| wanted(**part)).count()
    }

    fn arrows(diagram: &Diagram, relation: Relation) -> Vec<(End, End, &str)> {
        diagram
            .arrows
            .iter()
            .filter(|arrow| arrow.relation == relation)
            .map(|arrow| (arrow.from, arrow.to, arrow.label.as_str()))
            .collect()
    }

    #[test]
    fn every_function_queue_schedule_and_rule_has_a_box() {
        let deployment = deployment(true, true);
        let diagram = Diagram::new(&deployment);
        let resources =
            |kind| deployment.resources().iter().filter(|node| node.resource.kind() == kind).count();
        assert_eq!(count(&diagram, |part| matches!(part, Component::Function(_))), resources(Kind::Function));
        assert_eq!(
            count(&diagram, |part| matches!(part, Component::Queue(_) | Component::DeadLetters(_))),
            resources(Kind::Queue)
        );
        assert_eq!(count(&diagram, |part| matches!(part, Component::Schedule(_))), resources(Kind::Schedule));
        assert_eq!(count(&diagram, |part| matches!(part, Component::Rule(_))), resources(Kind::EventRule));
    }

    #[test]
    fn alarms_and_dashboard_are_drawn_when_they_are_there() {
        let ends = |diagram: &Diagram, part| {
            diagram
                .arrows
                .iter()
                .any(|arrow| arrow.from == End::Component(part) || arrow.to == End::Component(part))
        };
        let with = Diagram::new(&deployment(true, true));
        for part in [Component::Alarms, Component::Topic, Component::Dashboard] {
            assert!(with.boxes.contains_key(&part) && ends(&with, part), "{part:?}");
        }
        let without = Diagram::new(&deployment(false, false));
        for part in [Component::Alarms, Component::Topic, Component::Dashboard] {
            assert!(!without.boxes.contains_key(&part) && !ends(&without, part), "{part:?}");
        }
    }

    #[test]
    fn every_arrow_joins_boxes_that_are_there() {
        for (alarms, dashboard) in [(true, true), (true, false), (false, true), (false, false)] {
            let diagram = Diagram::new(&deployment(alarms, dashboard));
            for arrow in &diagram.arrows {
                for end in [arrow.from, arrow.to] {
                    match end {
                        End::Component(part) => assert!(diagram.boxes.contains_key(&part), "{arrow:?}"),
                        End::Group(group) => assert!(diagram.members(group).next().is_some(), "{arrow:?}"),
                        End::Serving => {}
                    }
                }
                assert!(!arrow.label.is_empty(), "{arrow:?}");
            }
        }
    }

    #[test]
    fn what_all_do_is_drawn_once() {
        let diagram = Diagram::new(&deployment(true, true));
        assert_eq!(
            arrows(&diagram, Relation::Log),
            [(End::Serving, End::Component(Component::Logs), "logs, metrics")]
        );
        assert_eq!(
            arrows(&diagram, Relation::UseTable),
            [(End::Group(Group::Functions), End::Component(Component::Table), "reads, writes")]
        );
        assert_eq!(
            arrows(&diagram, Relation::Deliver),
            [(
                End::Group(Group::Events),
                End::Component(Component::Queue(Handler::Lifecycle)),
                "delivers events"
            )]
        );
    }

    #[test]
    fn what_some_do_is_drawn_for_each() {
        let diagram = Diagram::new(&deployment(true, true));
        let function = |handler| End::Component(Component::Function(handler));
        let runners = End::Component(Component::Runners);
        assert_eq!(
            arrows(&diagram, Relation::Manage),
            [
                (function(Handler::ScaleUp), runners, "launches, terminates"),
                (function(Handler::ScaleDown), runners, "finds, terminates"),
                (function(Handler::Lifecycle), runners, "finds, terminates"),
            ]
        );
        let (jobs, events) = (
            End::Component(Component::Queue(Handler::ScaleUp)),
            End::Component(Component::Queue(Handler::Lifecycle)),
        );
        assert_eq!(
            arrows(&diagram, Relation::Send),
            [
                (function(Handler::Webhook), jobs, "sends jobs"),
                (function(Handler::Webhook), events, "sends events"),
                (function(Handler::ScaleDown), jobs, "sends jobs"),
                (function(Handler::Lifecycle), jobs, "sends jobs"),
                (function(Handler::Rebalancer), jobs, "sends jobs"),
            ]
        );
    }

    #[test]
    fn a_box_says_what_was_chosen() {
        let deployment = deployment(true, true);
        let diagram = Diagram::new(&deployment);
        let function = deployment
            .resources()
            .iter()
            .find_map(|node| match &node.resource {
                Resource::Function(function) if function.handler == Handler::ScaleUp => Some(function),
                _ => None,
            })
            .unwrap();
        let lines = diagram.boxes[&Component::Function(Handler::ScaleUp)].lines.join(" ");
        assert!(lines.contains(&format!("{} MiB", function.memory_size.get())), "{lines}");
    }
}
