//! Reads the model into a graph: what both files must say.
//!
//! Names of properties and constants come from the service documentation, not from the emitters. Every struct is
//! taken apart by the names of its fields, so a new field does not compile before somebody has said here what it means.

mod converter;
mod events;
mod functions;
mod input;

use converter::{Convert as _, Converter, entries};
use jit_runners_model::{Deployment, Node as ModelNode, Output, match_resource};

use crate::graph::{Condition, Dialect, Graph, Held, Node, Omitted, Properties, Symbol, SymbolicText};

/// What `deployment` states, in raw properties.
pub(crate) fn from_model(deployment: &Deployment) -> Graph {
    let converter = Converter::new();
    let tags = tags(&converter, deployment);
    let resources = deployment.resources().iter().map(|node| {
        let ModelNode { id, concern: _, resource } = node;
        let mut properties = match_resource!(resource, it => converter.convert(it));
        if resource.kind().is_tagged() {
            properties.insert("Tags".to_owned(), tags.clone());
        }
        Node {
            kind: resource.kind().into(),
            address: id.logical_id.into(),
            place: converter.place(),
            condition: Condition::Always,
            properties,
        }
    });
    let outputs = deployment.outputs().iter().map(|output| converter.output(output));
    Graph {
        given: Vec::new(),
        omitted: Omitted::default(),
        dialect: Dialect::Model,
        resources: resources.collect(),
        inputs: input::inputs(&converter, deployment),
        requirements: input::requirements(&converter, deployment),
        outputs: outputs.collect(),
    }
}

fn tags(converter: &Converter, deployment: &Deployment) -> Held {
    let tags = deployment.tags().into_iter().map(|(key, value)| (key.to_owned(), converter.text(&value)));
    converter.held(tags.collect::<Properties>())
}

impl Converter {
    fn output(&self, output: &Output) -> Node<()> {
        let Output { cloudformation, terraform: _, description, value } = output;
        let mut export = SymbolicText::from(Symbol::DeploymentName);
        export.push_str(&format!("-{cloudformation}"));
        Node {
            kind: (),
            address: (*cloudformation).into(),
            place: self.place(),
            condition: Condition::Always,
            properties: entries([
                ("Value", self.text(value)),
                ("Description", self.held(*description)),
                ("Export", self.held(export)),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{Choices, Deployment, KeyArn, PolicyArn};

    use super::from_model;
    use crate::graph::{Graph, Node, Shaper, Symbol, Value};

    /// The default deployment, the smallest one, and the one with everything that can be switched on.
    fn deployments() -> [Deployment; 3] {
        let small = Choices { alarms: false, dashboard: false, ..Choices::default() };
        let everything = Choices {
            permissions_boundary: Some(PolicyArn::new("arn:aws:iam::123456789012:policy/bounds").unwrap()),
            kms_key: Some(KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/abc").unwrap()),
            ..Choices::default()
        };
        [Choices::default(), small, everything].map(|choices| Deployment::new(choices).unwrap())
    }

    fn shaped(deployment: &Deployment) -> Graph {
        let mut graph = from_model(deployment);
        let mut shaper = Shaper::default();
        shaper.graph(&mut graph);
        assert_eq!(shaper.problems, []);
        graph
    }

    #[track_caller]
    fn find<'a, K>(nodes: &'a [Node<K>], address: &str) -> &'a Node<K> {
        nodes.iter().find(|node| &*node.address == address).unwrap()
    }

    #[track_caller]
    fn states<K>(nodes: &[Node<K>], address: &str, property: &str, expected: &str) {
        assert_eq!(find(nodes, address).properties[property].value.to_string(), expected);
    }

    #[test]
    fn every_resource_of_the_model_fits_the_vocabulary() {
        for deployment in &deployments() {
            let graph = shaped(deployment);
            let addresses: Vec<_> = graph.resources.iter().map(|node| &*node.address).collect();
            let ids: Vec<_> = deployment.resources().iter().map(|node| node.id.logical_id).collect();
            assert_eq!(addresses, ids);
            assert_eq!(graph.outputs.len(), deployment.outputs().len());
            assert_eq!(graph.inputs.len(), deployment.parameters().len() + 2);
        }
    }

    #[test]
    fn every_link_of_the_model_is_a_reference_in_the_graph() {
        for deployment in &deployments() {
            let graph = shaped(deployment);
            for (node, model) in graph.resources.iter().zip(deployment.resources()) {
                let mut found = BTreeSet::new();
                node.clone().rewrite(&mut |symbol: &Symbol| {
                    if let Symbol::Attribute { of, attribute: _ } = symbol {
                        found.insert(of.to_string());
                    }
                    None
                });
                for link in model.resource.links() {
                    assert!(found.contains(link.logical_id), "{} -> {}", node.address, link.logical_id);
                }
            }
        }
    }

    #[test]
    fn resources_say_what_the_model_says() {
        let graph = shaped(&deployments()[0]);
        let resource = |address, property, expected| states(&graph.resources, address, property, expected);
        resource("ScaleUpQueue", "QueueName", r#""<name>-scaleup""#);
        resource(
            "ScaleUpQueue",
            "RedrivePolicy",
            r#"{deadLetterTargetArn: "<ScaleUpDeadLetterQueue.arn>", maxReceiveCount: 5}"#,
        );
        resource("RunnersTable", "KeySchema", r#"{HASH: "pk"}"#);
        resource("WebhookIntegration", "TimeoutInMillis", "10000");
        resource("RebalancerSchedule", "ScheduleExpression", r#""rate(1 minute)""#);
        resource("ScaleUpQueue", "Tags", r#"{jit-runners:deployment: "<name>"}"#);
        resource(
            "StrandedJobsAlarm",
            "AlarmActions",
            r#"[] if "" = "<AlarmTopicArn>", else ["<AlarmTopicArn>"]"#,
        );
        resource(
            "SchedulerRole",
            "AssumeRolePolicyDocument",
            r#"{Statement: [{Action: ["sts:AssumeRole"], Condition: {StringEquals: {aws:SourceAccount: ["<account>"]}}, Effect: "Allow", Principal: {Service: ["scheduler.amazonaws.com"]}}], Version: "2012-10-17"}"#,
        );
        resource("RunnerFleet", "ServiceToken", r#""<ScaleDownFunction.arn>""#);
        resource(
            "RunnerFleet",
            "ResourceProperties",
            r#"{Deployment: "<name>", Package: "<ScaleDownLambdaS3Key>"}"#,
        );
    }

    #[test]
    fn inputs_and_outputs_say_what_the_model_says() {
        let graph = shaped(&deployments()[0]);
        states(&graph.inputs, "project_name", "MaxLength", "38");
        states(&graph.inputs, "SubnetIds", "Type", r#""list""#);
        states(&graph.inputs, "MaxRunners", "MaxValue", "10000");
        assert!(!find(&graph.inputs, "VpcId").properties.contains_key("Default"));
        states(&graph.outputs, "WebhookUrl", "Value", r#""<WebhookApi.endpoint>/webhook""#);
        states(&graph.outputs, "WebhookUrl", "Export", r#""<name>-WebhookUrl""#);
    }

    #[test]
    fn a_key_of_the_account_encrypts_what_can_be_encrypted() {
        let graph = shaped(&deployments()[2]);
        let keys = |value: &Value| value.to_string().contains("key/abc");
        for (address, property) in [
            ("ScaleUpQueue", "KmsMasterKeyId"),
            ("RunnersTable", "SSESpecification"),
            ("ScaleUpFunction", "KmsKeyArn"),
            ("ScaleUpLogGroup", "KmsKeyId"),
        ] {
            assert!(keys(&find(&graph.resources, address).properties[property].value), "{address}");
        }
        assert!(!find(&graph.resources, "ScaleUpQueue").properties.contains_key("SqsManagedSseEnabled"));
    }
}
