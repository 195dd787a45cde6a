//! References to names and ARNs become the names and ARNs, where the files state them.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use crate::graph::{
    Address, Graph, Kind, Node, ResourceAttribute, Symbol, SymbolicText, Value,
    kind::{Arn, ArnPart, ArnScope, Name},
    symbolic_text,
    value::{
        circle::{Edges, order},
        visit::{Budget, Size, Visit as _},
    },
};

/// References to names become the names.
pub(super) const NAMES: Rule = Rule {
    name: "names",
    says: "A reference to the name of a resource is that name, where the files state one.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
    apply: names,
};

fn names(graph: &mut Graph) {
    let mut by_id = BTreeSet::new();
    let mut names = BTreeMap::new();
    for node in &graph.resources {
        let Some(Name { property, is_id }) = &node.kind.facts().name else { continue };
        // A name that the service makes up, or one of two, is not known here.
        let Some(Value::Text(name)) = node.properties.get(*property).map(|held| &held.value) else {
            continue;
        };
        names.insert(Address::clone(&node.address), name.clone());
        if *is_id {
            by_id.insert(Address::clone(&node.address));
        }
    }
    let names = resolved(&names, &by_id);
    let mut copies = Copies::new();
    graph.rewrite(&mut |symbol: &Symbol| copies.copy(names.get(meant(symbol, &by_id)?)?));
}

/// Whose name `symbol` is.
fn meant<'e>(symbol: &'e Symbol, by_id: &BTreeSet<Address>) -> Option<&'e Address> {
    match symbol {
        Symbol::Attribute { of, attribute: ResourceAttribute::Name } => Some(of),
        Symbol::Attribute { of, attribute: ResourceAttribute::Id } => by_id.contains(of).then_some(of),
        _ => None,
    }
}

/// The names with the names in them replaced. Those in circles, those that need them, and those that grow too long, are
/// left out: references to them stay.
fn resolved(
    names: &BTreeMap<Address, SymbolicText>,
    by_id: &BTreeSet<Address>,
) -> BTreeMap<Address, SymbolicText> {
    let needed = |name| {
        let mut needed = BTreeMap::new();
        SymbolicText::symbols(name, |symbol| {
            let of = meant(symbol, by_id).filter(|of| names.contains_key(*of));
            needed.extend(of.map(|of| (of, symbol)));
        });
        needed
    };
    let edges: Edges<&Address, &Symbol> =
        names.iter().map(|(address, name)| (address, needed(name))).collect();
    let mut resolved = BTreeMap::new();
    let mut done = BTreeSet::new();
    for address in order(&edges).sorted {
        let is_ready = edges.get(address).is_some_and(|needed| needed.keys().all(|of| done.contains(of)));
        let Some(name) = names.get(address).filter(|_| is_ready) else { continue };
        done.insert(address);
        let mut name = name.clone();
        name.rewrite(&mut |symbol: &Symbol| resolved.get(meant(symbol, by_id)?).cloned());
        if is_short(&name) {
            resolved.insert(Address::clone(address), name);
        }
    }
    resolved
}

/// References to ARNs become the ARNs.
pub(super) const ARNS: Rule = Rule {
    name: "ARNs",
    says: "A reference to the ARN of a resource is that ARN, where the files state the name in it.",
    source: "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    apply: arns,
};

fn arns(graph: &mut Graph) {
    let arns: BTreeMap<Address, SymbolicText> = graph
        .resources
        .iter()
        .filter_map(|node| Some((Address::clone(&node.address), arn_of(node)?)))
        .filter(|(_, arn)| is_short(arn))
        .collect();
    let mut copies = Copies::new();
    graph.rewrite(&mut |symbol: &Symbol| match symbol {
        Symbol::Attribute { of, attribute: ResourceAttribute::Arn } => copies.copy(arns.get(of)?),
        _ => None,
    });
}

fn arn_of(node: &Node<Kind>) -> Option<SymbolicText> {
    let Arn { service, scope, name } = node.kind.facts().arn.as_ref()?;
    let mut arn = match scope {
        ArnScope::Region => arn(service),
        ArnScope::Account => arn_without_region(service),
        ArnScope::RegionOnly => arn_without_account(service),
        ArnScope::Everywhere => arn_of_everywhere(service),
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

/// What a name may grow to: no service takes a longer one.
const MOST_CHARACTERS: usize = 1_024;
const MOST_SEGMENTS: usize = 32;
/// What a rule may put in the place of references, all together, so that a file cannot make us write without end.
const MOST_GROWTH: usize = 16 * 1024 * 1024;
/// What a symbol weighs: it is shown as a word or two.
const SYMBOL: usize = 1;

/// How much a rule may still copy.
pub(super) struct Copies(Budget);

impl Copies {
    pub(super) const fn new() -> Self {
        Self(Budget::new(MOST_GROWTH, 0))
    }

    /// A copy of `text`, if there may be one.
    pub(super) fn copy(&mut self, text: &SymbolicText) -> Option<SymbolicText> {
        self.0.spend(Size::of(text).weight(SYMBOL)).ok()?;
        Some(text.clone())
    }
}

/// Whether `text` is short enough to stand wherever a reference to it stands.
fn is_short(text: &SymbolicText) -> bool {
    Size::of(text).weight(SYMBOL) <= MOST_CHARACTERS && text.segments().len() <= MOST_SEGMENTS
}

/// `arn:<partition>:<service>:<region>:<account>:`
pub(super) fn arn(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, ":", Symbol::Region, ":", Symbol::AccountId, ":"]
}

/// `arn:<partition>:<service>::<account>:`
fn arn_without_region(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, "::", Symbol::AccountId, ":"]
}

/// `arn:<partition>:<service>:<region>::`
fn arn_without_account(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, ":", Symbol::Region, "::"]
}

/// `arn:<partition>:<service>:::`
fn arn_of_everywhere(service: &str) -> SymbolicText {
    symbolic_text!["arn:", Symbol::Partition, ":", service, ":::"]
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{Sketch, attribute, held, joined},
        *,
    };

    #[test]
    fn a_reference_to_a_name_is_the_name() {
        let mut sketch = Sketch::terraform();
        let function = joined("/aws/lambda/", Symbol::attribute("f", ResourceAttribute::Name));
        sketch.resource(
            Kind::Function,
            "f",
            [("FunctionName", held(SymbolicText::from(Symbol::DeploymentName)))],
        );
        sketch.resource(Kind::LogGroup, "g", [("LogGroupName", held(function))]);
        sketch.resource(Kind::MetricFilter, "m", [("LogGroupName", attribute("g", ResourceAttribute::Id))]);
        sketch.apply(&NAMES);
        assert_eq!(sketch.resources("m"), r#"{LogGroupName: "/aws/lambda/<name>"}"#);
    }

    #[test]
    fn what_nobody_named_has_no_name() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Queue, "q", []);
        sketch.resource(Kind::Queue, "named", [("QueueName", held("jobs"))]);
        sketch.resource(Kind::Alarm, "a", [("AlarmName", attribute("q", ResourceAttribute::Name))]);
        sketch.resource(Kind::Alarm, "b", [("AlarmName", attribute("named", ResourceAttribute::Id))]);
        sketch.apply(&NAMES);
        assert_eq!(sketch.resources("a"), r#"{AlarmName: "<q.name>"}"#);
        assert_eq!(sketch.resources("b"), r#"{AlarmName: "<named.id>"}"#);
    }

    #[test]
    fn names_in_a_circle_stay_references() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Queue, "a", [("QueueName", attribute("b", ResourceAttribute::Name))]);
        sketch.resource(Kind::Queue, "b", [("QueueName", attribute("a", ResourceAttribute::Name))]);
        sketch.resource(Kind::Queue, "c", [("QueueName", attribute("c", ResourceAttribute::Name))]);
        sketch.apply(&NAMES);
        assert_eq!(sketch.resources("a"), r#"{QueueName: "<b.name>"}"#);
        assert_eq!(sketch.resources("c"), r#"{QueueName: "<c.name>"}"#);
    }

    #[test]
    fn a_name_made_of_names_does_not_grow_without_end() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Queue, "q0", [("QueueName", held("lol"))]);
        for index in 1..40 {
            let mut twice = joined("", Symbol::attribute(format!("q{}", index - 1), ResourceAttribute::Name));
            twice.append(&twice.clone());
            sketch.resource(Kind::Queue, &format!("q{index}"), [("QueueName", held(twice))]);
        }
        sketch.apply(&NAMES);
        assert!(sketch.resources("q39").len() < 10_000);
    }

    #[track_caller]
    fn is<const N: usize>(kind: Kind, properties: [(&str, &str); N], expected: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", properties.map(|(name, value)| (name, held(value))));
        sketch.resource(Kind::Permission, "p", [("SourceArn", attribute("it", ResourceAttribute::Arn))]);
        sketch.apply(&ARNS);
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
    fn what_nobody_named_has_no_arn() {
        is(Kind::Queue, [], "<it.arn>");
        is(Kind::Role, [("Path", "/a/")], "<it.arn>");
        is(Kind::ServiceLinkedRole, [], "<it.arn>");
    }

    #[test]
    fn copies_are_used_up() {
        let name = SymbolicText::literal("x".repeat(1_024));
        let mut copies = Copies::new();
        let count = std::iter::from_fn(|| copies.copy(&name)).count();
        assert_eq!(count, MOST_GROWTH / 1_024);
    }

    #[test]
    fn an_endless_name_is_not_short() {
        assert!(is_short(&SymbolicText::literal("x".repeat(1_024))));
        assert!(!is_short(&SymbolicText::literal("x".repeat(1_025))));
        let mut many = SymbolicText::new();
        (0..33).for_each(|_| many.push_symbol(Symbol::Region));
        assert!(!is_short(&many));
    }
}
