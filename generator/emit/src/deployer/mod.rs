//! `deployer/`: the IAM policies that a deployer needs, and the page that explains them.
//!
//! Which actions a deployment takes follows from the kinds of its resources ([`grant`]); on what, from their names. The
//! policies are for both dialects, except that `stack.json` is for `CloudFormation`'s own actions.

use std::collections::BTreeMap;

use jit_runners_model::{
    Deployment,
    policy::{PolicyCondition, Statement},
};
use serde::Serialize;

use self::grant::grants;
use crate::{
    GeneratedFile, NOTICE,
    docs::{Reader, StatementView, render, statement},
};

mod grant;

/// The files of `deployer/`, sorted by path.
pub(crate) fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    let reader = Reader::new(deployment);
    let policies = policies(deployment);
    let page = GeneratedFile {
        path: "deployer/README.md".to_owned(),
        contents: page(&reader, deployment, &policies),
    };
    let mut files: Vec<_> = policies
        .iter()
        .map(|policy| GeneratedFile {
            path: format!("deployer/{}.json", policy.part.name()),
            contents: document(&reader, &policy.statements),
        })
        .chain([page])
        .collect();
    files.sort();
    files
}

/// What a policy is about. One managed policy holds 6,144 characters, so it takes several
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
/// Each but the last has a file of the same name in `grant/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PolicyArea {
    /// Functions, and what invokes them.
    Functions,
    /// What is beside the functions: API, queues, table, security group.
    Services,
    /// Log groups, alarms, dashboard.
    Observability,
    /// Roles, and passing them on.
    Roles,
    /// `CloudFormation` itself.
    Stack,
}

impl PolicyArea {
    const ALL: [Self; 5] = [Self::Functions, Self::Services, Self::Observability, Self::Roles, Self::Stack];

    /// The file's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Functions => "functions",
            Self::Services => "services",
            Self::Observability => "observability",
            Self::Roles => "roles",
            Self::Stack => "stack",
        }
    }

    /// What it is about.
    const fn about(self) -> &'static str {
        match self {
            Self::Functions => "The functions, and what invokes them: queues, schedules and rules.",
            Self::Services => {
                "What is beside the functions: the API, the queues, the table, the security group."
            }
            Self::Observability => {
                "Log groups, the API's access log, metric filters, alarms and the dashboard."
            }
            Self::Roles => {
                "The roles of the functions, of the schedules and of the runners, and passing them on."
            }
            Self::Stack => "CloudFormation's own actions. With OpenTofu or Terraform nobody needs it.",
        }
    }
}

/// One of the policies.
struct DeployerPolicy {
    part: PolicyArea,
    statements: Vec<Statement>,
}

/// All of them, none of them empty.
fn policies(deployment: &Deployment) -> Vec<DeployerPolicy> {
    let mut policies: Vec<_> =
        PolicyArea::ALL.into_iter().map(|part| DeployerPolicy { part, statements: Vec::new() }).collect();
    for (part, statement) in grants(deployment) {
        for policy in policies.iter_mut().filter(|policy| policy.part == part) {
            merge(&mut policy.statements, &statement);
        }
    }
    policies.retain(|policy| !policy.statements.is_empty());
    policies
}

/// Adds a statement to others. One of the same name from which it differs in one thing only - the actions, the resources, or
/// the values of a single condition - takes what it has: so the merged one allows what the two allow, and no more.
fn merge(statements: &mut Vec<Statement>, new: &Statement) {
    let joined = statements.iter_mut().filter(|one| one.sid == new.sid).any(|one| {
        let same =
            (one.actions == new.actions, one.resources == new.resources, one.conditions == new.conditions);
        match same {
            (_, true, true) => add(&mut one.actions, &new.actions),
            (true, _, true) => add(&mut one.resources, &new.resources),
            (true, true, false) => match (one.conditions.as_mut_slice(), new.conditions.as_slice()) {
                ([mine], [other]) if (mine.operator, &mine.key) == (other.operator, &other.key) => {
                    add(&mut mine.values, &other.values);
                }
                _ => return false,
            },
            _ => return false,
        }
        true
    });
    if !joined {
        statements.push(new.clone());
    }
}

/// Adds what is not there yet.
fn add<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

/// The version of the policy language
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>).
const VERSION: &str = "2012-10-17";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Allowed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Allowed {
    sid: &'static str,
    effect: &'static str,
    action: Vec<&'static str>,
    resource: OneOrMany,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<String, OneOrMany>>,
}

/// A list of one stands without brackets.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl FromIterator<String> for OneOrMany {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        let mut texts: Vec<_> = texts.into_iter().collect();
        match (texts.pop(), texts.is_empty()) {
            (Some(one), true) => Self::One(one),
            (last, _) => {
                texts.extend(last);
                Self::Many(texts)
            }
        }
    }
}

/// The policy, with a word of its own for whatever only the reader knows, see [`Reader`].
///
/// # Panics
/// Never: texts and lists of them can always be written.
fn document(reader: &Reader<'_>, statements: &[Statement]) -> String {
    let document = Document {
        version: VERSION,
        statement: statements.iter().map(|statement| allowed(reader, statement)).collect(),
    };
    let text = serde_json::to_string_pretty(&document).expect("a document of texts is JSON");
    format!("{text}\n")
}

fn allowed(reader: &Reader<'_>, statement: &Statement) -> Allowed {
    let Statement { sid, reason: _, service: _, actions, resources, conditions } = statement;
    let mut condition: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for PolicyCondition { operator, key, values } in conditions {
        let values = values.iter().map(|value| reader.text(value)).collect();
        condition.entry(operator.as_str()).or_default().insert(key.clone(), values);
    }
    Allowed {
        sid,
        effect: "Allow",
        action: actions.clone(),
        resource: resources.iter().map(|arn| reader.text(arn)).collect(),
        condition,
    }
}

const TEMPLATE: &str = include_str!("readme.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    /// The permissions boundary of every role, if one is chosen.
    boundary: Option<String>,
    kms_key: bool,
    policies: Vec<PolicyView>,
}

#[derive(Serialize)]
struct PolicyView {
    name: &'static str,
    about: &'static str,
    statements: Vec<StatementView>,
}

fn page(reader: &Reader<'_>, deployment: &Deployment, policies: &[DeployerPolicy]) -> String {
    let view = |policy: &DeployerPolicy| PolicyView {
        name: policy.part.name(),
        about: policy.part.about(),
        statements: policy.statements.iter().map(|one| statement(reader, one)).collect(),
    };
    let choices = deployment.choices();
    render(
        TEMPLATE,
        Page {
            notice: NOTICE,
            boundary: choices.permissions_boundary.as_ref().map(ToString::to_string),
            kms_key: choices.kms_key.is_some(),
            policies: policies.iter().map(view).collect(),
        },
    )
}

/// What holds of the policies in every configuration.
#[cfg(test)]
mod tests {
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
            let passing: Vec<_> = statements(&policies)
                .filter(|statement| statement.actions.contains(&"iam:PassRole"))
                .collect();
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
                let [condition] = statement.conditions.as_slice() else {
                    panic!("{action} has no condition")
                };
                assert_eq!(condition.key, "iam:PermissionsBoundary");
                assert_eq!(condition.values, [Text::literal(BOUNDARY)]);
            }
        }
        let takes_it_away = |policies: &[DeployerPolicy]| {
            statements(policies)
                .any(|statement| statement.actions.contains(&"iam:DeleteRolePermissionsBoundary"))
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
        assert_eq!(
            merged(&[on_condition("1"), statement(&["a:A"], "x")]),
            [(vec!["a:A"], 1), (vec!["a:A"], 1)]
        );
        // Together they would allow `a:A` on `y`.
        assert_eq!(
            merged(&[statement(&["a:A"], "x"), statement(&["a:B"], "y")]),
            [(vec!["a:A"], 1), (vec!["a:B"], 1)]
        );
    }
}
