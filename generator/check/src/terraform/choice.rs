//! Functions of values that depend on conditions.

use super::evaluator::{Evaluator, Outcome, Refused};
use crate::{
    graph::{
        Condition, Held,
        value::outward::{Branches, Reach, condition_of_first, for_each_branch},
    },
    read::Place,
};

impl Branches for Evaluator<'_> {
    type Refused = Refused;
    const REACH: Reach = Reach::Surface;
    const BOTH: bool = false;

    fn first_condition(&mut self, values: &[Held], _: &Place) -> Outcome<Option<Condition>> {
        Ok(condition_of_first(values))
    }

    fn pay_for(&mut self, values: &[Held], place: &Place) -> Outcome<()> {
        values.iter().try_for_each(|held| self.pay(held, place))
    }

    fn deeper<T>(&mut self, place: &Place, evaluate: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        Evaluator::deeper(self, place, evaluate)
    }
}

impl Evaluator<'_> {
    /// Evaluates with `values` for each way in which their conditions can turn out.
    pub(super) fn each_branch(
        &mut self,
        values: Vec<Held>,
        place: &Place,
        evaluate: &mut dyn FnMut(&mut Self, Vec<Held>) -> Outcome<Held>,
    ) -> Outcome<Held> {
        for_each_branch(self, values, place, evaluate)
    }
}
