//! Policies of roles: inside them, on their own, and attached.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        argument::Companion,
        body::words,
        service::{POLICY_ARNS, POLICY_NAMES, ROLES},
        weight_of,
    },
    CompanionBlock, Merger, items,
};
use crate::{
    graph::{
        Address, Condition, Held, Kind, Node, Properties, ResourceAttribute, Symbol, Value,
        value::visit::Visit as _,
    },
    problem::TranslationProblem,
};

const INLINE: &str = "Policies";
const ATTACHED: &str = "AttachedPolicies";
const FOREIGN: &str = "ManagedPolicyArns";

/// Puts policies into the roles that have them.
pub(super) fn merge(merger: &mut Merger<'_>, companions: Vec<CompanionBlock>) {
    let mut policies = Policies::default();
    let mut attachments = Vec::new();
    let mut exclusive = Vec::new();
    for companion in companions {
        match companion.kind {
            Companion::RolePolicy => inline(merger, companion),
            Companion::ManagedPolicy => {
                let name = match companion.properties.get("PolicyName").map(|held| &held.value) {
                    Some(Value::Text(name)) => Some(name.clone()),
                    _ => None,
                };
                merger.merged.policies.insert(Address::clone(&companion.address), name);
                policies.blocks.insert(Address::clone(&companion.address), companion);
            }
            Companion::Attachment => attachments.push(companion),
            Companion::ExclusivePolicies | Companion::ExclusiveAttachments => exclusive.push(companion),
            Companion::QueueProperty
            | Companion::BucketProperty
            | Companion::GroupRule
            | Companion::EventTarget => {}
        }
    }
    for index in 0..merger.nodes.len() {
        attach_own(merger, index, &mut policies);
    }
    for companion in attachments {
        attach_companion(merger, &companion, &mut policies);
    }
    for companion in exclusive {
        if companion.kind == Companion::ExclusiveAttachments {
            attach_all(merger, &companion, &mut policies);
        } else {
            check_names(merger, &companion);
        }
    }
    let Policies { blocks, foreign, .. } = policies;
    for (address, companion) in blocks {
        let roles = foreign.get(&address);
        if roles.is_some() || !merger.merged.owners.contains_key(&address) {
            stand_alone(merger, companion, roles.cloned().unwrap_or_default());
        }
    }
}

/// A policy of roles that the module does not declare, or of none.
fn stand_alone(merger: &mut Merger<'_>, companion: CompanionBlock, roles: Vec<Held>) {
    let CompanionBlock { address, place, condition, properties: mut said, .. } = companion;
    let mut properties = Properties::new();
    properties.extend(said.remove("PolicyName").map(|name| ("ManagedPolicyName".to_owned(), name)));
    properties.extend(said.remove("PolicyDocument").map(|document| ("PolicyDocument".to_owned(), document)));
    if !roles.is_empty() {
        properties.insert("Roles".to_owned(), Held::new(Value::List(roles), place.clone()));
    }
    merger.merged.nodes.push(Node { kind: Kind::ManagedPolicy, address, place, condition, properties });
}

/// The role that `held` names, if that is one which the module does not declare: an input, or a name that is written out.
fn foreign_role(merger: &Merger<'_>, companion: &CompanionBlock, held: Option<&Held>) -> Option<Held> {
    let held = held?;
    let Value::Text(text) = &held.value else { return None };
    let is_own = merger.index.find(merger.nodes, Kind::Role, &companion.condition, held).is_some();
    let refers = text.has_symbol(|symbol| matches!(symbol, Symbol::Attribute { .. } | Symbol::Unknown));
    (!is_own && !refers).then(|| held.clone())
}

/// Policies that stand on their own, and who has them.
#[derive(Default)]
struct Policies {
    blocks: BTreeMap<Address, CompanionBlock>,
    /// Roles that the module does not declare, by the policies that are attached to them.
    foreign: BTreeMap<Address, Vec<Held>>,
    /// The ARNs of what is attached to a role, by the role.
    attached: BTreeMap<usize, BTreeSet<Value>>,
}

fn inline(merger: &mut Merger<'_>, mut companion: CompanionBlock) {
    let role = match companion.properties.get(ROLES).map(|held| &held.value) {
        Some(Value::List(roles)) => roles.first(),
        _ => None,
    };
    if let Some(role) = foreign_role(merger, &companion, role) {
        let CompanionBlock { address, place, condition, mut properties, .. } = companion;
        properties.remove(ROLES);
        properties.insert("RoleName".to_owned(), role);
        merger.merged.nodes.push(Node { kind: Kind::RolePolicy, address, place, condition, properties });
        return;
    }
    let Some(index) = role_of(merger, &companion) else { return };
    companion.properties.remove(ROLES);
    let made_up = match merger.nodes.get(index).and_then(|node| node.properties.get(INLINE)) {
        Some(Held { value: Value::List(policies), .. }) => format!("generated-{}", policies.len() + 1),
        _ => "generated-1".to_owned(),
    };
    let mut properties = std::mem::take(&mut companion.properties);
    // Terraform makes a name up, and so do we.
    properties
        .entry("PolicyName".to_owned())
        .or_insert_with(|| Held::new(made_up.as_str(), companion.place.clone()));
    let (place, condition) = (companion.place.clone(), companion.condition.clone());
    merger.push(index, INLINE, &condition, Held::new(properties, place), &companion.address);
}

/// The one role of `companion`.
fn role_of(merger: &mut Merger<'_>, companion: &CompanionBlock) -> Option<usize> {
    let role = match companion.properties.get(ROLES).map(|held| &held.value) {
        Some(Value::List(roles)) => roles.first(),
        _ => None,
    };
    merger.owner(companion, Kind::Role, "aws_iam_role", role)
}

/// Attaches what a role itself lists.
fn attach_own(merger: &mut Merger<'_>, index: usize, policies: &mut Policies) {
    let Some(node) = merger.nodes.get_mut(index).filter(|node| node.kind == Kind::Role) else { return };
    let Some(held) = node.properties.get(FOREIGN) else { return };
    let address = Address::clone(&node.address);
    // A list that is not written out names no policy of this module.
    let Some(arns) = items(held.clone()) else { return };
    if !arns.is_empty() {
        node.properties.remove(FOREIGN);
    }
    for (condition, arn) in arns {
        attach(merger, index, &condition, arn, policies, &address);
    }
}

fn attach_companion(merger: &mut Merger<'_>, companion: &CompanionBlock, policies: &mut Policies) {
    let roles = listed(merger, companion, ROLES);
    let arns = listed(merger, companion, POLICY_ARNS);
    for (of_role, role) in &roles {
        // Only a policy of the module can be attached to a role that is elsewhere: a template has words for that.
        if *of_role == Condition::Always
            && companion.condition == Condition::Always
            && let Some(role) = foreign_role(merger, companion, Some(role))
            && let [(Condition::Always, arn)] = arns.as_slice()
            && let Some(policy) = own_policy(arn, policies)
        {
            policies.foreign.entry(policy).or_default().push(role);
            continue;
        }
        let Some(index) = merger.owner(companion, Kind::Role, "aws_iam_role", Some(role)) else { continue };
        for (of_arn, arn) in &arns {
            let condition = Condition::all([companion.condition.clone(), of_role.clone(), of_arn.clone()]);
            attach(merger, index, &condition, arn.clone(), policies, &companion.address);
        }
    }
}

/// Attaches what is listed and not attached yet, and refuses a list in which something is missing.
fn attach_all(merger: &mut Merger<'_>, companion: &CompanionBlock, policies: &mut Policies) {
    let Some(index) = role_of(merger, companion) else { return };
    let arns = listed(merger, companion, POLICY_ARNS);
    let before = policies.attached.get(&index).cloned().unwrap_or_default();
    let names: BTreeSet<Value> = arns.iter().map(|(_, arn)| arn.value.clone()).collect();
    if !before.is_subset(&names) {
        not_exclusive(merger, companion, &names, &before);
    }
    for (condition, arn) in arns {
        if !before.contains(&arn.value) {
            let condition = Condition::all([companion.condition.clone(), condition]);
            attach(merger, index, &condition, arn, policies, &companion.address);
        }
    }
}

/// Attaches the policy with `arn`, one of the module or a foreign one.
fn attach(
    merger: &mut Merger<'_>,
    index: usize,
    condition: &Condition,
    arn: Held,
    policies: &mut Policies,
    address: &Address,
) {
    let Some(node) = merger.nodes.get(index) else { return };
    let role = Address::clone(&node.address);
    policies.attached.entry(index).or_default().insert(arn.value.clone());
    let own = own_policy(&arn, policies);
    let Some(policy) = own.and_then(|address| policies.blocks.get(&address)) else {
        merger.push(index, FOREIGN, condition, arn, address);
        return;
    };
    merger.merged.owners.entry(Address::clone(&policy.address)).or_default().insert(role);
    if !merger.may_copy(weight_of(&policy.properties), &policy.place) {
        return;
    }
    let condition = Condition::all([condition.clone(), policy.condition.clone()]);
    let mut properties: Properties = policy.properties.clone();
    let made_up = match merger.nodes.get(index).and_then(|node| node.properties.get(ATTACHED)) {
        Some(Held { value: Value::List(policies), .. }) => format!("generated-{}", policies.len() + 1),
        _ => "generated-1".to_owned(),
    };
    properties
        .entry("PolicyName".to_owned())
        .or_insert_with(|| Held::new(made_up.as_str(), policy.place.clone()));
    merger.push(index, ATTACHED, &condition, Held::new(properties, policy.place.clone()), address);
}

/// The policy of the module whose ARN `arn` is.
fn own_policy(arn: &Held, policies: &Policies) -> Option<Address> {
    let Value::Text(text) = &arn.value else { return None };
    match text.as_symbol() {
        Some(Symbol::Attribute { of, attribute: ResourceAttribute::Arn }) => {
            policies.blocks.contains_key(of).then(|| Address::clone(of))
        }
        _ => None,
    }
}

/// Refuses a list of inline policies that is not the list of those which the role has.
fn check_names(merger: &mut Merger<'_>, companion: &CompanionBlock) {
    let Some(index) = role_of(merger, companion) else { return };
    let names: BTreeSet<Value> =
        listed(merger, companion, POLICY_NAMES).into_iter().map(|(_, name)| name.value).collect();
    let given: BTreeSet<Value> = merger
        .nodes
        .get(index)
        .and_then(|node| node.properties.get(INLINE))
        .and_then(|held| items(held.clone()))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(_, policy)| match policy.value {
            Value::Map(mut policy) => Some(policy.remove("PolicyName")?.value),
            _ => None,
        })
        .collect();
    if names != given {
        not_exclusive(merger, companion, &names, &given);
    }
}

fn not_exclusive(
    merger: &mut Merger<'_>,
    companion: &CompanionBlock,
    listed: &BTreeSet<Value>,
    given: &BTreeSet<Value>,
) {
    let words = |values: &BTreeSet<Value>| match values.len() {
        0 => "none".to_owned(),
        _ => values.iter().map(words).collect::<Vec<_>>().join(", "),
    };
    let (listed, given) = (words(listed), words(given));
    let problem =
        TranslationProblem::NotExclusive { address: Address::clone(&companion.address), listed, given };
    merger.refuse(&companion.place, problem);
}

/// The items of a list of `companion`, which must be written out.
fn listed(merger: &mut Merger<'_>, companion: &CompanionBlock, property: &str) -> Vec<(Condition, Held)> {
    let Some(held) = companion.properties.get(property) else { return Vec::new() };
    let found = items(held.clone());
    if found.is_none() {
        let problem = TranslationProblem::NotUnderstood {
            of: companion.of.name.to_owned(),
            path: property.to_owned(),
            expected: "a list that is written out",
            found: words(&held.value),
        };
        merger.refuse(&held.place, problem);
    }
    found.unwrap_or_default()
}
