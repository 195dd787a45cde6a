//! The canonical graph: a deployment as either dialect, or the model, states it.
//!
//! ```text
//! files -> located trees -> Graph -> rules -> compare
//! ```
//!
//! Resources are nodes with properties; references are expressions inside the properties. The vocabulary
//! (`kind/`) is `CloudFormation`'s: its names for kinds and properties are documented, and Terraform's provider
//! calls the same APIs. Three readers (`readers/`) lead here. What a
//! deployment demands of its inputs together, before it makes anything, is a [`Requirement`].

pub(crate) mod kind;
mod omitted;
mod shape;
pub(crate) mod value;

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::read::Place;
use value::visit::Visit as _;

pub(crate) use kind::Kind;
pub(crate) use omitted::{Omitted, forget_inputs, unread};
pub(crate) use shape::Shaper;
pub(crate) use value::{
    Call, Changer, Choice, Condition, Function, Held, Number, ResourceAttribute, Segment, Symbol,
    SymbolicText, Value, symbolic_text,
};

/// Whose statement a graph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Dialect {
    /// The typed model, which says what is right.
    Model,
    /// A Terraform module.
    Terraform,
    /// A `CloudFormation` template.
    CloudFormation,
}

/// Names of properties, and what they hold.
pub(crate) type Properties = BTreeMap<String, Held>;

/// What a file, or the model, calls a resource: `aws_sqs_queue.scaleup`, `ScaleUpQueue`.
pub(crate) type Address = Arc<str>;

/// A whole deployment.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    /// Whose statement it is.
    pub dialect: Dialect,
    /// The resources, in the order of the files.
    pub resources: Vec<Node<Kind>>,
    /// The inputs: parameters, variables.
    pub inputs: Vec<Node<()>>,
    /// What the inputs must fulfil together.
    pub requirements: Vec<Requirement>,
    /// The outputs.
    pub outputs: Vec<Node<()>>,
    /// Inputs whose values stand beside the files and are not compared, and where.
    pub given: Vec<(Arc<str>, Place)>,
    /// What it lacks.
    pub omitted: Omitted,
}

/// A resource, an input or an output.
#[derive(Debug, Clone)]
pub(crate) struct Node<K> {
    /// Which kind of resource it is.
    pub kind: K,
    /// What its file calls it.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
    /// When it exists.
    pub condition: Condition,
    /// What it is, in the words of the vocabulary.
    pub properties: Properties,
}

impl Graph {
    /// Replaces symbols in everything that the graph states.
    pub(crate) fn rewrite(&mut self, with: &mut impl FnMut(&Symbol) -> Option<SymbolicText>) {
        self.resources.iter_mut().for_each(|node| node.rewrite(with));
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(|node| node.rewrite(with));
        for requirement in &mut self.requirements {
            requirement.demand.change(|condition| condition.rewritten(with));
        }
    }

    /// Changes everything that the graph states.
    pub(crate) fn change(&mut self, with: &mut impl Changer) {
        self.resources.iter_mut().for_each(|node| node.change(with));
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(|node| node.change(with));
        for requirement in &mut self.requirements {
            requirement.demand.change(|condition| condition.changed(with));
        }
    }

    /// The resources of `kind`.
    pub(crate) fn resources_of(&mut self, kind: Kind) -> impl Iterator<Item = &mut Node<Kind>> {
        self.resources.iter_mut().filter(move |node| node.kind == kind)
    }
}

impl<K> Node<K> {
    /// Changes its condition and its properties.
    pub(crate) fn change(&mut self, with: &mut impl Changer) {
        let condition = std::mem::replace(&mut self.condition, Condition::Always);
        self.condition = condition.changed(with);
        self.properties.values_mut().for_each(|held| held.change(with));
    }

    /// Replaces symbols in its condition and its properties.
    pub(crate) fn rewrite(&mut self, with: &mut impl FnMut(&Symbol) -> Option<SymbolicText>) {
        let condition = std::mem::replace(&mut self.condition, Condition::Always);
        self.condition = condition.rewritten(with);
        self.properties.values_mut().for_each(|held| held.rewrite(with));
    }
}

/// A demand, as one of the sides states it.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    /// The condition.
    pub demand: Demand,
    /// The message if the condition does not hold.
    pub message: String,
    /// Where it stands.
    pub place: Place,
}

/// A condition that must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Demand {
    /// A condition that both dialects can state.
    Holds(Condition),
    /// A condition in Terraform's words, on one line: they say more than a template can.
    Written(String),
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

/// Whether a condition is about nothing but what is given when deploying.
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
        ) && !matches!(symbol, Symbol::Call(Call { function: Function::Terraform(_), .. }))
    };
    !condition.has_symbol(|symbol| !is_given(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

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
