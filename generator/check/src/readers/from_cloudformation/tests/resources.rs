//! Resources: their properties and attributes, and the companions that are merged into them.

use super::{super::IGNORED, graph, lines, property, read, refuses, shaped, template};
use crate::{cloudformation::ResourceType, graph::Kind};

/// Kinds that a template declares in another form.
fn is_taken_apart(kind: Kind) -> bool {
    matches!(kind, Kind::QueuePolicy | Kind::TopicPolicy | Kind::ManagedPolicy | Kind::RolePolicy)
}

#[test]
fn every_kind_can_be_declared_and_referred_to() {
    for kind in Kind::ALL.iter().copied().filter(|kind| !is_taken_apart(*kind)) {
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
    for kind in Kind::ALL.iter().copied().filter(|kind| !is_taken_apart(*kind)) {
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
    refused("{Type: AWS::EC2::VPC}", "t.yaml:5:13: `AWS::EC2::VPC` is outside");
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
        &template(
            "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]",
            "  F: {Type: AWS::Serverless::Function}",
        ),
        &[
            "t.yaml:1:38: `Transform: AWS::Serverless-2016-10-31` is outside",
            "t.yaml:5:13: `AWS::Serverless::Function` is outside",
        ],
    );
    refuses(&template("Transform: [My-Macro]", ""), &["t.yaml:1:13: `Transform: My-Macro` is outside"]);
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
        "Resources: {Q: {Type: AWS::SQS::Queue}, C: {Type: Custom::X, Properties: {ServiceToken: t}}, M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: m, PolicyDocument: {}, Roles: [!Ref R]}}, R: {Type: AWS::IAM::Role}}",
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
    let text = "AWSTemplateFormatVersion: 2010-09-09\nDescription: d\nMetadata: {a: b}\nMappings: {M: {a: {b: c}}}\nConditions: {C: !Equals [a, b]}\nResources: {Q: {Type: AWS::SQS::Queue, DependsOn: R, UpdateReplacePolicy: Retain, Metadata: {c: d}}, C: {Type: Custom::X, Version: 1, Properties: {ServiceToken: t}}, M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: m, PolicyDocument: {}, Description: d, Path: /, Roles: [!Ref R]}}, R: {Type: AWS::IAM::Role}}";
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

const SECTIONS: &str = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}";

#[test]
fn policies_become_policies_of_their_roles() {
    let graph = graph(&template(
        SECTIONS,
        "  A: {Type: AWS::IAM::Policy, Properties: {PolicyName: a, PolicyDocument: {Statement: 1}, Roles: [!Ref R, !Ref S]}}
  B: {Type: AWS::IAM::RolePolicy, Condition: C, Properties: {PolicyName: b, PolicyDocument: {}, RoleName: r}}
  S: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: own, PolicyDocument: {}}]}}
  T: {Type: AWS::IAM::Role, Condition: C}
  D: {Type: AWS::IAM::Policy, Condition: C, Properties: {PolicyName: d, PolicyDocument: {}, Roles: [!Ref T]}}",
    ));
    let addresses: Vec<_> = graph.resources.iter().map(|node| node.address.as_ref()).collect();
    assert_eq!(addresses, ["Q", "R", "S", "T"]);
    assert_eq!(
        property(&graph, "R", "Policies"),
        r#"[{PolicyDocument: {Statement: 1}, PolicyName: "a"}, {PolicyDocument: {}, PolicyName: "b"} if "x" = "<P>", else nothing]"#
    );
    assert_eq!(
        property(&graph, "S", "Policies"),
        r#"[{PolicyDocument: {}, PolicyName: "own"}, {PolicyDocument: {Statement: 1}, PolicyName: "a"}]"#
    );
    // The role exists under the same condition.
    assert_eq!(property(&graph, "T", "Policies"), r#"[{PolicyDocument: {}, PolicyName: "d"}]"#);
}

#[test]
fn managed_policies_are_attached() {
    let mut graph = graph(&template(
        SECTIONS,
        "  M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: m, PolicyDocument: {}, Roles: [!Ref R]}}
  N: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: n, PolicyDocument: {}}}
  S: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Ref N, 'arn:x', !If [C, !Ref M, !Ref AWS::NoValue]]}}
  T: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!GetAtt N.PolicyArn]}}
  U: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: !If [C, [!Sub '${N}', 'arn:y'], []]}}",
    ));
    let n = r#"{PolicyDocument: {}, PolicyName: "n"}"#;
    let m = r#"{PolicyDocument: {}, PolicyName: "m"}"#;
    assert_eq!(property(&graph, "R", "AttachedPolicies"), format!("[{m}]"));
    assert_eq!(
        property(&graph, "S", "AttachedPolicies"),
        format!(r#"[{n}, {m} if "x" = "<P>", else nothing]"#)
    );
    assert_eq!(property(&graph, "T", "AttachedPolicies"), format!("[{n}]"));
    assert_eq!(property(&graph, "T", "ManagedPolicyArns"), "(none)");
    assert_eq!(property(&graph, "U", "AttachedPolicies"), format!(r#"[{n} if "x" = "<P>", else nothing]"#));
    assert_eq!(shaped(&mut graph), [""; 0]);
    assert_eq!(property(&graph, "S", "ManagedPolicyArns"), r#"["arn:x"]"#);
    assert_eq!(property(&graph, "U", "ManagedPolicyArns"), r#"["arn:y"] if "x" = "<P>", else []"#);
}

#[test]
fn rules_become_rules_of_their_group() {
    let graph = graph(&template(
        SECTIONS,
        "  G: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: [{IpProtocol: -1, DestinationPrefixListId: p}], SecurityGroupIngress: !If [C, [{IpProtocol: tcp, CidrIp: x}], !Ref AWS::NoValue]}}
  I: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref G, IpProtocol: tcp, SourceSecurityGroupId: !GetAtt H.GroupId}}
  J: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !GetAtt H.GroupId, IpProtocol: tcp, SourceSecurityGroupId: !GetAtt G.GroupId}}
  E: {Type: AWS::EC2::SecurityGroupEgress, Condition: C, Properties: {GroupId: !Ref G, IpProtocol: tcp, DestinationSecurityGroupId: !Ref H}}
  H: {Type: AWS::EC2::SecurityGroup}",
    ));
    assert_eq!(
        property(&graph, "G", "SecurityGroupIngress"),
        r#"[{CidrIp: "x", IpProtocol: "tcp"} if "x" = "<P>", else nothing, {IpProtocol: "tcp", SecurityGroupId: "<H.id>"}]"#
    );
    assert_eq!(
        property(&graph, "G", "SecurityGroupEgress"),
        r#"[{IpProtocol: -1, PrefixListId: "p"}, {IpProtocol: "tcp", SecurityGroupId: "<H.id>"} if "x" = "<P>", else nothing]"#
    );
    assert_eq!(
        property(&graph, "H", "SecurityGroupIngress"),
        r#"[{IpProtocol: "tcp", SecurityGroupId: "<G.id>"}]"#
    );
}

#[test]
fn a_policy_of_several_queues_is_several_policies() {
    let graph = graph(&template(
        SECTIONS,
        "  A: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Q, !If [C, 'https://x', !Ref AWS::NoValue]], PolicyDocument: {a: 1}}}
  B: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Q], PolicyDocument: {}}}",
    ));
    let shown: Vec<_> = graph.resources[2..]
        .iter()
        .map(|node| format!("{} {} {}", node.address, node.condition, node.properties["Queue"].value))
        .collect();
    assert_eq!(
        shown,
        [r#"A[0] always "<Q.url>""#, r#"A[1] "x" = "<P>" "https://x""#, r#"B always "<Q.url>""#]
    );
    assert_eq!(property(&graph, "A[1]", "PolicyDocument"), "{a: 1}");
    assert_eq!(property(&graph, "A[1]", "Queues"), "(none)");
}

#[test]
fn what_cannot_be_folded_is_refused() {
    let refused = |resource: &str, expected: &str| {
        refuses(&template(SECTIONS, &format!("  X: {resource}")), &[expected]);
    };
    let policy = "PolicyName: a, PolicyDocument: {}";
    refused(
        &format!("{{Type: AWS::IAM::Policy, Properties: {{{policy}}}}}"),
        "t.yaml:6:3: this resource has no `Roles`",
    );
    refused(
        &format!("{{Type: AWS::IAM::Policy, Properties: {{{policy}, Roles: [!Ref Q]}}}}"),
        "t.yaml:6:87: `Roles` must refer to a role",
    );
    refused(
        &format!("{{Type: AWS::IAM::Policy, Properties: {{{policy}, Roles: !Ref P}}}}"),
        "t.yaml:6:86: `Roles` must refer to roles",
    );
    refused(
        &format!("{{Type: AWS::IAM::Policy, Properties: {{{policy}, Roles: [!Ref R], Users: [u]}}}}"),
        "t.yaml:6:103: `Users` is no key of AWS::IAM::Policy",
    );
    refused(
        &format!(
            "{{Type: AWS::IAM::Policy, DeletionPolicy: Retain, Properties: {{{policy}, Roles: [!Ref R]}}}}"
        ),
        "t.yaml:6:47: `DeletionPolicy` is outside",
    );
    let managed = "ManagedPolicyName: a, PolicyDocument: {}";
    refused(
        &format!("{{Type: AWS::IAM::ManagedPolicy, Properties: {{{managed}, Path: /x/, Roles: [!Ref R]}}}}"),
        "t.yaml:6:99: `Path` is outside",
    );
    refused(
        "{Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref P, IpProtocol: tcp}}",
        "t.yaml:6:67: `GroupId` must refer to a security group",
    );
    refused(
        "{Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: [{SecurityGroupId: x}]}}",
        "t.yaml:6:92: `SecurityGroupId` is no key of a rule that the check knows; did you mean `SourceSecurityGroupId`?",
    );
    refused(
        "{Type: AWS::SQS::QueuePolicy, Properties: {PolicyDocument: {}}}",
        "t.yaml:6:3: this resource has no `Queues`",
    );
    refused(
        "{Type: AWS::SQS::QueuePolicy, Properties: {Queues: !Ref Q, PolicyDocument: {}}}",
        "t.yaml:6:57: `Queues` must be a list of queues",
    );
    refuses(
        &template(
            "",
            "  G: {Type: AWS::EC2::SecurityGroup}\n  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref G, IpProtocol: tcp}}",
        ),
        &["t.yaml:6:3: the security group of this rule has no `SecurityGroupEgress`"],
    );
    refuses(
        &template(
            "",
            "  M: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {}, Roles: [!Ref R]}}\nOutputs: {O: {Value: !Ref M}}",
        ),
        &["t.yaml: `M`, AWS::IAM::ManagedPolicy, has no value here; it has no name; give it one"],
    );
    refuses(
        &template(
            "",
            "  M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: a, PolicyDocument: {}, Roles: [!Ref R]}}\n  S: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Sub '${M}x']}}",
        ),
        &["t.yaml:6:62: `<M.arn>x` is outside"],
    );
}
