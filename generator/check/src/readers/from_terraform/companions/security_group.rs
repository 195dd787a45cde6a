//! Rules of security groups, inside them and on their own.

use super::{
    super::{
        body::{is_unknown, when},
        service::{DIRECTION, GROUP, ITSELF, LISTS},
        weight_of,
    },
    CompanionBlock, Merger, conditional, items,
};
use crate::{
    graph::{
        Address, Choice, Condition, Held, Kind, Properties, ResourceAttribute, Symbol, SymbolicText, Value,
    },
    problem::TranslationProblem,
    read::Place,
};

const INGRESS: &str = "SecurityGroupIngress";
const EGRESS: &str = "SecurityGroupEgress";

/// Takes apart the rules that groups state themselves, and states that nothing goes out where nothing is said:
/// Terraform removes the rule that AWS gives to each new group
/// (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/security_group.html.markdown>).
pub(super) fn take_apart(merger: &mut Merger<'_>) {
    for index in 0..merger.nodes.len() {
        let Some(node) = merger.nodes.get_mut(index).filter(|node| node.kind == Kind::SecurityGroup) else {
            continue;
        };
        let (address, place) = (Address::clone(&node.address), node.place.clone());
        for property in [INGRESS, EGRESS] {
            let Some(node) = merger.nodes.get_mut(index) else { continue };
            let Some(held) = node.properties.remove(property) else {
                if property == EGRESS {
                    node.properties
                        .insert(EGRESS.to_owned(), Held::new(Value::List(Vec::new()), place.clone()));
                }
                continue;
            };
            if is_unknown(&held.value) {
                node.properties.insert(property.to_owned(), held);
                continue;
            }
            let Held { value, place, rule } = held;
            let Some(blocks) = items(Held { value, place: place.clone(), rule }) else {
                refuse(merger, "aws_security_group", property, "rules that are written out", &place);
                continue;
            };
            let mut rules = Vec::new();
            for (condition, block) in blocks {
                for (own, rule) in rules_of(merger, "aws_security_group", block, &address) {
                    rules.push(rule.under(Condition::all([condition.clone(), own])));
                }
            }
            if let Some(node) = merger.nodes.get_mut(index) {
                node.properties.insert(property.to_owned(), Held::new(Value::List(rules), place));
            }
        }
    }
}

/// Puts a rule that stands on its own into its group.
pub(super) fn merge(merger: &mut Merger<'_>, mut companion: CompanionBlock) {
    let group = companion.properties.remove(GROUP);
    let Some(index) = merger.owner(&companion, Kind::SecurityGroup, "aws_security_group", group.as_ref())
    else {
        return;
    };
    let property = match companion.properties.remove(DIRECTION) {
        Some(held) if held.as_literal() == Some("ingress") => INGRESS,
        Some(held) if held.as_literal() == Some("egress") => EGRESS,
        found => {
            let place = found.map_or(companion.place, |held| held.place);
            refuse(merger, companion.of.name, "type", "`ingress` or `egress`", &place);
            return;
        }
    };
    let Some(address) = merger.nodes.get(index).map(|node| Address::clone(&node.address)) else { return };
    let properties = std::mem::take(&mut companion.properties);
    let block = Held::new(properties, companion.place.clone());
    for (own, rule) in rules_of(merger, companion.of.name, block, &address) {
        let condition = Condition::all([companion.condition.clone(), own]);
        merger.push(index, property, &condition, rule, &companion.address);
    }
}

/// One rule for each source or destination of `block`.
fn rules_of(merger: &mut Merger<'_>, of: &str, block: Held, group: &Address) -> Vec<(Condition, Held)> {
    let place = block.place.clone();
    let mut properties = match block.value {
        Value::Map(properties) => properties,
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = *choice;
            let mut rules: Vec<_> = conditional(&condition, rules_of(merger, of, then, group)).collect();
            let otherwise = rules_of(merger, of, otherwise, group);
            rules.extend(conditional(&Condition::not(condition), otherwise));
            return rules;
        }
        _ => return Vec::new(),
    };
    let mut ends: Vec<(&str, Condition, Held)> = Vec::new();
    for (list, single) in LISTS {
        if let Some(held) = properties.remove(single) {
            ends.push((single, Condition::Always, held));
        }
        let Some(held) = properties.remove(list) else { continue };
        let place = held.place.clone();
        let Some(found) = items(held) else {
            refuse(merger, of, single, "a list that is written out", &place);
            return Vec::new();
        };
        ends.extend(found.into_iter().map(|(condition, held)| (single, condition, held)));
    }
    if let Some(held) = properties.remove(ITSELF) {
        let Some(condition) = when(&held.value) else {
            refuse(merger, of, "self", "true or false", &held.place);
            return Vec::new();
        };
        if condition != Condition::Never {
            let itself = SymbolicText::from(Symbol::attribute(Address::clone(group), ResourceAttribute::Id));
            ends.push(("SecurityGroupId", condition, Held::new(itself, held.place)));
        }
    }
    if ends.is_empty() {
        refuse(merger, of, "cidr_blocks", "one source or destination at least", &place);
        return Vec::new();
    }
    forget_ports_of_all(&mut properties);
    if !merger.may_copy(weight_of(&properties).saturating_mul(ends.len()), &place) {
        return Vec::new();
    }
    ends.into_iter()
        .map(|(property, condition, end)| {
            let mut rule = properties.clone();
            let place = end.place.clone();
            rule.insert(property.to_owned(), end);
            (condition, Held::new(rule, place))
        })
        .collect()
}

/// `all` is `-1`, and then ports say nothing
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>).
fn forget_ports_of_all(properties: &mut Properties) {
    let Some(protocol) = properties.get_mut("IpProtocol") else { return };
    let spelled = match &protocol.value {
        Value::Number(number) => Some(number.as_str()),
        _ => protocol.as_literal(),
    };
    if matches!(spelled, Some("-1" | "all")) {
        protocol.value = "-1".into();
        properties.remove("FromPort");
        properties.remove("ToPort");
    }
}

fn refuse(merger: &mut Merger<'_>, of: &str, path: &str, expected: &'static str, place: &Place) {
    let problem = TranslationProblem::NotUnderstood {
        of: of.to_owned(),
        path: path.to_owned(),
        expected,
        found: "something else".to_owned(),
    };
    merger.refuse(place, problem);
}
