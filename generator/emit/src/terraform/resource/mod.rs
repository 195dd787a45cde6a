//! From the model's resources to blocks: what is said of a kind stands in the file of its service. A resource has one block,
//! or two where the provider splits what is one resource elsewhere.

mod api_gateway;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod events;
mod iam;
mod lambda;
mod sqs;

use hcl_edit::{expr::Expression, structure::Block};
use jit_runners_model::{
    AnyRef, Node, match_kind, match_resource,
    resource::{Attribute, IsKind, Kind, ResourceId},
};

use super::tree::{Contents, block, list, path};

/// What a module says of the resources of one kind. Each kind of the model has it, or [`blocks`] does not compile.
trait Emit: IsKind {
    /// The provider's type.
    const TYPE: &'static str;
    /// The provider's name of the attribute [`Attribute::Name`].
    const NAME: &'static str = "name";
    /// The part that the provider makes a resource of its own.
    const COMPANION: Option<Companion> = None;
    /// What the module's own tests have in place of attributes that only AWS knows, where the provider or an output looks
    /// at them. `mock` stands for the resource's name.
    const MOCKED: Mocked = &[];
    /// Whether scripts rely on its physical name: the module's own tests ask for it.
    const NAME_IS_RELIED_ON: bool = false;

    /// What stands in its block, and in its companion's; `id` is its own.
    fn emit(&self, id: ResourceId) -> Emitted;
}

/// The second resource that the provider makes of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Companion {
    block_type: &'static str,
    /// What it is for.
    pub(super) purpose: &'static str,
}

/// Attributes with values for tests.
pub(super) type Mocked = &'static [(Attribute, &'static str)];

/// What stands in the blocks of a resource.
struct Emitted {
    contents: Contents,
    /// Resources to wait for that nothing in `contents` refers to.
    depends_on: Vec<Expression>,
    /// What stands in the companion's block, where the kind has one.
    companion: Option<Contents>,
}

impl From<Contents> for Emitted {
    fn from(contents: Contents) -> Self {
        Self { contents, depends_on: Vec::new(), companion: None }
    }
}

/// The blocks of one resource, under its label.
pub(super) fn blocks(node: &Node) -> Vec<Block> {
    match_resource!(&node.resource, it => blocks_of(node.id, it))
}

fn blocks_of<K: Emit>(id: ResourceId, resource: &K) -> Vec<Block> {
    let Emitted { contents, depends_on, companion } = resource.emit(id);
    let contents = contents
        .set_some("tags", K::KIND.is_tagged().then(|| path(&["local", "tags"])))
        .set_some("depends_on", (!depends_on.is_empty()).then(|| list(depends_on)));
    let companion = K::COMPANION.zip(companion);
    let companion =
        companion.map(|(kind, contents)| block("resource", &[kind.block_type, id.label], contents));
    std::iter::once(block("resource", &[K::TYPE, id.label], contents)).chain(companion).collect()
}

/// The provider's type of resource for `kind`.
pub(super) const fn resource_type(kind: Kind) -> &'static str {
    match_kind!(kind, K => <K as Emit>::TYPE)
}

/// The provider's name of an attribute.
pub(super) const fn attribute_name(kind: Kind, attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Arn => "arn",
        Attribute::Id => "id",
        Attribute::Name => match_kind!(kind, K => <K as Emit>::NAME),
        Attribute::Url => "url",
        Attribute::Endpoint => "api_endpoint",
        Attribute::UniqueId => "unique_id",
    }
}

/// The second resource that the provider makes of one of `kind`.
pub(super) const fn companion(kind: Kind) -> Option<Companion> {
    match_kind!(kind, K => <K as Emit>::COMPANION)
}

/// What the module's own tests have in place of attributes of `kind`.
pub(super) const fn mocked(kind: Kind) -> Mocked {
    match_kind!(kind, K => <K as Emit>::MOCKED)
}

/// Whether scripts rely on the physical names of resources of `kind`.
pub(super) const fn name_is_relied_on(kind: Kind) -> bool {
    match_kind!(kind, K => <K as Emit>::NAME_IS_RELIED_ON)
}

/// What has to be there before whatever waits for `resource`: where the provider splits it in two, the part that comes
/// last.
fn dependency(resource: &AnyRef) -> Expression {
    let kind = resource.kind();
    let last = companion(kind).map_or_else(|| resource_type(kind), |companion| companion.block_type);
    path(&[last, resource.id().label])
}
