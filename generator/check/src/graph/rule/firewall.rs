//! Rules of security groups.

use super::Rule;
use crate::graph::{Dialect, Graph, Held, Kind, Properties, Value};

pub(super) const PROTOCOLS: Rule = Rule {
    name: "protocols",
    says: "A protocol bears its name, not its number, and all protocols have no ports.",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html",
    apply: protocols,
};

pub(super) const OPEN_EGRESS: Rule = Rule {
    name: "open egress",
    says: "A template's security group without rules for what goes out lets everything out; Terraform lets out nothing.",
    source: "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/security_group.html.markdown: the provider removes the rule that EC2 gives every group",
    apply: open_egress,
};

/// <https://www.iana.org/assignments/protocol-numbers>
const NAMES: &[(&str, &str)] = &[("6", "tcp"), ("17", "udp"), ("1", "icmp"), ("58", "icmpv6"), ("all", ALL)];
const ALL: &str = "-1";

fn protocols(graph: &mut Graph) {
    for node in graph.resources_of(Kind::SecurityGroup) {
        for property in ["SecurityGroupIngress", "SecurityGroupEgress"] {
            let Some(held) = node.properties.get_mut(property) else { continue };
            held.each_list(&mut |rules| {
                for rule in rules.iter_mut() {
                    rule.each_object(&mut protocol);
                }
            });
        }
    }
}

fn protocol(rule: &mut Properties) {
    let Some(held) = rule.get_mut("IpProtocol") else { return };
    let Some(written) = held.as_literal().map(str::to_ascii_lowercase) else { return };
    let name = NAMES.iter().find(|(other, _)| *other == written).map_or(written.as_str(), |(_, name)| name);
    held.value = name.into();
    if name == ALL {
        rule.retain(|property, _| property != "FromPort" && property != "ToPort");
    }
}

fn open_egress(graph: &mut Graph) {
    if graph.dialect == Dialect::Terraform {
        return;
    }
    for node in graph.resources_of(Kind::SecurityGroup) {
        let filled = |value: Value| Held { value, place: node.place.clone(), rule: Some(OPEN_EGRESS.name) };
        let rule = [("IpProtocol", ALL), ("CidrIp", "0.0.0.0/0")]
            .map(|(name, value)| (name.to_owned(), filled(value.into())));
        let rules = filled(Value::set(vec![filled(Value::Map(rule.into()))]));
        node.properties.entry("SecurityGroupEgress".to_owned()).or_insert(rules);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, map};
    use super::*;

    #[track_caller]
    fn becomes<const N: usize>(rule: [(&str, Held); N], expected: &str) {
        let mut sketch = Sketch::terraform();
        let rules = held(Value::set(vec![map(rule)]));
        sketch.resource(Kind::SecurityGroup, "g", [("SecurityGroupEgress", rules)]);
        sketch.apply(&PROTOCOLS);
        assert_eq!(sketch.resources("g"), format!("{{SecurityGroupEgress: [{expected}]}}"));
    }

    #[test]
    fn protocols_bear_their_names() {
        becomes(
            [("IpProtocol", held("6")), ("FromPort", held(443_u32))],
            r#"{FromPort: 443, IpProtocol: "tcp"}"#,
        );
        becomes([("IpProtocol", held("UDP"))], r#"{IpProtocol: "udp"}"#);
        becomes(
            [("IpProtocol", held("-1")), ("FromPort", held(0_u32)), ("ToPort", held(0_u32))],
            r#"{IpProtocol: "-1"}"#,
        );
        becomes([("IpProtocol", held("50"))], r#"{IpProtocol: "50"}"#);
    }

    #[test]
    fn only_a_template_lets_everything_out_unasked() {
        let mut template = Sketch::cloudformation();
        template.resource(Kind::SecurityGroup, "g", []);
        template.apply(&OPEN_EGRESS);
        assert_eq!(
            template.resources("g"),
            r#"{SecurityGroupEgress: [{CidrIp: "0.0.0.0/0", IpProtocol: "-1"}]}"#
        );
        let egress = &template.find("g").properties["SecurityGroupEgress"];
        assert_eq!(egress.rule, Some(OPEN_EGRESS.name));
        let mut module = Sketch::terraform();
        module.resource(Kind::SecurityGroup, "g", []);
        module.apply(&OPEN_EGRESS);
        assert_eq!(module.resources("g"), "{}");
    }
}
