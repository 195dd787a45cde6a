//! Resources of a template that are several nodes of the graph: policies of several queues or topics, and topics that have
//! subscriptions inside them.

use crate::{
    cloudformation::evaluate::{Evaluator, weight_of},
    graph::{
        Condition, Held, Kind, Node, Omitted, Properties, ResourceAttribute, Symbol, SymbolicText, Value,
    },
    problem::TemplateProblem,
    read::Place,
};

/// A policy of several things, which is several policies.
struct Several {
    kind: Kind,
    /// The list of what has the policy.
    key: &'static str,
    /// The property of each policy that holds one of them.
    property: &'static str,
    expected: &'static str,
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html>
const SEVERAL: [Several; 2] = [
    Several { kind: Kind::QueuePolicy, key: "Queues", property: "Queue", expected: "a list of queues" },
    Several { kind: Kind::TopicPolicy, key: "Topics", property: "Topic", expected: "a list of topics" },
];

/// The properties of a subscription inside a topic, all of which it must have
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-sns-topic-subscription.html>).
const OF_SUBSCRIPTION: [&str; 2] = ["Endpoint", "Protocol"];
const SUBSCRIPTION: &str = "Subscription";

impl Evaluator<'_> {
    /// `nodes`, in which each policy is one of one queue or topic, and each subscription a node of its own.
    pub(super) fn take_apart(&mut self, nodes: Vec<Node<Kind>>, omitted: &mut Omitted) -> Vec<Node<Kind>> {
        let mut apart = Vec::with_capacity(nodes.len());
        for mut node in nodes {
            let (before, kind) = (self.problems.len(), node.kind);
            if let Some(several) = SEVERAL.iter().find(|several| several.kind == node.kind) {
                apart.extend(self.policies(node, several));
            } else if let (Kind::Topic, Some(list)) = (node.kind, node.properties.remove(SUBSCRIPTION)) {
                let subscriptions = self.subscriptions(&node, list);
                apart.push(node);
                apart.extend(subscriptions);
            } else {
                apart.push(node);
            }
            if self.problems.len() > before {
                omitted.kinds.insert(if kind == Kind::Topic { Kind::Subscription } else { kind });
            }
        }
        apart
    }

    fn policies(&mut self, mut node: Node<Kind>, several: &Several) -> Vec<Node<Kind>> {
        let Several { key, property, expected, kind: _ } = several;
        let Some(owners) = node.properties.remove(*key) else {
            self.refuse::<()>(&node.place, TemplateProblem::Missing { of: "this resource", key });
            return Vec::new();
        };
        let (place, found) = (owners.place.clone(), owners.value.noun());
        let Some(owners) = self.items_of(owners).filter(|owners| !owners.is_empty()) else {
            let of = (*key).to_owned();
            self.refuse::<()>(&place, TemplateProblem::WrongShape { of, expected, found });
            return Vec::new();
        };
        let is_alone = owners.len() == 1;
        let weight = node.properties.values().map(weight_of).sum();
        let mut policies = Vec::new();
        for (index, (condition, owner)) in owners.into_iter().enumerate() {
            if self.weigh(weight, &owner.place).is_none() {
                break;
            }
            let condition = condition.beyond(&node.condition);
            let mut policy = node.clone();
            if !is_alone {
                policy.address = format!("{}[{index}]", node.address).into();
            }
            policy.condition = Condition::all([node.condition.clone(), condition]);
            policy.properties.insert((*property).to_owned(), owner);
            policies.push(policy);
        }
        policies
    }

    fn subscriptions(&mut self, topic: &Node<Kind>, list: Held) -> Vec<Node<Kind>> {
        let (place, found) = (list.place.clone(), list.value.noun());
        let Some(items) = self.items_of(list) else {
            let (of, expected) = (SUBSCRIPTION.to_owned(), "a list of subscriptions");
            self.refuse::<()>(&place, TemplateProblem::WrongShape { of, expected, found });
            return Vec::new();
        };
        let mut subscriptions = Vec::new();
        for (index, (condition, Held { value, place, .. })) in items.into_iter().enumerate() {
            let Value::Map(properties) = value else {
                let (of, found) = (SUBSCRIPTION.to_owned(), value.noun());
                let expected = "an object with `Endpoint` and `Protocol`";
                self.refuse::<()>(&place, TemplateProblem::WrongShape { of, expected, found });
                continue;
            };
            if !self.is_subscription(&properties, &place) {
                continue;
            }
            let arn = Symbol::attribute(topic.address.clone(), ResourceAttribute::Arn);
            let of = ("TopicArn".to_owned(), Held::new(SymbolicText::from(arn), place.clone()));
            let condition = condition.beyond(&topic.condition);
            subscriptions.push(Node {
                kind: Kind::Subscription,
                address: format!("{}.{SUBSCRIPTION}[{index}]", topic.address).into(),
                place,
                condition: Condition::all([topic.condition.clone(), condition]),
                properties: properties.into_iter().chain([of]).collect(),
            });
        }
        subscriptions
    }

    /// Whether `properties` are those of a subscription inside a topic.
    fn is_subscription(&mut self, properties: &Properties, place: &Place) -> bool {
        let before = self.problems.len();
        for (name, held) in properties {
            if !OF_SUBSCRIPTION.contains(&name.as_str()) {
                let (of, key) = ("a subscription inside a topic", name.clone());
                let kind = TemplateProblem::UnknownKey { of, key, suggestion: None };
                self.refuse::<()>(&held.place, kind);
            }
        }
        for key in OF_SUBSCRIPTION {
            if properties.get(key).is_none_or(|held| held.value == Value::Absent) {
                self.refuse::<()>(place, TemplateProblem::Missing { of: "this subscription", key });
            }
        }
        self.problems.len() == before
    }
}
