//! From the blocks of a module to the graph.

mod circle;
mod dependency;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    argument::{Becomes, Meaning, ResourceSchema},
    body::{Body, View, alike, says_nothing},
    fold::{self, PartBlock},
    input, lifecycle, output,
    problem::TranslationProblem,
    provider::Provider,
    references,
    room::Room,
    service::{self, OWN_POLICY},
};
use crate::{
    graph::{
        Address, Dialect, Graph, GraphProblem, GraphProblemKind, Held, Kind, Node, Properties,
        ResourceAttribute, Symbol, SymbolicText,
    },
    read::Place,
    terraform::{Module, ResourceBlock},
};
use dependency::depend;

/// What `module` says, in the words of the vocabulary. What files of `guests` say about things of their own is nobody
/// else's.
pub(in crate::graph) fn translate(
    module: Module,
    view: View,
    guests: &BTreeSet<Arc<str>>,
) -> Result<Graph, Vec<GraphProblem>> {
    let mut problems = Vec::new();
    let Module { resources, variables, outputs, requirements, provider } = module;
    let provider = provider.map(|block| Provider::read(block, &mut problems)).unwrap_or_default();
    circle::refuse(&resources, &mut problems);
    let mut room = Room::new();
    let mut blocks = Blocks::default();
    for block in resources {
        blocks.read(block, view, &provider, &mut room, &mut problems);
    }
    let Blocks { mut nodes, parts, dependencies, addresses } = blocks;
    let folded = fold::fold(&mut nodes, parts, &mut room, &mut problems);
    let mut graph = Graph {
        dialect: Dialect::Terraform,
        resources: nodes,
        inputs: variables.into_iter().map(|block| input::input(block, &mut problems)).collect(),
        requirements,
        outputs: outputs.into_iter().map(|block| output::output(block, &mut problems)).collect(),
    };
    references::resolve(&mut graph, &folded.policies, &mut room, &mut problems);
    for (index, dependencies) in dependencies {
        depend(graph.resources.get_mut(index), dependencies, &addresses, &folded.owners, &mut problems);
    }
    if let Some(region) = &provider.region_input {
        graph.rewrite(&mut |symbol: &Symbol| match symbol {
            Symbol::Input(name) if name == region => Some(SymbolicText::from(Symbol::Region)),
            _ => None,
        });
    }
    problems.retain(|problem| !(guests.contains(&problem.place.file) && is_of_its_own(problem)));
    if problems.is_empty() {
        Ok(graph)
    } else {
        problems.sort();
        problems.dedup();
        Err(problems)
    }
}

/// Whether the problem is that a part belongs to nothing that was read.
fn is_of_its_own(problem: &GraphProblem) -> bool {
    matches!(
        &problem.kind,
        GraphProblemKind::Translation(
            TranslationProblem::NoOwner { .. } | TranslationProblem::Unattached { .. }
        )
    )
}

/// Resources that have been read one by one.
#[derive(Default)]
struct Blocks {
    nodes: Vec<Node<Kind>>,
    parts: Vec<PartBlock>,
    /// What nodes wait for, by their index.
    dependencies: Vec<(usize, Vec<(Address, Place)>)>,
    addresses: BTreeSet<Address>,
}

impl Blocks {
    fn read(
        &mut self,
        block: ResourceBlock,
        view: View,
        provider: &Provider,
        room: &mut Room,
        problems: &mut Vec<GraphProblem>,
    ) {
        let ResourceBlock { kind, address, place, condition, arguments, depends_on, lifecycle } = block;
        let mut refuse = |problem: TranslationProblem| {
            problems.push(GraphProblem { place: place.clone(), kind: problem.into() });
        };
        if !self.addresses.insert(Address::clone(&address)) {
            refuse(TranslationProblem::DoubledAddress { address });
            return;
        }
        let Some(of) = service::resource_type(&kind) else {
            let suggestion = alike(&kind, service::all().map(|known| known.name)).map(str::to_owned);
            refuse(TranslationProblem::UnknownType { found: kind.to_string(), suggestion });
            return;
        };
        let mut body = Body::new(of, view, provider.region.as_ref(), problems);
        body.read(of.arguments, arguments.clone());
        (of.finish)(&mut body, &arguments);
        let mut properties = body.properties;
        match of.becomes {
            Becomes::Node(kind) => {
                let own_tags = properties.remove("Tags");
                let tags =
                    if is_tagged(of) { provider.tagged(own_tags, &place, room, problems) } else { own_tags };
                properties.extend(tags.map(|tags| ("Tags".to_owned(), tags)));
                if kind == Kind::CustomResource {
                    properties.extend(lifecycle::replaced_with(&lifecycle));
                }
                if let Some(policy) = lifecycle::deletion_policy(of, lifecycle, problems) {
                    properties.insert("DeletionPolicy".to_owned(), policy);
                }
                let own_policy = properties.remove(OWN_POLICY);
                self.dependencies.push((self.nodes.len(), depends_on));
                let queue = Node { kind, address, place, condition, properties };
                let policy = own_policy.and_then(|policy| queue_policy(&queue, policy));
                self.nodes.push(queue);
                self.nodes.extend(policy);
            }
            Becomes::Companion(part) => {
                lifecycle::of_part(of, lifecycle, problems);
                // The order of parts is Terraform's business, but what they name has to be there.
                self.dependencies.push((usize::MAX, depends_on));
                self.parts.push(PartBlock { of, part, address, place, condition, properties });
            }
        }
    }
}

/// Whether the provider puts tags on resources of this type.
fn is_tagged(of: &ResourceSchema) -> bool {
    of.arguments.iter().any(|argument| matches!(argument.meaning, Meaning::Property("Tags")))
}

/// The policy that a queue states itself, as the resource that it is elsewhere.
fn queue_policy(queue: &Node<Kind>, policy: Held) -> Option<Node<Kind>> {
    if says_nothing(&policy.value) {
        return None;
    }
    let place = policy.place.clone();
    let url = SymbolicText::from(Symbol::attribute(Address::clone(&queue.address), ResourceAttribute::Url));
    let properties: Properties =
        [("Queue".to_owned(), Held::new(url, place.clone())), ("PolicyDocument".to_owned(), policy)]
            .into_iter()
            .collect();
    let address = format!("{}.{OWN_POLICY}", queue.address).into();
    Some(Node { kind: Kind::QueuePolicy, address, place, condition: queue.condition.clone(), properties })
}
