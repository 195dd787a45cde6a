//! Resources that become a part of others.

use super::{graph, property, refuses, shaped, template};

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
        &format!("{{Type: AWS::IAM::Policy, Properties: {{{policy}, Roles: [other]}}}}"),
        "t.yaml:6:87: `Roles` must refer to a role of this template",
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
        &format!("{{Type: AWS::IAM::ManagedPolicy, Properties: {{{managed}}}}}"),
        "t.yaml:6:3: no role of this template has this managed policy",
    );
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
            "  M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: a, PolicyDocument: {}, Roles: [!Ref R]}}\nOutputs: {O: {Value: !Ref M}}",
        ),
        &["t.yaml:6:22: `M`, AWS::IAM::ManagedPolicy, has no value here"],
    );
    refuses(
        &template(
            "",
            "  M: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: a, PolicyDocument: {}, Roles: [!Ref R]}}\n  S: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Sub '${M}x']}}",
        ),
        &["t.yaml:6:62: `<M.arn>x` is outside"],
    );
}
