//! Values that depend on questions.

use super::evaluator::{Evaluator, Outcome};
use crate::{
    graph::{Choice, Condition, Held, Value},
    read::Place,
};

impl Evaluator<'_> {
    /// Evaluates with `values` for each answer to the questions that they depend on.
    pub(super) fn each_answer(
        &mut self,
        values: Vec<Held>,
        place: &Place,
        evaluate: &mut dyn FnMut(&mut Self, Vec<Held>) -> Outcome<Held>,
    ) -> Outcome<Held> {
        let question = values.iter().find_map(|held| match &held.value {
            Value::Choice(choice) => Some(choice.condition.clone()),
            _ => None,
        });
        let Some(question) = question else { return evaluate(self, values) };
        let mut yes = Vec::new();
        for held in &values {
            let held = self.copy(answered(held, &question, true), place)?;
            yes.push(held);
        }
        let no = values.iter().map(|held| answered(held, &question, false).clone()).collect();
        self.deeper(place, |this| {
            let then = this.each_answer(yes, place, evaluate)?;
            let otherwise = this.each_answer(no, place, evaluate)?;
            Ok(Held::new(Value::choice(question, then, otherwise), place.clone()))
        })
    }
}

/// What `held` is if `question` is answered like this.
fn answered<'h>(mut held: &'h Held, question: &Condition, answer: bool) -> &'h Held {
    while let Value::Choice(choice) = &held.value {
        let Choice { condition, then, otherwise } = choice.as_ref();
        if condition != question {
            break;
        }
        held = if answer { then } else { otherwise };
    }
    held
}
