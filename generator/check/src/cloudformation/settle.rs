//! Functions of values that depend on conditions.

use super::evaluate::{Evaluator, weight_of};
use crate::{
    graph::{
        Condition, Held, Value,
        value::outward::{Branches, Reach, conditions_of_all, for_each_branch},
    },
    problem::TemplateProblem,
    read::Place,
};

/// Conditions on which one value can depend, at most: each doubles it.
const MOST_CONDITIONS: usize = 16;

/// What is wrong has been noted.
pub(crate) struct Refused;

impl Branches for Evaluator<'_> {
    type Refused = Refused;
    const REACH: Reach = Reach::Items;
    const BOTH: bool = true;

    /// The first in their order, so that the order in which they were written says nothing.
    fn first_condition(&mut self, values: &[Held], place: &Place) -> Result<Option<Condition>, Refused> {
        let conditions = conditions_of_all(values);
        if conditions.len() > MOST_CONDITIONS {
            return self.refuse(place, TemplateProblem::TooLarge).ok_or(Refused);
        }
        Ok(conditions.first().map(|condition| (*condition).clone()))
    }

    fn pay_for(&mut self, values: &[Held], place: &Place) -> Result<(), Refused> {
        self.weigh(values.iter().map(weight_of).sum(), place).ok_or(Refused)
    }
}

impl Evaluator<'_> {
    /// What `make` makes of `arguments`, once for each way in which their conditions can turn out.
    pub(super) fn settled(
        &mut self,
        arguments: Vec<Held>,
        place: &Place,
        make: &mut dyn FnMut(&mut Self, Vec<Held>) -> Option<Value>,
    ) -> Option<Value> {
        let held = for_each_branch(self, arguments, place, &mut |this, values| {
            make(this, values).map(|value| Held::new(value, place.clone())).ok_or(Refused)
        });
        Some(held.ok()?.value)
    }
}
