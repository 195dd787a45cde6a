//! Policies of roles
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html>).

use std::collections::{BTreeMap, BTreeSet};

use super::{CompanionResource, Owners};
use crate::{
    cloudformation::{Companion, evaluate::Evaluator},
    graph::{
        Address, Condition, Held, Kind, Node, Properties, ResourceAttribute, Symbol, SymbolicText, Value,
        value::visit::Visit as _,
    },
    problem::outside,
    read::Place,
};

/// A managed policy that a role has.
struct Attachment {
    condition: Condition,
    policy: Address,
    place: Place,
}

impl Evaluator<'_> {
    /// `AWS::IAM::Policy` and `AWS::IAM::RolePolicy`: an item of `Policies`.
    pub(super) fn merge_policy(
        &mut self,
        nodes: &mut [Node<Kind>],
        owners: &Owners,
        mut companion: CompanionResource,
        more: &mut Vec<Node<Kind>>,
    ) {
        let key = match companion.kind {
            Companion::RolePolicy => "RoleName",
            Companion::Policy | Companion::ManagedPolicy | Companion::Ingress | Companion::Egress => "Roles",
        };
        let Some(roles) = companion.properties.remove(key) else { return };
        for (condition, role) in self.roles(key, roles) {
            if is_foreign(&role, owners) {
                let condition = Condition::all([companion.condition.clone(), condition]);
                let mut properties = companion.properties.clone();
                properties.insert("RoleName".to_owned(), role);
                let (address, place) = (companion.address.clone(), companion.place.clone());
                more.push(Node { kind: Kind::RolePolicy, address, place, condition, properties });
                continue;
            }
            let Some(node) = self.role_of(nodes, owners, key, &role) else { continue };
            let condition = Condition::all([companion.condition.clone(), condition]);
            let item = Held::new(companion.properties.clone(), companion.place.clone());
            let Some(item) = self.copied(&item) else { return };
            self.append(node, "Policies", condition, item);
        }
    }

    /// `AWS::IAM::ManagedPolicy`: an item of the `AttachedPolicies` of each role that has it.
    pub(super) fn attach_policies(
        &mut self,
        nodes: &mut [Node<Kind>],
        owners: &Owners,
        managed: &BTreeMap<Address, CompanionResource>,
        more: &mut Vec<Node<Kind>>,
    ) {
        let mut foreign: BTreeMap<Address, Vec<Held>> = BTreeMap::new();
        let mut attachments: Vec<(usize, Attachment)> = Vec::new();
        for (index, node) in nodes.iter_mut().enumerate() {
            if node.kind != Kind::Role {
                continue;
            }
            let Some(arns) = node.properties.remove("ManagedPolicyArns") else { continue };
            let mut found = Vec::new();
            let arns = self.take(arns, Condition::Always, managed, &mut found);
            if found.is_empty() || !is_empty(&arns) {
                node.properties.insert("ManagedPolicyArns".to_owned(), arns);
            }
            attachments.extend(found.into_iter().map(|attachment| (index, attachment)));
        }
        for (address, companion) in managed {
            let Some(roles) = companion.properties.get("Roles") else { continue };
            for (condition, role) in self.roles("Roles", roles.clone()) {
                if condition == Condition::Always && is_foreign(&role, owners) {
                    foreign.entry(address.clone()).or_default().push(role);
                    continue;
                }
                let Some(index) = owners.role(&role) else {
                    self.not_of_template::<()>("Roles", "a role", &role);
                    continue;
                };
                let attachment = Attachment { condition, policy: address.clone(), place: role.place.clone() };
                attachments.push((index, attachment));
            }
        }
        let mut attached = BTreeSet::new();
        for (index, Attachment { condition, policy, place }) in attachments {
            let (Some(node), Some(companion)) = (nodes.get_mut(index), managed.get(&policy)) else {
                continue;
            };
            let condition = Condition::all([companion.condition.clone(), condition]);
            if !attached.insert((index, policy.clone(), condition.clone())) {
                continue;
            }
            let Some(item) = self.managed_item(companion) else { return };
            let mut item = Held { place, ..item };
            // CloudFormation makes a name up, and so do we.
            let made_up = match node.properties.get("AttachedPolicies") {
                Some(Held { value: Value::List(policies), .. }) => {
                    format!("generated-{}", policies.len() + 1)
                }
                _ => "generated-1".to_owned(),
            };
            if let Value::Map(entries) = &mut item.value {
                let name = || Held::new(made_up.as_str(), companion.place.clone());
                entries.entry("PolicyName".to_owned()).or_insert_with(name);
            }
            self.append(node, "AttachedPolicies", condition, item);
        }
        let attached: BTreeSet<_> = attached.into_iter().map(|(_, policy, _)| policy).collect();
        for companion in managed.values() {
            let roles = foreign.remove(&companion.address);
            if roles.is_some() || !attached.contains(&companion.address) {
                more.extend(self.standing_alone(companion, roles.unwrap_or_default()));
            }
        }
    }

    /// A policy of roles that the template does not declare, or of none.
    fn standing_alone(&mut self, companion: &CompanionResource, roles: Vec<Held>) -> Option<Node<Kind>> {
        let Held { value: Value::Map(item), place, .. } = self.managed_item(companion)? else { return None };
        let mut properties = Properties::new();
        for (name, held) in item {
            let name = if name == "PolicyName" { "ManagedPolicyName".to_owned() } else { name };
            properties.insert(name, held);
        }
        if !roles.is_empty() {
            properties.insert("Roles".to_owned(), Held::new(Value::List(roles), place.clone()));
        }
        let (address, condition) = (companion.address.clone(), companion.condition.clone());
        Some(Node { kind: Kind::ManagedPolicy, address, place, condition, properties })
    }

    /// The policy as an item of a list.
    fn managed_item(&mut self, companion: &CompanionResource) -> Option<Held> {
        let mut item = Properties::new();
        for (name, held) in &companion.properties {
            match name.as_str() {
                "ManagedPolicyName" => drop(item.insert("PolicyName".to_owned(), self.copied(held)?)),
                "PolicyDocument" => drop(item.insert(name.clone(), self.copied(held)?)),
                "Path" if held.as_literal() != Some("/") => {
                    let instead = "a policy of this template belongs to its roles; leave the path out";
                    return self.refuse(&held.place, outside("Path", instead));
                }
                // `Description` is in the list of what is ignored.
                _ => {}
            }
        }
        Some(Held::new(item, companion.place.clone()))
    }

    /// Takes the managed policies of the template out of `ManagedPolicyArns`.
    fn take(
        &mut self,
        held: Held,
        when: Condition,
        managed: &BTreeMap<Address, CompanionResource>,
        found: &mut Vec<Attachment>,
    ) -> Held {
        let place = held.place.clone();
        let value = match held.value {
            Value::Text(text) => {
                if let Some(policy) = managed_by(&text, managed) {
                    found.push(Attachment { condition: when, policy, place: place.clone() });
                    Value::Absent
                } else {
                    let is_managed = |symbol: &Symbol| matches!(symbol, Symbol::Attribute { of, .. } if managed.contains_key(of));
                    if text.has_symbol(is_managed) {
                        let instead = "refer to the policy alone";
                        self.refuse::<()>(&place, outside(&text.to_string(), instead));
                    }
                    Value::Text(text)
                }
            }
            Value::List(items) => Value::List(
                items.into_iter().map(|item| self.take(item, when.clone(), managed, found)).collect(),
            ),
            Value::Choice(choice) => {
                let (yes, no) = choice.condition.sides(when);
                let then = self.take(choice.then, yes, managed, found);
                let otherwise = self.take(choice.otherwise, no, managed, found);
                Value::choice(choice.condition, then, otherwise)
            }
            other @ (Value::Absent
            | Value::Null
            | Value::Flag(_)
            | Value::Number(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Json(_)) => other,
        };
        Held { value, place, rule: held.rule }
    }

    /// The roles that a property lists or names, each with its condition.
    fn roles(&mut self, key: &'static str, held: Held) -> Vec<(Condition, Held)> {
        let held = match key {
            "RoleName" => {
                let place = held.place.clone();
                Held::new(Value::List(vec![held]), place)
            }
            _ => held,
        };
        let found = Held { value: held.value.clone(), place: held.place.clone(), rule: None };
        match self.items_of(held) {
            Some(roles) if !roles.is_empty() => roles,
            _ => self.not_of_template(key, "roles", &found).unwrap_or_default(),
        }
    }

    fn role_of<'n>(
        &mut self,
        nodes: &'n mut [Node<Kind>],
        owners: &Owners,
        key: &'static str,
        role: &Held,
    ) -> Option<&'n mut Node<Kind>> {
        let node =
            owners.role(role).and_then(|index| nodes.get_mut(index)).filter(|node| node.kind == Kind::Role);
        match node {
            Some(node) => Some(node),
            None => self.not_of_template(key, "a role", role),
        }
    }
}

/// Whether `role` names one that the template does not declare: a parameter, or a name that is written out.
fn is_foreign(role: &Held, owners: &Owners) -> bool {
    let Value::Text(text) = &role.value else { return false };
    owners.role(role).is_none()
        && !text.has_symbol(|symbol| matches!(symbol, Symbol::Attribute { .. } | Symbol::Unknown))
}

/// The managed policy whose ARN `text` is.
fn managed_by(text: &SymbolicText, managed: &BTreeMap<Address, CompanionResource>) -> Option<Address> {
    match text.as_symbol() {
        Some(Symbol::Attribute { of, attribute: ResourceAttribute::Arn }) => {
            managed.get_key_value(of).map(|(address, _)| address.clone())
        }
        _ => None,
    }
}

fn is_empty(held: &Held) -> bool {
    match &held.value {
        Value::Absent => true,
        Value::List(items) => items.iter().all(is_empty),
        Value::Choice(choice) => is_empty(&choice.then) && is_empty(&choice.otherwise),
        Value::Null
        | Value::Flag(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Set(_)
        | Value::Map(_)
        | Value::Json(_) => false,
    }
}
