//! Puts resources that Terraform has on their own into the resources whose properties they are.

mod group;
mod identity;
mod index;
mod item;
mod queue;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    argument::{Companion, ResourceSchema},
    body::words,
    copies::Copies,
    problem::TranslationProblem,
};
use crate::{
    graph::{Address, Condition, GraphProblem, Held, Kind, Node, Properties, SymbolicText, Value},
    read::Place,
};
use index::Index;

/// A resource that is a part of another one.
pub(super) struct PartBlock {
    /// Its type.
    pub of: &'static ResourceSchema,
    /// Which part.
    pub part: Companion,
    /// Its address.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
    /// When it exists.
    pub condition: Condition,
    /// What it says.
    pub properties: Properties,
}

/// What is known once everything is in its place.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The resources that parts went into, by the address of the part.
    pub owners: BTreeMap<Address, BTreeSet<Address>>,
    /// Policies that stand on their own, with their names.
    pub policies: BTreeMap<Address, Option<SymbolicText>>,
}

/// Puts `parts` into `nodes`.
pub(super) fn fold(
    nodes: &mut [Node<Kind>],
    parts: Vec<PartBlock>,
    copies: &mut Copies,
    problems: &mut Vec<GraphProblem>,
) -> Folded {
    let mut fold = Fold { index: Index::of(nodes), nodes, folded: Folded::default(), copies, problems };
    let mut identity = Vec::new();
    group::take_apart(&mut fold);
    for part in parts {
        match part.part {
            Companion::QueueProperty => queue::fold(&mut fold, part),
            Companion::GroupRule => group::fold(&mut fold, part),
            Companion::EventTarget => targets::fold(&mut fold, part),
            Companion::RolePolicy
            | Companion::ManagedPolicy
            | Companion::Attachment
            | Companion::ExclusivePolicies
            | Companion::ExclusiveAttachments => identity.push(part),
        }
    }
    identity::fold(&mut fold, identity);
    fold.folded
}

/// Folding under way.
struct Fold<'n> {
    nodes: &'n mut [Node<Kind>],
    index: Index,
    folded: Folded,
    copies: &'n mut Copies,
    problems: &'n mut Vec<GraphProblem>,
}

impl Fold<'_> {
    /// Whether something of `weight` may be copied.
    fn may_copy(&mut self, weight: usize, place: &Place) -> bool {
        self.copies.allow(weight, place, self.problems)
    }

    fn refuse(&mut self, place: &Place, problem: TranslationProblem) {
        self.problems.push(GraphProblem { place: place.clone(), kind: problem.into() });
    }

    /// The node of `kind` that `by`, a reference or a name, means.
    fn owner(
        &mut self,
        part: &PartBlock,
        kind: Kind,
        owner: &'static str,
        by: Option<&Held>,
    ) -> Option<usize> {
        let found = by.and_then(|by| self.index.find(self.nodes, kind, &part.condition, by));
        if let Some(index) = found {
            let address = self.nodes.get(index).map(|node| Address::clone(&node.address));
            self.folded.owners.entry(Address::clone(&part.address)).or_default().extend(address);
        } else {
            let found = by.map_or("nothing".to_owned(), |by| words(&by.value));
            let place = by.map_or(&part.place, |by| &by.place);
            let problem = TranslationProblem::NoOwner { of: part.of.name.to_owned(), owner, found };
            self.refuse(place, problem);
        }
        found
    }

    /// Adds `item` to the list `property` of a node, where the node and the part do not always exist together.
    fn push(&mut self, index: usize, property: &str, condition: &Condition, item: Held, address: &Address) {
        let Some(node) = self.nodes.get_mut(index) else { return };
        let item = item.under(condition.clone().beyond(&node.condition));
        let place = item.place.clone();
        let list = node
            .properties
            .entry(property.to_owned())
            .or_insert_with(|| Held::new(Value::List(Vec::new()), place.clone()));
        match &mut list.value {
            Value::List(items) | Value::Set(items) => items.push(item),
            Value::Absent => list.value = Value::List(vec![item]),
            _ => {
                let (address, owner) = (Address::clone(address), Address::clone(&node.address));
                let problem = TranslationProblem::SaidTwice { address, owner, property: property.to_owned() };
                self.refuse(&place, problem);
            }
        }
    }
}
