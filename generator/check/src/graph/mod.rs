//! The canonical graph: a deployment as either dialect, or the model, states it.
//!
//! ```text
//! files -> located trees -> Graph -> rules -> compare
//! ```
//!
//! Resources are nodes with properties; references are expressions inside the properties. The vocabulary
//! (`kind/`) is `CloudFormation`'s: its names for kinds and properties are documented, and Terraform's provider
//! calls the same APIs. Three readers lead here, and share no table with each other or with the emitters.

mod bind;
pub(crate) mod from_cloudformation;
mod from_model;
pub(crate) mod from_terraform;
mod json_text;
pub(crate) mod kind;
mod problem;
pub(crate) mod requirement;
pub(crate) mod rule;
mod shape;
pub(crate) mod spelling;
pub(crate) mod value;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use bind::Bindings;
pub(crate) use from_cloudformation::{ParametersProblem, from_cloudformation, parameter_values};
pub(crate) use from_model::from_model;
pub use from_terraform::{Guests, MAX_PLAN_BYTES};
pub(crate) use from_terraform::{TerraformPlan, from_plan, from_terraform};
pub(crate) use kind::Kind;
pub(crate) use problem::{GraphProblem, GraphProblemKind};
pub(crate) use requirement::{Demand, Requirement};
pub(crate) use shape::Shaper;
pub(crate) use value::{
    Call, Changer, Choice, Condition, Function, Held, Number, ResourceAttribute, Segment, Symbol,
    SymbolicText, Value, symbolic_text,
};

use crate::read::Place;

/// What either dialect says and nobody compares: what it is called, and why.
pub fn ignored() -> impl Iterator<Item = (String, &'static str)> {
    let template = from_cloudformation::IGNORED.iter().map(|(name, reason)| ((*name).to_owned(), *reason));
    from_terraform::ignored().into_iter().chain(template)
}

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
