//! Which resource refers to which: the same shape for the model and for either dialect.

mod from_model;
mod mermaid;

use std::collections::{BTreeMap, BTreeSet};

/// A resource in a dependency graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DependencyNode {
    /// Its name in its dialect: `ScaleUpQueue`, `aws_sqs_queue.scaleup`.
    pub id: String,
    /// Its type in its dialect: `Queue`, `AWS::SQS::Queue`, `aws_sqs_queue`.
    pub kind: String,
}

/// Resources and their references.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DependencyGraph {
    /// The resources, in the order in which people read them.
    pub nodes: Vec<DependencyNode>,
    /// Pairs of ids: the first refers to the second.
    pub edges: BTreeSet<(String, String)>,
    /// Under which heading people look for a resource, by its id. Dialects need not say.
    pub groups: BTreeMap<String, String>,
}
