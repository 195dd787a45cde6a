//! Which choices are in force.

use jit_runners_model::{Choices, LabelMapping, choices::RunnerChoices};
use serde::Serialize;

/// A choice by its key in `jit-runners.yaml`.
#[derive(Serialize)]
pub(super) struct ChoiceView {
    key: String,
    value: String,
}

/// A row of the table of label mappings.
#[derive(Serialize)]
pub(super) struct MappingView {
    label: String,
    instance_types: Vec<String>,
    ami: Option<String>,
}

/// All but the functions' sizes, which stand with the functions, and the mappings, which have their own table.
pub(super) fn choices(choices: &Choices) -> Vec<ChoiceView> {
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

pub(super) fn mappings(choices: &Choices) -> Vec<MappingView> {
    let view = |mapping: &LabelMapping| MappingView {
        label: mapping.label.to_string(),
        instance_types: mapping.candidates().iter().map(ToString::to_string).collect(),
        ami: mapping.ami.as_ref().map(ToString::to_string),
    };
    choices.label_mappings.iter().map(view).collect()
}
