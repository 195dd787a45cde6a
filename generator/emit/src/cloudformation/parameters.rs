//! Parameters, how the console groups them, and the conditions that ask about them.

use jit_runners_model::{
    Deployment,
    parameter::{DefaultValue, InputCondition, Parameter, ParameterGroup, ParameterType, Pattern},
    requirement::{Demand, Fact},
};

use super::tree::{Intrinsic, Map, Value};

/// The section `Parameters`.
pub(super) fn section(deployment: &Deployment) -> Map {
    deployment
        .parameters()
        .iter()
        .map(|parameter| (parameter.id.cloudformation.to_owned(), self::parameter(parameter).into()))
        .collect()
}

fn parameter(parameter: &Parameter) -> Map {
    let Parameter { id: _, group: _, description, kind, expected, default, example: _ } = parameter;
    let bounds = match kind {
        ParameterType::Text { .. } | ParameterType::LabelMappings => Map::new()
            .with_some("MaxLength", kind.longest().map(|longest| longest.to_string()))
            .with_some("AllowedPattern", kind.pattern().map(Pattern::as_str))
            .with("ConstraintDescription", *expected),
        ParameterType::Integer { min, max } => {
            // The bounds speak for themselves.
            Map::new().with("MinValue", *min).with("MaxValue", *max)
        }
        ParameterType::Flag => Map::new().with("AllowedValues", Value::list(["true", "false"])),
        // These are looked up in the account.
        ParameterType::VpcId | ParameterType::SubnetIds | ParameterType::ImageId => Map::new(),
    };
    Map::new()
        .with("Type", type_name(kind))
        .with("Description", *description)
        .with_some("Default", default.as_ref().map(self::default))
        .join(bounds)
}

/// What a template calls the type of a parameter.
pub(crate) const fn type_name(kind: &ParameterType) -> &'static str {
    match kind {
        ParameterType::Text { .. } | ParameterType::LabelMappings | ParameterType::Flag => "String",
        ParameterType::Integer { .. } => "Number",
        ParameterType::VpcId => "AWS::EC2::VPC::Id",
        ParameterType::SubnetIds => "List<AWS::EC2::Subnet::Id>",
        ParameterType::ImageId => "AWS::EC2::Image::Id",
    }
}

fn default(default: &DefaultValue) -> Value {
    match default {
        DefaultValue::Text(text) => Value::from(text.as_str()),
        DefaultValue::Integer(number) => Value::from(*number),
        // A template has no type for it.
        DefaultValue::Flag(flag) => Value::from(if *flag { "true" } else { "false" }),
    }
}

/// The section `Metadata`: the order and the headings under which the console shows the parameters.
pub(super) fn metadata(deployment: &Deployment) -> Map {
    let groups = ParameterGroup::ALL.into_iter().filter_map(|group| {
        let members: Vec<_> = deployment
            .parameters()
            .iter()
            .filter(|parameter| parameter.group == group)
            .map(|parameter| parameter.id.cloudformation)
            .collect();
        (!members.is_empty()).then(|| {
            Map::new()
                .with("Label", Map::new().with("default", group.title()))
                .with("Parameters", Value::list(members))
        })
    });
    Map::new().with("AWS::CloudFormation::Interface", Map::new().with("ParameterGroups", Value::list(groups)))
}

/// The section `Rules`: what a template can ask of several parameters at once.
pub(super) fn rules(deployment: &Deployment) -> Map {
    deployment
        .requirements()
        .iter()
        .filter_map(|requirement| {
            let assertion = Map::new()
                .with("Assert", assertion(&requirement.demand)?)
                .with("AssertDescription", requirement.message(|input| input.cloudformation));
            let rule = Map::new().with("Assertions", Value::list([assertion]));
            Some((requirement.name.to_owned(), rule.into()))
        })
        .collect()
}

/// What must hold; nothing, where a template has no words for it.
fn assertion(demand: &Demand) -> Option<Value> {
    match demand {
        Demand::AnyOf(facts) => Some(match facts.as_slice() {
            [fact] => self::fact(fact),
            facts => Intrinsic::Or(facts.iter().map(fact).collect()).into(),
        }),
        // No function of rules reads JSON.
        Demand::OneArchitecture { .. } => None,
    }
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::OneOf(input, values) => {
            let values = Value::list(values.iter().map(String::as_str));
            // It has no short form.
            Map::new().with("Fn::Contains", Value::list([values, (*input).into()])).into()
        }
        Fact::IsSet(input) => question(InputCondition::IsSet(*input)),
    }
}

/// The section `Conditions`.
pub(super) fn conditions(deployment: &Deployment) -> Map {
    deployment
        .conditions()
        .into_iter()
        .map(|condition| (condition_name(condition), question(condition)))
        .collect()
}

/// The name of a condition.
pub(super) fn condition_name(condition: InputCondition) -> String {
    match condition {
        InputCondition::IsSet(id) => format!("{}IsSet", id.cloudformation),
    }
}

fn question(condition: InputCondition) -> Value {
    let InputCondition::IsSet(id) = condition;
    let is_empty = Intrinsic::Equals(Box::new(id.into()), Box::new("".into()));
    Intrinsic::Not(Box::new(is_empty.into())).into()
}
