//! Matches the resources of several graphs, and pairs their inputs and outputs.
//!
//! Resources are matched by kind and identity, not by what the files call them. Terraform's inputs and outputs get the names that
//! they have in the template, so that equal references are equal: names pair when they are equal without case and underscores
//! (`github_app_id`, `GitHubAppId`), or when the model says that they are two names of one thing (`private_key_arn`,
//! `PrivateKeySecretArn`).

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use super::surroundings;
use crate::graph::{Address, Graph, Held, Kind, Node, Symbol, SymbolicText};

/// The resources that are one and the same: for each graph, the index of its node.
#[derive(Debug)]
pub(super) struct Row {
    /// By the index of the graph.
    pub nodes: Vec<Option<usize>>,
    /// The name by which all graphs refer to it from here on.
    pub address: Address,
}

/// Matches the resources of all graphs, and makes their references comparable: whatever a file calls a resource, a
/// reference to it bears the name of its row.
pub(super) fn match_resources(graphs: &mut [Graph]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for current in 0..graphs.len() {
        let addresses = match_into(&mut rows, graphs, current);
        graphs[current].rewrite(&mut |symbol: &Symbol| {
            let Symbol::Attribute { of, attribute } = symbol else { return None };
            let of = addresses.get(of)?;
            Some(SymbolicText::from(Symbol::Attribute { of: Arc::clone(of), attribute: *attribute }))
        });
    }
    rows
}

/// Finds the row of each node of the graph at `current`, whose address then stands for the row's.
fn match_into(rows: &mut Vec<Row>, graphs: &[Graph], current: usize) -> BTreeMap<Address, Address> {
    let graph = &graphs[current];
    let mut waiting = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        if let Some((kind, key)) =
            representative(row, graphs).and_then(|node| Some((node.kind, key(node, None)?)))
        {
            waiting.entry((kind, key)).or_insert_with(VecDeque::new).push_back(index);
        }
    }
    let mut open: Vec<usize> = (0..graph.resources.len()).collect();
    let mut addresses = BTreeMap::new();
    // A route is told from others by its API, so APIs are matched first. This goes on until a round matches nothing.
    loop {
        let before = open.len();
        open.retain(|&index| {
            let node = &graph.resources[index];
            let Some(key) = key(node, Some(&addresses)) else { return true };
            let Some(rows_of_key) = waiting.get_mut(&(node.kind, key)) else { return true };
            let unclaimed = |row: &usize| rows[*row].nodes.get(current).copied().flatten().is_none();
            let Some(found) = rows_of_key.iter().position(unclaimed).and_then(|at| rows_of_key.remove(at))
            else {
                return true;
            };
            claim(&mut rows[found], current, index);
            addresses.insert(Arc::clone(&node.address), Arc::clone(&rows[found].address));
            false
        });
        if open.len() < before {
            continue;
        }
        // The remaining resources are matched by what refers to them and what they refer to, and by what they have in common, the
        // best pair first.
        let Some((row, index)) = surroundings::same(rows, graphs, current, &open, &addresses)
            .or_else(|| most_alike(rows, graphs, current, &open, &addresses))
            .or_else(|| last_of_its_kind(rows, graphs, current, &open))
        else {
            break;
        };
        claim(&mut rows[row], current, index);
        addresses.insert(Arc::clone(&graph.resources[index].address), Arc::clone(&rows[row].address));
        open.retain(|&other| other != index);
    }
    for index in open {
        let address = Arc::clone(&graph.resources[index].address);
        let taken = rows.iter().any(|row| row.address == address);
        let address: Address =
            if taken { format!("{address} of {:?}", graph.dialect).into() } else { address };
        let mut row = Row { nodes: Vec::new(), address: Arc::clone(&address) };
        claim(&mut row, current, index);
        rows.push(row);
        addresses.insert(Arc::clone(&graph.resources[index].address), address);
    }
    for row in rows {
        row.nodes.resize(current + 1, None);
    }
    addresses
}

fn claim(row: &mut Row, graph: usize, node: usize) {
    row.nodes.resize(graph + 1, None);
    row.nodes[graph] = Some(node);
}

fn representative<'g>(row: &Row, graphs: &'g [Graph]) -> Option<&'g Node<Kind>> {
    row.nodes.iter().zip(graphs).find_map(|(node, graph)| graph.resources.get((*node)?))
}

/// What tells `node` from others of its kind; nothing, where it has no name of its own or refers to what has no row yet.
/// Without `addresses`, its references bear the names of rows already.
fn key(node: &Node<Kind>, addresses: Option<&BTreeMap<Address, Address>>) -> Option<Vec<Option<Held>>> {
    let identity = node.kind.facts().identity;
    let mut key: Vec<_> = identity.iter().map(|property| node.properties.get(*property).cloned()).collect();
    key.first()?.as_ref()?;
    // What nobody knows is no name.
    if key.iter().flatten().any(|held| held.mentions(&Symbol::Unknown)) {
        return None;
    }
    let mut complete = true;
    if let Some(addresses) = addresses {
        for held in key.iter_mut().flatten() {
            held.rewrite(&mut |symbol: &Symbol| renamed(symbol, addresses, &mut complete));
        }
    }
    complete.then_some(key)
}

fn renamed(
    symbol: &Symbol,
    addresses: &BTreeMap<Address, Address>,
    complete: &mut bool,
) -> Option<SymbolicText> {
    let Symbol::Attribute { of, attribute } = symbol else { return None };
    let row = addresses.get(of);
    *complete &= row.is_some();
    row.map(|of| SymbolicText::from(Symbol::Attribute { of: Arc::clone(of), attribute: *attribute }))
}

/// The row and the node that have most in common: at least half of their properties, or what the files call them.
fn most_alike(
    rows: &[Row],
    graphs: &[Graph],
    current: usize,
    open: &[usize],
    addresses: &BTreeMap<Address, Address>,
) -> Option<(usize, usize)> {
    let mut best: Option<(usize, (usize, usize))> = None;
    for &index in open {
        let mut node = graphs[current].resources[index].clone();
        node.rewrite(&mut |symbol: &Symbol| renamed(symbol, addresses, &mut true));
        for (row_index, row) in rows.iter().enumerate() {
            if row.nodes.get(current).copied().flatten().is_some() {
                continue;
            }
            let Some(other) = representative(row, graphs).filter(|other| other.kind == node.kind) else {
                continue;
            };
            let score = likeness(&node, other);
            if score >= 50 && best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, (row_index, index)));
            }
        }
    }
    best.map(|(_, pair)| pair)
}

/// The row and the node of a kind of which only one each is left, unless both have a name.
fn last_of_its_kind(
    rows: &[Row],
    graphs: &[Graph],
    current: usize,
    open: &[usize],
) -> Option<(usize, usize)> {
    let resources = &graphs[current].resources;
    let is_named = |node: &Node<Kind>| key(node, None).is_some();
    open.iter().find_map(|&index| {
        let node = &resources[index];
        let mut rows = rows.iter().enumerate().filter(|(_, row)| {
            let is_free = row.nodes.get(current).copied().flatten().is_none();
            is_free && representative(row, graphs).is_some_and(|other| other.kind == node.kind)
        });
        let (row, other) = rows.next().and_then(|(at, row)| Some((at, representative(row, graphs)?)))?;
        let is_alone = rows.next().is_none()
            && open.iter().filter(|&&other| resources[other].kind == node.kind).count() == 1;
        (is_alone && !(is_named(node) && is_named(other))).then_some((row, index))
    })
}

/// How much two nodes have in common, in percent of what either has; the same name in the files counts for 40.
fn likeness(node: &Node<Kind>, other: &Node<Kind>) -> usize {
    let names: BTreeSet<_> = node.properties.keys().chain(other.properties.keys()).collect();
    let stated =
        |node: &Node<Kind>, name: &str| node.properties.get(name).is_some_and(|held| held.rule.is_none());
    let told: Vec<_> = names.into_iter().filter(|name| stated(node, name) || stated(other, name)).collect();
    let equal =
        told.iter().filter(|name| node.properties.get(**name) == other.properties.get(**name)).count();
    let alike = if label(&node.address) == label(&other.address) { 40 } else { 0 };
    equal * 100 / told.len().max(1) + alike
}

/// What a file calls a resource, without what only one dialect adds to it.
fn label(address: &str) -> String {
    let name = address.rsplit_once('.').map_or(address, |(_, name)| name);
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Inputs that Terraform needs and a stack knows by itself: the prefix of every name, and the region. Which input is the
/// region, the provider's block says.
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

/// Whether Terraform's input `name` has a partner among the `inputs` of a template, or a stack knows it by itself.
pub(crate) fn has_partner(name: &str, inputs: &[Arc<str>], known: &[(&str, &str)]) -> bool {
    let stated = known.iter().find(|(own, _)| *own == name).map(|(_, other)| *other);
    is_known_to_a_stack(name)
        || inputs.iter().any(|other| Some(&**other) == stated || squashed(other) == squashed(name))
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
