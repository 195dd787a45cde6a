//! Rules that bring what means the same into the same words. They run on shaped graphs whose inputs bear the same
//! names; each is small, named, and says where its fact comes from.
//!
//! Whatever a rule fills in bears the rule's name ([`super::Held::rule`]), so that a report can say that nobody wrote it.

mod access;
mod dashboard;
mod defaults;
mod inputs;
mod names;
mod references;
#[cfg(test)]
mod tests;
mod unsaid;

pub use defaults::defaults;

use crate::graph::Graph;

/// A way to say the same in fewer ways.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its name, as reports show it.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub says: &'static str,
    /// The page that says so, or the reason.
    pub source: &'static str,
    apply: fn(&mut Graph),
}

/// Every rule, in the order in which they run: what says nothing goes, references become text, and what the services do
/// without being asked is filled in.
pub(crate) const RULES: &[Rule] = &[
    inputs::TYPES,
    inputs::PATTERNS,
    inputs::AWS_IDS,
    inputs::FLAGS,
    unsaid::TAGS,
    unsaid::EMPTY,
    unsaid::DISABLED,
    references::ORDER,
    names::NAMES,
    names::ARNS,
    references::API_ADDRESSES,
    references::FUNCTION_NAMES,
    references::INTEGRATION_URIS,
    references::LOG_DESTINATIONS,
    unsaid::QUEUE_SOURCES,
    access::PROTOCOLS,
    access::OPEN_EGRESS,
    defaults::tables::API_GATEWAY,
    defaults::tables::SQS,
    defaults::tables::DYNAMODB,
    defaults::tables::LAMBDA,
    defaults::tables::IAM,
    defaults::tables::EVENTS,
    defaults::tables::CLOUDWATCH,
    defaults::tables::EC2,
    defaults::tables::DELETION,
    access::POLICIES,
    dashboard::RULE,
];

/// Name, sentence and source of every rule.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    RULES.iter().map(|rule| (rule.name, rule.says, rule.source))
}

/// Spells out references to names in a graph that has no shape yet: what an item of a list is called becomes its key there.
pub(crate) fn spell_out_names(graph: &mut Graph) {
    (names::NAMES.apply)(graph);
}

/// Applies every rule to `graph`.
pub(crate) fn apply(graph: &mut Graph) {
    for rule in RULES {
        (rule.apply)(graph);
    }
}
