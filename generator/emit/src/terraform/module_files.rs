//! The files of the module that no resource is in: versions, provider, variables, outputs, example values.

use std::fmt::Write;

use hcl_edit::{expr::Expression, structure::Body};
use jit_runners_model::Deployment;

use super::{
    input::{Input, inputs},
    print,
    tree::{Contents, attribute, block, call, commented, literal, object, path},
    value::text,
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
