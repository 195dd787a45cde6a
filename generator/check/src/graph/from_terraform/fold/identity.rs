//! Policies of roles: inside them, on their own, and attached.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        argument::Companion,
        body::words,
        copies::weight_of,
        problem::TranslationProblem,
        service::{POLICY_ARNS, POLICY_NAMES, ROLES},
    },
    Fold, PartBlock,
    item::items,
};
use crate::graph::{Address, Condition, Held, Kind, Properties, ResourceAttribute, Symbol, Value};

const INLINE: &str = "Policies";
const ATTACHED: &str = "AttachedPolicies";
const FOREIGN: &str = "ManagedPolicyArns";

/// Puts policies into the roles that have them.
pub(super) fn fold(fold: &mut Fold<'_>, parts: Vec<PartBlock>) {
    let mut policies = Policies::default();
    let mut attachments = Vec::new();
    let mut exclusive = Vec::new();
    for part in parts {
        match part.part {
            Companion::RolePolicy => inline(fold, part),
            Companion::ManagedPolicy => {
                let name = match part.properties.get("PolicyName").map(|held| &held.value) {
                    Some(Value::Text(name)) => Some(name.clone()),
                    _ => None,
                };
                fold.folded.policies.insert(Address::clone(&part.address), name);
                policies.blocks.insert(Address::clone(&part.address), part);
            }
            Companion::Attachment => attachments.push(part),
            Companion::ExclusivePolicies | Companion::ExclusiveAttachments => exclusive.push(part),
            Companion::QueueProperty | Companion::GroupRule | Companion::EventTarget => {}
        }
    }
    for index in 0..fold.nodes.len() {
        attach_own(fold, index, &mut policies);
    }
    for part in attachments {
        attach_part(fold, &part, &mut policies);
    }
    for part in exclusive {
        if part.part == Companion::ExclusiveAttachments {
            attach_all(fold, &part, &mut policies);
        } else {
            check_names(fold, &part);
        }
    }
    for part in policies.blocks.values() {
        if !fold.folded.owners.contains_key(&part.address) {
            fold.refuse(
                &part.place,
                TranslationProblem::Unattached { address: Address::clone(&part.address) },
            );
        }
    }
}

/// Policies that stand on their own, and who has them.
#[derive(Default)]
struct Policies {
    blocks: BTreeMap<Address, PartBlock>,
    /// The ARNs of what is attached to a role, by the role.
    attached: BTreeMap<usize, BTreeSet<Value>>,
}

fn inline(fold: &mut Fold<'_>, mut part: PartBlock) {
    let Some(index) = role_of(fold, &part) else { return };
    part.properties.remove(ROLES);
    let made_up = match fold.nodes.get(index).and_then(|node| node.properties.get(INLINE)) {
        Some(Held { value: Value::List(policies), .. }) => format!("generated-{}", policies.len() + 1),
        _ => "generated-1".to_owned(),
    };
    let mut properties = std::mem::take(&mut part.properties);
    // Terraform makes a name up, and so do we.
    properties
        .entry("PolicyName".to_owned())
        .or_insert_with(|| Held::new(made_up.as_str(), part.place.clone()));
    let (place, condition) = (part.place.clone(), part.condition.clone());
    fold.push(index, INLINE, &condition, Held::new(properties, place), &part.address);
}

/// The one role of `part`.
fn role_of(fold: &mut Fold<'_>, part: &PartBlock) -> Option<usize> {
    let role = match part.properties.get(ROLES).map(|held| &held.value) {
        Some(Value::List(roles)) => roles.first(),
        _ => None,
    };
    fold.owner(part, Kind::Role, "aws_iam_role", role)
}

/// Attaches what a role itself lists.
fn attach_own(fold: &mut Fold<'_>, index: usize, policies: &mut Policies) {
    let Some(node) = fold.nodes.get_mut(index).filter(|node| node.kind == Kind::Role) else { return };
    let Some(held) = node.properties.get(FOREIGN) else { return };
    let address = Address::clone(&node.address);
    // A list that is not written out names no policy of this module.
    let Some(arns) = items(held.clone()) else { return };
    if !arns.is_empty() {
        node.properties.remove(FOREIGN);
    }
    for (condition, arn) in arns {
        attach(fold, index, &condition, arn, policies, &address);
    }
}

fn attach_part(fold: &mut Fold<'_>, part: &PartBlock, policies: &mut Policies) {
    let roles = listed(fold, part, ROLES);
    let arns = listed(fold, part, POLICY_ARNS);
    for (of_role, role) in &roles {
        let Some(index) = fold.owner(part, Kind::Role, "aws_iam_role", Some(role)) else { continue };
        for (of_arn, arn) in &arns {
            let condition = Condition::all([part.condition.clone(), of_role.clone(), of_arn.clone()]);
            attach(fold, index, &condition, arn.clone(), policies, &part.address);
        }
    }
}

/// Attaches what is listed and not attached yet, and refuses a list in which something is missing.
fn attach_all(fold: &mut Fold<'_>, part: &PartBlock, policies: &mut Policies) {
    let Some(index) = role_of(fold, part) else { return };
    let arns = listed(fold, part, POLICY_ARNS);
    let before = policies.attached.get(&index).cloned().unwrap_or_default();
    let names: BTreeSet<Value> = arns.iter().map(|(_, arn)| arn.value.clone()).collect();
    if !before.is_subset(&names) {
        not_exclusive(fold, part, &names, &before);
    }
    for (condition, arn) in arns {
        if !before.contains(&arn.value) {
            let condition = Condition::all([part.condition.clone(), condition]);
            attach(fold, index, &condition, arn, policies, &part.address);
        }
    }
}

/// Attaches the policy with `arn`, one of the module or a foreign one.
fn attach(
    fold: &mut Fold<'_>,
    index: usize,
    condition: &Condition,
    arn: Held,
    policies: &mut Policies,
    address: &Address,
) {
    let Some(node) = fold.nodes.get(index) else { return };
    let role = Address::clone(&node.address);
    policies.attached.entry(index).or_default().insert(arn.value.clone());
    let own = match &arn.value {
        Value::Text(text) => match text.as_symbol() {
            Some(Symbol::Attribute { of, attribute: ResourceAttribute::Arn }) => policies.blocks.get(of),
            _ => None,
        },
        _ => None,
    };
    let Some(policy) = own else {
        fold.push(index, FOREIGN, condition, arn, address);
        return;
    };
    fold.folded.owners.entry(Address::clone(&policy.address)).or_default().insert(role);
    if !fold.may_copy(weight_of(&policy.properties), &policy.place) {
        return;
    }
    let condition = Condition::all([condition.clone(), policy.condition.clone()]);
    let properties: Properties = policy.properties.clone();
    fold.push(index, ATTACHED, &condition, Held::new(properties, policy.place.clone()), address);
}

/// Refuses a list of inline policies that is not the list of those which the role has.
fn check_names(fold: &mut Fold<'_>, part: &PartBlock) {
    let Some(index) = role_of(fold, part) else { return };
    let names: BTreeSet<Value> =
        listed(fold, part, POLICY_NAMES).into_iter().map(|(_, name)| name.value).collect();
    let given: BTreeSet<Value> = fold
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
        not_exclusive(fold, part, &names, &given);
    }
}

fn not_exclusive(fold: &mut Fold<'_>, part: &PartBlock, listed: &BTreeSet<Value>, given: &BTreeSet<Value>) {
    let words = |values: &BTreeSet<Value>| match values.len() {
        0 => "none".to_owned(),
        _ => values.iter().map(words).collect::<Vec<_>>().join(", "),
    };
    let (listed, given) = (words(listed), words(given));
    let problem = TranslationProblem::NotExclusive { address: Address::clone(&part.address), listed, given };
    fold.refuse(&part.place, problem);
}

/// The items of a list of `part`, which must be written out.
fn listed(fold: &mut Fold<'_>, part: &PartBlock, property: &str) -> Vec<(Condition, Held)> {
    let Some(held) = part.properties.get(property) else { return Vec::new() };
    let found = items(held.clone());
    if found.is_none() {
        let problem = TranslationProblem::NotUnderstood {
            of: part.of.name.to_owned(),
            path: property.to_owned(),
            expected: "a list that is written out",
            found: words(&held.value),
        };
        fold.refuse(&held.place, problem);
    }
    found.unwrap_or_default()
}
