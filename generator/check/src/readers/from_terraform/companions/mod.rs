//! Companions: resources that Terraform has on their own are merged into the resources whose properties they are.

mod bucket;
mod policy;
mod security_group;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Copies,
    argument::{Companion, ResourceSchema},
    body::{is_unknown, says_nothing, words},
    service::{BUS, RULE},
};
use crate::{
    graph::{
        Address, Condition, Held, Kind, Node, Properties, ResourceAttribute, Symbol, SymbolicText, Value,
    },
    problem::{Problem, TranslationProblem},
    read::Place,
};

/// A resource that is a part of another one, because `CloudFormation` has it as one of its properties.
pub(super) struct CompanionBlock {
    /// Its type.
    pub of: &'static ResourceSchema,
    /// What it is to its owner.
    pub kind: Companion,
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
pub(super) struct Merged {
    /// The resources that companions were merged into, by the address of the companion.
    pub owners: BTreeMap<Address, BTreeSet<Address>>,
    /// Policies that stand on their own, with their names.
    pub policies: BTreeMap<Address, Option<SymbolicText>>,
    /// Policies whose roles the module does not declare, or that have none.
    pub nodes: Vec<Node<Kind>>,
}

/// Puts `companions` into `nodes`.
pub(super) fn merge(
    nodes: &mut [Node<Kind>],
    companions: Vec<CompanionBlock>,
    copies: &mut Copies,
    problems: &mut Vec<Problem>,
) -> Merged {
    let mut merger = Merger { index: Index::of(nodes), nodes, merged: Merged::default(), copies, problems };
    let mut policies = Vec::new();
    security_group::take_apart(&mut merger);
    for companion in companions {
        match companion.kind {
            Companion::QueueProperty => {
                merge_property(&mut merger, companion, "Queue", Kind::Queue, "aws_sqs_queue");
            }
            Companion::BucketProperty => bucket::merge(&mut merger, companion),
            Companion::GroupRule => security_group::merge(&mut merger, companion),
            Companion::EventTarget => merge_into_rule(&mut merger, companion),
            Companion::RolePolicy
            | Companion::ManagedPolicy
            | Companion::Attachment
            | Companion::ExclusivePolicies
            | Companion::ExclusiveAttachments => policies.push(companion),
        }
    }
    policy::merge(&mut merger, policies);
    merger.merged
}

/// Companions on their way into their owners.
struct Merger<'n> {
    nodes: &'n mut [Node<Kind>],
    index: Index,
    merged: Merged,
    copies: &'n mut Copies,
    problems: &'n mut Vec<Problem>,
}

impl Merger<'_> {
    /// Whether something of `weight` may be copied.
    fn may_copy(&mut self, weight: usize, place: &Place) -> bool {
        self.copies.allow(weight, place, self.problems)
    }

    fn refuse(&mut self, place: &Place, problem: TranslationProblem) {
        self.problems.push(Problem { place: place.clone(), kind: problem.into() });
    }

    /// The node of `kind` that `by`, a reference or a name, means.
    fn owner(
        &mut self,
        companion: &CompanionBlock,
        kind: Kind,
        owner: &'static str,
        by: Option<&Held>,
    ) -> Option<usize> {
        let found = by.and_then(|by| self.index.find(self.nodes, kind, &companion.condition, by));
        if let Some(index) = found {
            let address = self.nodes.get(index).map(|node| Address::clone(&node.address));
            self.merged.owners.entry(Address::clone(&companion.address)).or_default().extend(address);
        } else {
            let found = by.map_or("nothing".to_owned(), |by| words(&by.value));
            let place = by.map_or(&companion.place, |by| &by.place);
            let problem = TranslationProblem::NoOwner { of: companion.of.name.to_owned(), owner, found };
            self.refuse(place, problem);
        }
        found
    }

    /// Adds `item` to the list `property` of a node, where the node and the companion do not always exist together.
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

/// Nodes by what companions call them.
#[derive(Default)]
struct Index {
    addresses: BTreeMap<Address, usize>,
    names: BTreeMap<(Kind, Value), Vec<usize>>,
}

impl Index {
    /// `nodes` by their addresses and names.
    fn of(nodes: &[Node<Kind>]) -> Self {
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
    /// Group rules name their group by its id and queue properties their queue by its URL, so that only roles, event rules
    /// and buckets are found by the text of their names.
    fn find(&self, nodes: &[Node<Kind>], kind: Kind, condition: &Condition, by: &Held) -> Option<usize> {
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

/// The items of a list with the conditions under which each is there; nothing, where the list is not written out.
fn items(held: Held) -> Option<Vec<(Condition, Held)>> {
    if is_unknown(&held.value) {
        return Some(vec![(Condition::Always, held)]);
    }
    held.into_items(&mut |_, _| true)
}

/// `items` where `condition` holds, too.
fn conditional(
    condition: &Condition,
    items: Vec<(Condition, Held)>,
) -> impl Iterator<Item = (Condition, Held)> {
    items.into_iter().map(|(own, item)| (Condition::all([condition.clone(), own]), item))
}

/// Puts the properties of `companion` into the resource of `kind` that its property `by` means.
fn merge_property(
    merger: &mut Merger<'_>,
    mut companion: CompanionBlock,
    by: &str,
    kind: Kind,
    owner: &'static str,
) {
    let by = companion.properties.remove(by);
    let Some(index) = merger.owner(&companion, kind, owner, by.as_ref()) else { return };
    for (property, held) in std::mem::take(&mut companion.properties) {
        let Some(node) = merger.nodes.get_mut(index) else { return };
        let is_said = node.properties.get(&property).is_some_and(|said| !says_nothing(&said.value));
        if is_said {
            let (address, owner) = (Address::clone(&companion.address), Address::clone(&node.address));
            let problem = TranslationProblem::SaidTwice { address, owner, property };
            merger.refuse(&companion.place, problem);
            continue;
        }
        let held = held.under(companion.condition.clone().beyond(&node.condition));
        if held.value != Value::Absent {
            node.properties.insert(property, held);
        }
    }
}

/// Puts an `aws_cloudwatch_event_target` into its rule.
fn merge_into_rule(merger: &mut Merger<'_>, mut companion: CompanionBlock) {
    let rule = companion.properties.remove(RULE);
    let bus = companion.properties.remove(BUS);
    let Some(index) = merger.owner(&companion, Kind::EventRule, "aws_cloudwatch_event_rule", rule.as_ref())
    else {
        return;
    };
    let Some(node) = merger.nodes.get(index) else { return };
    // https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/cloudwatch_event_target.html.markdown
    let default = Value::from("default");
    let of_rule = node.properties.get(BUS).map_or(&default, |held| &held.value);
    let of_target = bus.as_ref().map_or(&default, |held| &held.value);
    if of_rule != of_target {
        let problem = TranslationProblem::NoOwner {
            of: companion.of.name.to_owned(),
            owner: "aws_cloudwatch_event_rule",
            found: format!("a rule of the bus {}", words(of_target)),
        };
        let place = bus.map_or(companion.place, |bus| bus.place);
        merger.refuse(&place, problem);
        return;
    }
    // Terraform makes one up, and so do we.
    let made_up = match node.properties.get("Targets").map(|held| &held.value) {
        Some(Value::List(targets)) => format!("generated-{}", targets.len() + 1),
        _ => "generated-1".to_owned(),
    };
    let mut properties = std::mem::take(&mut companion.properties);
    properties.entry("Id".to_owned()).or_insert_with(|| Held::new(made_up.as_str(), companion.place.clone()));
    let condition = companion.condition.clone();
    merger.push(
        index,
        "Targets",
        &condition,
        Held::new(properties, companion.place.clone()),
        &companion.address,
    );
}
