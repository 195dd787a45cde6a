//! The JSON of a Terraform plan to a graph: the provider's own view, with its defaults.
//!
//! ```text
//! planned_values, after_unknown, configuration -> Module -> translate -> Graph
//! ```
//!
//! `planned_values` has what is known, without blocks' places in any file; `after_unknown` marks what is not; the
//! configuration says what the unknown refers to.

mod document;
#[cfg(test)]
mod tests;
mod values;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use document::Document;
use serde_json::Value as Json;
use values::{Identifiers, Reader};

use super::{body::View, translate::translate};
use crate::{
    graph::{Address, Condition, Graph, Held, Properties, Symbol, SymbolicText, Value},
    problem::{PlanProblem, Problem},
    read::Place,
    terraform::{Module, NamedBlock, ResourceBlock},
};

/// Bytes of a plan, at most: a hundred times the size of ours.
pub const MAX_PLAN_BYTES: usize = 16 * 1024 * 1024;

/// What a plan says.
#[derive(Debug)]
pub(crate) struct TerraformPlan {
    /// What will be. Values that nobody knows before that are [`Symbol::Unknown`], or references.
    pub graph: Graph,
    /// The values of the variables.
    pub inputs: BTreeMap<Arc<str>, Held>,
    /// Where the plan is for: region, account, partition, as far as it says so.
    pub surroundings: Vec<(Symbol, SymbolicText)>,
}

/// Reads the plan in `bytes`, the contents of `file`.
pub(crate) fn from_plan(file: &Arc<str>, bytes: &[u8]) -> Result<TerraformPlan, Vec<Problem>> {
    let place = Place::whole(Arc::clone(file));
    let refused = |problem: PlanProblem| vec![Problem { place: place.clone(), kind: problem.into() }];
    if bytes.len() > MAX_PLAN_BYTES {
        return Err(refused(PlanProblem::TooLarge { most: MAX_PLAN_BYTES }));
    }
    // The parser refuses what is nested too deep.
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|error| refused(PlanProblem::NotAPlan { found: error.to_string() }))?;
    if !document.format_version.starts_with("1.") {
        return Err(refused(PlanProblem::OtherFormat { found: document.format_version }));
    }
    if document.errored {
        return Err(refused(PlanProblem::Incomplete));
    }
    if let Some(child) = document.planned_values.root_module.child_modules.first() {
        return Err(refused(PlanProblem::ChildModule { found: child.address.clone() }));
    }
    read(&document, &place)
}

fn read(document: &Document, place: &Place) -> Result<TerraformPlan, Vec<Problem>> {
    // Data sources are read, not made: what they say already stands in the values of resources.
    let resources: Vec<_> =
        document.planned_values.root_module.resources.iter().filter(|one| one.mode == "managed").collect();
    let addresses: BTreeSet<Address> =
        resources.iter().map(|one| Address::from(one.address.as_str())).collect();
    let provider = document.configuration.provider_config.get("aws");
    let has_default_tags = provider.is_some_and(|provider| provider.expressions.contains_key("default_tags"));
    let region = region(document);
    let surroundings = surroundings(document, region);
    let mut identifiers = Identifiers::new(&surroundings);
    for resource in &resources {
        identifiers.learn(&resource.kind, &resource.address.as_str().into(), &resource.values);
    }
    let reader =
        Reader { place: place.clone(), addresses: &addresses, identifiers: &identifiers, has_default_tags };
    let changes: BTreeMap<&str, &Json> = document
        .resource_changes
        .iter()
        .map(|one| (one.address.as_str(), &one.change.after_unknown))
        .collect();
    let written: BTreeMap<&str, _> =
        document.configuration.root_module.resources.iter().map(|one| (one.address.as_str(), one)).collect();

    let mut module = Module::default();
    for resource in resources {
        let address = Address::from(resource.address.as_str());
        let written = written.get(format!("{}.{}", resource.kind, resource.name).as_str());
        let unknown = changes.get(resource.address.as_str()).copied().unwrap_or(&Json::Null);
        let expressions = written.map_or(&Json::Null, |written| &written.expressions);
        let arguments = reader.arguments(&resource.kind, &address, &resource.values, unknown, expressions);
        let depends_on = written.map_or(&[][..], |written| &written.depends_on);
        module.resources.push(ResourceBlock {
            kind: resource.kind.as_str().into(),
            address,
            place: place.clone(),
            condition: Condition::Always,
            arguments,
            depends_on: depends_on.iter().map(|on| (on.as_str().into(), place.clone())).collect(),
            lifecycle: Properties::new(),
        });
    }
    module.outputs = outputs(document, &reader);
    module.provider = region.map(|region| named("aws", [("region", Value::from(region))], place));
    let inputs = document
        .variables
        .iter()
        .map(|(name, variable)| (name.as_str().into(), reader.held(reader.known(&variable.value))))
        .collect();
    let graph = translate(module, View::Planned, &BTreeSet::new())?;
    Ok(TerraformPlan { graph, inputs, surroundings })
}

fn outputs(document: &Document, reader: &Reader<'_>) -> Vec<NamedBlock> {
    let place = reader.place.clone();
    let mut blocks = Vec::new();
    for (name, output) in &document.planned_values.outputs {
        let unknown = document.output_changes.get(name).map_or(&Json::Null, |change| &change.after_unknown);
        let value = reader.output(&output.value, unknown);
        let description = document
            .configuration
            .root_module
            .outputs
            .get(name)
            .and_then(|written| written.description.as_deref())
            .map_or(Value::Absent, Value::from);
        let sensitive = if output.sensitive { Value::Flag(true) } else { Value::Absent };
        let arguments = [("value", value), ("description", description), ("sensitive", sensitive)];
        let mut block = named(name, arguments, &place);
        block.arguments.retain(|name, held| name == "value" || held.value != Value::Absent);
        blocks.push(block);
    }
    blocks
}

fn named<const N: usize>(name: &str, arguments: [(&str, Value); N], place: &Place) -> NamedBlock {
    let arguments = arguments
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Held::new(value, place.clone())))
        .collect();
    NamedBlock { name: name.into(), place: place.clone(), arguments }
}

/// The provider's region: as it is written, or the value of the variable that it is.
fn region(document: &Document) -> Option<&str> {
    let region = document.configuration.provider_config.get("aws")?.expressions.get("region")?;
    if let Some(region) = region.get("constant_value") {
        return region.as_str();
    }
    let references = region.get("references")?.as_array()?;
    let [reference] = references.as_slice() else { return None };
    let variable = reference.as_str()?.strip_prefix("var.")?;
    document.variables.get(variable)?.value.as_str()
}

/// Where the plan is for: what the provider and the data sources say.
fn surroundings(document: &Document, region: Option<&str>) -> Vec<(Symbol, SymbolicText)> {
    let state = document.prior_state.as_ref().and_then(|state| state.values.as_ref());
    let data = state.into_iter().flat_map(|values| &values.root_module.resources);
    let mut found: Vec<(Symbol, SymbolicText)> =
        region.map(|region| (Symbol::Region, SymbolicText::literal(region))).into_iter().collect();
    for resource in data.filter(|resource| resource.mode == "data") {
        let known: &[(&str, Symbol)] = match resource.kind.as_str() {
            "aws_caller_identity" => &[("account_id", Symbol::AccountId)],
            "aws_partition" => &[("partition", Symbol::Partition), ("dns_suffix", Symbol::UrlSuffix)],
            // Version 6 calls it `region`.
            "aws_region" => &[("region", Symbol::Region), ("name", Symbol::Region)],
            _ => &[],
        };
        for (attribute, symbol) in known {
            let value = resource.values.get(*attribute).and_then(Json::as_str);
            if let Some(value) = value.filter(|_| found.iter().all(|(one, _)| one != symbol)) {
                found.push((symbol.clone(), SymbolicText::literal(value)));
            }
        }
    }
    found
}
