//! The files of the module that no resource is in: versions, provider, variables, local values, outputs, example values.

use std::{collections::BTreeSet, fmt::Write};

use hcl_edit::{
    expr::{Array, Expression},
    structure::Body,
};
use jit_runners_model::{
    Deployment,
    parameter::{InputCondition, ParameterId},
    resource::Kind,
};

use super::{
    input::{Input, inputs, preconditions},
    print,
    resource::resource_type,
    tree::{Contents, attribute, block, call, commented, either, list, literal, object, path},
    value::{is_empty, text, variable},
};

/// Versions of Terraform and OpenTofu. 1.5 is where OpenTofu began.
pub(super) const REQUIRED_VERSION: &str = ">= 1.5";
/// Where the provider comes from.
pub(super) const PROVIDER_SOURCE: &str = "hashicorp/aws";
/// Versions of the provider. All attributes are spelled alike in 5.100 and in 6.
pub(super) const PROVIDER_VERSION: &str = ">= 5.100, < 7";

pub(super) fn versions() -> Body {
    let aws = object([("source", literal(PROVIDER_SOURCE)), ("version", literal(PROVIDER_VERSION))]);
    let terraform = Contents::new()
        .set_literal("required_version", REQUIRED_VERSION)
        .block("required_providers", Contents::new().set("aws", aws));
    Contents::new().block("terraform", terraform).into_body()
}

pub(super) fn providers() -> Body {
    let aws = Contents::new().set("region", path(&["var", "aws_region"]));
    Contents::new().structure(block("provider", &["aws"], aws)).into_body()
}

pub(super) fn variables(deployment: &Deployment) -> Body {
    let mut heading = "";
    let blocks = inputs(deployment).into_iter().map(|input| {
        let Input { name, group, description, kind, default, example: _, rules } = input;
        let contents = Contents::new()
            .set_literal("description", description)
            .set("type", type_constraint(kind))
            // `null` stands for the default; without one, it is refused.
            .set_some("default", default)
            .set("nullable", false);
        let validations = rules.iter().map(|rule| block("validation", &[], rule.validation(name)));
        let variable = block("variable", &[name], contents.blocks(validations));
        if heading == group {
            variable
        } else {
            heading = group;
            commented(variable, &format!("{group}\n"))
        }
    });
    Contents::new().blocks(blocks).into_body()
}

/// `string`, `list(string)`: types are words and calls of the language.
fn type_constraint(kind: &str) -> Expression {
    match kind.split_once('(') {
        Some((outer, inner)) => call(outer, [path(&[inner.trim_end_matches(')')])]),
        None => path(&[kind]),
    }
}

/// The local value that lists the topic in `topic`, or nothing where the input is empty.
pub(super) fn topics(topic: ParameterId) -> String {
    format!("{}s", topic.terraform)
}

pub(super) fn locals(deployment: &Deployment) -> Body {
    let data = |kind, contents| block("data", &[kind, "current"], contents);
    let asked = Contents::new().blocks(preconditions(deployment));
    let tags = object(deployment.tags().iter().map(|(key, value)| (*key, text(value))));
    let tagged = Kind::ALL.iter().copied().filter(|kind| kind.is_tagged()).map(resource_type);
    let tagged: Vec<_> = tagged.collect();
    let locals = Contents::new()
        .set("account_id", path(&["data", "aws_caller_identity", "current", "account_id"]))
        .set("partition", path(&["data", "aws_partition", "current", "partition"]))
        .structure(commented(
            attribute("tags", tags),
            &format!(
                "On resources of these types, which are tagged alike in both dialects:\n{}.\n\
                 The first tag is how the deployment finds what belongs to it.",
                tagged.join(", ")
            ),
        ));
    let locals = alarm_topics(deployment).into_iter().fold(locals, |locals, topic| {
        let topics =
            attribute(&topics(topic), either(is_empty(topic), Array::new(), list([variable(topic)])));
        locals.structure(commented(topics, "Whom alarms tell"))
    });
    Contents::new()
        .structure(data("aws_caller_identity", asked))
        .structure(data("aws_partition", Contents::new()))
        .structure(block("locals", &[], locals))
        .into_body()
}

fn alarm_topics(deployment: &Deployment) -> BTreeSet<ParameterId> {
    deployment
        .resources()
        .iter()
        .filter_map(|node| node.resource.condition_of_fields())
        .map(|InputCondition::IsSet(topic)| topic)
        .collect()
}

pub(super) fn outputs(deployment: &Deployment) -> Body {
    let blocks = deployment.outputs().iter().map(|output| {
        let contents =
            Contents::new().set_literal("description", output.description).set("value", text(&output.value));
        block("output", &[output.terraform], contents)
    });
    Contents::new().blocks(blocks).into_body()
}

/// The text of `terraform.tfvars.example`: required values filled in, the others commented out with their defaults.
pub(super) fn example(deployment: &Deployment) -> String {
    let mut text = String::new();
    let mut heading = "";
    for run in
        inputs(deployment).chunk_by(|a, b| a.group == b.group && a.default.is_some() == b.default.is_some())
    {
        if run[0].group == heading {
            text.push('\n');
        } else {
            heading = run[0].group;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n# {heading}\n");
        }
        text.push_str(&assignments(run));
    }
    text.trim_start().to_owned()
}

fn assignments(run: &[Input]) -> String {
    let values = run.iter().map(|input| {
        let value = input.default.as_ref().unwrap_or(&input.example);
        attribute(input.name, value.clone())
    });
    let lines = print::print(values.fold(Contents::new(), Contents::structure).into_body());
    if run[0].default.is_none() {
        return lines;
    }
    lines.lines().map(|line| if line.is_empty() { "#\n".to_owned() } else { format!("# {line}\n") }).collect()
}
