//! Resources that say something about others become a part of those.

mod policy;
mod queue_policy;
mod security_group;

use std::{collections::BTreeMap, sync::Arc};

use super::kind::{Companion, ResourceType};
use crate::{
    cloudformation::{
        evaluate::{Evaluator, VALUE, weight_of},
        problem::TemplateProblem,
    },
    graph::{
        Address, Condition, Held, Kind, Node, Properties, ResourceAttribute, Symbol, Value, spelling::alike,
    },
    read::Place,
};

/// What a template declares, before anything is folded.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// Nodes of the graph.
    pub nodes: Vec<Node<Kind>>,
    /// Parts of them.
    pub parts: Vec<CompanionResource>,
}

/// A resource that is to become a part of nodes.
#[derive(Debug)]
pub(super) struct CompanionResource {
    /// What it is.
    pub kind: Companion,
    /// Its logical id.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
    /// When it exists.
    pub condition: Condition,
    /// What it says.
    pub properties: Properties,
}

/// Where nodes are, by what refers to them.
struct Hosts {
    by_address: BTreeMap<Address, usize>,
    by_role_name: BTreeMap<Held, usize>,
}

impl Evaluator<'_> {
    /// The nodes with their parts.
    pub(super) fn fold(&mut self, folded: Folded) -> Vec<Node<Kind>> {
        let Folded { mut nodes, parts } = folded;
        let hosts = Hosts::of(&nodes);
        for node in &mut nodes {
            self.shape_rules(node);
        }
        let mut managed = BTreeMap::new();
        for part in parts {
            if !self.check_part(&part) {
                continue;
            }
            match part.kind {
                Companion::Policy | Companion::RolePolicy => self.fold_policy(&mut nodes, &hosts, part),
                Companion::ManagedPolicy => drop(managed.insert(Arc::clone(&part.address), part)),
                Companion::Ingress | Companion::Egress => self.fold_rule(&mut nodes, &hosts, part),
            }
        }
        self.attach_policies(&mut nodes, &hosts, &managed);
        self.take_apart_queue_policies(nodes)
    }

    /// Whether a part has the properties that it must have, and no others.
    fn check_part(&mut self, part: &CompanionResource) -> bool {
        let before = self.problems.len();
        let of = ResourceType::Companion(part.kind).as_str();
        let known = part.kind.properties();
        for (name, held) in &part.properties {
            if !known.iter().any(|(known, _)| known == name) {
                let suggestion = alike(name, known.iter().map(|(known, _)| *known))
                    .and_then(|meant| known.iter().find(|(known, _)| *known == meant))
                    .map(|(known, _)| *known);
                let kind = TemplateProblem::UnknownKey { of, key: name.clone(), suggestion };
                self.refuse::<()>(&held.place, kind);
            }
        }
        for (key, _) in known.iter().filter(|(_, needed)| *needed) {
            if part.properties.get(*key).is_none_or(|held| held.value == Value::Absent) {
                self.refuse::<()>(&part.place, TemplateProblem::Missing { of: "this resource", key });
            }
        }
        self.problems.len() == before
    }

    /// Appends `item`, which is there under `condition`, to the list that `node` has under `key`.
    fn append(&mut self, node: &mut Node<Kind>, key: &str, condition: Condition, item: Held) {
        let place = item.place.clone();
        let mut list = Vec::new();
        if let Some(held) = node.properties.remove(key) {
            if let Value::List(items) = held.value {
                list = items;
            } else {
                let found = held.value.noun();
                let Some(items) = self.items_of(held) else {
                    let expected = "a list that is written out, because another resource adds to it";
                    let kind = TemplateProblem::WrongShape { of: key.to_owned(), expected, found };
                    self.refuse::<()>(&place, kind);
                    return;
                };
                list.extend(items.into_iter().map(|(condition, item)| item.under(condition)));
            }
        }
        list.push(item.under(condition.beyond(&node.condition)));
        node.properties.insert(key.to_owned(), Held::new(Value::List(list), place));
    }

    /// The items of a list, each with the condition under which it is there; nothing, if the list is not known.
    fn items_of(&mut self, held: Held) -> Option<Vec<(Condition, Held)>> {
        held.into_items(&mut |when, place| self.weigh(VALUE + weight_of(when), place).is_some())
    }

    /// A copy of `held` for a further node.
    fn copied(&mut self, held: &Held) -> Option<Held> {
        self.weigh(weight_of(held), &held.place)?;
        Some(held.clone())
    }

    fn not_of_template<T>(&mut self, key: &'static str, expected: &'static str, found: &Held) -> Option<T> {
        let found_value = found.value.to_string();
        self.refuse(&found.place, TemplateProblem::NotOfTemplate { key, expected, found: found_value })
    }
}

impl Hosts {
    fn of(nodes: &[Node<Kind>]) -> Self {
        let mut hosts = Self { by_address: BTreeMap::new(), by_role_name: BTreeMap::new() };
        for (index, node) in nodes.iter().enumerate() {
            hosts.by_address.insert(Arc::clone(&node.address), index);
            if let (Kind::Role, Some(name)) = (node.kind, node.properties.get("RoleName")) {
                hosts.by_role_name.insert(name.clone(), index);
            }
        }
        hosts
    }

    /// The node of which `held` is `attribute`.
    fn with(&self, held: &Held, attribute: ResourceAttribute) -> Option<usize> {
        let Value::Text(text) = &held.value else { return None };
        match text.as_symbol() {
            Some(Symbol::Attribute { of, attribute: found }) if *found == attribute => {
                self.by_address.get(of).copied()
            }
            _ => None,
        }
    }

    /// The role that `held` names.
    fn role(&self, held: &Held) -> Option<usize> {
        self.with(held, ResourceAttribute::Name).or_else(|| self.by_role_name.get(held).copied())
    }
}
