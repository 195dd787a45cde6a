//! A template as JSON, with intrinsics in their long form: what `CloudFormation` itself makes of the YAML.

use serde_json::{Map as Object, Value as Json, json};

use super::tree::{Intrinsic, Map, Resource, SubPiece, Template, Value};

/// The whole template.
pub(super) fn template(template: &Template) -> Json {
    let Template { description, metadata, parameters, rules, conditions, resources, outputs } = template;
    let mut json = Object::new();
    json.insert("AWSTemplateFormatVersion".into(), Template::FORMAT_VERSION.into());
    json.insert("Description".into(), description.as_str().into());
    let before =
        [("Metadata", metadata), ("Parameters", parameters), ("Rules", rules), ("Conditions", conditions)];
    for (name, section) in before {
        if !section.entries().is_empty() {
            json.insert(name.into(), object(section));
        }
    }
    let resources = resources.iter().map(|node| (node.id.logical_id.to_owned(), resource(node))).collect();
    json.insert("Resources".into(), Json::Object(resources));
    json.insert("Outputs".into(), object(outputs));
    Json::Object(json)
}

fn resource(resource: &Resource) -> Json {
    let Resource { id: _, concern: _, kind, depends_on, removal, properties } = resource;
    let mut json = Object::new();
    json.insert("Type".into(), kind.as_str().into());
    if !depends_on.is_empty() {
        json.insert("DependsOn".into(), depends_on.as_slice().into());
    }
    if let Some(removal) = removal {
        json.insert("DeletionPolicy".into(), removal.as_str().into());
        json.insert("UpdateReplacePolicy".into(), removal.as_str().into());
    }
    json.insert("Properties".into(), object(properties));
    Json::Object(json)
}

fn object(map: &Map) -> Json {
    Json::Object(map.entries().iter().map(|(name, entry)| (name.clone(), value(entry))).collect())
}

fn value(of: &Value) -> Json {
    match of {
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(items) => Json::Array(items.iter().map(|item| value(&item.value)).collect()),
        Value::Map(map) => object(map),
        Value::Call(call) => intrinsic(call),
    }
}

fn intrinsic(call: &Intrinsic) -> Json {
    match call {
        Intrinsic::Ref(name) => json!({ "Ref": name }),
        Intrinsic::GetAtt(name, attribute) => json!({ "Fn::GetAtt": [name, attribute] }),
        Intrinsic::Sub(pieces) => json!({ "Fn::Sub": SubPiece::template(pieces) }),
        Intrinsic::Join(separator, list) => json!({ "Fn::Join": [separator, value(list)] }),
        Intrinsic::If(condition, yes, no) => json!({ "Fn::If": [condition, value(yes), value(no)] }),
        Intrinsic::Equals(left, right) => json!({ "Fn::Equals": [value(left), value(right)] }),
        Intrinsic::Not(condition) => json!({ "Fn::Not": [value(condition)] }),
        Intrinsic::Or(conditions) => json!({ "Fn::Or": conditions.iter().map(value).collect::<Vec<_>>() }),
    }
}
