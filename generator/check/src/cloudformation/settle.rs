//! Functions of values that depend on conditions: the choice moves outside, so that inside each branch all is known.

use std::collections::BTreeSet;

use super::{
    evaluate::{Evaluator, weight_of},
    problem::TemplateProblem,
};
use crate::{
    graph::{Choice, Condition, Held, Value},
    read::Place,
};

/// Conditions on which one value can depend, at most: each doubles it.
const MOST_CONDITIONS: usize = 16;

impl Evaluator<'_> {
    /// What `make` makes of `arguments`, once for each way in which their conditions can turn out.
    pub(super) fn settled(
        &mut self,
        arguments: Vec<Held>,
        place: &Place,
        make: &mut dyn FnMut(&mut Self, Vec<Held>) -> Option<Value>,
    ) -> Option<Value> {
        let mut conditions = BTreeSet::new();
        for argument in &arguments {
            collect(argument, &mut conditions);
        }
        if conditions.len() > MOST_CONDITIONS {
            return self.refuse(place, TemplateProblem::TooLarge);
        }
        // The first in their order, so that the order in which they were written says nothing.
        let Some(condition) = conditions.first().map(|condition| (*condition).clone()) else {
            return make(self, arguments);
        };
        self.weigh(arguments.iter().map(weight_of).sum(), place)?;
        let side = |holds| arguments.iter().map(|held| assumed(held, &condition, holds)).collect();
        let (then, otherwise) = (side(true), side(false));
        let then = self.settled(then, place, make);
        let otherwise = self.settled(otherwise, place, make);
        let held = |value| Held::new(value, place.clone());
        Some(Value::choice(condition, held(then?), held(otherwise?)))
    }
}

/// The conditions on which `held`, or an item of it, depends.
fn collect<'h>(held: &'h Held, conditions: &mut BTreeSet<&'h Condition>) {
    match &held.value {
        Value::Choice(choice) => {
            conditions.insert(&choice.condition);
            collect(&choice.then, conditions);
            collect(&choice.otherwise, conditions);
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, conditions)),
        Value::Absent
        | Value::Flag(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Set(_)
        | Value::Map(_)
        | Value::Json(_) => {}
    }
}

/// `held`, when it is known whether `condition` `holds`.
fn assumed(held: &Held, condition: &Condition, holds: bool) -> Held {
    let value = match &held.value {
        Value::Choice(choice) => {
            let Choice { condition: asked, then, otherwise } = choice.as_ref();
            if asked == condition {
                return assumed(if holds { then } else { otherwise }, condition, holds);
            }
            let (then, otherwise) = (assumed(then, condition, holds), assumed(otherwise, condition, holds));
            Value::choice(asked.clone(), then, otherwise)
        }
        Value::List(items) => Value::List(items.iter().map(|item| assumed(item, condition, holds)).collect()),
        Value::Absent
        | Value::Flag(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Set(_)
        | Value::Map(_)
        | Value::Json(_) => return held.clone(),
    };
    Held { value, place: held.place.clone(), rule: held.rule }
}
