//! Who may do what, and who may reach whom: policies and rules of security groups by their meaning.

use std::cmp::Ordering;

use super::Rule;
use crate::{
    graph::{Dialect, Graph, Held, Kind, Properties, Segment, Symbol, SymbolicText, Value, symbolic_text},
    read::Place,
};

/// Policies by their meaning.
pub(super) const POLICIES: Rule = Rule {
    name: "policies",
    says: "Policies are told apart by what they mean: the order of statements, upper and lower case of actions and condition keys, and repetitions mean nothing, and `ArnEquals` is `ArnLike`.",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html",
    apply: policies,
};

/// What IAM assumes where no version is stated: the older one, which knows no policy variables
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>).
const OLD_VERSION: &str = "2008-10-17";

fn policies(graph: &mut Graph) {
    for node in &mut graph.resources {
        let place = node.place.clone();
        for (kind, property, is_keyed) in DOCUMENTS {
            if *kind != node.kind {
                continue;
            }
            let Some(held) = node.properties.get_mut(*property) else { continue };
            if *is_keyed {
                held.each_object(&mut |policies| {
                    for held in policies.values_mut() {
                        held.each_object(&mut |entries| document(entries, &place));
                    }
                });
            } else {
                held.each_object(&mut |entries| document(entries, &place));
            }
        }
    }
}

/// Where policy documents stand, and whether several of them stand there by their names.
const DOCUMENTS: &[(Kind, &str, bool)] = &[
    (Kind::QueuePolicy, "PolicyDocument", false),
    (Kind::TopicPolicy, "PolicyDocument", false),
    (Kind::BucketPolicy, "PolicyDocument", false),
    (Kind::ManagedPolicy, "PolicyDocument", false),
    (Kind::RolePolicy, "PolicyDocument", false),
    (Kind::Role, "AssumeRolePolicyDocument", false),
    (Kind::Role, "Policies", true),
    (Kind::Role, "AttachedPolicies", true),
];

fn document(entries: &mut Properties, place: &Place) {
    entries.entry("Version".to_owned()).or_insert_with(|| Held {
        value: OLD_VERSION.into(),
        place: place.clone(),
        rule: Some(POLICIES.name),
    });
    let Some(statements) = entries.get_mut("Statement") else { return };
    statements.each_list(&mut |statements| {
        for held in &mut *statements {
            held.each_object(&mut statement);
        }
        statements.sort_by(|left, right| meaning(left, right).then_with(|| left.cmp(right)));
        statements.dedup_by(|right, left| meaning(left, right) == Ordering::Equal);
    });
}

fn statement(statement: &mut Properties) {
    for (name, held) in statement {
        match name.as_str() {
            "Action" | "NotAction" => held.each_list(&mut |actions| {
                for action in actions.iter_mut() {
                    action.each_text(&mut lower_case);
                }
            }),
            "Principal" | "NotPrincipal" => held.each_alternative(&mut principal),
            "Condition" => held.each_object(&mut |operators| {
                arn_operators(operators);
                for keys in operators.values_mut() {
                    keys.each_object(&mut condition_keys);
                }
            }),
            _ => {}
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
fn lower_case(action: &mut SymbolicText) {
    let mut lower = SymbolicText::new();
    for segment in action.segments() {
        match segment {
            Segment::Literal(literal) => lower.push_str(&literal.to_ascii_lowercase()),
            Segment::Symbol(symbol) => lower.push_symbol(symbol.clone()),
        }
    }
    *action = lower;
}

/// "The `ArnEquals` and `ArnLike` condition operators behave identically"
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).
fn arn_operators(operators: &mut Properties) {
    for (equals, like) in [("ArnEquals", "ArnLike"), ("ArnNotEquals", "ArnNotLike")] {
        let names: Vec<String> = operators.keys().filter(|name| name.contains(equals)).cloned().collect();
        for name in names {
            let new = name.replace(equals, like);
            // Both at once: each must hold, so neither may go.
            if !operators.contains_key(&new)
                && let Some(held) = operators.remove(&name)
            {
                operators.insert(new, held);
            }
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>: the names of keys, and
/// of tags in them, are the same in upper and lower case.
fn condition_keys(keys: &mut Properties) {
    let mut lower = Properties::new();
    for (key, held) in keys.iter() {
        if lower.insert(key.to_ascii_lowercase(), held.clone()).is_some() {
            // Two spellings of one key: both must hold, so neither may go.
            return;
        }
    }
    *keys = lower;
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn principal(held: &mut Held) {
    if held.as_literal() == Some("*") {
        let everybody = Held { value: Value::set(vec![held.clone()]), ..held.clone() };
        held.value = Value::Map([("AWS".to_owned(), everybody)].into());
    }
    held.each_object(&mut |kinds| {
        if let Some(accounts) = kinds.get_mut("AWS") {
            accounts.each_list(&mut |accounts| {
                for account in accounts.iter_mut() {
                    account.each_text(&mut whole_account);
                }
            });
        }
    });
}

/// The root of an account, by its ARN, is the account, by its number.
fn whole_account(account: &mut SymbolicText) {
    let starts =
        [symbolic_text!["arn:", Symbol::Partition, ":iam::"], SymbolicText::literal("arn:aws:iam::")];
    let id =
        starts.iter().find_map(|start| account.strip_start(start)).and_then(|rest| rest.strip_end(":root"));
    if let Some(id) = id.filter(is_account_id) {
        *account = id;
    }
}

fn is_account_id(text: &SymbolicText) -> bool {
    match (text.as_literal(), text.as_symbol()) {
        (Some(literal), _) => literal.len() == 12 && literal.bytes().all(|byte| byte.is_ascii_digit()),
        (None, Some(symbol)) => matches!(symbol, Symbol::AccountId | Symbol::Input(_)),
        (None, None) => false,
    }
}

/// The order of two statements whatever they are called.
fn meaning(left: &Held, right: &Held) -> Ordering {
    match (&left.value, &right.value) {
        (Value::Map(left), Value::Map(right)) => {
            let counts = |(name, _): &(&String, &Held)| *name != "Sid";
            left.iter().filter(counts).cmp(right.iter().filter(counts))
        }
        (left, right) => left.cmp(right),
    }
}

/// Protocols of rules of security groups.
pub(super) const PROTOCOLS: Rule = Rule {
    name: "protocols",
    says: "A protocol bears its name, not its number, and all protocols have no ports.",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html",
    apply: protocols,
};

/// What goes out of a security group that says nothing about it.
pub(super) const OPEN_EGRESS: Rule = Rule {
    name: "open egress",
    says: "A template's security group without rules for what goes out lets everything out; Terraform lets out nothing.",
    source: "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/security_group.html.markdown: the provider removes the rule that EC2 gives every group",
    apply: open_egress,
};

/// <https://www.iana.org/assignments/protocol-numbers>
const PROTOCOL_NAMES: &[(&str, &str)] =
    &[("6", "tcp"), ("17", "udp"), ("1", "icmp"), ("58", "icmpv6"), ("all", ALL)];
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
    let name =
        PROTOCOL_NAMES.iter().find(|(other, _)| *other == written).map_or(written.as_str(), |(_, name)| name);
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
    use super::{
        super::tests::{Sketch, held, list, map, set_of},
        *,
    };

    #[track_caller]
    fn becomes(policy: Held, expected: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::QueuePolicy, "p", [("PolicyDocument", policy)]);
        sketch.apply(&POLICIES);
        assert_eq!(sketch.resources("p"), format!("{{PolicyDocument: {expected}}}"));
    }

    fn policy(statements: Held) -> Held {
        map([("Version", held("2012-10-17")), ("Statement", statements)])
    }

    fn allow<const N: usize>(rest: [(&str, Held); N]) -> Held {
        let mut statement = map(rest);
        if let Value::Map(entries) = &mut statement.value {
            entries.insert("Effect".to_owned(), held("Allow"));
        }
        statement
    }

    #[test]
    fn a_policy_without_a_version_has_the_old_one() {
        becomes(map([]), r#"{Version: "2008-10-17"}"#);
    }

    #[test]
    fn order_case_and_repetition_mean_nothing() {
        let one = || allow([("Sid", held("One")), ("Action", set_of(["SQS:SendMessage"]))]);
        let two = || allow([("Sid", held("Two")), ("Action", set_of(["sns:Publish"]))]);
        let again = || allow([("Sid", held("Again")), ("Action", set_of(["sqs:sendmessage"]))]);
        let expected = r#"{Statement: [{Action: ["sns:publish"], Effect: "Allow", Sid: "Two"}, {Action: ["sqs:sendmessage"], Effect: "Allow", Sid: "One"}], Version: "2012-10-17"}"#;
        becomes(policy(list([one(), two()])), expected);
        becomes(policy(list([two(), one(), one()])), expected);
        becomes(policy(list([two(), again()])), &expected.replace("One", "Again"));
    }

    #[test]
    fn principals_have_one_spelling() {
        let of = |principal: Held| policy(list([allow([("Principal", principal)])]));
        let is = |accounts: &str| {
            format!(
                r#"{{Statement: [{{Effect: "Allow", Principal: {{AWS: [{accounts}]}}}}], Version: "2012-10-17"}}"#
            )
        };
        becomes(of(held("*")), &is(r#""*""#));
        becomes(of(map([("AWS", set_of(["*"]))])), &is(r#""*""#));
        let roots = ["123456789012", "arn:aws:iam::123456789012:root"];
        becomes(of(map([("AWS", set_of(roots))])), &is(r#""123456789012""#));
        let role = "arn:aws:iam::123456789012:role/root";
        becomes(of(map([("AWS", set_of([role]))])), &is(&format!("{role:?}")));
    }

    #[test]
    fn condition_keys_have_no_case() {
        let of = |keys: Held| policy(list([allow([("Condition", map([("StringEquals", keys)]))])]));
        let is = |keys: &str| {
            format!(
                r#"{{Statement: [{{Condition: {{StringEquals: {keys}}}, Effect: "Allow"}}], Version: "2012-10-17"}}"#
            )
        };
        becomes(of(map([("aws:SourceArn", set_of(["A"]))])), &is(r#"{aws:sourcearn: ["A"]}"#));
        let doubled = map([("aws:SourceArn", set_of(["A"])), ("aws:sourceArn", set_of(["B"]))]);
        becomes(of(doubled), &is(r#"{aws:SourceArn: ["A"], aws:sourceArn: ["B"]}"#));
    }

    #[test]
    fn what_narrows_a_statement_stays() {
        let narrow = allow([("Resource", set_of(["a"])), ("Action", set_of(["sqs:*"]))]);
        let wide = allow([("Resource", set_of(["*"])), ("Action", set_of(["sqs:*"]))]);
        becomes(
            policy(list([narrow, wide])),
            r#"{Statement: [{Action: ["sqs:*"], Effect: "Allow", Resource: ["*"]}, {Action: ["sqs:*"], Effect: "Allow", Resource: ["a"]}], Version: "2012-10-17"}"#,
        );
    }

    #[track_caller]
    fn rule_becomes<const N: usize>(rule: [(&str, Held); N], expected: &str) {
        let mut sketch = Sketch::terraform();
        let rules = held(Value::set(vec![map(rule)]));
        sketch.resource(Kind::SecurityGroup, "g", [("SecurityGroupEgress", rules)]);
        sketch.apply(&PROTOCOLS);
        assert_eq!(sketch.resources("g"), format!("{{SecurityGroupEgress: [{expected}]}}"));
    }

    #[test]
    fn protocols_bear_their_names() {
        rule_becomes(
            [("IpProtocol", held("6")), ("FromPort", held(443_u32))],
            r#"{FromPort: 443, IpProtocol: "tcp"}"#,
        );
        rule_becomes([("IpProtocol", held("UDP"))], r#"{IpProtocol: "udp"}"#);
        rule_becomes(
            [("IpProtocol", held("-1")), ("FromPort", held(0_u32)), ("ToPort", held(0_u32))],
            r#"{IpProtocol: "-1"}"#,
        );
        rule_becomes([("IpProtocol", held("50"))], r#"{IpProtocol: "50"}"#);
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
