//! Companions: resources that Terraform has on their own are merged into the resources whose properties they are.

mod bucket;
mod policy;
mod security_group;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Copies,
    argument::{Argument, Becomes, Companion, Meaning, ResourceSchema},
    body::{is_unknown, says_nothing, words},
    service::{BUCKET, BUS, GROUP, ROLES, RULE},
};
use crate::{
    graph::{
        Address, Condition, Held, Kind, Node, Properties, ResourceAttribute, Symbol, SymbolicText, Value,
        value::visit::Visit as _,
    },
    problem::{Problem, TranslationProblem},
    read::Place,
    terraform::Unread,
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
    /// Kinds of such policies, where some could not be understood.
    pub unread: &'static [Kind],
}

/// Puts `companions` into `nodes`.
pub(super) fn merge(
    nodes: &mut [Node<Kind>],
    companions: Vec<CompanionBlock>,
    (unread, others): (&Unread, &BTreeSet<Arc<str>>),
    copies: &mut Copies,
    problems: &mut Vec<Problem>,
) -> Merged {
    let mut merger =
        Merger { index: Index::of(nodes), nodes, unread, merged: Merged::default(), copies, problems };
    let mut policies = Vec::new();
    let before = merger.problems.len();
    security_group::take_apart(&mut merger);
    if unread.is_partial && merger.problems.len() > before {
        mark_all(merger.nodes, Companion::GroupRule);
    }
    for companion in companions {
        let before = merger.problems.len();
        let said = companion.outline();
        match companion.kind {
            Companion::QueueProperty => {
                merge_property(&mut merger, companion, QUEUE, Kind::Queue, "aws_sqs_queue");
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
        // What somebody else's file says about things of its own is nobody else's.
        if unread.is_partial && !others.contains(&said.place.file) && merger.problems.len() > before {
            mark(merger.nodes, &said);
        }
    }
    let before = merger.problems.len();
    policy::merge(&mut merger, policies);
    if unread.is_partial && merger.problems.len() > before {
        mark_all(merger.nodes, Companion::RolePolicy);
        merger.merged.unread = kinds_of(Companion::RolePolicy);
    }
    merger.merged
}

impl CompanionBlock {
    /// The same without what it says, but for what that refers to.
    pub(super) fn outline(&self) -> Self {
        let Self { of, kind, address, place, condition: _, properties } = self;
        let mut owners = Properties::new();
        let said = OWNERS.iter().filter_map(|owner| properties.get(*owner)).cloned();
        for (index, address) in referred(said.collect::<Vec<_>>().iter()).into_iter().enumerate() {
            let symbol = Symbol::attribute(address, ResourceAttribute::Id);
            owners.insert(index.to_string(), Held::new(SymbolicText::from(symbol), place.clone()));
        }
        Self {
            of,
            kind: *kind,
            address: Address::clone(address),
            place: place.clone(),
            condition: Condition::Always,
            properties: owners,
        }
    }
}

/// The queue that a companion belongs to.
const QUEUE: &str = "Queue";
/// The properties of companions that hold their owner.
const OWNERS: [&str; 5] = [BUCKET, QUEUE, RULE, GROUP, ROLES];

/// What `values` refer to; nothing, where something of it could not be read.
fn referred<'h>(values: impl Iterator<Item = &'h Held>) -> BTreeSet<Address> {
    let mut found = BTreeSet::new();
    for held in values {
        if held.mentions(&Symbol::Unknown) {
            return BTreeSet::new();
        }
        held.symbols(|symbol| {
            if let Symbol::Attribute { of, .. } = symbol {
                found.insert(Address::clone(of));
            }
        });
    }
    found
}

/// Notes that what `companion` says of its owner could not be read: of all that it refers to, or of everything that could be its owner.
pub(super) fn mark(nodes: &mut [Node<Kind>], companion: &CompanionBlock) {
    let (kind, properties) = said_by(companion.kind, companion.of);
    let referred = referred(companion.properties.values());
    let is_meant = |node: &Node<Kind>| node.kind == kind && referred.contains(&node.address);
    let any = !nodes.iter().any(is_meant);
    for node in nodes.iter_mut().filter(|node| node.kind == kind && (any || referred.contains(&node.address)))
    {
        node.mark(&properties, &companion.place);
    }
}

/// The same of every possible owner, at its own place.
fn mark_all(nodes: &mut [Node<Kind>], companion: Companion) {
    let (kind, properties) = said_by(companion, &NO_SCHEMA);
    for node in nodes.iter_mut().filter(|node| node.kind == kind) {
        let place = node.place.clone();
        node.mark(&properties, &place);
    }
}

/// The owner of a companion, and its properties that the companion may state.
fn said_by(companion: Companion, of: &ResourceSchema) -> (Kind, Vec<&'static str>) {
    match companion {
        Companion::QueueProperty => (Kind::Queue, first_steps(of.arguments)),
        Companion::BucketProperty => (Kind::Bucket, first_steps(of.arguments)),
        Companion::GroupRule => (Kind::SecurityGroup, vec!["SecurityGroupIngress", "SecurityGroupEgress"]),
        Companion::EventTarget => (Kind::EventRule, vec!["Targets"]),
        Companion::RolePolicy
        | Companion::ManagedPolicy
        | Companion::Attachment
        | Companion::ExclusivePolicies
        | Companion::ExclusiveAttachments => {
            (Kind::Role, vec!["Policies", "AttachedPolicies", "ManagedPolicyArns"])
        }
    }
}

/// The properties of the owner that `arguments` are about.
fn first_steps(arguments: &'static [Argument]) -> Vec<&'static str> {
    let paths = arguments.iter().filter_map(|argument| match (&argument.meaning, argument.name) {
        (Meaning::Property(path) | Meaning::Block(path, _) | Meaning::Blocks(path, _), _) => Some(*path),
        (Meaning::Read(_), "acl") => Some("AccessControl"),
        _ => None,
    });
    let first = paths.map(|path| path.split_once('.').map_or(path, |(first, _)| first));
    first.filter(|first| !OWNERS.contains(first)).collect()
}

/// Where no argument is meant.
const NO_SCHEMA: ResourceSchema = ResourceSchema {
    name: "",
    becomes: Becomes::Companion(Companion::RolePolicy),
    arguments: &[],
    finish: super::argument::as_is,
};

/// The kinds that companions become on their own.
pub(super) const fn kinds_of(companion: Companion) -> &'static [Kind] {
    match companion {
        Companion::QueueProperty
        | Companion::BucketProperty
        | Companion::GroupRule
        | Companion::EventTarget => &[],
        Companion::RolePolicy
        | Companion::ManagedPolicy
        | Companion::Attachment
        | Companion::ExclusivePolicies
        | Companion::ExclusiveAttachments => &[Kind::RolePolicy, Kind::ManagedPolicy],
    }
}

/// Companions on their way into their owners.
struct Merger<'n> {
    nodes: &'n mut [Node<Kind>],
    unread: &'n Unread,
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
        } else if !self.is_of_unread(by) {
            let found = by.map_or("nothing".to_owned(), |by| words(&by.value));
            let place = by.map_or(&companion.place, |by| &by.place);
            let problem = TranslationProblem::NoOwner { of: companion.of.name.to_owned(), owner, found };
            self.refuse(place, problem);
        }
        found
    }

    /// Whether `by` refers to a resource that could not be read, for which nobody looks here.
    fn is_of_unread(&self, by: Option<&Held>) -> bool {
        let Some(Symbol::Attribute { of, .. }) = by.and_then(|by| by.value.as_symbol()) else { return false };
        self.unread.resources.iter().any(|(_, address, _)| address == of)
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
