//! References to ARNs become the ARNs.

use std::collections::BTreeMap;

use super::{
    Rule,
    fragment::{Room, arn, arn_without_account, arn_without_region, is_short},
};
use crate::graph::{
    Address, Graph, Kind, Node, ResourceAttribute, Symbol, SymbolicText, Value,
    kind::{Arn, ArnPart, ArnScope},
};

pub(super) const RULE: Rule = Rule {
    name: "ARNs",
    says: "A reference to the ARN of a resource is that ARN, where the files state the name in it.",
    source: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    apply,
};

fn apply(graph: &mut Graph) {
    let arns: BTreeMap<Address, SymbolicText> = graph
        .resources
        .iter()
        .filter_map(|node| Some((Address::clone(&node.address), arn_of(node)?)))
        .filter(|(_, arn)| is_short(arn))
        .collect();
    let mut room = Room::new();
    graph.rewrite(&mut |symbol: &Symbol| match symbol {
        Symbol::Attribute { of, attribute: ResourceAttribute::Arn } => room.copy(arns.get(of)?),
        _ => None,
    });
}

fn arn_of(node: &Node<Kind>) -> Option<SymbolicText> {
    let Arn { service, scope, name } = node.kind.facts().arn.as_ref()?;
    let mut arn = match scope {
        ArnScope::Region => arn(service),
        ArnScope::Account => arn_without_region(service),
        ArnScope::RegionOnly => arn_without_account(service),
    };
    for part in *name {
        match *part {
            ArnPart::Literal(literal) => arn.push_str(literal),
            ArnPart::Property(property) => arn.append(&stated(node, property)?),
            ArnPart::PropertyOr(property, otherwise) => arn.append(&stated_or(node, property, otherwise)?),
            ArnPart::PrefixUnless(property, otherwise) => {
                let prefix = stated_or(node, property, otherwise)?;
                if prefix.as_literal() != Some(otherwise) {
                    arn.append(&prefix);
                    arn.push_str("/");
                }
            }
            ArnPart::Id => {
                arn.push_symbol(Symbol::attribute(Address::clone(&node.address), ResourceAttribute::Id));
            }
        }
    }
    Some(arn)
}

fn stated(node: &Node<Kind>, property: &str) -> Option<SymbolicText> {
    match &node.properties.get(property)?.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// What is not stated is what the service takes; what is one of two is not known.
fn stated_or(node: &Node<Kind>, property: &str, otherwise: &str) -> Option<SymbolicText> {
    match node.properties.get(property) {
        None => Some(SymbolicText::literal(otherwise)),
        Some(_) => stated(node, property),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, attribute, held};
    use super::*;

    #[track_caller]
    fn is<const N: usize>(kind: Kind, properties: [(&str, &str); N], expected: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", properties.map(|(name, value)| (name, held(value))));
        sketch.resource(Kind::Permission, "p", [("SourceArn", attribute("it", ResourceAttribute::Arn))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("p"), format!("{{SourceArn: {expected:?}}}"));
    }

    #[test]
    fn a_reference_to_an_arn_is_the_arn() {
        is(Kind::Queue, [("QueueName", "n")], "arn:<partition>:sqs:<region>:<account>:n");
        is(Kind::Table, [("TableName", "n")], "arn:<partition>:dynamodb:<region>:<account>:table/n");
        is(Kind::Function, [("FunctionName", "n")], "arn:<partition>:lambda:<region>:<account>:function:n");
        is(Kind::LogGroup, [("LogGroupName", "/n")], "arn:<partition>:logs:<region>:<account>:log-group:/n");
        is(Kind::Alarm, [("AlarmName", "n")], "arn:<partition>:cloudwatch:<region>:<account>:alarm:n");
        is(Kind::Dashboard, [("DashboardName", "n")], "arn:<partition>:cloudwatch::<account>:dashboard/n");
        is(Kind::Role, [("RoleName", "n")], "arn:<partition>:iam::<account>:role/n");
        is(Kind::Role, [("RoleName", "n"), ("Path", "/a/b/")], "arn:<partition>:iam::<account>:role/a/b/n");
        is(
            Kind::InstanceProfile,
            [("InstanceProfileName", "n")],
            "arn:<partition>:iam::<account>:instance-profile/n",
        );
        is(Kind::EventRule, [("Name", "n")], "arn:<partition>:events:<region>:<account>:rule/n");
        is(
            Kind::EventRule,
            [("Name", "n"), ("EventBusName", "b")],
            "arn:<partition>:events:<region>:<account>:rule/b/n",
        );
        is(
            Kind::Schedule,
            [("Name", "n")],
            "arn:<partition>:scheduler:<region>:<account>:schedule/default/n",
        );
        is(Kind::SecurityGroup, [], "arn:<partition>:ec2:<region>:<account>:security-group/<it.id>");
        is(Kind::Api, [], "arn:<partition>:apigateway:<region>::/apis/<it.id>");
    }

    #[test]
    fn what_nobody_named_stays_a_reference() {
        is(Kind::Queue, [], "<it.arn>");
        is(Kind::Role, [("Path", "/a/")], "<it.arn>");
        is(Kind::ServiceLinkedRole, [], "<it.arn>");
    }
}
