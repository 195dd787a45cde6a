//! From the blocks of a module to the graph, in which references to what is no node of its own are resolved.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use super::{
    Copies,
    argument::{Becomes, Meaning, ResourceSchema},
    body::{Body, View, alike, says_nothing},
    companions::{self, CompanionBlock},
    interface,
    service::{self, OWN_POLICY},
    settings::{self, Providers},
    weight_of,
};
use crate::{
    graph::{
        self, Address, Call, Changer, Condition, Dialect, Function, Graph, Held, Kind, Node, Omitted,
        Properties, ResourceAttribute, Symbol, SymbolicText, Value, symbolic_text,
        value::{
            circle::{Edges, described, order},
            visit::Visit as _,
        },
    },
    problem::{Problem, ProblemKind, TranslationProblem},
    read::Place,
    terraform::{Module, ResourceBlock, Unread},
};

/// What `module` says, in the words of the vocabulary. What files of `others` say about things of their own is nobody
/// else's.
pub(in crate::readers) fn translate(
    module: Module,
    view: View,
    others: &BTreeSet<Arc<str>>,
) -> Result<Graph, Vec<Problem>> {
    let mut problems = Vec::new();
    let Module { resources, variables, outputs, requirements, providers, given, unread } = module;
    let providers = Providers::read(providers, &mut problems);
    refuse_circles(&resources, &mut problems);
    let mut copies = Copies::new();
    let mut blocks = Blocks::default();
    for block in resources {
        blocks.read(block, view, &providers, &mut copies, &mut problems);
    }
    let Blocks { mut nodes, companions, dependencies, mut addresses, mut omitted, broken } = blocks;
    let mut merged = companions::merge(&mut nodes, companions, (&unread, others), &mut copies, &mut problems);
    if unread.is_partial {
        leave_out(&mut nodes, broken, &unread, &mut omitted);
    }
    omitted.kinds.extend(merged.unread);
    // What waits for one of them waits for something that is there.
    addresses.extend(omitted.resources.iter().map(|omitted| Address::clone(&omitted.address)));
    // What somebody else's files have on their own is theirs.
    nodes.extend(
        std::mem::take(&mut merged.nodes).into_iter().filter(|node| !others.contains(&node.place.file)),
    );
    let mut graph = Graph {
        dialect: Dialect::Terraform,
        given,
        resources: nodes,
        inputs: variables.into_iter().map(|block| interface::input(block, &mut problems)).collect(),
        requirements,
        outputs: outputs.into_iter().map(|block| interface::output(block, &mut problems)).collect(),
        omitted,
    };
    graph.inputs.extend(unread.variables.iter().map(|(name, place)| interface::unread(name, place)));
    resolve_references(&mut graph, &merged.policies, &mut copies, &mut problems);
    for (index, dependencies) in dependencies {
        depend(graph.resources.get_mut(index), dependencies, &addresses, &merged.owners, &mut problems);
    }
    graph.change(&mut Plain);
    if let Some(region) = providers.region_input() {
        graph.rewrite(&mut |symbol: &Symbol| match symbol {
            Symbol::Input(name) if name == region => Some(SymbolicText::from(Symbol::Region)),
            _ => None,
        });
    }
    problems.retain(|problem| !(others.contains(&problem.place.file) && is_of_its_own(problem)));
    problems.extend(unread.problems);
    problems.sort();
    problems.dedup();
    let is_fatal = problems.iter().any(|problem| problem.kind.is_fatal());
    if problems.is_empty() || (unread.is_partial && !is_fatal) {
        graph.omitted.is_partial = unread.is_partial;
        graph.omitted.problems = problems;
        if providers.has_unread_region() {
            graph.rewrite(&mut |symbol: &Symbol| match symbol {
                Symbol::Input(name) if may_be_region(name) => Some(Symbol::Unknown.into()),
                _ => None,
            });
        }
        graph.take_omitted();
        graph.forget_omitted();
        Ok(graph)
    } else {
        Err(problems)
    }
}

/// Whether a variable is, by its name, the region of a provider whose own word for it could not be read.
fn may_be_region(name: &str) -> bool {
    name.to_ascii_lowercase().contains("region")
}

/// Notes what the companions in `broken`, and those that the evaluator refused, would have said about `nodes`; and the resources that
/// are no companions.
fn leave_out(nodes: &mut [Node<Kind>], broken: Vec<CompanionBlock>, unread: &Unread, omitted: &mut Omitted) {
    omitted.is_open = unread.is_open;
    omitted.lacks_bounds = unread.lacks_bounds;
    for companion in broken {
        let CompanionBlock { of, address, place, .. } = &companion;
        omitted.other(of.name, companions::kinds_of(companion.kind), address, place);
        companions::mark(nodes, &companion.outline());
    }
    for (kind, address, place) in &unread.resources {
        match service::resource_type(kind).map(|of| (of, of.becomes)) {
            Some((_, Becomes::Node(known))) => omitted.node(known, kind, address, place),
            Some((of, Becomes::Companion(companion))) => {
                omitted.other(kind, companions::kinds_of(companion), address, place);
                let (address, place) = (Address::clone(address), place.clone());
                let properties = Properties::new();
                let condition = Condition::Always;
                let block = CompanionBlock { of, kind: companion, address, place, condition, properties };
                companions::mark(nodes, &block);
            }
            None => omitted.other(kind, &[], address, place),
        }
    }
}

/// Takes away what only the evaluator had to know: that a number has become text.
struct Plain;

impl Changer for Plain {
    fn call(&mut self, mut call: Call) -> Value {
        match (call.function, call.arguments.pop()) {
            (Function::Text, Some(text)) => text.value,
            (_, last) => {
                call.arguments.extend(last);
                Value::Text(Symbol::Call(call).into())
            }
        }
    }
}

/// Whether the problem is that a companion belongs to nothing that was read.
fn is_of_its_own(problem: &Problem) -> bool {
    matches!(&problem.kind, ProblemKind::Translation(TranslationProblem::NoOwner { .. }))
}

/// Resources that have been read one by one.
#[derive(Default)]
struct Blocks {
    nodes: Vec<Node<Kind>>,
    companions: Vec<CompanionBlock>,
    /// What nodes wait for, by their index.
    dependencies: Vec<(usize, Vec<(Address, Place)>)>,
    addresses: BTreeSet<Address>,
    /// Resources that are left out.
    omitted: Omitted,
    /// Companions that are left out.
    broken: Vec<CompanionBlock>,
}

impl Blocks {
    fn read(
        &mut self,
        block: ResourceBlock,
        view: View,
        providers: &Providers,
        copies: &mut Copies,
        problems: &mut Vec<Problem>,
    ) {
        let ResourceBlock { kind, address, place, condition, provider, arguments, depends_on, lifecycle } =
            block;
        let provider = providers.get(&provider);
        let mut refuse = |problem: TranslationProblem| {
            problems.push(Problem { place: place.clone(), kind: problem.into() });
        };
        if !self.addresses.insert(Address::clone(&address)) {
            refuse(TranslationProblem::DoubledAddress { address });
            return;
        }
        let Some(of) = service::resource_type(&kind) else {
            let suggestion = alike(&kind, service::all().map(|known| known.name)).map(str::to_owned);
            refuse(TranslationProblem::UnknownType { found: kind.to_string(), suggestion });
            self.omitted.other(&kind, &[], &address, &place);
            return;
        };
        let mut body = Body::new(of, view, provider.and_then(|provider| provider.region.as_ref()), problems);
        body.read(of.arguments, arguments.clone());
        let before = body.problems.len();
        (of.finish)(&mut body, &arguments);
        let is_broken = body.is_broken || body.problems.len() > before;
        if body.is_incomplete {
            self.omitted.incomplete.insert(Address::clone(&address));
        }
        let mut properties = body.properties;
        match of.becomes {
            Becomes::Companion(kind) if is_broken => {
                self.dependencies.push((usize::MAX, depends_on));
                self.broken.push(CompanionBlock { of, kind, address, place, condition, properties });
            }
            Becomes::Node(kind) => {
                // It stays until what belongs to it has found it.
                if is_broken {
                    self.omitted.node(kind, of.name, &address, &place);
                }
                let own_tags = properties.remove("Tags");
                let tags = match provider {
                    Some(provider) if is_tagged(of) => provider.tagged(own_tags, &place, copies, problems),
                    _ => own_tags,
                };
                properties.extend(tags.map(|tags| ("Tags".to_owned(), tags)));
                if kind == Kind::CustomResource {
                    properties.extend(settings::replaced_with(&lifecycle));
                }
                let before = problems.len();
                if let Some(policy) = settings::deletion_policy(of, lifecycle, problems) {
                    properties.insert("DeletionPolicy".to_owned(), policy);
                }
                if problems.len() > before {
                    let held = Held::new(graph::unread(), place.clone());
                    properties.insert("DeletionPolicy".to_owned(), held);
                }
                let own_policy = properties.remove(OWN_POLICY);
                self.dependencies.push((self.nodes.len(), depends_on));
                let node = Node { kind, address, place, condition, properties };
                let policy = own_policy.and_then(|policy| policy_of(&node, policy));
                self.nodes.push(node);
                self.nodes.extend(policy);
            }
            Becomes::Companion(kind) => {
                settings::of_companion(of, lifecycle, problems);
                // The order of companions is Terraform's business, but what they name has to be there.
                self.dependencies.push((usize::MAX, depends_on));
                self.companions.push(CompanionBlock { of, kind, address, place, condition, properties });
            }
        }
    }
}

/// Whether the provider puts tags on resources of this type.
fn is_tagged(of: &ResourceSchema) -> bool {
    of.arguments.iter().any(|argument| matches!(argument.meaning, Meaning::Property("Tags")))
}

/// The policy that a queue, a topic or a bucket states itself, as the resource that it is elsewhere.
fn policy_of(owner: &Node<Kind>, policy: Held) -> Option<Node<Kind>> {
    let (kind, property, attribute) = match owner.kind {
        Kind::Queue => (Kind::QueuePolicy, "Queue", ResourceAttribute::Url),
        Kind::Topic => (Kind::TopicPolicy, "Topic", ResourceAttribute::Arn),
        Kind::Bucket => (Kind::BucketPolicy, "Bucket", ResourceAttribute::Name),
        _ => return None,
    };
    if says_nothing(&policy.value) {
        return None;
    }
    let place = policy.place.clone();
    let reference = SymbolicText::from(Symbol::attribute(Address::clone(&owner.address), attribute));
    let properties: Properties =
        [(property.to_owned(), Held::new(reference, place.clone())), ("PolicyDocument".to_owned(), policy)]
            .into_iter()
            .collect();
    let address = format!("{}.{OWN_POLICY}", owner.address).into();
    Some(Node { kind, address, place, condition: owner.condition.clone(), properties })
}

/// Refuses resources that refer to each other in a circle: a problem for each circle, at the first of its resources.
///
/// Of a module, the evaluator has refused all of them: it follows each reference of a block, whichever instance it
/// leads to. A plan has not been evaluated, and not every file that says it is one was made by Terraform.
///
/// This comes before companions are merged into what they belong to: a role whose policy names a function that has the
/// role is no circle as long as the policy is a resource of its own.
fn refuse_circles(resources: &[ResourceBlock], problems: &mut Vec<Problem>) {
    let indexes: BTreeMap<&Address, usize> =
        resources.iter().enumerate().map(|(index, block)| (&block.address, index)).collect();
    let edges: Edges<usize, &Place> = resources
        .iter()
        .map(|block| {
            let mut symbols = Vec::new();
            block.arguments.symbols(|symbol| symbols.push(symbol));
            block.condition.symbols(|symbol| symbols.push(symbol));
            let referred = symbols.into_iter().filter_map(|symbol| match symbol {
                Symbol::Attribute { of, .. } => Some(of),
                _ => None,
            });
            let found = referred.chain(block.depends_on.iter().map(|(address, _)| address));
            found.filter_map(|address| Some((*indexes.get(address)?, &block.place))).collect()
        })
        .enumerate()
        .collect();
    for circle in order(&edges).circles {
        let Some((_, place)) = circle.first() else { continue };
        let blocks = circle.iter().filter_map(|(index, _)| resources.get(*index));
        let names = described(&blocks.map(|block| &block.address).collect::<Vec<_>>());
        let kind = TranslationProblem::Circle { names };
        problems.push(Problem { place: Place::clone(place), kind: kind.into() });
    }
}

/// States what a function, a schedule or a custom resource waits for (`depends_on`). The order in which other resources
/// are made is no part of what exists, so theirs is only looked up.
fn depend(
    node: Option<&mut Node<Kind>>,
    dependencies: Vec<(Address, Place)>,
    addresses: &BTreeSet<Address>,
    owners: &BTreeMap<Address, BTreeSet<Address>>,
    problems: &mut Vec<Problem>,
) {
    let mut items = Vec::new();
    for (address, place) in dependencies {
        let mut is_known = false;
        for found in instances(&address, addresses) {
            is_known = true;
            let owned;
            let targets = if let Some(owners) = owners.get(found) {
                owners
            } else {
                owned = BTreeSet::from([Address::clone(found)]);
                &owned
            };
            items.extend(targets.iter().map(|of| {
                Held::new(
                    SymbolicText::from(Symbol::attribute(Address::clone(of), ResourceAttribute::Id)),
                    place.clone(),
                )
            }));
        }
        if !is_known {
            let kind = TranslationProblem::UnknownDependency { address };
            problems.push(Problem { place, kind: kind.into() });
        }
    }
    let stated =
        node.filter(|node| matches!(node.kind, Kind::Function | Kind::Schedule | Kind::CustomResource));
    if let (Some(node), Some(first)) = (stated, items.first()) {
        let place = first.place.clone();
        node.properties.insert("DependsOn".to_owned(), Held::new(Value::set(items), place));
    }
}

/// The resource at `address`, and the instances of it that `count` and `for_each` made.
fn instances<'a>(
    address: &'a Address,
    addresses: &'a BTreeSet<Address>,
) -> impl Iterator<Item = &'a Address> {
    let instance = format!("{address}[");
    let below = (Bound::Included(Address::from(instance.as_str())), Bound::Unbounded);
    let several = addresses.range(below).take_while(move |found| found.starts_with(&instance));
    addresses.get(address).into_iter().chain(several)
}

/// What is known of a resource to which references lead.
enum Target {
    /// It is a node, and its attributes are followed later.
    Node,
    /// It could not be read.
    Omitted,
    /// A stage: the API that it belongs to, and its name.
    Stage { api: SymbolicText, name: SymbolicText },
    /// A policy: its name, if it states one.
    Policy { name: Option<SymbolicText> },
}

/// Replaces the references to stages and policies, which other dialects write with what they are made of, and refuses
/// those that lead nowhere.
fn resolve_references(
    graph: &mut Graph,
    policies: &BTreeMap<Address, Option<SymbolicText>>,
    copies: &mut Copies,
    problems: &mut Vec<Problem>,
) {
    let omitted = graph.omitted.resources.iter().map(|omitted| Address::clone(&omitted.address));
    let mut targets: BTreeMap<Address, Target> = omitted.map(|address| (address, Target::Omitted)).collect();
    targets.extend(graph.resources.iter().map(|node| (Address::clone(&node.address), target(node))));
    for (address, name) in policies {
        targets.entry(Address::clone(address)).or_insert_with(|| Target::Policy { name: name.clone() });
    }
    for node in &mut graph.resources {
        let place = node.place.clone();
        node.rewrite(&mut |symbol: &Symbol| follow(symbol, &targets, &place, copies, problems));
    }
    for output in &mut graph.outputs {
        let place = output.place.clone();
        output.rewrite(&mut |symbol: &Symbol| follow(symbol, &targets, &place, copies, problems));
    }
}

fn target(node: &Node<Kind>) -> Target {
    let text = |property: &str| match node.properties.get(property).map(|held| &held.value) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    match (node.kind, text("ApiId"), text("StageName")) {
        (Kind::Stage, Some(api), Some(name)) => Target::Stage { api, name },
        _ => Target::Node,
    }
}

fn follow(
    symbol: &Symbol,
    targets: &BTreeMap<Address, Target>,
    place: &Place,
    copies: &mut Copies,
    problems: &mut Vec<Problem>,
) -> Option<SymbolicText> {
    let Symbol::Attribute { of, attribute } = symbol else { return None };
    let target = targets.get(of);
    let weight = match target {
        Some(Target::Stage { api, name }) => weight_of(api) + weight_of(name),
        Some(Target::Policy { name: Some(name) }) => weight_of(name),
        Some(Target::Node | Target::Omitted | Target::Policy { name: None }) | None => 0,
    };
    if !copies.allow(weight, place, problems) {
        return None;
    }
    let found = match (target, attribute) {
        (Some(Target::Node), _) | (Some(Target::Stage { .. }), ResourceAttribute::Name) => return None,
        (Some(Target::Omitted), _) => Some(Symbol::Unknown.into()),
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-publish.html
        (Some(Target::Stage { api, name }), ResourceAttribute::Endpoint) => invoke_url(api, name),
        // Where an ARN has the id of a stage.
        (Some(Target::Stage { api, name }), ResourceAttribute::Id) => {
            Some(symbolic_text![api.clone(), "/", name.clone()])
        }
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
        (Some(Target::Policy { name: Some(name) }), ResourceAttribute::Arn) => Some(symbolic_text![
            "arn:",
            Symbol::Partition,
            ":iam::",
            Symbol::AccountId,
            ":policy/",
            name.clone(),
        ]),
        (None | Some(Target::Stage { .. } | Target::Policy { .. }), _) => None,
    };
    if found.is_none() {
        let kind = TranslationProblem::DanglingReference {
            of: Address::clone(of),
            attribute: attribute.to_string(),
        };
        problems.push(Problem { place: place.clone(), kind: kind.into() });
    }
    found
}

/// The address of a stage: that of its API, a slash, and its name unless it is the default one.
fn invoke_url(api: &SymbolicText, name: &SymbolicText) -> Option<SymbolicText> {
    let Some(Symbol::Attribute { of, attribute: ResourceAttribute::Id }) = api.as_symbol() else {
        return None;
    };
    let endpoint = SymbolicText::from(Symbol::attribute(Address::clone(of), ResourceAttribute::Endpoint));
    let name = if name.as_literal() == Some("$default") { SymbolicText::new() } else { name.clone() };
    Some(symbolic_text![endpoint, "/", name])
}
