//! The parts of a plan's JSON that are read
//! (<https://developer.hashicorp.com/terraform/internals/json-format>).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// A plan.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    /// The version of the format.
    pub format_version: String,
    /// The values of the variables.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// What will be.
    pub planned_values: Values,
    /// What will change, and what of it nobody knows yet.
    #[serde(default)]
    pub resource_changes: Vec<ResourceChange>,
    /// What the outputs will be.
    #[serde(default)]
    pub output_changes: BTreeMap<String, Change>,
    /// What was there, data sources included.
    pub prior_state: Option<State>,
    /// What the module says.
    pub configuration: Configuration,
    /// Whether Terraform met an error.
    #[serde(default)]
    pub errored: bool,
}

/// A variable's value.
#[derive(Debug, Deserialize)]
pub(super) struct Variable {
    /// The value.
    #[serde(default)]
    pub value: Json,
}

/// A state.
#[derive(Debug, Deserialize)]
pub(super) struct State {
    /// What is there.
    pub values: Option<Values>,
}

/// Resources and outputs.
#[derive(Debug, Deserialize)]
pub(super) struct Values {
    /// Outputs.
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    /// Resources.
    #[serde(default)]
    pub root_module: ModuleValues,
}

/// An output.
#[derive(Debug, Deserialize)]
pub(super) struct Output {
    /// Whether people must not see it.
    #[serde(default)]
    pub sensitive: bool,
    /// The value, if it is known.
    #[serde(default)]
    pub value: Json,
}

/// The resources of a module.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ModuleValues {
    /// Its own.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Modules inside it.
    #[serde(default)]
    pub child_modules: Vec<ChildModule>,
}

/// A module inside the module.
#[derive(Debug, Deserialize)]
pub(super) struct ChildModule {
    /// Its address.
    #[serde(default)]
    pub address: String,
}

/// A resource or a data source.
#[derive(Debug, Deserialize)]
pub(super) struct Resource {
    /// Its address.
    pub address: String,
    /// `managed` or `data`.
    pub mode: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, without an index.
    pub name: String,
    /// What is known of it.
    #[serde(default)]
    pub values: Map<String, Json>,
}

/// What happens to a resource.
#[derive(Debug, Deserialize)]
pub(super) struct ResourceChange {
    /// Its address.
    pub address: String,
    /// What happens.
    pub change: Change,
}

/// What happens.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    /// `true` where a value is only known afterwards, in the form of the values.
    #[serde(default)]
    pub after_unknown: Json,
}

/// What the module says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Configuration {
    /// Providers by their keys.
    #[serde(default)]
    pub provider_config: BTreeMap<String, ProviderConfiguration>,
    /// Resources.
    #[serde(default)]
    pub root_module: ModuleConfiguration,
}

/// What the module says about a provider.
#[derive(Debug, Deserialize)]
pub(super) struct ProviderConfiguration {
    /// Its arguments.
    #[serde(default)]
    pub expressions: Map<String, Json>,
}

/// What the module says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ModuleConfiguration {
    /// About resources.
    #[serde(default)]
    pub resources: Vec<ResourceConfiguration>,
    /// About outputs.
    #[serde(default)]
    pub outputs: BTreeMap<String, OutputConfiguration>,
}

/// What the module says about a resource.
#[derive(Debug, Deserialize)]
pub(super) struct ResourceConfiguration {
    /// Its address, without an index.
    pub address: String,
    /// Its arguments.
    #[serde(default)]
    pub expressions: Json,
    /// What it waits for.
    #[serde(default)]
    pub depends_on: Vec<String>,
}

/// What the module says about an output.
#[derive(Debug, Deserialize)]
pub(super) struct OutputConfiguration {
    /// Words about it.
    pub description: Option<String>,
}
