//! `docs/configuration.md`: every input of the deployment, and every key of `jit-runners.yaml`, from its
//! schema: a key that is there is here.

use jit_runners_model::{
    Deployment, Expr, LabelMappings, Piece,
    parameter::{DefaultValue, Parameter, ParameterGroup, ParameterId, ParameterType, Pattern},
    requirement::{Demand, Requirement},
    resource::Function,
    stack::inputs,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{NOTICE, render};
use crate::{chosen_defaults, cloudformation, terraform, written};

const TEMPLATE: &str = include_str!("configuration.md.j2");

#[derive(Serialize)]
struct Page {
    notice: &'static str,
    groups: Vec<GroupView>,
    requirements: Vec<RequirementView>,
    keys: Vec<KeyView>,
    mapping_example: &'static str,
    most_mapping_bytes: usize,
}

#[derive(Serialize)]
struct RequirementView {
    message: String,
    said_by: &'static str,
}

fn requirement(requirement: &Requirement) -> RequirementView {
    let said_by = match requirement.demand {
        Demand::AnyOf(_) => "Terraform's plan, and CloudFormation",
        Demand::OneArchitecture { .. } => {
            "Terraform's plan; CloudFormation cannot ask for it, and scale-up refuses such a type"
        }
    };
    RequirementView { message: requirement.message(|input| input.cloudformation), said_by }
}

/// The page, with the keys of `schema`.
pub(super) fn text(deployment: &Deployment, schema: &Value) -> String {
    let mappings = deployment.parameters().iter().find(|parameter| parameter.id == inputs::LABEL_MAPPINGS);
    render(
        TEMPLATE,
        Page {
            notice: NOTICE,
            groups: groups(deployment),
            requirements: deployment.requirements().iter().map(requirement).collect(),
            keys: keys(schema),
            mapping_example: mappings.map(|parameter| parameter.example).unwrap_or_default(),
            most_mapping_bytes: LabelMappings::MOST_BYTES,
        },
    )
}

#[derive(Serialize)]
struct GroupView {
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
fn groups(deployment: &Deployment) -> Vec<GroupView> {
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
            ParameterType::Text { .. }
            | ParameterType::LabelMappings
            | ParameterType::Integer { .. }
            | ParameterType::Flag => false,
        },
        default: parameter.default.as_ref().map(written),
        chosen_by: chosen.map(|(_, key)| key),
        example: match &parameter.default {
            // A default is its own example.
            Some(DefaultValue::Integer(_) | DefaultValue::Flag(_)) => "",
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

/// A key of `jit-runners.yaml`; or several that mean the same, each for another function.
#[derive(Serialize)]
struct KeyView {
    title: String,
    description: String,
    accepts: String,
    pattern: Option<String>,
    /// Each path with its default.
    paths: Vec<PathView>,
    example: Option<String>,
    /// What an entry of a list holds.
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct PathView {
    path: String,
    default: Option<String>,
}

#[derive(Serialize)]
struct FieldView {
    name: String,
    description: String,
    accepts: String,
    pattern: Option<String>,
}

/// Every key of `schema` that holds a value, in the order of the file.
fn keys(schema: &Value) -> Vec<KeyView> {
    let mut keys = Vec::new();
    collect("", schema, &mut keys);
    keys
}

fn collect(path: &str, schema: &Value, keys: &mut Vec<KeyView>) {
    let Some(properties) = schema["properties"].as_object() else {
        keys_with(path, schema, keys);
        return;
    };
    for (name, property) in properties {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(&path, property, keys);
    }
}

/// Adds a key, or another path to one that says the same of itself.
fn keys_with(path: &str, schema: &Value, keys: &mut Vec<KeyView>) {
    let key = key(path, schema);
    let last = |title: &str| title.rsplit('.').next().map(str::to_owned);
    let same = keys
        .iter_mut()
        .find(|other| last(&other.title) == last(&key.title) && other.description == key.description);
    match same {
        Some(other) => {
            other.title = starred(&other.title, path);
            other.paths.extend(key.paths);
        }
        None => keys.push(key),
    }
}

/// `functions.webhook.memory` and `functions.scaleup.memory` are `functions.*.memory`.
fn starred(title: &str, path: &str) -> String {
    let parts = title.split('.').zip(path.split('.'));
    parts.map(|(one, other)| if one == other { one } else { "*" }).collect::<Vec<_>>().join(".")
}

fn key(path: &str, schema: &Value) -> KeyView {
    let fields = schema["items"]["properties"].as_object().map(fields).unwrap_or_default();
    let default = schema.get("default").filter(|default| !is_empty(default));
    KeyView {
        title: path.to_owned(),
        description: described(schema),
        accepts: accepted_by(schema),
        pattern: pattern(schema),
        paths: vec![PathView { path: path.to_owned(), default: default.map(defaulted) }],
        example: schema["examples"].get(0).map(shown),
        fields,
    }
}

fn fields(properties: &Map<String, Value>) -> Vec<FieldView> {
    let field = |(name, schema): (&String, &Value)| FieldView {
        name: name.clone(),
        description: described(schema),
        accepts: accepted_by(schema),
        pattern: pattern(schema),
    };
    properties.iter().map(field).collect()
}

fn described(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().to_owned()
}

fn pattern(schema: &Value) -> Option<String> {
    schema["pattern"].as_str().or_else(|| schema["items"]["pattern"].as_str()).map(str::to_owned)
}

/// What a value has to be, in words.
fn accepted_by(schema: &Value) -> String {
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    let most =
        |name: &str, things: &str| schema[name].as_u64().map(|most| format!("at most {most} {things}"));
    let with = |what: &str, limit: Option<String>| {
        limit.map_or_else(|| what.to_owned(), |limit| format!("{what}, {limit}"))
    };
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(|value| format!("`{}`", shown(value))).collect();
        return format!("one of {}", values.join(", "));
    }
    match kind {
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => format!("a whole number, {} to {}", schema["minimum"], schema["maximum"]),
        "array" => with("a list", most("maxItems", "entries")),
        "object" => with("keys and values of your own", most("maxProperties", "of them")),
        _ => with("text", most("maxLength", "characters")),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A default; the entries of a list one by one.
fn defaulted(value: &Value) -> String {
    let entries = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    entries.iter().map(|entry| format!("`{}`", shown(entry))).collect::<Vec<_>>().join(", ")
}

/// A value as people write it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect();
            fields.join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{
        Choices, Deployment, InstanceType, LabelMappings, choices::RunnerChoices,
        contract::runner_release::ReleaseChoice,
    };
    use serde_json::{Value, json};

    use super::text;
    use crate::chosen_defaults;

    #[test]
    fn they_are_those_that_change_with_the_choices() {
        let usual = Choices::default();
        let other = Choices {
            label_mappings: LabelMappings::new(vec![usual.label_mappings.iter().next().unwrap().clone()])
                .unwrap(),
            runners: RunnerChoices {
                default_instance_type: InstanceType::new("m7i.large").unwrap(),
                version: ReleaseChoice::new("2.337.0").unwrap(),
                max: usual.runners.max + 1,
                ..usual.runners.clone()
            },
            ..usual.clone()
        };
        let (usual, other) = (Deployment::new(usual).unwrap(), Deployment::new(other).unwrap());
        let changed: Vec<_> = usual
            .parameters()
            .iter()
            .zip(other.parameters())
            .filter(|(usual, other)| usual.default != other.default)
            .map(|(usual, _)| usual.id)
            .collect();
        let known: Vec<_> = chosen_defaults(&usual).iter().map(|(parameter, _)| parameter.id).collect();
        assert_eq!(known, changed);
    }

    /// A few keys. The page with those of the real file is tested where that file is read.
    fn schema() -> Value {
        let memory = json!({ "type": "string", "description": "Its memory.", "default": "128 MiB" });
        let function = json!({ "properties": { "memory": memory } });
        json!({ "properties": {
            "alarms": { "type": "boolean", "description": "Whether there are alarms.", "default": true },
            "functions": { "properties": { "webhook": function, "scaleup": function } },
        } })
    }

    fn page() -> String {
        text(&Deployment::new(Choices::default()).unwrap(), &schema())
    }

    #[test]
    fn every_key_is_there_with_its_default() {
        let page = page();
        let (_, keys) = page.split_once("## Keys of jit-runners.yaml").unwrap();
        assert!(keys.contains("### alarms\n") && keys.contains("Whether there are alarms."), "{keys}");
        assert!(keys.contains("### functions.*.memory\n"), "{keys}");
        for path in ["functions.webhook.memory", "functions.scaleup.memory"] {
            assert!(
                keys.lines().any(|line| line.contains(&format!("`{path}`")) && line.contains("`128 MiB`")),
                "{keys}"
            );
        }
    }

    #[test]
    fn every_input_is_there_with_both_names_and_who_reads_it() {
        let page = page();
        let deployment = Deployment::new(Choices::default()).unwrap();
        for parameter in deployment.parameters() {
            let (cloudformation, terraform) = (parameter.id.cloudformation, parameter.id.terraform);
            let (_, rest) = page.split_once(&format!("#### {cloudformation}\n")).unwrap();
            let own = rest.split("\n#").next().unwrap();
            assert!(own.contains(&format!("- In Terraform: `{terraform}`")), "{own}");
            assert!(own.contains(parameter.description) && own.contains(parameter.expected), "{own}");
        }
        let (_, rest) = page.split_once("#### MaxRunners\n").unwrap();
        let own = rest.split("\n#").next().unwrap();
        for reader in [
            "scaleup, lifecycle, rebalancer as `MAX_RUNNERS`",
            "as `MAX_RUNNERS_PER_REPOSITORY`",
            "from [`runners.max`](#runnersmax)",
        ] {
            assert!(own.contains(reader), "{own}");
        }
    }

    #[test]
    fn every_input_says_its_types_and_its_pattern() {
        let page = page();
        let own = |input: &str| {
            let (_, rest) = page.split_once(&format!("#### {input}\n")).unwrap();
            rest.split("\n#").next().unwrap().to_owned()
        };
        for (input, types) in [
            ("GitHubAppId", "- Type: `String`, in Terraform `string`\n"),
            ("SubnetIds", "- Type: `List<AWS::EC2::Subnet::Id>`, in Terraform `list(string)`\n"),
            ("MaxRunners", "- Type: `Number`, in Terraform `number`\n"),
        ] {
            assert!(own(input).contains(types), "{}", own(input));
        }
        for parameter in Deployment::new(Choices::default()).unwrap().parameters() {
            if let Some(pattern) = parameter.kind.pattern() {
                let own = own(parameter.id.cloudformation);
                assert!(own.contains(&format!("- Pattern: `{}`", pattern.as_str())), "{own}");
            }
        }
    }

    #[test]
    fn an_input_that_is_not_there_is_not_mentioned() {
        let without =
            text(&Deployment::new(Choices { alarms: false, ..Choices::default() }).unwrap(), &schema());
        assert!(page().contains("AlarmTopicArn") && !without.contains("AlarmTopicArn"));
    }

    #[test]
    fn examples_of_label_mappings_are_taken() {
        let page = page();
        let examples: Vec<_> =
            page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(!examples.is_empty());
        for example in examples {
            LabelMappings::from_json(example).unwrap();
        }
    }
}
