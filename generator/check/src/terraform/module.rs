//! A module after evaluation: blocks with values, before anybody asks what they mean.
//!
//! This is what the evaluator hands to the translator. A body is a map of its arguments; blocks inside it are lists of
//! maps under the block's name, the form in which Terraform's own JSON states them.

use std::sync::Arc;

use crate::{
    graph::{Address, Condition, Properties, Requirement},
    read::Place,
};

/// An evaluated module.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// `resource` blocks; one each for the instances of `for_each` and of a `count` that is a number.
    pub resources: Vec<ResourceBlock>,
    /// `variable` blocks.
    pub variables: Vec<NamedBlock>,
    /// `output` blocks.
    pub outputs: Vec<NamedBlock>,
    /// `precondition` and `postcondition` blocks.
    pub requirements: Vec<Requirement>,
    /// The arguments of `provider "aws"`.
    pub provider: Option<NamedBlock>,
}

/// A `resource` block.
#[derive(Debug, Clone)]
pub(crate) struct ResourceBlock {
    /// Its type: `aws_sqs_queue`.
    pub kind: Arc<str>,
    /// Its address: `aws_sqs_queue.scaleup`, `aws_sqs_queue.all["scaleup"]`.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
    /// `count = <condition> ? 1 : 0`.
    pub condition: Condition,
    /// Its arguments and blocks, without meta-arguments.
    pub arguments: Properties,
    /// Addresses in `depends_on`.
    pub depends_on: Vec<(Address, Place)>,
    /// The arguments of its `lifecycle` block.
    pub lifecycle: Properties,
}

/// A block that one label names.
#[derive(Debug, Clone)]
pub(crate) struct NamedBlock {
    /// The label.
    pub name: Arc<str>,
    /// Where it begins.
    pub place: Place,
    /// Its arguments and blocks.
    pub arguments: Properties,
}
