//! What a deployment demands of its inputs together, before it makes anything.

use std::fmt;

use super::{Condition, Held, Symbol, value::visit::Visit as _};
use crate::read::Place;

/// A demand, as one of the sides states it.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    /// What must hold.
    pub demand: Demand,
    /// What people are told where it does not hold.
    pub message: String,
    /// Where it stands.
    pub place: Place,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Demand {
    /// A question that both dialects can ask.
    Holds(Condition),
    /// A condition in Terraform's words, on one line: they ask more than a template can.
    Written(String),
}

impl Requirement {
    /// The requirements that `condition` states: one for each part that must hold.
    pub(crate) fn of(condition: Condition, message: &str, place: &Place) -> Vec<Self> {
        let parts = match condition {
            Condition::All(all) => all.into_iter().collect(),
            condition => vec![condition],
        };
        parts
            .into_iter()
            .flat_map(distributed)
            // What always holds demands nothing.
            .filter(|part| !is_certain(part))
            .map(|part| Self {
                demand: Demand::Holds(part),
                message: message.to_owned(),
                place: place.clone(),
            })
            .collect()
    }

    /// The demand as a value of a report.
    pub(crate) fn held(&self) -> Held {
        Held::new(self.demand.to_string().as_str(), self.place.clone())
    }
}

/// Whether the condition holds whatever the inputs are.
fn is_certain(condition: &Condition) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Any(any) => any.iter().any(|part| any.contains(&Condition::not(part.clone()))),
        Condition::Never | Condition::Equals(..) | Condition::Not(_) | Condition::All(_) => false,
    }
}

/// `a or (b and c)` as `a or b`, and `a or c`: a template says the same as one rule or as two.
fn distributed(condition: Condition) -> Vec<Condition> {
    let Condition::Any(any) = condition else { return vec![condition] };
    let (all, others): (Vec<_>, Vec<_>) =
        any.into_iter().partition(|condition| matches!(condition, Condition::All(_)));
    match <[Condition; 1]>::try_from(all) {
        Ok([Condition::All(all)]) => {
            all.into_iter().map(|part| Condition::any(others.iter().cloned().chain([part]))).collect()
        }
        Ok(one) => vec![Condition::any(others.into_iter().chain(one))],
        Err(several) => vec![Condition::any(others.into_iter().chain(several))],
    }
}

/// Whether a question is about nothing but what is given when deploying.
pub(crate) fn is_of_inputs(condition: &Condition) -> bool {
    let is_given = |symbol: &Symbol| {
        matches!(
            symbol,
            Symbol::Input(_)
                | Symbol::DeploymentName
                | Symbol::Region
                | Symbol::AccountId
                | Symbol::Partition
                | Symbol::Call(_)
        )
    };
    !condition.has_symbol(|symbol| !is_given(symbol))
}

impl Demand {
    /// Puts what `change` makes of the condition in its place.
    pub(crate) fn change(&mut self, change: impl FnOnce(Condition) -> Condition) {
        if let Self::Holds(condition) = self {
            *condition = change(std::mem::replace(condition, Condition::Always));
        }
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds(condition) => condition.fmt(f),
            Self::Written(source) => f.write_str(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{SymbolicText, Value};

    fn is(input: &str, value: &str) -> Condition {
        Condition::equals(Value::Text(SymbolicText::from(Symbol::Input(input.into()))), value.into())
    }

    #[track_caller]
    fn states(condition: Condition, expected: &[Condition]) {
        let found: Vec<_> = Requirement::of(condition, "", &Place::whole("f".into()))
            .into_iter()
            .map(|requirement| requirement.demand)
            .collect();
        assert_eq!(found, expected.iter().cloned().map(Demand::Holds).collect::<Vec<_>>());
    }

    #[test]
    fn each_part_is_a_demand_of_its_own() {
        let (a, b, c) = (is("A", "1"), is("B", "1"), is("C", "1"));
        states(Condition::Always, &[]);
        states(Condition::Never, &[Condition::Never]);
        states(Condition::any([a.clone(), b.clone(), Condition::not(a.clone())]), &[]);
        states(Condition::all([a.clone(), b.clone()]), &[a.clone(), b.clone()]);
        states(
            Condition::any([a.clone(), Condition::all([b.clone(), c.clone()])]),
            &[Condition::any([a.clone(), b.clone()]), Condition::any([a.clone(), c.clone()])],
        );
        // Several alternatives of several parts stay as they are.
        let pairs = Condition::any([
            Condition::all([a.clone(), b.clone()]),
            Condition::all([Condition::not(a), Condition::not(c)]),
        ]);
        states(pairs.clone(), &[pairs]);
    }
}
