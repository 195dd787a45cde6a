//! Gives Terraform's inputs and outputs the names that they have in the template, so that equal references are equal.
//!
//! Names pair when they are equal without case and underscores (`github_app_id`, `GitHubAppId`), or when the model says
//! that they are two names of one thing (`private_key_arn`, `PrivateKeySecretArn`).

use std::{collections::BTreeMap, sync::Arc};

use crate::graph::{Graph, Node, Symbol, SymbolicText};

/// What Terraform has to be told and a stack knows by itself: the prefix of every name, and the region. That an input is
/// the region is for the provider's block to say.
const NAMES: &[&str] = &["projectname", "stackname", "deploymentname", "nameprefix", "prefix", "name"];
const REGIONS: &[&str] = &["awsregion", "region"];

/// Renames inputs and outputs of `terraform` after those of `template`; `known` are pairs of a Terraform name and a
/// template's. Gives Terraform's input for what a stack's name is, if there is one.
pub(crate) fn pair(terraform: &mut Graph, template: &Graph, known: &[(&str, &str)]) -> Option<Arc<str>> {
    let inputs = names(&terraform.inputs, &template.inputs, known);
    let deployment = alone(&inputs, &terraform.inputs, NAMES);
    terraform.rewrite(&mut |symbol: &Symbol| {
        let Symbol::Input(name) = symbol else { return None };
        if Some(name) == deployment.as_ref() {
            return Some(SymbolicText::from(Symbol::DeploymentName));
        }
        inputs.get(name).map(|name| SymbolicText::from(Symbol::Input(Arc::clone(name))))
    });
    rename(&mut terraform.inputs, &inputs);
    let outputs = names(&terraform.outputs, &template.outputs, known);
    rename(&mut terraform.outputs, &outputs);
    deployment
}

fn names(own: &[Node<()>], others: &[Node<()>], known: &[(&str, &str)]) -> BTreeMap<Arc<str>, Arc<str>> {
    let by_squashed: BTreeMap<_, _> =
        others.iter().map(|node| (squashed(&node.address), &node.address)).collect();
    own.iter()
        .filter_map(|node| {
            let stated = known.iter().find(|(name, _)| **name == *node.address).map(|(_, other)| *other);
            let paired = stated
                .and_then(|name| others.iter().map(|node| &node.address).find(|other| ***other == *name));
            let other = paired.or_else(|| by_squashed.get(&squashed(&node.address)).copied())?;
            Some((Arc::clone(&node.address), Arc::clone(other)))
        })
        .collect()
}

/// The first input of one of `wanted` names that has no partner.
fn alone(paired: &BTreeMap<Arc<str>, Arc<str>>, own: &[Node<()>], wanted: &[&str]) -> Option<Arc<str>> {
    wanted.iter().find_map(|wanted| {
        let found = own.iter().find(|node| squashed(&node.address) == *wanted)?;
        (!paired.contains_key(&found.address)).then(|| Arc::clone(&found.address))
    })
}

/// Whether a stack knows this input of Terraform by itself.
pub(super) fn is_known_to_a_stack(name: &str) -> bool {
    let name = squashed(name);
    NAMES.contains(&name.as_str()) || REGIONS.contains(&name.as_str())
}

fn rename(nodes: &mut [Node<()>], names: &BTreeMap<Arc<str>, Arc<str>>) {
    for node in nodes {
        if let Some(name) = names.get(&node.address) {
            node.address = Arc::clone(name);
        }
    }
}

fn squashed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
