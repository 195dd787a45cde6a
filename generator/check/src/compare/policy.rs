//! Compares policies by their meaning: which statements of one document match which of another.
//!
//! The order of statements means nothing, and a statement's name (`Sid`) permits nothing.

use std::collections::BTreeSet;

use super::{generated::is_made_up, unread::is_unread};
use crate::graph::{Dialect, Graph, Held, Properties, Value};

/// A statement of each document that has it, and what to call it.
#[derive(Debug)]
pub(super) struct Statements<'v> {
    /// Its `Sid`, or its number.
    pub name: String,
    /// By the index of the document.
    pub held: Vec<Option<&'v Held>>,
}

/// Lines up the statements of several documents: equal ones first, then those of one name, then those that have most in
/// common.
pub(super) fn line_up<'v>(documents: &[Option<&'v [Held]>]) -> Vec<Statements<'v>> {
    let mut rows: Vec<Statements<'v>> = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let mut open: Vec<&Held> = document.iter().flat_map(|items| items.iter()).collect();
        let passes: [fn(&Held, &Held) -> usize; 3] = [equal, same_name, likeness];
        for pass in passes {
            let mut left = Vec::new();
            for held in open {
                let free = |row: &&mut Statements<'v>| row.held.get(index).copied().flatten().is_none();
                let best = rows
                    .iter_mut()
                    .filter(free)
                    .filter_map(|row| {
                        Some((row.held.iter().flatten().map(|other| pass(held, other)).max()?, row))
                    })
                    .filter(|(score, _)| *score > 0)
                    .max_by_key(|(score, _)| *score);
                match best {
                    Some((_, row)) => {
                        row.held.resize(index, None);
                        row.held.push(Some(held));
                    }
                    None => left.push(held),
                }
            }
            open = left;
        }
        for held in open {
            let name = sid(held).map_or_else(|| (rows.len() + 1).to_string(), str::to_owned);
            let mut row = Statements { name, held: vec![None; index] };
            row.held.push(Some(held));
            rows.push(row);
        }
    }
    for row in &mut rows {
        row.held.resize(documents.len(), None);
    }
    rows
}

/// Whether two lists of statements permit the same, however they are divided: one statement of two actions is two
/// statements of one.
pub(super) fn mean_the_same(left: &[Held], right: &[Held]) -> bool {
    atoms(left) == atoms(right)
}

/// The forms in which policies stand in files: inside a role, and attached to it.
const FORMS: [&str; 2] = ["Policies", "AttachedPolicies"];
/// What a role is permitted, where the files say it in different forms.
pub(super) const PERMISSIONS: &str = "Permissions";

/// What those policies are called that have one name here and another there.
const NAMES: &str = "PolicyNames";

/// Where something of a role's policies could not be read on one side, nothing of them is compared: a statement stands in either of the
/// forms, and anywhere in a document.
pub(super) fn leave_out(graphs: &mut [Graph], nodes: &[Option<usize>]) {
    if !graphs.iter().any(|graph| graph.omitted.is_partial) {
        return;
    }
    let roles: Vec<(usize, usize)> =
        nodes.iter().enumerate().filter_map(|(graph, node)| Some((graph, (*node)?))).collect();
    let unread = roles.iter().find_map(|&(graph, node)| {
        let properties = &graphs[graph].resources[node].properties;
        // What else is attached may be a policy of the files.
        let forms = FORMS.iter().chain([&"ManagedPolicyArns"]);
        forms.filter_map(|form| properties.get(*form)).find(|held| is_unread(held)).cloned()
    });
    let Some(unread) = unread else { return };
    for (graph, node) in roles {
        let properties = &mut graphs[graph].resources[node].properties;
        properties.retain(|name, _| !FORMS.contains(&name.as_str()));
        properties.insert(FORMS[0].to_owned(), unread.clone());
    }
}

/// Puts the policies of one and the same role together, where one file keeps them inside the role and another attaches
/// them: what they permit is compared then, and not where it stands. Of policies in one form, only those are put together
/// that have other names on the other side, and the names are compared by themselves. A model says where, and what name.
pub(super) fn put_together(graphs: &mut [Graph], nodes: &[Option<usize>]) {
    let roles: Vec<(usize, usize)> =
        nodes.iter().enumerate().filter_map(|(graph, node)| Some((graph, (*node)?))).collect();
    let has_model = graphs.iter().any(|graph| graph.dialect == Dialect::Model);
    let called: Vec<_> =
        roles.iter().map(|&(graph, node)| names(&graphs[graph].resources[node].properties)).collect();
    if has_model || called.windows(2).all(|pair| pair[0] == pair[1]) {
        return;
    }
    let count = |names: &[BTreeSet<String>; 2]| names.each_ref().map(BTreeSet::len);
    let is_one_form = called.windows(2).all(|pair| count(&pair[0]) == count(&pair[1]));
    for (graph, node) in roles {
        let properties = &mut graphs[graph].resources[node].properties;
        let mut all: Option<Held> = None;
        let mut names = Vec::new();
        for (index, property) in FORMS.into_iter().enumerate() {
            let Some(held) = properties.remove(property) else { continue };
            let is_common =
                |name: &String| is_one_form && called.iter().all(|names| names[index].contains(name));
            let (common, own) = divided(held, is_common);
            properties.extend(common.map(|common| (property.to_owned(), common)));
            for (name, document) in own {
                names.extend(name.map(|name| Held::new(name.as_str(), document.place.clone())));
                let place = document.place.clone();
                let more = statements_of(document);
                match &mut all {
                    Some(Held { value: Value::List(statements), .. }) => statements.extend(more),
                    _ => all = Some(Held::new(Value::List(more), place)),
                }
            }
        }
        if let Some(all) = all {
            // A name that Terraform makes up is no name to compare.
            if is_one_form && !called.iter().flatten().flatten().any(|name| is_made_up(name)) {
                let names = Held::new(Value::set(names), all.place.clone());
                properties.insert(NAMES.to_owned(), names);
            }
            properties.insert(PERMISSIONS.to_owned(), all);
        }
    }
}

/// Policies by their names, where they have some.
type Named = Vec<(Option<String>, Held)>;

/// The policies that stay where they are, and the others.
fn divided(policies: Held, stays: impl Fn(&String) -> bool) -> (Option<Held>, Named) {
    let Held { value, place, rule } = policies;
    let Value::Map(entries) = value else { return (None, vec![(None, Held { value, place, rule })]) };
    let (common, own): (Properties, Properties) = entries.into_iter().partition(|(name, _)| stays(name));
    let common = (!common.is_empty()).then_some(Held { value: Value::Map(common), place, rule });
    (common, own.into_iter().map(|(name, document)| (Some(name), document)).collect())
}

/// What the policies of a role are called, in each form.
fn names(properties: &Properties) -> [BTreeSet<String>; 2] {
    FORMS.map(|property| match properties.get(property).map(|held| &held.value) {
        Some(Value::Map(entries)) => entries.keys().cloned().collect(),
        _ => BTreeSet::new(),
    })
}

fn statements_of(document: Held) -> Vec<Held> {
    match document.value {
        Value::Map(mut entries) => match entries.remove("Statement").map(|held| held.value) {
            Some(Value::List(statements) | Value::Set(statements)) => statements,
            _ => Vec::new(),
        },
        _ => vec![document],
    }
}

fn sid(statement: &Held) -> Option<&str> {
    let Value::Map(entries) = &statement.value else { return None };
    entries.get("Sid")?.as_literal()
}

fn without_sid(statement: &Held) -> Value {
    match &statement.value {
        Value::Map(entries) => Value::Map(
            entries.iter().filter(|(name, _)| *name != "Sid").map(|(n, h)| (n.clone(), h.clone())).collect(),
        ),
        other => other.clone(),
    }
}

fn equal(left: &Held, right: &Held) -> usize {
    usize::from(without_sid(left) == without_sid(right))
}

fn same_name(left: &Held, right: &Held) -> usize {
    usize::from(sid(left).is_some() && sid(left) == sid(right))
}

/// How much two statements have in common: what they are about counts more than that both allow it.
fn likeness(left: &Held, right: &Held) -> usize {
    let (Value::Map(left), Value::Map(right)) = (&left.value, &right.value) else { return 0 };
    let common = |name: &str| match (
        left.get(name).map(|held| &held.value),
        right.get(name).map(|held| &held.value),
    ) {
        (Some(Value::Set(left)), Some(Value::Set(right))) => {
            left.iter().filter(|item| right.contains(item)).count()
        }
        (Some(left), Some(right)) => usize::from(left == right),
        _ => 0,
    };
    2 * common("Action") + common("Resource") + common("Principal") + common("Condition")
}

/// Statements taken apart to one action and one resource each.
fn atoms(statements: &[Held]) -> BTreeSet<Properties> {
    let mut atoms = BTreeSet::new();
    for statement in statements {
        let Value::Map(mut entries) = without_sid(statement) else { continue };
        let mut each = |name: &str| match entries.remove(name).map(|held| held.value) {
            Some(Value::Set(items)) => items.into_iter().map(Some).collect(),
            _ => vec![None],
        };
        let (actions, resources) = (each("Action"), each("Resource"));
        for action in &actions {
            for resource in &resources {
                let mut atom = entries.clone();
                atom.extend(action.clone().map(|held| ("Action".to_owned(), held)));
                atom.extend(resource.clone().map(|held| ("Resource".to_owned(), held)));
                atoms.insert(atom);
            }
        }
    }
    atoms
}
