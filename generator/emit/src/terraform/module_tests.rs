//! `tests/deployment.tftest.hcl`: the module's own tests, which need no account.

use std::collections::BTreeSet;

use hcl_edit::{
    expr::{BinaryOperator, Expression},
    structure::{Block, Body},
};
use jit_runners_model::{
    Deployment, Expr, Node, Piece, Text,
    parameter::ParameterId,
    requirement::Requirement,
    resource::{Alarm, Attribute, Kind, ResourceId},
};

use super::{
    input::{Input, OWNER, REGION, Rule, inputs},
    resource::{self, attribute_name, resource_type},
    tree::{Contents, binary, block, call, commented, list, literal, object, path},
};

const ACCOUNT: &str = "123456789012";
const PARTITION: &str = "aws";

pub(super) fn body(deployment: &Deployment) -> Body {
    let inputs = inputs(deployment);
    let name = deployment.choices().name.as_str();
    let required = inputs
        .iter()
        .filter(|input| input.default.is_none())
        .fold(Contents::new(), |values, input| values.set(input.name, input.example.clone()));
    Contents::new()
        .structure(mock_provider())
        .structure(block("variables", &[], required))
        .structure(commented(
            run("names_and_outputs", "apply", Contents::new())
                .with(overrides(deployment, name))
                .with(names(deployment, name))
                .with(outputs(deployment, name))
                .build(),
            "The names that scripts rely on, and what is handed out",
        ))
        .structure(commented(
            run("another_name", "plan", Contents::new().set_literal("project_name", OTHER_NAME))
                .with(names(deployment, OTHER_NAME))
                .build(),
            "Two deployments in one account do not collide",
        ))
        .blocks(alarm_topics(deployment))
        .blocks(refusals(&inputs))
        .blocks(deployment.requirements().iter().map(unfulfilled))
        .into_body()
}

const OTHER_NAME: &str = "other";

fn mock_provider() -> Block {
    let defaults = |entries: Vec<(&str, Expression)>| Contents::new().set("defaults", object(entries));
    let data = [
        ("aws_caller_identity", vec![("account_id", literal(ACCOUNT))]),
        ("aws_partition", vec![("partition", literal(PARTITION))]),
    ];
    let data = data.map(|(kind, entries)| block("mock_data", &[kind], defaults(entries)));
    let mut kinds: Vec<_> =
        Kind::ALL.iter().copied().filter(|kind| !resource::mocked(*kind).is_empty()).collect();
    kinds.sort_by_key(|kind| kind.as_str());
    let resources = kinds.into_iter().map(|kind| {
        let attributes = resource::mocked(kind).iter();
        let entries = attributes.map(|(attribute, value)| (attribute_name(kind, *attribute), literal(value)));
        block("mock_resource", &[resource_type(kind)], defaults(entries.collect()))
    });
    let contents = Contents::new().blocks(data).blocks(resources);
    commented(block("mock_provider", &["aws"], contents), "Answers in place of AWS: no account is needed")
}

/// A `run` block under construction.
struct Run {
    name: String,
    contents: Contents,
}

fn run(name: &str, command: &str, variables: Contents) -> Run {
    let contents = Contents::new().set("command", path(&[command]));
    let variables = variables.into_body();
    let contents = if variables.is_empty() {
        contents
    } else {
        contents.structure({
            let mut block = block("variables", &[], Contents::new());
            block.body = variables;
            block
        })
    };
    Run { name: name.to_owned(), contents }
}

impl Run {
    fn with(mut self, asserts: impl IntoIterator<Item = Block>) -> Self {
        self.contents = self.contents.blocks(asserts);
        self
    }

    fn build(self) -> Block {
        block("run", &[&self.name], self.contents)
    }
}

fn assert(condition: Expression, message: &str) -> Block {
    let contents = Contents::new().set("condition", condition).set("error_message", literal(message));
    block("assert", &[], contents)
}

fn equal(left: Expression, right: impl Into<Expression>) -> Expression {
    binary(left, BinaryOperator::Eq, right)
}

/// Attributes of the resources that outputs are made from: each its own, so that an output of another resource would
/// show.
fn overrides<'a>(deployment: &'a Deployment, deployment_name: &'a str) -> impl Iterator<Item = Block> + 'a {
    let used: BTreeSet<_> = deployment
        .outputs()
        .iter()
        .flat_map(|output| output.value.expressions())
        .filter_map(|expr| match expr {
            Expr::Attribute { kind: _, of, attribute: _ } => Some(*of),
            Expr::DeploymentName
            | Expr::Region
            | Expr::AccountId
            | Expr::Partition
            | Expr::Parameter(_)
            | Expr::JoinedParameter(_) => None,
        })
        .collect();
    deployment.resources().iter().filter(move |node| used.contains(&node.id)).filter_map(move |node| {
        let kind = node.resource.kind();
        let values: Vec<_> = resource::mocked(kind)
            .iter()
            .filter_map(|(attribute, _)| {
                let value = mocked(deployment, deployment_name, kind, node.id, *attribute)?;
                Some((attribute_name(kind, *attribute), literal(&value)))
            })
            .collect();
        let target = path(&[resource_type(kind), node.id.label]);
        let contents = Contents::new().set("target", target);
        (!values.is_empty()).then(|| block("override_resource", &[], contents.set("values", object(values))))
    })
}

/// What an attribute of one resource is in the run that looks at outputs: the mocked value with the resource's own
/// name in it.
fn mocked(
    deployment: &Deployment,
    deployment_name: &str,
    kind: Kind,
    of: ResourceId,
    attribute: Attribute,
) -> Option<String> {
    let (_, value) = resource::mocked(kind).iter().find(|(mocked, _)| *mocked == attribute)?;
    let name = known(deployment, deployment_name, find(deployment, of)?.resource.physical_name()?.0)?;
    Some(value.replace("mock", &name))
}

/// The names that scripts rely on, in a deployment called `deployment_name`.
fn names<'a>(deployment: &'a Deployment, deployment_name: &'a str) -> impl Iterator<Item = Block> + 'a {
    let nodes = deployment.resources().iter();
    nodes.filter(|node| resource::name_is_relied_on(node.resource.kind())).filter_map(move |node| {
        let kind = node.resource.kind();
        let expected = known(deployment, deployment_name, node.resource.physical_name()?.0)?;
        let (block_type, attribute) = (resource_type(kind), attribute_name(kind, Attribute::Name));
        let message = format!("{block_type}.{} is not called {expected}.", node.id.label);
        Some(assert(equal(path(&[block_type, node.id.label, attribute]), literal(&expected)), &message))
    })
}

fn outputs<'a>(deployment: &'a Deployment, deployment_name: &'a str) -> impl Iterator<Item = Block> + 'a {
    deployment.outputs().iter().filter_map(move |output| {
        let expected = known(deployment, deployment_name, &output.value)?;
        let message = format!("{} is not {expected}.", output.terraform);
        Some(assert(equal(path(&["output", output.terraform]), literal(&expected)), &message))
    })
}

/// What `text` is in a deployment called `deployment_name` with mocked resources, as far as that can be known.
fn known(deployment: &Deployment, deployment_name: &str, text: &Text) -> Option<String> {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(characters) => Some(characters.clone()),
        Piece::Expr(expr) => match expr {
            Expr::DeploymentName => Some(deployment_name.to_owned()),
            Expr::Region => Some(REGION.to_owned()),
            Expr::AccountId => Some(ACCOUNT.to_owned()),
            Expr::Partition => Some(PARTITION.to_owned()),
            Expr::Attribute { kind: _, of, attribute: Attribute::Name } => {
                known(deployment, deployment_name, find(deployment, *of)?.resource.physical_name()?.0)
            }
            Expr::Attribute { kind, of, attribute } => {
                mocked(deployment, deployment_name, *kind, *of, *attribute)
            }
            Expr::Parameter(_) | Expr::JoinedParameter(_) => None,
        },
    };
    text.pieces().iter().map(piece).collect()
}

fn find(deployment: &Deployment, id: ResourceId) -> Option<&Node> {
    deployment.resources().iter().find(|node| node.id == id)
}

/// Alarms tell a topic if there is one.
fn alarm_topics(deployment: &Deployment) -> Vec<Block> {
    let alarms: Vec<_> =
        deployment.resources_of::<Alarm>().map(|(id, alarm)| (id.label, alarm.topic)).collect();
    let Some(&(_, topic)) = alarms.first() else { return Vec::new() };
    let example = deployment.parameters().iter().find(|parameter| parameter.id == topic);
    let set = example.map(|parameter| topic_run("set", &alarms, topic, parameter.example));
    std::iter::once(topic_run("unset", &alarms, topic, "")).chain(set).collect()
}

fn topic_run(suffix: &str, alarms: &[(&str, ParameterId)], topic: ParameterId, value: &str) -> Block {
    let kind = resource_type(Kind::Alarm);
    let asserts = alarms.iter().map(|(label, _)| {
        let actions = ["alarm_actions", "ok_actions"].map(|which| path(&[kind, label, which]));
        let condition = if value.is_empty() {
            equal(call("length", [call("setunion", actions)]), 0)
        } else {
            equal(call("one", [call("setintersection", actions)]), path(&["var", topic.terraform]))
        };
        assert(condition, &format!("{kind}.{label} tells the wrong topic."))
    });
    let variables = Contents::new().set_literal(topic.terraform, value);
    run(&format!("{}_{suffix}", topic.terraform), "plan", variables).with(asserts).build()
}

/// A requirement refuses values that are fine one by one.
fn unfulfilled(requirement: &Requirement) -> Block {
    let variables = requirement
        .broken_by
        .iter()
        .fold(Contents::new(), |variables, (input, value)| variables.set_literal(input.terraform, value));
    let contents = Contents::new()
        .set("command", path(&["plan"]))
        .block("variables", variables)
        .set("expect_failures", list([path(&OWNER)]));
    block("run", &[&format!("requires_{}", snake_case(requirement.name))], contents)
}

/// `RunnerChecksumsAreKnown` as `runner_checksums_are_known`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Each rule refuses what it should: a run for each way to be wrong, in which every value that can be wrong in that
/// way is, and every refusal is expected.
fn refusals(inputs: &[Input]) -> Vec<Block> {
    let mut by_way: Vec<(&str, Vec<(&str, Expression)>)> = Vec::new();
    for input in inputs {
        for (way, value) in input.rules.iter().flat_map(Rule::refused) {
            match by_way.iter_mut().find(|(known, _)| *known == way) {
                Some((_, values)) => values.push((input.name, value)),
                None => by_way.push((way, vec![(input.name, value)])),
            }
        }
    }
    let runs = by_way.into_iter().enumerate().map(|(index, (way, values))| {
        let names = list(values.iter().map(|(name, _)| path(&["var", name])));
        let variables =
            values.into_iter().fold(Contents::new(), |variables, (name, value)| variables.set(name, value));
        let contents = Contents::new()
            .set("command", path(&["plan"]))
            .block("variables", variables)
            .set("expect_failures", names);
        let block = block("run", &[&format!("refuses_{way}")], contents);
        if index == 0 { commented(block, "Values that are refused before anything is made") } else { block }
    });
    runs.collect()
}
