//! `deployer/`: the IAM policies that whoever deploys needs, and the page that explains them.
//!
//! Which actions a deployment takes follows from the kinds of its resources ([`grant`]); on what, from their names. The
//! policies are for both dialects, except that `stack.json` is for `CloudFormation`'s own actions.

mod document;
mod grant;
mod page;
#[cfg(test)]
mod tests;

use jit_runners_model::{Deployment, policy::Statement};

use self::grant::grants;
use super::docs::Reader;
use crate::GeneratedFile;

/// The files of `deployer/`, sorted by path.
pub(crate) fn files(deployment: &Deployment) -> Vec<GeneratedFile> {
    let reader = Reader::new(deployment);
    let policies = policies(deployment);
    let page = GeneratedFile {
        path: "deployer/README.md".to_owned(),
        contents: page::text(&reader, deployment, &policies),
    };
    let mut files: Vec<_> = policies
        .iter()
        .map(|policy| GeneratedFile {
            path: format!("deployer/{}.json", policy.part.name()),
            contents: document::text(&reader, &policy.statements),
        })
        .chain([page])
        .collect();
    files.sort();
    files
}

/// What a policy is about. One managed policy holds 6,144 characters, so it takes several
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
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
