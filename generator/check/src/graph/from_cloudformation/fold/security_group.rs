//! Rules of security groups
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html>).

use super::{CompanionResource, Hosts};
use crate::{
    cloudformation::{evaluate::Evaluator, problem::TemplateProblem},
    graph::{
        Condition, Held, Kind, Node, Properties, ResourceAttribute, Value,
        from_cloudformation::kind::Companion,
    },
};

type Names = &'static [(&'static str, &'static str)];

/// A rule's properties that have another name in the vocabulary, where both directions have one.
const INGRESS: Names =
    &[("SourceSecurityGroupId", "SecurityGroupId"), ("SourcePrefixListId", "PrefixListId")];
const EGRESS: Names =
    &[("DestinationSecurityGroupId", "SecurityGroupId"), ("DestinationPrefixListId", "PrefixListId")];

impl Evaluator<'_> {
    /// Gives the rules that stand in a group the vocabulary's names.
    pub(super) fn shape_rules(&mut self, node: &mut Node<Kind>) {
        if node.kind != Kind::SecurityGroup {
            return;
        }
        for (key, names) in [("SecurityGroupIngress", INGRESS), ("SecurityGroupEgress", EGRESS)] {
            if let Some(held) = node.properties.get_mut(key) {
                self.rename(held, names);
            }
        }
    }

    /// `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress`: a rule of their group.
    pub(super) fn fold_rule(&mut self, nodes: &mut [Node<Kind>], hosts: &Hosts, mut part: CompanionResource) {
        let (key, names) = match part.kind {
            Companion::Ingress => ("SecurityGroupIngress", INGRESS),
            Companion::Egress | Companion::Policy | Companion::RolePolicy | Companion::ManagedPolicy => {
                ("SecurityGroupEgress", EGRESS)
            }
        };
        let Some(group) = part.properties.remove("GroupId") else { return };
        let node = hosts
            .with(&group, ResourceAttribute::Id)
            .and_then(|index| nodes.get_mut(index))
            .filter(|node| node.kind == Kind::SecurityGroup);
        let Some(node) = node else {
            self.not_of_template::<()>("GroupId", "a security group", &group);
            return;
        };
        // "The default rule is removed only when you specify one or more egress rules", and nothing says whether those
        // that are added later count.
        if part.kind == Companion::Egress && !node.properties.contains_key(key) {
            let (of, key) = ("the security group of this rule", "SecurityGroupEgress");
            self.refuse::<()>(&part.place, TemplateProblem::Missing { of, key });
            return;
        }
        let mut rule = Held::new(part.properties, part.place.clone());
        self.rename(&mut rule, names);
        self.append(node, key, Condition::all([part.condition]), rule);
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
