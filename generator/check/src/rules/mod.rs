//! Rules that bring what means the same into the same words. They run on shaped graphs whose inputs bear the same
//! names; each is small, named, and says where its fact comes from.
//!
//! Whatever a rule fills in bears the rule's name ([`Held::rule`](crate::graph::Held::rule)), so that a report can say that nobody wrote it.

mod access;
mod buckets;
mod dashboard;
mod defaults;
mod inputs;
mod names;
mod references;
mod unsaid;

pub use defaults::defaults;
pub(crate) use defaults::may_depend;

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
    buckets::LIFECYCLE,
    buckets::LABELS,
    buckets::FILTERS,
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
    defaults::tables::SNS,
    defaults::tables::S3,
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

#[cfg(test)]
mod tests {
    //! Small graphs for tests of rules, and what holds for all rules.

    use std::collections::{BTreeMap, BTreeSet};

    use jit_runners_model::{Choices, Deployment};

    use super::{RULES, Rule};
    pub(super) use crate::graph::value::tests::held;
    use crate::{
        graph::{
            Condition, Dialect, Graph, Held, Kind, Node, Omitted, ResourceAttribute, Shaper, Symbol,
            SymbolicText, Value,
        },
        read::Place,
        readers::from_model,
    };

    /// A graph that a test puts together.
    pub(super) struct Sketch(pub(super) Graph);

    fn place() -> Place {
        Place::whole("f".into())
    }

    pub(super) fn map<const N: usize>(entries: [(&str, Held); N]) -> Held {
        held(BTreeMap::from(entries.map(|(name, held)| (name.to_owned(), held))))
    }

    pub(super) fn list<const N: usize>(items: [Held; N]) -> Held {
        held(Value::List(items.into()))
    }

    pub(super) fn list_of<const N: usize>(items: [&str; N]) -> Held {
        list(items.map(held))
    }

    pub(super) fn set_of<const N: usize>(items: [&str; N]) -> Held {
        held(Value::set(items.map(held).into()))
    }

    pub(super) fn attribute(of: &str, attribute: ResourceAttribute) -> Held {
        held(SymbolicText::from(Symbol::attribute(of, attribute)))
    }

    pub(super) fn input(name: &str) -> Value {
        Value::Text(SymbolicText::from(Symbol::Input(name.into())))
    }

    pub(super) fn joined(before: &str, symbol: Symbol) -> SymbolicText {
        let mut text = SymbolicText::literal(before);
        text.push_symbol(symbol);
        text
    }

    fn node<K, const N: usize>(kind: K, address: &str, properties: [(&str, Held); N]) -> Node<K> {
        Node {
            kind,
            address: address.into(),
            place: place(),
            condition: Condition::Always,
            properties: properties.map(|(name, held)| (name.to_owned(), held)).into(),
        }
    }

    impl Sketch {
        fn new(dialect: Dialect) -> Self {
            Self(Graph {
                dialect,
                given: Vec::new(),
                omitted: Omitted::default(),
                resources: Vec::new(),
                inputs: Vec::new(),
                requirements: Vec::new(),
                outputs: Vec::new(),
            })
        }

        pub(super) fn model() -> Self {
            Self::new(Dialect::Model)
        }

        pub(super) fn terraform() -> Self {
            Self::new(Dialect::Terraform)
        }

        pub(super) fn cloudformation() -> Self {
            Self::new(Dialect::CloudFormation)
        }

        pub(super) fn resource<const N: usize>(
            &mut self,
            kind: Kind,
            address: &str,
            properties: [(&str, Held); N],
        ) {
            self.0.resources.push(node(kind, address, properties));
        }

        pub(super) fn input<const N: usize>(&mut self, name: &str, properties: [(&str, Held); N]) {
            self.0.inputs.push(node((), name, properties));
        }

        pub(super) fn output<const N: usize>(&mut self, name: &str, properties: [(&str, Held); N]) {
            self.0.outputs.push(node((), name, properties));
        }

        #[track_caller]
        pub(super) fn condition(&mut self, address: &str, condition: Condition) {
            self.0.resources.iter_mut().find(|node| &*node.address == address).unwrap().condition = condition;
        }

        pub(super) fn apply(&mut self, rule: &Rule) {
            (rule.apply)(&mut self.0);
        }

        #[track_caller]
        pub(super) fn find(&self, address: &str) -> &Node<Kind> {
            self.0.resources.iter().find(|node| &*node.address == address).unwrap()
        }

        /// The properties of a resource, as people are shown them.
        #[track_caller]
        pub(super) fn resources(&self, address: &str) -> String {
            Value::Map(self.find(address).properties.clone()).to_string()
        }

        #[track_caller]
        pub(super) fn inputs(&self, name: &str) -> String {
            shown(&self.0.inputs, name)
        }

        #[track_caller]
        pub(super) fn outputs(&self, name: &str) -> String {
            shown(&self.0.outputs, name)
        }
    }

    #[track_caller]
    fn shown(nodes: &[Node<()>], name: &str) -> String {
        let node = nodes.iter().find(|node| &*node.address == name).unwrap();
        Value::Map(node.properties.clone()).to_string()
    }

    #[test]
    fn every_rule_has_a_name_of_its_own_a_sentence_and_a_source() {
        let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for Rule { name, says, source, apply: _ } in RULES {
            assert!(says.ends_with('.') && says.starts_with(char::is_uppercase), "{name}");
            assert!(source.starts_with("https://"), "{name}");
        }
    }

    /// The graph of the default deployment, shaped.
    fn model() -> Graph {
        let deployment = Deployment::new(Choices::default()).unwrap();
        let mut graph = from_model(&deployment);
        Shaper::default().graph(&mut graph);
        graph
    }

    #[test]
    fn rules_that_ran_find_nothing_more_to_do() {
        let mut once = model();
        super::apply(&mut once);
        let mut twice = once.clone();
        super::apply(&mut twice);
        for (once, twice) in once.resources.iter().zip(&twice.resources) {
            assert_eq!(once.properties, twice.properties, "{}", once.address);
            assert_eq!(once.condition, twice.condition, "{}", once.address);
        }
        for (once, twice) in once.inputs.iter().zip(&twice.inputs) {
            assert_eq!(once.properties, twice.properties, "{}", once.address);
        }
    }

    #[test]
    fn what_nobody_wrote_bears_the_name_of_a_rule() {
        let before = model();
        let mut after = before.clone();
        super::apply(&mut after);
        let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        let mut filled_in = 0;
        for (before, after) in before.resources.iter().zip(&after.resources) {
            for (property, held) in &after.properties {
                if !before.properties.contains_key(property) {
                    let rule = held.rule.unwrap_or_else(|| panic!("{} {property}", after.address));
                    assert!(names.contains(rule), "{rule}");
                    filled_in += 1;
                }
            }
        }
        assert!(filled_in > 100, "{filled_in}");
    }

    #[test]
    fn references_to_what_has_a_name_are_gone() {
        let mut graph = model();
        super::apply(&mut graph);
        let mut left = BTreeSet::new();
        graph.rewrite(&mut |symbol| {
            if let Symbol::Attribute { of: _, attribute } = symbol {
                left.insert(*attribute);
            }
            None
        });
        // Only the services know these.
        assert_eq!(
            left,
            BTreeSet::from([ResourceAttribute::Id, ResourceAttribute::Url, ResourceAttribute::UniqueId])
        );
    }
}
