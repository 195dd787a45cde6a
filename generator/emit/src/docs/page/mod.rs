//! `docs/deployment.md`: every resource by concern, and what each function and each instance may do and why.

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{
    Choices, Concern, Deployment, Expr, LabelMapping, Node, Piece, Text,
    choices::RunnerChoices,
    contract::environment::expected,
    resource::{Function, InstanceProfile, LogGroup, ResourceId, Role},
};
use serde::Serialize;

use self::permissions::{CallerView, RoleView};
use super::{NOTICE, Reader, duration, render};
use crate::key_policy;

mod permissions;
mod settings;

pub(crate) use self::permissions::{StatementView, statement};

const TEMPLATE: &str = include_str!("deployment.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    choices: Vec<ChoiceView>,
    mappings: Vec<MappingView>,
    concerns: Vec<ConcernView>,
    functions: Vec<FunctionView>,
    instance: Vec<RoleView>,
    other_roles: Vec<RoleView>,
    callers: Vec<CallerView>,
    keys: String,
    kms_key: bool,
    outputs: Vec<OutputView>,
}

#[derive(Serialize)]
struct ConcernView {
    title: &'static str,
    resources: Vec<ResourceView>,
}

#[derive(Serialize)]
struct ResourceView {
    logical_id: &'static str,
    kind: &'static str,
    name: Option<String>,
    settings: Vec<String>,
}

#[derive(Serialize)]
struct FunctionView {
    handler: &'static str,
    name: String,
    purpose: &'static str,
    memory: u32,
    timeout: String,
    log_retention: Option<u32>,
    role: Option<RoleView>,
    environment: Vec<VariableView>,
}

#[derive(Serialize)]
struct VariableView {
    name: &'static str,
    expected: &'static str,
    source: String,
}

#[derive(Serialize)]
struct OutputView {
    cloudformation: &'static str,
    terraform: &'static str,
    description: &'static str,
    value: String,
}

/// The page.
pub(super) fn text(deployment: &Deployment) -> String {
    render(TEMPLATE, page(deployment))
}

fn page(deployment: &Deployment) -> Page {
    let reader = Reader::new(deployment);
    let used_by = RoleUse::new(deployment);
    let roles = |wanted: fn(&RoleUse, ResourceId) -> bool| -> Vec<RoleView> {
        let roles = deployment.resources_of::<Role>().filter(|(id, _)| wanted(&used_by, *id));
        roles.map(|(id, role)| permissions::role(&reader, id, role)).collect()
    };
    Page {
        notice: NOTICE,
        choices: choices(deployment.choices()),
        mappings: mappings(deployment.choices()),
        concerns: concerns(&reader, deployment),
        functions: functions(&reader, deployment),
        instance: roles(|used_by, id| used_by.instances.contains(&id)),
        other_roles: roles(|used_by, id| {
            !used_by.instances.contains(&id) && !used_by.functions.contains(&id)
        }),
        callers: permissions::callers(&reader, deployment),
        keys: key_policy::sections(deployment),
        kms_key: deployment.choices().kms_key.is_some(),
        outputs: deployment
            .outputs()
            .iter()
            .map(|output| OutputView {
                cloudformation: output.cloudformation,
                terraform: output.terraform,
                description: output.description,
                value: reader.text(&output.value),
            })
            .collect(),
    }
}

/// Which roles functions and instances have.
struct RoleUse {
    functions: BTreeSet<ResourceId>,
    instances: BTreeSet<ResourceId>,
}

impl RoleUse {
    fn new(deployment: &Deployment) -> Self {
        Self {
            functions: deployment
                .resources_of::<Function>()
                .map(|(_, function)| function.role.id())
                .collect(),
            instances: deployment
                .resources_of::<InstanceProfile>()
                .map(|(_, profile)| profile.role.id())
                .collect(),
        }
    }
}

fn concerns(reader: &Reader<'_>, deployment: &Deployment) -> Vec<ConcernView> {
    Concern::ALL
        .into_iter()
        .map(|concern| ConcernView {
            title: concern.title(),
            resources: deployment
                .resources()
                .iter()
                .filter(|node| node.concern == concern)
                .map(|node| resource(reader, node))
                .collect(),
        })
        .filter(|concern| !concern.resources.is_empty())
        .collect()
}

fn resource(reader: &Reader<'_>, node: &Node) -> ResourceView {
    let Node { id, concern: _, resource } = node;
    ResourceView {
        logical_id: id.logical_id,
        kind: resource.kind().as_str(),
        name: reader.physical_name(resource),
        settings: settings::settings(reader, resource),
    }
}

fn functions(reader: &Reader<'_>, deployment: &Deployment) -> Vec<FunctionView> {
    let roles: BTreeMap<_, _> = deployment.resources_of::<Role>().collect();
    let retention: BTreeMap<_, _> =
        deployment.resources_of::<LogGroup>().map(|(id, group)| (id, group.retention.get())).collect();
    let view = |function: &Function| FunctionView {
        handler: function.handler.name(),
        name: reader.text(&function.function_name),
        purpose: function.description,
        memory: function.memory_size.get(),
        timeout: duration(function.timeout.seconds()),
        log_retention: retention.get(&function.log_group.id()).copied(),
        role: roles.get(&function.role.id()).map(|role| permissions::role(reader, function.role.id(), role)),
        environment: environment(reader, function),
    };
    deployment.resources_of::<Function>().map(|(_, function)| view(function)).collect()
}

fn environment(reader: &Reader<'_>, function: &Function) -> Vec<VariableView> {
    let expected: BTreeMap<_, _> = expected(function.handler).into_iter().collect();
    function
        .environment
        .iter()
        .map(|(name, value)| VariableView {
            name,
            expected: expected.get(name).copied().unwrap_or_default(),
            source: source(reader, value),
        })
        .collect()
}

/// Where the value of a variable comes from.
fn source(reader: &Reader<'_>, value: &Text) -> String {
    match value.pieces() {
        [Piece::Expr(Expr::DeploymentName)] => "the deployment's name".to_owned(),
        [Piece::Expr(Expr::Parameter(id))] => {
            format!("input `{}`, `{}`", id.cloudformation, id.terraform)
        }
        [Piece::Expr(Expr::JoinedParameter(id))] => {
            format!("input `{}`, `{}`, joined by commas", id.cloudformation, id.terraform)
        }
        [Piece::Expr(expr @ Expr::Attribute { kind: _, of, attribute: _ })] => {
            format!("`{}`: `{}`", of.logical_id, reader.expr(expr))
        }
        [] | [Piece::Literal(_)] => format!("choice: `{}`", reader.text(value)),
        [Piece::Expr(Expr::Region | Expr::AccountId | Expr::Partition)] | [_, _, ..] => {
            format!("`{}`", reader.text(value))
        }
    }
}

/// A choice by its key in `jit-runners.yaml`.
#[derive(Serialize)]
struct ChoiceView {
    key: String,
    value: String,
}

/// A row of the table of label mappings.
#[derive(Serialize)]
struct MappingView {
    label: String,
    instance_types: Vec<String>,
    ami: Option<String>,
}

/// All but the functions' sizes, which stand with the functions, and the mappings, which have their own table.
fn choices(choices: &Choices) -> Vec<ChoiceView> {
    let Choices {
        name,
        tags,
        architecture,
        functions: _,
        label_mappings: _,
        runners,
        permissions_boundary,
        kms_key,
        github_api_url,
        throttling,
        alarms,
        dashboard,
    } = choices;
    let RunnerChoices {
        default_instance_type,
        version,
        max,
        max_per_repository,
        scope,
        group,
        // Listed with the security group.
        egress: _,
    } = runners;
    let none = || "none".to_owned();
    let on = |on: bool| if on { "on".to_owned() } else { "off".to_owned() };
    let mut rows = vec![("name".to_owned(), name.to_string())];
    rows.extend(tags.iter().map(|(key, value)| (format!("tags.{key}"), value.to_string())));
    rows.extend(
        [
            ("architecture", architecture.as_str().to_owned()),
            ("runners.default_instance_type", default_instance_type.to_string()),
            ("runners.version", version.to_string()),
            ("runners.max", max.to_string()),
            ("runners.max_per_repository", max_per_repository.to_string()),
            ("runners.scope", scope.as_str().to_owned()),
            ("runners.group", group.to_string()),
            ("permissions_boundary", permissions_boundary.as_ref().map_or_else(none, ToString::to_string)),
            ("kms_key", kms_key.as_ref().map_or_else(none, ToString::to_string)),
            ("github_api_url", github_api_url.to_string()),
            ("throttling.rate", throttling.rate.to_string()),
            ("throttling.burst", throttling.burst.to_string()),
            ("alarms", on(*alarms)),
            ("dashboard", on(*dashboard)),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    rows.into_iter().map(|(key, value)| ChoiceView { key, value }).collect()
}

fn mappings(choices: &Choices) -> Vec<MappingView> {
    let view = |mapping: &LabelMapping| MappingView {
        label: mapping.label.to_string(),
        instance_types: mapping.candidates().iter().map(ToString::to_string).collect(),
        ami: mapping.ami.as_ref().map(ToString::to_string),
    };
    choices.label_mappings.iter().map(view).collect()
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{
        Choices, Deployment, KeyArn, PolicyArn, TagKey, TagValue, contract::environment::expected,
        resource::Resource,
    };

    use super::text;

    fn everything() -> Deployment {
        Deployment::new(Choices {
            tags: [(TagKey::new("Team").unwrap(), TagValue::new("ci").unwrap())].into(),
            permissions_boundary: Some(PolicyArn::new("arn:aws:iam::123456789012:policy/boundary").unwrap()),
            kms_key: Some(KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/1234abcd").unwrap()),
            ..Choices::default()
        })
        .unwrap()
    }

    fn default() -> Deployment {
        Deployment::new(Choices::default()).unwrap()
    }

    /// The part of the page under a heading, up to the next heading of any level.
    fn section<'a>(page: &'a str, heading: &str) -> &'a str {
        let start = page.find(&format!("\n{heading}\n")).unwrap() + heading.len() + 2;
        let rest = &page[start..];
        &rest[..rest.find("\n#").unwrap_or(rest.len())]
    }

    #[test]
    fn every_resource_and_output_is_listed() {
        let deployment = everything();
        let page = text(&deployment);
        for node in deployment.resources() {
            assert!(page.contains(&format!("\n| `{}` |", node.id.logical_id)), "{:?}", node.id);
        }
        for output in deployment.outputs() {
            let names = format!("\n| `{}` | `{}` |", output.cloudformation, output.terraform);
            assert!(page.contains(&names), "{names}");
        }
    }

    #[test]
    fn every_statement_of_a_function_stands_with_its_reason() {
        let deployment = everything();
        let page = text(&deployment);
        for node in deployment.resources() {
            let Resource::Function(function) = &node.resource else { continue };
            let section = section(&page, &format!("### {}", function.handler));
            let role = deployment.resources().iter().find(|role| role.id == function.role.id()).unwrap();
            let Resource::Role(role) = &role.resource else { panic!("{:?} is no role", role.id) };
            for statement in &role.policy.statements {
                let start = format!("\n| {} | {} |", statement.sid, statement.reason);
                assert!(section.contains(&start), "{start}");
                for action in &statement.actions {
                    assert!(section.contains(&format!("`{action}`")), "{action}");
                }
            }
            for (name, expected) in expected(function.handler) {
                assert!(section.contains(&format!("\n| `{name}` | {expected} |")), "{name}");
            }
        }
    }

    #[test]
    fn an_instance_is_held_to_its_own_item() {
        let page = text(&default());
        let section = section(&page, "## What an instance may do");
        assert!(
            section.contains("`ForAllValues:StringEquals dynamodb:LeadingKeys = ${aws:userid}`"),
            "{section}"
        );
        assert!(
            section.contains("`arn:PARTITION:dynamodb:REGION:ACCOUNT:table/<name>-runners`"),
            "{section}"
        );
    }

    #[test]
    fn choices_in_force_are_shown() {
        let page = text(&everything());
        for row in [
            "| `tags.Team` | `ci` |",
            "| `permissions_boundary` | `arn:aws:iam::123456789012:policy/boundary` |",
            "| `kms_key` | `arn:aws:kms:us-east-1:123456789012:key/1234abcd` |",
            "| `functions.scaleup` | 512 MiB, 90 s, log kept for 14 days |",
            "| `large` | `c5.xlarge` | the default image |",
        ] {
            assert!(page.contains(row), "{row}");
        }
        let bounded = "and never does more than `arn:aws:iam::123456789012:policy/boundary` allows";
        let roles =
            everything().resources().iter().filter(|node| matches!(node.resource, Resource::Role(_))).count();
        assert_eq!(page.matches(bounded).count(), roles);
        assert_eq!(text(&default()).matches("never does more than").count(), 0);
    }

    #[test]
    fn alarms_that_are_off_are_not_mentioned() {
        let with = text(&default());
        let without = text(&Deployment::new(Choices { alarms: false, ..Choices::default() }).unwrap());
        assert!(with.contains("| Alarm |"));
        assert!(!without.contains("| Alarm |"));
    }

    #[test]
    fn every_row_has_as_many_cells_as_its_heading() {
        let cells = |row: &str| row.replace("\\|", "").matches('|').count();
        let page = text(&everything());
        let mut tables = 0;
        let mut heading = None;
        for line in page.lines() {
            if !line.starts_with('|') {
                heading = None;
                continue;
            }
            let expected = *heading.get_or_insert_with(|| {
                tables += 1;
                cells(line)
            });
            assert_eq!(cells(line), expected, "{line}");
        }
        assert!(tables > 20, "{tables} tables");
    }

    #[test]
    fn no_tag_of_the_template_leaves_a_trace() {
        let page = text(&everything());
        assert!(page.starts_with("<!-- Generated by `cargo run generate`"));
        assert!(page.ends_with("|\n") && !page.contains("\n\n\n"), "{page}");
        assert!(!page.contains("{%") && !page.contains("{{"));
        assert!(page.lines().all(|line| line == line.trim_end()), "blanks at the end of a line");
    }
}
