//! What the derived roles allow, and what they do not.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{
    Choices, Deployment, Expr, KeyArn, Text,
    contract::{Effect, Handler, InstanceEffect, tag},
    policy::{Operator, Policy, PolicyCondition, Service, Statement},
    resource::{Attribute, Resource, Role},
    stack::inputs,
    text,
};

fn deployment() -> Deployment {
    Deployment::new(Choices::default()).unwrap()
}

fn role<'a>(deployment: &'a Deployment, logical_id: &str) -> &'a Role {
    let node = deployment.resources().iter().find(|node| node.id.logical_id == logical_id).unwrap();
    match &node.resource {
        Resource::Role(role) => role,
        other => panic!("{logical_id} is a {}", other.kind().as_str()),
    }
}

/// The role of each function, found by the function's link to it.
fn function_roles(deployment: &Deployment) -> BTreeMap<Handler, &Role> {
    deployment
        .resources()
        .iter()
        .filter_map(|node| match &node.resource {
            Resource::Function(function) => {
                Some((function.handler, role(deployment, function.role.id().logical_id)))
            }
            _ => None,
        })
        .collect()
}

/// Every policy of the deployment, by the logical id of what it belongs to.
fn policies(deployment: &Deployment) -> Vec<(&'static str, &Policy)> {
    deployment
        .resources()
        .iter()
        .filter_map(|node| match &node.resource {
            Resource::Role(role) => Some((node.id.logical_id, &role.policy)),
            Resource::QueuePolicy(policy) => Some((node.id.logical_id, &policy.policy)),
            _ => None,
        })
        .collect()
}

/// The statements that allow `action`, with the logical id of what they belong to.
fn allowing<'a>(deployment: &'a Deployment, action: &str) -> Vec<(&'static str, &'a Statement)> {
    policies(deployment)
        .into_iter()
        .flat_map(|(id, policy)| policy.statements.iter().map(move |statement| (id, statement)))
        .filter(|(_, statement)| statement.actions.contains(&action))
        .collect()
}

fn holders(statements: &[(&'static str, &Statement)]) -> Vec<&'static str> {
    statements.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>().into_iter().collect()
}

fn of_this_deployment() -> PolicyCondition {
    PolicyCondition::new(
        Operator::StringEquals,
        format!("ec2:ResourceTag/{}", tag::DEPLOYMENT),
        Expr::DeploymentName,
    )
}

/// The attribute of the resource that `resources` is, if it is nothing else.
fn only_attribute(resources: &[Text]) -> Option<(&'static str, Attribute)> {
    let [resource] = resources else { return None };
    let expressions: Vec<_> = resource.expressions().collect();
    match (resource.pieces().len(), expressions.as_slice()) {
        (1, [Expr::Attribute { kind: _, of, attribute }]) => Some((of.logical_id, *attribute)),
        _ => None,
    }
}

#[test]
fn only_the_runners_role_is_passed_and_only_to_instances() {
    let deployment = deployment();
    let statements = allowing(&deployment, "iam:PassRole");
    assert_eq!(holders(&statements), ["ScaleUpRole"]);
    for (_, statement) in statements {
        assert_eq!(statement.actions, ["iam:PassRole"]);
        assert_eq!(only_attribute(&statement.resources), Some(("RunnerRole", Attribute::Arn)));
        assert_eq!(
            statement.conditions,
            [PolicyCondition::new(Operator::StringEquals, "iam:PassedToService", "ec2.amazonaws.com")]
        );
    }
    assert_eq!(role(&deployment, "RunnerRole").trusted, Service::Ec2);
}

#[test]
fn tags_are_only_written_by_a_launch() {
    let deployment = deployment();
    let statements = allowing(&deployment, "ec2:CreateTags");
    assert_eq!(holders(&statements), ["ScaleUpRole"]);
    for (_, statement) in statements {
        assert_eq!(statement.actions, ["ec2:CreateTags"]);
        assert_eq!(
            statement.conditions,
            [PolicyCondition::new(Operator::StringEquals, "ec2:CreateAction", "RunInstances")]
        );
    }
    assert_eq!(holders(&allowing(&deployment, "ec2:DeleteTags")), [""; 0]);
}

#[test]
fn only_instances_of_this_deployment_are_terminated() {
    let deployment = deployment();
    let statements = allowing(&deployment, "ec2:TerminateInstances");
    assert_eq!(holders(&statements), ["LifecycleRole", "RunnerRole", "ScaleDownRole", "ScaleUpRole"]);
    for (id, statement) in statements {
        assert_eq!(statement.actions, ["ec2:TerminateInstances"], "{id}");
        assert_eq!(statement.conditions[0], of_this_deployment(), "{id}");
        assert_eq!(statement.conditions.len(), if id == "RunnerRole" { 2 } else { 1 }, "{id}");
    }
}

#[test]
fn a_job_cannot_end_other_runners() {
    let deployment = deployment();
    let terminate = allowing(&deployment, "ec2:TerminateInstances");
    let (_, of_runner) = terminate.iter().find(|(id, _)| *id == "RunnerRole").unwrap();
    let itself = text![
        "arn:",
        Expr::Partition,
        ":ec2:",
        Expr::Region,
        ":",
        Expr::AccountId,
        ":instance/${ec2:InstanceID}",
    ];
    assert!(of_runner.conditions.contains(&PolicyCondition::new(
        Operator::ArnEquals,
        "ec2:SourceInstanceARN",
        itself,
    )));
}

#[test]
fn only_spots_own_role_is_created_and_only_by_who_prepares_the_deployment() {
    let deployment = deployment();
    let statements = allowing(&deployment, "iam:CreateServiceLinkedRole");
    assert_eq!(holders(&statements), ["ScaleDownRole"]);
    for (_, statement) in statements {
        assert_eq!(statement.actions, ["iam:CreateServiceLinkedRole"]);
        assert_eq!(
            statement.conditions,
            [PolicyCondition::new(Operator::StringEquals, "iam:AWSServiceName", "spot.amazonaws.com")]
        );
    }
}

#[test]
fn only_the_deployments_own_stack_is_looked_at() {
    let deployment = deployment();
    let statements = allowing(&deployment, "cloudformation:DescribeStacks");
    assert_eq!(holders(&statements), ["ScaleDownRole"]);
    let own = text![
        "arn:",
        Expr::Partition,
        ":cloudformation:",
        Expr::Region,
        ":",
        Expr::AccountId,
        ":stack/",
        Expr::DeploymentName,
        "/*",
    ];
    for (_, statement) in statements {
        assert_eq!(statement.actions, ["cloudformation:DescribeStacks"]);
        assert_eq!(statement.resources, std::slice::from_ref(&own));
    }
}

#[test]
fn instances_are_launched_with_the_tag_by_which_they_may_be_terminated() {
    let deployment = deployment();
    let instance = text!["arn:", Expr::Partition, ":ec2:", Expr::Region, ":", Expr::AccountId, ":instance/*"];
    let statements = allowing(&deployment, "ec2:RunInstances");
    assert_eq!(holders(&statements), ["ScaleUpRole"]);
    let of_instances: Vec<_> =
        statements.iter().filter(|(_, statement)| statement.resources.contains(&instance)).collect();
    let [(_, statement)] = of_instances.as_slice() else { panic!("{} statements", of_instances.len()) };
    assert_eq!(statement.resources, [instance]);
    let conditions: BTreeMap<_, _> =
        statement.conditions.iter().map(|condition| (condition.key.as_str(), condition)).collect();
    assert_eq!(
        conditions.keys().copied().collect::<Vec<_>>(),
        ["aws:RequestTag/jit-runners:deployment", "ec2:InstanceProfile", "ec2:MetadataHttpTokens"]
    );
    assert_eq!(
        conditions["aws:RequestTag/jit-runners:deployment"].values,
        [Text::from(Expr::DeploymentName)]
    );
    assert_eq!(
        only_attribute(&conditions["ec2:InstanceProfile"].values),
        Some(("RunnerInstanceProfile", Attribute::Arn))
    );
}

#[test]
fn a_secret_is_read_by_those_that_need_it() {
    let deployment = deployment();
    let mut readers: BTreeMap<&Text, Vec<&str>> = BTreeMap::new();
    for (id, statement) in allowing(&deployment, "secretsmanager:GetSecretValue") {
        assert_eq!(statement.actions, ["secretsmanager:GetSecretValue"], "{id}");
        for resource in &statement.resources {
            readers.entry(resource).or_default().push(id);
        }
    }
    let (webhook_secret, private_key) = (
        Text::from(Expr::Parameter(inputs::WEBHOOK_SECRET_ARN)),
        Text::from(Expr::Parameter(inputs::PRIVATE_KEY_ARN)),
    );
    assert_eq!(
        readers,
        BTreeMap::from([
            (&webhook_secret, vec!["WebhookRole"]),
            (&private_key, vec!["ScaleUpRole", "ScaleDownRole", "LifecycleRole", "RebalancerRole"]),
        ])
    );
}

#[test]
fn an_instance_reads_its_own_configuration_and_no_other() {
    let deployment = deployment();
    let runner = role(&deployment, "RunnerRole");
    let [take, terminate] = runner.policy.statements.as_slice() else { panic!("other statements than two") };
    assert_eq!(take.actions, ["dynamodb:DeleteItem"]);
    assert_eq!(only_attribute(&take.resources), Some(("RunnersTable", Attribute::Arn)));
    // The variable is IAM's, so it is a literal of the document.
    assert_eq!(
        take.conditions,
        [PolicyCondition::new(
            Operator::ForAllValuesStringEquals,
            "dynamodb:LeadingKeys",
            Text::literal("${aws:userid}"),
        )]
    );
    assert_eq!(terminate.actions, ["ec2:TerminateInstances"]);
    assert_eq!(InstanceEffect::ALL.len(), runner.policy.statements.len());
}

#[test]
fn nothing_is_allowed_on_everything_but_looking_at_images_and_instances() {
    let deployment = deployment();
    for (id, policy) in policies(&deployment) {
        for statement in &policy.statements {
            assert!(!statement.resources.is_empty(), "{id}: {} is about nothing", statement.sid);
            let on_everything = statement.resources.contains(&Text::literal("*"));
            let looks = [["ec2:DescribeImages"], ["ec2:DescribeInstances"]];
            let only_looks = looks.iter().any(|look| statement.actions == look);
            assert_eq!(on_everything, only_looks, "{id}: {}", statement.sid);
            for action in &statement.actions {
                assert!(!action.contains('*'), "{id}: {action}");
                assert!(action.split_once(':').is_some(), "{id}: {action}");
            }
        }
    }
}

#[test]
fn a_role_holds_what_its_handler_does_and_nothing_else() {
    let deployment = deployment();
    for (handler, role) in function_roles(&deployment) {
        assert_eq!(role.trusted, Service::Lambda, "{handler}");
        let held: BTreeSet<_> =
            role.policy.statements.iter().flat_map(|statement| &statement.actions).copied().collect();
        let needed: BTreeSet<_> =
            handler.effects().iter().flat_map(|effect| needs(*effect)).copied().collect();
        assert_eq!(held, needed, "{handler}");
        let distinct: BTreeSet<_> = handler.effects().iter().collect();
        assert_eq!(distinct.len(), handler.effects().len(), "{handler} declares an effect twice");
    }
}

/// Written down a second time on purpose: what each effect takes, apart from conditions.
fn needs(effect: Effect) -> &'static [&'static str] {
    match effect {
        Effect::WriteLog => &["logs:CreateLogStream", "logs:PutLogEvents"],
        Effect::ReadWebhookSecret | Effect::ReadPrivateKey => &["secretsmanager:GetSecretValue"],
        Effect::PublishJob | Effect::PublishEvent => &["sqs:SendMessage"],
        Effect::ConsumeJob | Effect::ConsumeEvent => {
            &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        }
        Effect::ReadLedger => &["dynamodb:GetItem", "dynamodb:Query"],
        Effect::WriteLedger => &["dynamodb:PutItem"],
        Effect::LaunchInstances => &["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole"],
        Effect::DescribeImages => &["ec2:DescribeImages"],
        Effect::DescribeInstances => &["ec2:DescribeInstances"],
        Effect::TerminateInstances => &["ec2:TerminateInstances"],
        Effect::CreateSpotRole => &["iam:CreateServiceLinkedRole"],
        Effect::DescribeOwnStack => &["cloudformation:DescribeStacks"],
    }
}

#[test]
fn a_function_logs_to_its_own_group_only() {
    let deployment = deployment();
    for node in deployment.resources() {
        let Resource::Function(function) = &node.resource else { continue };
        let role = role(&deployment, function.role.id().logical_id);
        let logs: Vec<_> = role
            .policy
            .statements
            .iter()
            .filter(|statement| statement.actions.contains(&"logs:PutLogEvents"))
            .flat_map(|statement| &statement.resources)
            .flat_map(Text::expressions)
            .filter_map(|expr| match expr {
                Expr::Attribute { kind: _, of, attribute: _ } => Some(*of),
                _ => None,
            })
            .collect();
        assert_eq!(logs, [function.log_group.id()], "{}", function.handler);
    }
}

#[test]
fn a_function_that_is_fed_by_a_queue_may_receive_from_it() {
    let deployment = deployment();
    let roles = function_roles(&deployment);
    for node in deployment.resources() {
        let Resource::EventSourceMapping(mapping) = &node.resource else { continue };
        let fed = deployment.resources().iter().find(|node| node.id == mapping.function.id()).unwrap();
        let Resource::Function(function) = &fed.resource else { panic!("{:?} is fed", fed.id) };
        let queue = mapping.event_source.id().logical_id;
        assert!(
            roles[&function.handler].policy.statements.iter().any(|statement| {
                statement.actions.contains(&"sqs:ReceiveMessage")
                    && only_attribute(&statement.resources) == Some((queue, Attribute::Arn))
            }),
            "{} may not receive from {queue}",
            function.handler
        );
    }
}

#[test]
fn sids_are_unique_in_their_policy_and_plain() {
    let deployment = deployment();
    for (id, policy) in policies(&deployment) {
        let sids: BTreeSet<_> = policy.statements.iter().map(|statement| statement.sid).collect();
        assert_eq!(sids.len(), policy.statements.len(), "{id}");
        assert!(sids.iter().all(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric())), "{id}: {sids:?}");
    }
}

#[test]
fn others_may_use_a_queue_only_as_a_named_service_on_behalf_of_a_named_source() {
    let deployment = deployment();
    for node in deployment.resources() {
        let Resource::QueuePolicy(policy) = &node.resource else { continue };
        for statement in &policy.policy.statements {
            assert!(statement.service.is_some(), "{}", statement.sid);
            let keys: Vec<_> = statement.conditions.iter().map(|condition| condition.key.as_str()).collect();
            assert_eq!(keys, ["aws:SourceArn"], "{}", statement.sid);
        }
    }
}

#[test]
fn a_key_of_the_account_is_used_through_the_services_that_hold_data_only() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd";
    let choices = Choices { kms_key: Some(KeyArn::new(key).unwrap()), ..Choices::default() };
    let deployment = Deployment::new(choices).unwrap();
    let mut roles: Vec<_> = function_roles(&deployment).into_values().collect();
    roles.push(role(&deployment, "RunnerRole"));
    for role in roles {
        let uses: Vec<_> = role
            .policy
            .statements
            .iter()
            .filter(|statement| statement.actions.contains(&"kms:Decrypt"))
            .collect();
        let [statement] = uses.as_slice() else { panic!("{}: {} statements", role.description, uses.len()) };
        assert_eq!(statement.resources, [Text::literal(key)], "{}", role.description);
        let keys: Vec<_> = statement.conditions.iter().map(|condition| condition.key.as_str()).collect();
        assert_eq!(keys, ["kms:ViaService"], "{}", role.description);
    }
}
