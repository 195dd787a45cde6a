//! The part of `OpenAPI`'s schemas that GitHub's description uses for the checked operations
//! (<https://spec.openapis.org/oas/v3.0.3#schema-object>). An unknown keyword is an error.

use serde_json::Value;

/// Keywords that do not restrict values, or do not matter here.
const REMARKS: &[&str] =
    &["title", "description", "example", "examples", "default", "format", "deprecated", "readOnly"];

/// The problem of `value`, if any.
pub(crate) fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check(schema, value, "", &mut problems);
    problems
}

fn check(schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        return problems.push(format!("{at}: the schema is {schema}"));
    };
    if value.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
        return;
    }
    for (keyword, rule) in schema {
        match keyword.as_str() {
            // Extensions do not restrict values (<https://spec.openapis.org/oas/v3.0.3#specification-extensions>).
            extension if extension.starts_with("x-") => {}
            "type" => {
                if !is_of(rule.as_str().unwrap_or_default(), value) {
                    problems.push(format!("{at}: {value} is not of type {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().is_some_and(|values| values.contains(value)) {
                    problems.push(format!("{at}: {value} is none of {rule}"));
                }
            }
            "required" => {
                for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        problems.push(format!("{at}/{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, rule) in rule.as_object().into_iter().flatten() {
                    if let Some(value) = value.get(name) {
                        check(rule, value, &format!("{at}/{name}"), problems);
                    }
                }
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, value, &format!("{at}/{index}"), problems);
                }
            }
            "minItems" | "maxItems" => {
                let count = value.as_array().map(|items| items.len() as u64).unwrap_or_default();
                let limit = rule.as_u64().unwrap_or_default();
                if if keyword == "minItems" { count < limit } else { count > limit } {
                    problems.push(format!("{at}: {count} items, {keyword} is {limit}"));
                }
            }
            "allOf" => {
                for schema in rule.as_array().into_iter().flatten() {
                    check(schema, value, at, problems);
                }
            }
            "anyOf" | "oneOf" => {
                let mut ways = rule.as_array().into_iter().flatten();
                if !ways.any(|schema| self::problems(schema, value).is_empty()) {
                    problems.push(format!("{at}: {value} is none of its {keyword}"));
                }
            }
            "nullable" | "additionalProperties" => {}
            remark if REMARKS.contains(&remark) => {}
            other => problems.push(format!("{at}: the keyword {other} is not known here")),
        }
    }
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::problems;

    #[test]
    fn what_does_not_fit_is_found() {
        let schema = json!({
            "type": "object", "required": ["id"], "title": "a thing",
            "properties": {
                "id": { "type": "integer" }, "name": { "type": "string", "nullable": true },
                "kind": { "type": "string", "enum": ["a", "b"] },
                "tags": { "type": "array", "minItems": 1, "maxItems": 2, "items": { "type": "string" } },
                "either": { "oneOf": [{ "type": "string" }, { "type": "boolean" }] },
                "all": { "allOf": [{ "required": ["x"] }] },
            },
        });
        let fits = json!({ "id": 1, "name": null, "kind": "a", "tags": ["t"], "either": true, "all": { "x": 1 }, "new": 1 });
        assert_eq!(problems(&schema, &fits), [""; 0]);
        for (wrong, said) in [
            (json!([]), "is not of type"),
            (json!({}), "/id is missing"),
            (json!({ "id": 1.5 }), "/id: 1.5 is not"),
            (json!({ "id": null }), "/id: null is not"),
            (json!({ "id": 1, "kind": "c" }), "/kind: \"c\" is none of"),
            (json!({ "id": 1, "tags": [] }), "/tags: 0 items, minItems is 1"),
            (json!({ "id": 1, "tags": ["a", "b", "c"] }), "/tags: 3 items, maxItems is 2"),
            (json!({ "id": 1, "tags": ["a", 2] }), "/tags/1: 2 is not"),
            (json!({ "id": 1, "either": 1 }), "/either: 1 is none of its oneOf"),
            (json!({ "id": 1, "all": {} }), "/all/x is missing"),
        ] {
            let found = problems(&schema, &wrong);
            assert!(found.len() == 1 && found[0].contains(said), "{wrong}: {found:?}");
        }
        assert_eq!(
            problems(&json!({ "pattern": "a" }), &json!(1)),
            [": the keyword pattern is not known here"]
        );
    }
}
