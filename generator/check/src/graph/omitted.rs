//! What a graph lacks, because nobody could read it. Without `--partial`, such a graph is not compared at all.

use std::collections::BTreeSet;

use super::{Address, Graph, Kind, Node, Symbol, SymbolicText, Value};
use crate::{problem::Problem, read::Place};

/// What a graph lacks, and why.
#[derive(Debug, Clone, Default)]
pub(crate) struct Omitted {
    /// Whether the graph may lack anything: only then is it compared although there are problems.
    pub is_partial: bool,
    /// Why: each reason, and where.
    pub problems: Vec<Problem>,
    /// Resources that could not be read as a whole.
    pub resources: Vec<OmittedResource>,
    /// Resources of which a property could not be read whose name nobody knows.
    pub incomplete: BTreeSet<Address>,
    /// Whether more may be demanded of the inputs.
    pub lacks_bounds: bool,
    /// Kinds of which resources may be missing whose names nobody knows.
    pub kinds: BTreeSet<Kind>,
    /// Whether there may be more resources, of any kind: those of a module, or of a macro.
    pub is_open: bool,
}

/// A resource that could not be read as a whole.
#[derive(Debug, Clone)]
pub(crate) struct OmittedResource {
    /// Its type, as the file calls it.
    pub type_name: String,
    /// The kinds of resources that the graph lacks with it; none, where the check knows no such kind.
    pub kinds: Vec<Kind>,
    /// What the file calls it.
    pub address: Address,
    /// Where it begins.
    pub place: Place,
}

impl Omitted {
    /// Whether nothing is left out.
    pub(crate) const fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether the graph may have resources of `kind` that nobody could read.
    pub(crate) fn may_have(&self, kind: Kind) -> bool {
        self.is_open
            || self.kinds.contains(&kind)
            || self.resources.iter().any(|omitted| omitted.kinds.contains(&kind))
    }

    /// Notes a resource of `kind` that could not be read.
    pub(crate) fn node(&mut self, kind: Kind, type_name: &str, address: &Address, place: &Place) {
        self.resources.push(OmittedResource {
            type_name: type_name.to_owned(),
            kinds: kinds_with(kind),
            address: Address::clone(address),
            place: place.clone(),
        });
    }

    /// Notes a resource that is no node of its own, or of which nothing is known but its type.
    pub(crate) fn other(&mut self, type_name: &str, kinds: &[Kind], address: &Address, place: &Place) {
        self.resources.push(OmittedResource {
            type_name: type_name.to_owned(),
            kinds: kinds.to_vec(),
            address: Address::clone(address),
            place: place.clone(),
        });
    }
}

/// The kinds of the nodes that one resource of `kind` may be in a file: some have their policies inside.
fn kinds_with(kind: Kind) -> Vec<Kind> {
    match kind {
        Kind::Queue => vec![kind, Kind::QueuePolicy],
        Kind::Topic => vec![kind, Kind::TopicPolicy, Kind::Subscription],
        Kind::Bucket => vec![kind, Kind::BucketPolicy],
        kind => vec![kind],
    }
}

/// A value that could not be read.
pub(crate) fn unread() -> Value {
    Value::Text(SymbolicText::from(Symbol::Unknown))
}

impl<K> Node<K> {
    /// Notes that what `properties` say could not be read, at `place`.
    pub(crate) fn mark(&mut self, properties: &[&str], place: &Place) {
        for property in properties {
            let held = super::Held::new(unread(), place.clone());
            self.properties.insert((*property).to_owned(), held);
        }
    }
}

/// Takes inputs of which nothing is known in one of `graphs` for values that could not be read, wherever they stand.
pub(crate) fn forget_inputs(graphs: &mut [Graph]) {
    let is_unread =
        |node: &&Node<()>| node.properties.get("Type").is_some_and(|held| held.mentions(&Symbol::Unknown));
    let inputs = graphs.iter().flat_map(|graph| &graph.inputs);
    let unread: BTreeSet<Address> =
        inputs.filter(is_unread).map(|node| Address::clone(&node.address)).collect();
    if unread.is_empty() {
        return;
    }
    for graph in graphs {
        graph.rewrite(&mut |symbol: &Symbol| match symbol {
            Symbol::Input(name) if unread.contains(name) => Some(Symbol::Unknown.into()),
            _ => None,
        });
    }
}

impl Graph {
    /// Takes those resources away that could not be read as a whole.
    pub(crate) fn take_omitted(&mut self) {
        let omitted: BTreeSet<&Address> =
            self.omitted.resources.iter().map(|omitted| &omitted.address).collect();
        self.resources.retain(|node| !omitted.contains(&node.address));
    }

    /// Takes references to what the graph lacks for values that could not be read.
    pub(crate) fn forget_omitted(&mut self) {
        let known: BTreeSet<Address> =
            self.resources.iter().map(|node| Address::clone(&node.address)).collect();
        // Whoever has a policy may stand in what could not be read.
        if self.omitted.may_have(Kind::ManagedPolicy) {
            for node in self.resources.iter_mut().filter(|node| node.kind == Kind::ManagedPolicy) {
                let place = node.place.clone();
                node.mark(&["Roles"], &place);
            }
        }
        self.rewrite(&mut |symbol: &Symbol| match symbol {
            Symbol::Attribute { of, .. } if !known.contains(of) => Some(Symbol::Unknown.into()),
            _ => None,
        });
    }
}
