//! References to names become the names.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Rule,
    fragment::{Copies, is_short},
};
use crate::graph::{
    Address, Graph, ResourceAttribute, Symbol, SymbolicText, Value, kind::Name, value::visit::Visit as _,
};

pub(super) const RULE: Rule = Rule {
    name: "names",
    says: "A reference to the name of a resource is that name, where the files state one.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
    apply,
};

fn apply(graph: &mut Graph) {
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
    let names = resolved(names, &by_id);
    let mut copies = Copies::new();
    graph.rewrite(&mut |symbol: &Symbol| copies.copy(names.get(meant(symbol, &by_id)?)?));
}

/// Whose name `symbol` asks for.
fn meant<'e>(symbol: &'e Symbol, by_id: &BTreeSet<Address>) -> Option<&'e Address> {
    match symbol {
        Symbol::Attribute { of, attribute: ResourceAttribute::Name } => Some(of),
        Symbol::Attribute { of, attribute: ResourceAttribute::Id } => by_id.contains(of).then_some(of),
        _ => None,
    }
}

/// The names with the names in them replaced. Those that wait for each other, and those that grow too long, are left
/// out: references to them stay.
fn resolved(
    mut names: BTreeMap<Address, SymbolicText>,
    by_id: &BTreeSet<Address>,
) -> BTreeMap<Address, SymbolicText> {
    let mut waits = BTreeMap::new();
    let mut waited_for: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
    let mut ready = Vec::new();
    for (address, name) in &names {
        let mut needed = BTreeSet::new();
        name.symbols(|symbol| {
            needed.extend(meant(symbol, by_id).filter(|of| names.contains_key(*of)).cloned());
        });
        if needed.is_empty() {
            ready.push(Address::clone(address));
        }
        waits.insert(Address::clone(address), needed.len());
        for of in needed {
            waited_for.entry(of).or_default().push(Address::clone(address));
        }
    }
    let mut resolved = BTreeMap::new();
    while let Some(address) = ready.pop() {
        let Some(mut name) = names.remove(&address) else { continue };
        name.rewrite(&mut |symbol: &Symbol| resolved.get(meant(symbol, by_id)?).cloned());
        if is_short(&name) {
            resolved.insert(Address::clone(&address), name);
        }
        for next in waited_for.remove(&address).into_iter().flatten() {
            if let Some(count) = waits.get_mut(&next) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.push(next);
                }
            }
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, attribute, held, joined};
    use super::*;
    use crate::graph::Kind;

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
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("m"), r#"{LogGroupName: "/aws/lambda/<name>"}"#);
    }

    #[test]
    fn what_nobody_named_stays_a_reference() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Queue, "q", []);
        sketch.resource(Kind::Queue, "named", [("QueueName", held("jobs"))]);
        sketch.resource(Kind::Alarm, "a", [("AlarmName", attribute("q", ResourceAttribute::Name))]);
        sketch.resource(Kind::Alarm, "b", [("AlarmName", attribute("named", ResourceAttribute::Id))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("a"), r#"{AlarmName: "<q.name>"}"#);
        assert_eq!(sketch.resources("b"), r#"{AlarmName: "<named.id>"}"#);
    }

    #[test]
    fn names_in_a_circle_stay_references() {
        let mut sketch = Sketch::terraform();
        sketch.resource(Kind::Queue, "a", [("QueueName", attribute("b", ResourceAttribute::Name))]);
        sketch.resource(Kind::Queue, "b", [("QueueName", attribute("a", ResourceAttribute::Name))]);
        sketch.resource(Kind::Queue, "c", [("QueueName", attribute("c", ResourceAttribute::Name))]);
        sketch.apply(&RULE);
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
        sketch.apply(&RULE);
        assert!(sketch.resources("q39").len() < 10_000);
    }
}
