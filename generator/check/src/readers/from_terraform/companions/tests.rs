//! Parts and the resources that they belong to.

use serde_json::json;

use super::super::example::{check, check_refused, module, shaped};

#[test]
fn policies_of_a_role_are_found_by_reference_and_by_name() {
    check(
        &[
            (
                "aws_iam_role.r",
                json!({"name": "r-${var.x}", "inline_policy": [{"name": "own", "policy": "{}"}]}),
            ),
            ("aws_iam_role_policy.a", json!({"role": "${aws_iam_role.r.id}", "name": "a", "policy": "{}"})),
            ("aws_iam_role_policy.b", json!({"role": "r-${var.x}", "name": "b", "policy": "{}"})),
            (
                "aws_iam_role_policies_exclusive.e",
                json!({"role_name": "r-${var.x}", "policy_names": ["own", "b", "a"]}),
            ),
        ],
        "aws_iam_role.r",
        r#"{Policies: {a: {}, b: {}, own: {}}, RoleName: "r-<x>"}"#,
    );
}

#[test]
fn attached_policies_are_the_modules_or_foreign() {
    let policy = json!({"name": "p", "policy": "{}", "description": "words"});
    check(
        &[
            (
                "aws_iam_role.r",
                json!({"name": "r", "managed_policy_arns": ["arn:1", "${aws_iam_policy.p.arn}"]}),
            ),
            ("aws_iam_policy.p", policy.clone()),
            ("aws_iam_role_policy_attachment.a", json!({"role": "r", "policy_arn": "arn:2"})),
            ("aws_iam_policy_attachment.b", json!({"name": "b", "roles": ["r"], "policy_arn": "arn:3"})),
            (
                "aws_iam_role_policy_attachments_exclusive.c",
                json!({"role_name": "r", "policy_arns": ["arn:1", "arn:2", "arn:3", "arn:4", "${aws_iam_policy.p.arn}"]}),
            ),
        ],
        "aws_iam_role.r",
        r#"{AttachedPolicies: {p: {}}, ManagedPolicyArns: ["arn:1", "arn:2", "arn:3", "arn:4"], RoleName: "r"}"#,
    );
    check(
        &[("aws_iam_policy.p", policy)],
        "aws_iam_policy.p",
        r#"{ManagedPolicyName: "p", PolicyDocument: {}}"#,
    );
    check(
        &[("aws_iam_role_policy.p", json!({"name": "p", "policy": "{}", "role": "${var.role}"}))],
        "aws_iam_role_policy.p",
        r#"{PolicyDocument: {}, PolicyName: "p", RoleName: "<role>"}"#,
    );
}

#[test]
fn lists_that_claim_to_be_complete_must_be() {
    check_refused(
        &[
            ("aws_iam_role.r", json!({"name": "r", "managed_policy_arns": ["arn:1"]})),
            ("aws_iam_role_policy.a", json!({"role": "r", "name": "a", "policy": "{}"})),
            ("aws_iam_role_policies_exclusive.e", json!({"role_name": "r", "policy_names": []})),
            (
                "aws_iam_role_policy_attachments_exclusive.c",
                json!({"role_name": "r", "policy_arns": ["arn:2"]}),
            ),
        ],
        &[
            "main.tf:3:1: aws_iam_role_policies_exclusive.e says that the role has only none; the module gives it `a`",
            "main.tf:4:1: aws_iam_role_policy_attachments_exclusive.c says that the role has only `arn:2`; the module gives it `arn:1`",
        ],
    );
}

#[test]
fn targets_stand_in_their_rule() {
    check(
        &[
            ("aws_cloudwatch_event_rule.r", json!({"name": "r"})),
            (
                "aws_cloudwatch_event_target.a",
                json!({"rule": "${aws_cloudwatch_event_rule.r.name}", "target_id": "a", "arn": "x"}),
            ),
            ("aws_cloudwatch_event_target.b", json!({"rule": "r", "arn": "y", "event_bus_name": "default"})),
        ],
        "aws_cloudwatch_event_rule.r",
        r#"{Name: "r", Targets: {a: {Arn: "x"}, generated-2: {Arn: "y"}}}"#,
    );
}

#[test]
fn rules_of_a_group_have_one_end_each() {
    let group = json!({
        "name": "g",
        "egress": [{
            "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["a", "b"], "ipv6_cidr_blocks": ["c"]
        }],
    });
    check(
        &[
            ("aws_security_group.g", group),
            (
                "aws_security_group_rule.a",
                json!({
                    "security_group_id": "${aws_security_group.g.id}", "type": "ingress", "protocol": "tcp",
                    "from_port": 1, "to_port": 2, "self": true
                }),
            ),
            (
                "aws_vpc_security_group_ingress_rule.b",
                json!({
                    "security_group_id": "${aws_security_group.g.id}", "ip_protocol": "tcp", "from_port": 3,
                    "to_port": 3, "referenced_security_group_id": "sg-1"
                }),
            ),
        ],
        "aws_security_group.g",
        r#"{GroupName: "g", SecurityGroupEgress: [{CidrIp: "a", IpProtocol: "-1"}, {CidrIp: "b", IpProtocol: "-1"}, {CidrIpv6: "c", IpProtocol: "-1"}], SecurityGroupIngress: [{FromPort: 1, IpProtocol: "tcp", SecurityGroupId: "<aws_security_group.g.id>", ToPort: 2}, {FromPort: 3, IpProtocol: "tcp", SecurityGroupId: "sg-1", ToPort: 3}]}"#,
    );
}

#[test]
fn a_group_without_rules_lets_nothing_out() {
    check(&[("aws_security_group.g", json!({}))], "aws_security_group.g", "{SecurityGroupEgress: []}");
}

#[test]
fn conditions_of_lists_are_those_of_their_rules() {
    check(
        &[(
            "aws_security_group.g",
            json!({"ingress": [{"protocol": "tcp", "cidr_blocks": {"?": "${var.on}", "then": ["a"], "else": []}}]}),
        )],
        "aws_security_group.g",
        r#"{SecurityGroupEgress: [], SecurityGroupIngress: [{CidrIp: "a", IpProtocol: "tcp"} if "true" = "<on>", else nothing]}"#,
    );
}

#[test]
fn redrive_policies_are_their_queues() {
    check(
        &[
            ("aws_sqs_queue.q", json!({"name": "q"})),
            (
                "aws_sqs_queue_redrive_policy.a",
                json!({"queue_url": "${aws_sqs_queue.q.id}", "redrive_policy": "{\"maxReceiveCount\": 3}"}),
            ),
            (
                "aws_sqs_queue_redrive_allow_policy.b",
                json!({"queue_url": "${aws_sqs_queue.q.url}", "redrive_allow_policy": "{}", "count": "${var.on}"}),
            ),
        ],
        "aws_sqs_queue.q",
        r#"{QueueName: "q", RedriveAllowPolicy: {} if "true" = "<on>", else nothing, RedrivePolicy: {maxReceiveCount: 3}}"#,
    );
}

#[test]
fn a_part_that_exists_with_its_whole_is_unconditional() {
    let graph = shaped(module(&[
        ("aws_iam_role.r", json!({"name": "r", "count": "${var.on}"})),
        ("aws_iam_role_policy.a", json!({"role": "r", "name": "a", "policy": "{}", "count": "${var.on}"})),
    ]));
    assert_eq!(graph.resources[0].properties["Policies"].value.to_string(), "{a: {}}");
}

#[test]
fn a_part_that_exists_without_its_whole_is_conditional() {
    check(
        &[
            ("aws_iam_role.r", json!({"name": "r"})),
            (
                "aws_iam_role_policy.a",
                json!({"role": "r", "name": "a", "policy": "{}", "count": "${var.on}"}),
            ),
            ("aws_iam_role_policy.b", json!({"role": "r", "name": "b", "policy": "{}"})),
        ],
        "aws_iam_role.r",
        r#"{Policies: {a: {} if "true" = "<on>", else nothing, b: {}}, RoleName: "r"}"#,
    );
}

#[test]
fn a_part_without_a_whole_is_refused() {
    check_refused(
        &[
            ("aws_iam_role.r", json!({"name": "r"})),
            ("aws_iam_role_policy.a", json!({"role": "other", "name": "a", "policy": "{}"})),
            ("aws_cloudwatch_event_target.t", json!({"arn": "x"})),
            ("aws_security_group.g", json!({"name": "g"})),
            ("aws_security_group_rule.r", json!({"security_group_id": "g", "type": "ingress"})),
            ("aws_sqs_queue.q", json!({"redrive_policy": "{}"})),
            (
                "aws_sqs_queue_redrive_policy.q",
                json!({"queue_url": "${aws_sqs_queue.q.url}", "redrive_policy": "{}"}),
            ),
        ],
        &[
            "main.tf:3:1: this aws_cloudwatch_event_target belongs to nothing, which is no aws_cloudwatch_event_rule of this module; declare it here, or leave both out",
            "main.tf:5:3: this aws_security_group_rule belongs to `g`, which is no aws_security_group of this module; declare it here, or leave both out",
            "main.tf:7:1: aws_sqs_queue_redrive_policy.q says what aws_sqs_queue.q says itself in `RedrivePolicy`; remove one of the two",
        ],
    );
}
