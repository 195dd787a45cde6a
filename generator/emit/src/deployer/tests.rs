//! What holds of the policies in every configuration.

use std::collections::BTreeSet;

use jit_runners_model::{
    Choices, Deployment, KeyArn, PolicyArn, Text,
    policy::{Operator, PolicyCondition, Statement},
};

use super::{DeployerPolicy, files, merge, policies};

/// White space is not counted
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>).
const LARGEST_MANAGED_POLICY: usize = 6_144;

const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/boundary";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn deployments() -> [Deployment; 2] {
    let everything = Choices {
        permissions_boundary: Some(PolicyArn::new(BOUNDARY).unwrap()),
        kms_key: Some(KeyArn::new(KEY).unwrap()),
        ..Choices::default()
    };
    [Choices::default(), everything].map(|choices| Deployment::new(choices).unwrap())
}

fn statements(policies: &[DeployerPolicy]) -> impl Iterator<Item = &Statement> {
    policies.iter().flat_map(|policy| &policy.statements)
}

/// A policy as it is uploaded, where every value is as long as it can be.
fn at_its_longest(policy: &str, deployment: &Deployment) -> String {
    let name = "n".repeat(deployment.longest_name().0);
    let bucket = "b".repeat(63);
    [
        ("<name>", name.as_str()),
        ("<LambdaS3Bucket>", &bucket),
        ("<VpcId>", "vpc-0123456789abcdef0"),
        ("PARTITION", "aws-us-gov"),
        ("REGION", "ap-southeast-1"),
        ("ACCOUNT", "123456789012"),
    ]
    .iter()
    .fold(policy.to_owned(), |text, (word, value)| text.replace(word, value))
}

#[test]
fn each_fits_into_a_managed_policy_whatever_the_names() {
    for deployment in deployments() {
        for file in files(&deployment).iter().filter(|file| file.path != "deployer/README.md") {
            let text = at_its_longest(&file.contents, &deployment);
            let size = text.chars().filter(|character| !character.is_whitespace()).count();
            assert!(size <= LARGEST_MANAGED_POLICY, "{} has {size} characters", file.path);
            assert!(!text.contains('<'), "{} has a word that the page does not name", file.path);
        }
    }
}

#[test]
fn statements_have_names_of_their_own() {
    for deployment in deployments() {
        for policy in policies(&deployment) {
            let names: BTreeSet<_> = policy.statements.iter().map(|statement| statement.sid).collect();
            assert_eq!(names.len(), policy.statements.len(), "{}: {names:?}", policy.part.name());
        }
    }
}

#[test]
fn only_what_knows_no_names_is_for_everything() {
    for deployment in deployments() {
        let policies = policies(&deployment);
        let everything: BTreeSet<_> = statements(&policies)
            .filter(|statement| statement.resources == [Text::literal("*")])
            .map(|statement| statement.sid)
            .collect();
        let expected = [
            "CheckInputs",
            "CreateEventSource",
            "LogDelivery",
            "LookAtLogGroups",
            "LookAtNetwork",
            "ReadTemplate",
        ];
        assert_eq!(everything, expected.into());
    }
}

#[test]
fn every_role_is_passed_to_the_service_that_trusts_it_and_to_no_other() {
    for deployment in deployments() {
        let policies = policies(&deployment);
        let passing: Vec<_> =
            statements(&policies).filter(|statement| statement.actions.contains(&"iam:PassRole")).collect();
        for statement in &passing {
            assert_eq!(statement.actions, ["iam:PassRole"]);
            assert!(matches!(
                statement.conditions.as_slice(),
                [PolicyCondition { key, values, .. }] if key == "iam:PassedToService" && values.len() == 1
            ));
        }
        let passed: usize = passing.iter().map(|statement| statement.resources.len()).sum();
        let roles =
            deployment.resources().iter().filter(|node| node.resource.kind().as_str() == "Role").count();
        assert_eq!(passed, roles);
    }
}

#[test]
fn with_a_boundary_no_right_is_given_outside_it() {
    let [without, with] = deployments();
    let rights =
        ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"];
    let with = policies(&with);
    for action in rights {
        for statement in statements(&with).filter(|statement| statement.actions.contains(&action)) {
            let [condition] = statement.conditions.as_slice() else { panic!("{action} has no condition") };
            assert_eq!(condition.key, "iam:PermissionsBoundary");
            assert_eq!(condition.values, [Text::literal(BOUNDARY)]);
        }
    }
    let takes_it_away = |policies: &[DeployerPolicy]| {
        statements(policies).any(|statement| statement.actions.contains(&"iam:DeleteRolePermissionsBoundary"))
    };
    assert!(!takes_it_away(&with));
    // Otherwise a boundary that is no longer chosen could not be removed.
    assert!(takes_it_away(&policies(&without)));
}

#[test]
fn merged_statements_allow_what_they_allowed_apart() {
    let statement = |actions: &[&'static str], resource: &str| Statement {
        sid: "S",
        reason: "of a test",
        service: None,
        actions: actions.to_vec(),
        resources: vec![Text::literal(resource)],
        conditions: Vec::new(),
    };
    let merged = |news: &[Statement]| {
        let mut all = Vec::new();
        for new in news {
            merge(&mut all, new);
        }
        all.iter().map(|one| (one.actions.clone(), one.resources.len())).collect::<Vec<_>>()
    };
    assert_eq!(merged(&[statement(&["a:A"], "x"), statement(&["a:A"], "y")]), [(vec!["a:A"], 2)]);
    assert_eq!(merged(&[statement(&["a:A"], "x"), statement(&["a:B"], "x")]), [(vec!["a:A", "a:B"], 1)]);
    let on_condition = |value: &str| Statement {
        conditions: vec![PolicyCondition::new(Operator::StringEquals, "k", value)],
        ..statement(&["a:A"], "x")
    };
    assert_eq!(merged(&[on_condition("1"), on_condition("2")]), [(vec!["a:A"], 1)]);
    assert_eq!(merged(&[on_condition("1"), statement(&["a:A"], "x")]), [(vec!["a:A"], 1), (vec!["a:A"], 1)]);
    // Together they would allow `a:A` on `y`.
    assert_eq!(
        merged(&[statement(&["a:A"], "x"), statement(&["a:B"], "y")]),
        [(vec!["a:A"], 1), (vec!["a:B"], 1)]
    );
}
