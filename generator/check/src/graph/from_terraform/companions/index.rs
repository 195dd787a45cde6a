//! The resources that companions belong to, by what companions call them.

use std::collections::BTreeMap;

use crate::graph::{Address, Condition, Held, Kind, Node, ResourceAttribute, Symbol, Value};

/// Nodes by what companions call them.
#[derive(Default)]
pub(super) struct Index {
    addresses: BTreeMap<Address, usize>,
    names: BTreeMap<(Kind, Value), Vec<usize>>,
}

impl Index {
    /// `nodes` by their addresses and names.
    pub(super) fn of(nodes: &[Node<Kind>]) -> Self {
        let mut index = Self::default();
        for (position, node) in nodes.iter().enumerate() {
            index.addresses.insert(Address::clone(&node.address), position);
            let name = node.kind.facts().identity.first().and_then(|name| node.properties.get(*name));
            if let Some(name) = name {
                index.names.entry((node.kind, name.value.clone())).or_default().push(position);
            }
        }
        index
    }

    /// The node of `kind` that `by`, a reference or a name, means to a companion that exists under `condition`.
    ///
    /// Group rules name their group by its id and queue properties their queue by its URL, so that only roles and event
    /// rules are found by the text of their names.
    pub(super) fn find(
        &self,
        nodes: &[Node<Kind>],
        kind: Kind,
        condition: &Condition,
        by: &Held,
    ) -> Option<usize> {
        let Value::Text(text) = &by.value else { return None };
        if let Some(Symbol::Attribute { of, attribute }) = text.as_symbol() {
            let is_right = match kind {
                Kind::SecurityGroup => *attribute == ResourceAttribute::Id,
                Kind::Queue => *attribute == ResourceAttribute::Url,
                _ => *attribute == ResourceAttribute::Name,
            };
            let found = self.addresses.get(of).copied().filter(|_| is_right)?;
            return nodes.get(found).filter(|node| node.kind == kind).map(|_| found);
        }
        if matches!(kind, Kind::SecurityGroup | Kind::Queue) {
            return None;
        }
        match self.names.get(&(kind, by.value.clone()))?.as_slice() {
            [one] => Some(*one),
            several => {
                let mut together = several
                    .iter()
                    .copied()
                    .filter(|index| nodes.get(*index).is_some_and(|node| node.condition == *condition));
                together.next().filter(|_| together.next().is_none())
            }
        }
    }
}
