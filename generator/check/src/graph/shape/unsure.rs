//! Scalars that are text to one reader of YAML and numbers to another: refused where it matters which.

use std::sync::Arc;

use super::Shaper;
use crate::{
    graph::{Demand, Graph, Held, Symbol, Value, value::visit::Visit},
    problem::{ProblemKind, TemplateProblem},
    read::Place,
};

type Found = Vec<(Place, Arc<str>)>;

impl Shaper {
    /// Refuses what is left of such scalars in a shaped graph: it stands where text belongs.
    pub(super) fn refuse_unsure(&mut self, graph: &Graph) {
        let mut found = Vec::new();
        for node in &graph.resources {
            inside(&node.condition, &node.place, &mut found);
            node.properties.values().for_each(|held| unsure(held, &mut found));
        }
        for node in &graph.outputs {
            inside(&node.condition, &node.place, &mut found);
            node.properties.values().for_each(|held| unsure(held, &mut found));
        }
        for requirement in &graph.requirements {
            if let Demand::Holds(condition) = &requirement.demand {
                inside(condition, &requirement.place, &mut found);
            }
        }
        for (place, written) in found {
            self.refuse(&place, ProblemKind::Template(TemplateProblem::unsure(&written)));
        }
    }
}

fn unsure(held: &Held, found: &mut Found) {
    match &held.value {
        Value::List(items) | Value::Set(items) => items.iter().for_each(|item| unsure(item, found)),
        Value::Map(entries) => entries.values().for_each(|held| unsure(held, found)),
        Value::Json(held) => unsure(held, found),
        Value::Choice(choice) => {
            inside(&choice.condition, &held.place, found);
            unsure(&choice.then, found);
            unsure(&choice.otherwise, found);
        }
        value => inside(value, &held.place, found),
    }
}

fn inside(whole: &impl Visit, place: &Place, found: &mut Found) {
    whole.symbols(|symbol| {
        if let Symbol::Unsure(written) = symbol {
            found.push((place.clone(), Arc::clone(written)));
        }
    });
}
