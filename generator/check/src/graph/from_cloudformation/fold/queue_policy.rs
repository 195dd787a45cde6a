//! Policies of queues, one node for each queue
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html>).

use crate::{
    cloudformation::{
        evaluate::{Evaluator, weight_of},
        problem::TemplateProblem,
    },
    graph::{Condition, Kind, Node},
};

impl Evaluator<'_> {
    /// `nodes`, in which each policy of several queues is several policies of one queue.
    pub(super) fn take_apart_queue_policies(&mut self, nodes: Vec<Node<Kind>>) -> Vec<Node<Kind>> {
        let mut apart = Vec::with_capacity(nodes.len());
        for node in nodes {
            if node.kind == Kind::QueuePolicy {
                apart.extend(self.queue_policies(node));
            } else {
                apart.push(node);
            }
        }
        apart
    }

    fn queue_policies(&mut self, mut node: Node<Kind>) -> Vec<Node<Kind>> {
        let Some(queues) = node.properties.remove("Queues") else {
            self.refuse::<()>(&node.place, TemplateProblem::Missing { of: "this resource", key: "Queues" });
            return Vec::new();
        };
        let (place, found) = (queues.place.clone(), queues.value.noun());
        let Some(queues) = self.items_of(queues).filter(|queues| !queues.is_empty()) else {
            let (of, expected) = ("Queues".to_owned(), "a list of queues");
            self.refuse::<()>(&place, TemplateProblem::WrongShape { of, expected, found });
            return Vec::new();
        };
        let several = queues.len() > 1;
        let weight = node.properties.values().map(weight_of).sum();
        let mut policies = Vec::new();
        for (index, (condition, queue)) in queues.into_iter().enumerate() {
            if self.weigh(weight, &queue.place).is_none() {
                break;
            }
            let condition = condition.beyond(&node.condition);
            let mut policy = node.clone();
            if several {
                policy.address = format!("{}[{index}]", node.address).into();
            }
            policy.condition = Condition::all([node.condition.clone(), condition]);
            policy.properties.insert("Queue".to_owned(), queue);
            policies.push(policy);
        }
        policies
    }
}
