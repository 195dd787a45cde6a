//! Resources that say something about others become a part of those.

mod policy;
mod taken_apart;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    cloudformation::{
        Companion, ResourceType,
        evaluate::{Evaluator, VALUE, weight_of},
    },
    graph::{
        Address, Condition, Graph, Held, Kind, Node, Omitted, Properties, ResourceAttribute, Symbol, Value,
        symbolic_text, value::visit::Visit as _,
    },
    problem::{TemplateProblem, alike},
    read::Place,
};

/// What a template declares, before companions are merged.
#[derive(Debug, Default)]
pub(super) struct Unmerged {
    /// Nodes of the graph.
    pub nodes: Vec<Node<Kind>>,
    /// Companions of them.
    pub companions: Vec<CompanionResource>,
    /// Companions that are left out: where, and what they refer to.
    pub broken: Vec<(Companion, Place, BTreeSet<Address>)>,
}

/// A companion as the template states it.
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

/// The properties of companions that hold their owners.
const OWNERS: [&str; 3] = ["GroupId", "RoleName", "Roles"];

/// The owners that `properties` refer to; nothing, where something of that could not be read.
fn referred(properties: &Properties) -> BTreeSet<Address> {
    let mut found = BTreeSet::new();
    for held in OWNERS.iter().filter_map(|owner| properties.get(*owner)) {
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

/// Notes that what a companion says of its owner could not be read: of all that it refers to, or of everything that could be its owner.
fn mark(nodes: &mut [Node<Kind>], companion: Companion, place: &Place, referred: &BTreeSet<Address>) {
    let (kind, properties) = companion.owner();
    let any = !nodes.iter().any(|node| node.kind == kind && referred.contains(&node.address));
    for node in nodes.iter_mut().filter(|node| node.kind == kind && (any || referred.contains(&node.address)))
    {
        node.mark(properties, place);
    }
}

/// Where nodes are, by what refers to them.
struct Owners {
    by_address: BTreeMap<Address, usize>,
    by_role_name: BTreeMap<Held, usize>,
}

impl Evaluator<'_> {
    /// The nodes with their companions merged into them.
    pub(super) fn merge(&mut self, unmerged: Unmerged, omitted: &mut Omitted) -> Vec<Node<Kind>> {
        let Unmerged { mut nodes, companions, mut broken } = unmerged;
        let owners = Owners::of(&nodes);
        for node in &mut nodes {
            let before = self.problems.len();
            self.shape_rules(node);
            if self.problems.len() > before {
                let place = node.place.clone();
                node.mark(Companion::Ingress.owner().1, &place);
            }
        }
        let mut managed = BTreeMap::new();
        let mut more = Vec::new();
        for companion in companions {
            let before = self.problems.len();
            let (kind, place) = (companion.kind, companion.place.clone());
            let referred = referred(&companion.properties);
            if !self.check_companion(&companion) {
                let name = ResourceType::Companion(kind).as_str();
                omitted.other(name, kind.kinds(), &companion.address, &place);
                broken.push((kind, place, referred));
                continue;
            }
            match companion.kind {
                Companion::Policy | Companion::RolePolicy => {
                    self.merge_policy(&mut nodes, &owners, companion, &mut more);
                }
                Companion::ManagedPolicy => drop(managed.insert(Arc::clone(&companion.address), companion)),
                Companion::Ingress | Companion::Egress => self.merge_rule(&mut nodes, &owners, companion),
            }
            if self.problems.len() > before {
                omitted.kinds.extend(kind.kinds());
                broken.push((kind, place, referred));
            }
        }
        let before = self.problems.len();
        self.attach_policies(&mut nodes, &owners, &managed, &mut more);
        if self.problems.len() > before {
            let places: Vec<Place> = managed.values().map(|policy| policy.place.clone()).collect();
            omitted.kinds.extend(Companion::ManagedPolicy.kinds());
            broken.extend(places.into_iter().map(|place| (Companion::ManagedPolicy, place, BTreeSet::new())));
        }
        for (kind, place, referred) in broken {
            mark(&mut nodes, kind, &place, &referred);
        }
        nodes.extend(more);
        self.managed = managed
            .into_iter()
            .map(|(address, policy)| (address, policy.properties.get("ManagedPolicyName").cloned()))
            .collect();
        self.take_apart(nodes, omitted)
    }

    /// Writes the ARNs of policies out that became parts of their roles: nothing else is known of them any more.
    pub(super) fn spell_out_policies(&mut self, graph: &mut Graph) {
        let alone: BTreeSet<Address> = graph.resources.iter().map(|node| node.address.clone()).collect();
        let managed = std::mem::take(&mut self.managed);
        let mut unnamed = BTreeSet::new();
        graph.rewrite(&mut |symbol: &Symbol| {
            let Symbol::Attribute { of, attribute: ResourceAttribute::Arn } = symbol else { return None };
            let name = managed.get(of).filter(|_| !alone.contains(of))?;
            if let Some(Value::Text(name)) = name.as_ref().map(|name| &name.value) {
                let start =
                    symbolic_text!["arn:", Symbol::Partition, ":iam::", Symbol::AccountId, ":policy/"];
                return Some(start.then(name));
            }
            unnamed.insert(of.clone());
            None
        });
        for name in unnamed {
            let kind = TemplateProblem::NoReference {
                name: name.to_string(),
                of: "AWS::IAM::ManagedPolicy",
                instead: "it has no name; give it one",
            };
            let place = graph.resources.first().map(|node| Place::whole(node.place.file.clone()));
            if let Some(place) = place {
                self.refuse::<()>(&place, kind);
            }
        }
    }

    /// Whether a companion has the properties that it must have, and no others.
    fn check_companion(&mut self, companion: &CompanionResource) -> bool {
        let before = self.problems.len();
        let of = ResourceType::Companion(companion.kind).as_str();
        let known = companion.kind.properties();
        for (name, held) in &companion.properties {
            if !known.iter().any(|(known, _)| known == name) {
                let suggestion = alike(name, known.iter().map(|(known, _)| *known))
                    .and_then(|meant| known.iter().find(|(known, _)| *known == meant))
                    .map(|(known, _)| *known);
                let kind = TemplateProblem::UnknownKey { of, key: name.clone(), suggestion };
                self.refuse::<()>(&held.place, kind);
            }
        }
        for (key, _) in known.iter().filter(|(_, needed)| *needed) {
            if companion.properties.get(*key).is_none_or(|held| held.value == Value::Absent) {
                self.refuse::<()>(&companion.place, TemplateProblem::Missing { of: "this resource", key });
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

impl Owners {
    fn of(nodes: &[Node<Kind>]) -> Self {
        let mut owners = Self { by_address: BTreeMap::new(), by_role_name: BTreeMap::new() };
        for (index, node) in nodes.iter().enumerate() {
            owners.by_address.insert(Arc::clone(&node.address), index);
            if let (Kind::Role, Some(name)) = (node.kind, node.properties.get("RoleName")) {
                owners.by_role_name.insert(name.clone(), index);
            }
        }
        owners
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

type Names = &'static [(&'static str, &'static str)];

/// A rule's properties that have another name in the vocabulary, where both directions have one.
const INGRESS: Names =
    &[("SourceSecurityGroupId", "SecurityGroupId"), ("SourcePrefixListId", "PrefixListId")];
const EGRESS: Names =
    &[("DestinationSecurityGroupId", "SecurityGroupId"), ("DestinationPrefixListId", "PrefixListId")];

impl Evaluator<'_> {
    /// Gives the rules that stand in a group the vocabulary's names.
    fn shape_rules(&mut self, node: &mut Node<Kind>) {
        if node.kind != Kind::SecurityGroup {
            return;
        }
        for (key, names) in [("SecurityGroupIngress", INGRESS), ("SecurityGroupEgress", EGRESS)] {
            if let Some(held) = node.properties.get_mut(key) {
                self.rename(held, names);
            }
        }
    }

    /// `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress`: a rule of their group
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html>).
    fn merge_rule(&mut self, nodes: &mut [Node<Kind>], owners: &Owners, mut companion: CompanionResource) {
        let (key, names) = match companion.kind {
            Companion::Ingress => ("SecurityGroupIngress", INGRESS),
            Companion::Egress | Companion::Policy | Companion::RolePolicy | Companion::ManagedPolicy => {
                ("SecurityGroupEgress", EGRESS)
            }
        };
        let Some(group) = companion.properties.remove("GroupId") else { return };
        let node = owners
            .with(&group, ResourceAttribute::Id)
            .and_then(|index| nodes.get_mut(index))
            .filter(|node| node.kind == Kind::SecurityGroup);
        let Some(node) = node else {
            self.not_of_template::<()>("GroupId", "a security group", &group);
            return;
        };
        // "The default rule is removed only when you specify one or more egress rules", and nothing says whether those
        // that are added later count.
        if companion.kind == Companion::Egress && !node.properties.contains_key(key) {
            let (of, key) = ("the security group of this rule", "SecurityGroupEgress");
            self.refuse::<()>(&companion.place, TemplateProblem::Missing { of, key });
            return;
        }
        let mut rule = Held::new(companion.properties, companion.place.clone());
        self.rename(&mut rule, names);
        self.append(node, key, Condition::all([companion.condition]), rule);
    }

    fn rename(&mut self, held: &mut Held, names: Names) {
        match &mut held.value {
            value @ (Value::List(_) | Value::Choice(_)) => {
                value.change_inside(&mut |held| self.rename(held, names));
            }
            Value::Map(entries) => {
                let mut renamed = Properties::new();
                for (name, held) in std::mem::take(entries) {
                    if names.iter().any(|(_, new)| *new == name) {
                        let suggestion = names.iter().find(|(_, new)| *new == name).map(|(old, _)| *old);
                        let kind = TemplateProblem::UnknownKey { of: "a rule", key: name, suggestion };
                        self.refuse::<()>(&held.place, kind);
                        continue;
                    }
                    let new =
                        names.iter().find(|(old, _)| *old == name).map_or(name.as_str(), |(_, new)| new);
                    renamed.insert(new.to_owned(), held);
                }
                *entries = renamed;
            }
            _ => {}
        }
    }
}
