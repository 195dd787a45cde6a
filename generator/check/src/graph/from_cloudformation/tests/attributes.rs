//! Resources, their attributes and what refers to them.

use crate::graph::Kind;

use super::{graph, lines, property, read, refuses, shaped, template};
use crate::graph::from_cloudformation::{IGNORED, kind::ResourceType};

#[test]
fn every_kind_can_be_declared_and_referred_to() {
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::QueuePolicy) {
        let resource_type = ResourceType::Node(kind).as_str();
        let mut values: Vec<_> =
            kind.facts().attributes.iter().map(|(name, _)| format!("!GetAtt X.{name}")).collect();
        values.extend(kind.facts().reference.map(|_| "!Ref X".to_owned()));
        let values = values.join(", ");
        let graph = graph(&template(
            "",
            &format!("  X: {{Type: {resource_type}}}\nOutputs: {{O: {{Value: [{values}]}}}}"),
        ));
        assert_eq!(graph.resources[2].kind, kind);
    }
}

#[test]
fn the_arn_of_a_log_group_ends_in_a_star() {
    super::means("", "!Join [':', [!GetAtt Q.Arn]]", r#""<Q.arn>""#);
    let graph =
        graph(&template("", "  G: {Type: AWS::Logs::LogGroup}\nOutputs: {O: {Value: !GetAtt G.Arn}}"));
    assert_eq!(graph.outputs[0].properties["Value"].value.to_string(), r#""<G.arn>:*""#);
}

#[test]
fn the_rule_of_a_named_bus_is_not_called_what_ref_gives() {
    refuses(
        &template(
            "",
            "  E: {Type: AWS::Events::Rule, Properties: {EventBusName: b}}\nOutputs: {O: {Value: !Ref E}}",
        ),
        &["t.yaml:6:22: `E`, a rule of a named event bus, has no value here"],
    );
}

#[test]
fn attributes_of_resources() {
    let graph = graph(&template(
        "",
        "  X: {Type: AWS::SQS::Queue, DependsOn: [Q, R], DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Metadata: {a: !Foo x}}\n  Y: {Type: AWS::Events::Rule, DependsOn: Q, DeletionPolicy: Delete}",
    ));
    assert_eq!(property(&graph, "X", "DeletionPolicy"), r#""Retain""#);
    assert_eq!(graph.resources[2].properties.len(), 1);
    assert_eq!(graph.resources[3].properties.len(), 0);
}

#[test]
fn every_kind_can_be_retained() {
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::QueuePolicy) {
        let resource_type = ResourceType::Node(kind).as_str();
        let mut graph = graph(&template(
            "",
            &format!("  X: {{Type: {resource_type}, DeletionPolicy: RetainExceptOnCreate}}"),
        ));
        assert_eq!(shaped(&mut graph), [""; 0], "{resource_type}");
        assert_eq!(property(&graph, "X", "DeletionPolicy"), r#""RetainExceptOnCreate""#);
    }
}

#[test]
fn what_is_refused_of_resources() {
    let refused = |resource: &str, expected: &str| {
        refuses(&template("", &format!("  X: {resource}")), &[expected]);
    };
    refused("x", "t.yaml:5:6: `a resource` must be an object");
    refused("{Properties: {}}", "t.yaml:5:3: this resource has no `Type`");
    refused("{Type: AWS::S3::Bucket}", "t.yaml:5:13: `AWS::S3::Bucket` is outside");
    refused(
        "{Type: AWS::SQS::Queu}",
        "t.yaml:5:13: no type of resource is called `AWS::SQS::Queu`; did you mean `AWS::SQS::Queue`?",
    );
    refused("{Type: AWS::SQS::Queue, Propertys: {}}", "t.yaml:5:30: `Propertys` is no key of a resource");
    refused("{Type: AWS::SQS::Queue, Properties: [a]}", "t.yaml:5:42: `Properties` must be an object");
    refused("{Type: AWS::SQS::Queue, Properties: {'Fn::If': [a, b, c]}}", "t.yaml:5:43: `Fn::If` is outside");
    refused(
        "{Type: AWS::SQS::Queue, Properties: {DeletionPolicy: Retain}}",
        "t.yaml:5:43: `DeletionPolicy` is no key of the properties",
    );
    refused(
        "{Type: AWS::IAM::Role, Properties: {AttachedPolicies: []}}",
        "t.yaml:5:42: `AttachedPolicies` is no key",
    );
    refused(
        "{Type: AWS::Lambda::Function, Properties: {Code: {Filename: x}}}",
        "t.yaml:5:56: `Filename` is no key",
    );
    refused(
        "{Type: AWS::SQS::Queue, DeletionPolicy: Snapshot}",
        "t.yaml:5:46: `DeletionPolicy` must be `Delete`",
    );
    refused(
        "{Type: AWS::SQS::Queue, UpdateReplacePolicy: x}",
        "t.yaml:5:51: `UpdateReplacePolicy` must be `Delete`",
    );
    refused("{Type: AWS::SQS::Queue, DependsOn: Y}", "t.yaml:5:41: no resource is called `Y`");
    refused("{Type: AWS::SQS::Queue, DependsOn: [Q, {a: b}]}", "t.yaml:5:45: `DependsOn` must be");
    refused("{Type: AWS::SQS::Queue, CreationPolicy: {}}", "t.yaml:5:30: `CreationPolicy` is outside");
    refused("{Type: AWS::SQS::Queue, Condition: C}", "t.yaml:5:41: no condition is called `C`");
}

#[test]
fn what_is_refused_of_templates() {
    refuses("", &["t.yaml: there are no `Resources`"]);
    refuses("x", &["t.yaml:1:1: there are no `Resources`"]);
    refuses("Resources: {}", &["t.yaml: there are no `Resources`"]);
    refuses("Parameters: {}", &["t.yaml: there are no `Resources`"]);
    refuses(
        "Resources: [a]",
        &["t.yaml: there are no `Resources`", "t.yaml:1:12: `Resources` must be an object"],
    );
    refuses(
        &template("AWSTemplateFormatVersion: 2011-01-01", ""),
        &["t.yaml:1:27: `2011-01-01` is no version"],
    );
    refuses(
        &template("Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]", ""),
        &["t.yaml:1:38: `Transform: AWS::Serverless-2016-10-31` is outside"],
    );
    refuses(&template("Rules: []", ""), &["t.yaml:1:8: `Rules` must be an object"]);
    refuses(&template("", "  Q: {Type: AWS::SQS::Queue}"), &["t.yaml:5:3: `Q` stands twice"]);
    refuses(
        "Resources: {Fn::ForEach::X: []}",
        &["t.yaml:1:13: `Fn::ForEach::X` is outside", "t.yaml:1:29: `a resource` must be an object"],
    );
}

#[test]
fn resources_that_wait_for_each_other_are_refused() {
    let circle = "  A: {Type: AWS::SQS::Queue, Properties: {Tags: !Sub '${B.Arn}'}}\n  B: {Type: AWS::SQS::Queue, DependsOn: A}";
    refuses(&template("", circle), &["t.yaml:5:3: resources refer to each other in a circle: A -> B -> A"]);
    refuses(
        &template("", "  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !If [C, !GetAtt A.Arn, x]}}"),
        &["t.yaml:5:3: resources refer to each other", "t.yaml:5:59: no condition is called `C`"],
    );
}

#[test]
fn what_is_ignored_changes_nothing() {
    let plain = graph(
        "Resources: {Q: {Type: AWS::SQS::Queue}, M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: m, PolicyDocument: {}, Roles: [!Ref R]}}, R: {Type: AWS::IAM::Role}}",
    );
    let shown = |graph: &crate::graph::Graph| {
        graph
            .resources
            .iter()
            .map(|node| {
                format!(
                    "{:?} {:?}",
                    node.address,
                    node.properties
                        .iter()
                        .map(|(name, held)| format!("{name}: {}", held.value))
                        .collect::<Vec<_>>()
                )
            })
            .collect::<Vec<_>>()
    };
    let text = "AWSTemplateFormatVersion: 2010-09-09\nDescription: d\nMetadata: {a: b}\nMappings: {M: {a: {b: c}}}\nConditions: {C: !Equals [a, b]}\nResources: {Q: {Type: AWS::SQS::Queue, DependsOn: R, UpdateReplacePolicy: Retain, Metadata: {c: d}}, M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: m, PolicyDocument: {}, Description: d, Path: /, Roles: [!Ref R]}}, R: {Type: AWS::IAM::Role}}";
    assert_eq!(shown(&graph(text)), shown(&plain));
    for (name, reason) in IGNORED {
        let key = name.rsplit('.').next().unwrap();
        assert!(text.contains(&format!("{key}: ")), "{name}, ignored as it {reason}, is not tried here");
    }
    assert!(
        read("Resources: {Q: {Type: AWS::SQS::Queue, Metadat: {}}}")
            .is_err_and(|problems| lines(&problems).len() == 1)
    );
}
