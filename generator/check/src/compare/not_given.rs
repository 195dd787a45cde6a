//! How an input says that it was not given: `null` in Terraform, empty text in a template, which has no `null`.

use std::collections::BTreeSet;

use crate::graph::{Address, Changer, Condition, Graph, Held, Node, Symbol, Value};

/// Brings questions for `null` into the words of `template`. An input that is `null` by default is empty there; one that is
/// not cannot be `null` there at all. A value that is `null` is left out.
pub(crate) fn not_given(terraform: &mut Graph, template: &Graph) {
    let is_empty = |node: &Node<()>| node.properties.get("Default").and_then(Held::as_literal) == Some("");
    let empty: BTreeSet<&Address> =
        template.inputs.iter().filter(|node| is_empty(node)).map(|node| &node.address).collect();
    let partners: BTreeSet<Address> = template.inputs.iter().map(|node| node.address.clone()).collect();
    let mut nothing = BTreeSet::new();
    for node in &mut terraform.inputs {
        let is_text = node.properties.get("Type").and_then(Held::as_literal) == Some("text");
        let Some(default) = node.properties.get_mut("Default") else { continue };
        if is_text && default.value == Value::Absent && empty.contains(&node.address) {
            default.value = "".into();
            nothing.insert(node.address.clone());
        }
    }
    let mut questions = Questions { nothing: &nothing, partners: &partners };
    terraform.change(&mut questions);
    if nothing.is_empty() {
        return;
    }
    for node in &mut terraform.resources {
        node.properties.values_mut().for_each(|held| leave_out(held, &nothing));
    }
}

/// Asks whether an input is empty, instead of whether it is `null`.
struct Questions<'q> {
    nothing: &'q BTreeSet<Address>,
    partners: &'q BTreeSet<Address>,
}

impl Changer for Questions<'_> {
    fn comparison(&mut self, comparison: Condition) -> Condition {
        let Condition::Equals(left, right) = &comparison else { return comparison };
        let ((Value::Absent, input) | (input, Value::Absent)) = (left.as_ref(), right.as_ref()) else {
            return comparison;
        };
        match input.as_symbol() {
            Some(Symbol::Input(name)) if self.nothing.contains(name) => {
                Condition::equals(input.clone(), "".into())
            }
            Some(Symbol::Input(name)) if self.partners.contains(name) => Condition::Never,
            _ => comparison,
        }
    }
}

/// An argument that is an input is left out where the input is not given. In the text of a document, `null` is there.
fn leave_out(held: &mut Held, nothing: &BTreeSet<Address>) {
    match &mut held.value {
        Value::Text(text) => {
            let Some(Symbol::Input(name)) = text.as_symbol() else { return };
            if nothing.contains(name) {
                let is_given = Condition::not(Condition::equals(held.value.clone(), "".into()));
                *held = held.clone().under(is_given);
            }
        }
        Value::Json(_) => {}
        value => value.change_inside(&mut |held| leave_out(held, nothing)),
    }
}
