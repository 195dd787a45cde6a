//! Choices as JSON, with the keys of `jit-runners.yaml`.

use jit_runners_model::{
    Choices,
    choices::{FunctionChoices, RunnerChoices},
    contract::Handler,
};
use serde_json::{Map, Value, json};

use super::values::egress_rule;

pub(super) fn choices(choices: &Choices) -> Value {
    let Choices {
        name,
        tags,
        architecture,
        functions,
        label_mappings,
        runners,
        permissions_boundary,
        kms_key,
        github_api_url,
        throttling,
        alarms,
        dashboard,
    } = choices;
    let of_handler = |handler: Handler| {
        let FunctionChoices { memory, timeout, log_retention } = functions.get(handler);
        let sizes = json!({
            "memory": memory.get(),
            "timeout": timeout.seconds().get(),
            "log_retention": log_retention.get(),
        });
        (handler.name().to_owned(), sizes)
    };
    json!({
        "name": name,
        "tags": tags,
        "architecture": architecture,
        "functions": Handler::ALL.into_iter().map(of_handler).collect::<Map<_, _>>(),
        "label_mappings": label_mappings,
        "runners": self::runners(runners),
        "permissions_boundary": permissions_boundary,
        "kms_key": kms_key,
        "github_api_url": github_api_url,
        "throttling": { "rate": throttling.rate, "burst": throttling.burst },
        "alarms": alarms,
        "dashboard": dashboard,
    })
}

fn runners(runners: &RunnerChoices) -> Value {
    let RunnerChoices { default_instance_type, version, max, max_per_repository, scope, group, egress } =
        runners;
    json!({
        "default_instance_type": default_instance_type,
        "version": version.to_string(),
        "max": max,
        "max_per_repository": max_per_repository,
        "scope": scope,
        "group": group,
        "egress": egress.iter().map(egress_rule).collect::<Vec<_>>(),
    })
}
