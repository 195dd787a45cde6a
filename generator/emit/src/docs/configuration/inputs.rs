//! What is given when the deployment is made.

use jit_runners_model::{
    Deployment, Expr, Piece,
    parameter::{DefaultValue, Parameter, ParameterGroup, ParameterId, ParameterType, Pattern},
    resource::Function,
};
use serde::Serialize;

use crate::{
    chosen_defaults::{chosen_defaults, written},
    cloudformation, terraform,
};

#[derive(Serialize)]
pub(super) struct GroupView {
    title: &'static str,
    inputs: Vec<InputView>,
}

#[derive(Serialize)]
struct InputView {
    cloudformation: &'static str,
    terraform: &'static str,
    cloudformation_type: &'static str,
    terraform_type: &'static str,
    description: &'static str,
    accepts: String,
    pattern: Option<&'static str>,
    /// Only Terraform asks for the pattern; CloudFormation looks the id up.
    is_id: bool,
    default: Option<String>,
    /// The key of `jit-runners.yaml` that the default comes from.
    chosen_by: Option<&'static str>,
    example: &'static str,
    read_by: Vec<ReadView>,
}

/// Which functions read it as one variable.
#[derive(Serialize)]
struct ReadView {
    variable: &'static str,
    functions: Vec<&'static str>,
}

/// The inputs in their groups.
pub(super) fn groups(deployment: &Deployment) -> Vec<GroupView> {
    let of = |group| deployment.parameters().iter().filter(move |parameter| parameter.group == group);
    let views = ParameterGroup::ALL.into_iter().map(|group| GroupView {
        title: group.title(),
        inputs: of(group).map(|parameter| input(deployment, parameter)).collect(),
    });
    views.filter(|group| !group.inputs.is_empty()).collect()
}

fn input(deployment: &Deployment, parameter: &Parameter) -> InputView {
    let chosen = chosen_defaults(deployment).into_iter().find(|(chosen, _)| chosen.id == parameter.id);
    InputView {
        cloudformation: parameter.id.cloudformation,
        terraform: parameter.id.terraform,
        cloudformation_type: cloudformation::type_name(&parameter.kind),
        terraform_type: terraform::type_constraint(&parameter.kind),
        description: parameter.description,
        accepts: accepts(parameter),
        pattern: parameter.kind.pattern().map(Pattern::as_str),
        is_id: match parameter.kind {
            ParameterType::VpcId | ParameterType::SubnetIds | ParameterType::ImageId => true,
            ParameterType::Text { .. } | ParameterType::LabelMappings | ParameterType::Integer { .. } => {
                false
            }
        },
        default: parameter.default.as_ref().map(written),
        chosen_by: chosen.map(|(_, key)| key),
        example: match &parameter.default {
            // A default is its own example.
            Some(DefaultValue::Integer(_)) => "",
            Some(DefaultValue::Text(text)) if text == parameter.example => "",
            Some(DefaultValue::Text(_)) | None if parameter.expected.contains("such as") => "",
            Some(DefaultValue::Text(_)) | None => parameter.example,
        },
        read_by: read_by(deployment, parameter.id),
    }
}

fn accepts(parameter: &Parameter) -> String {
    match (&parameter.kind, parameter.kind.longest()) {
        (_, Some(longest)) => format!("{}, of {longest} characters at most", parameter.expected),
        (ParameterType::SubnetIds, None) => {
            format!("{}; separated by commas, or a list in Terraform", parameter.expected)
        }
        (_, None) => parameter.expected.to_owned(),
    }
}

/// The functions in whose environment the input is.
fn read_by(deployment: &Deployment, input: ParameterId) -> Vec<ReadView> {
    let is_it = |piece: &Piece| match piece {
        Piece::Expr(Expr::Parameter(id) | Expr::JoinedParameter(id)) => *id == input,
        Piece::Expr(
            Expr::DeploymentName | Expr::Region | Expr::AccountId | Expr::Partition | Expr::Attribute { .. },
        )
        | Piece::Literal(_) => false,
    };
    let mut found: Vec<ReadView> = Vec::new();
    for (_, function) in deployment.resources_of::<Function>() {
        for (variable, value) in &function.environment {
            if value.pieces().iter().any(is_it) {
                let name = function.handler.name();
                match found.iter_mut().find(|read| read.variable == *variable) {
                    Some(read) => read.functions.push(name),
                    None => found.push(ReadView { variable, functions: vec![name] }),
                }
            }
        }
    }
    found
}
