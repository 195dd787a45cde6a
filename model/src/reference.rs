//! Typed links between resources.

use std::marker::PhantomData;

use crate::{
    resource::{Attribute, IsKind, Kind, ResourceId},
    value::Expr,
};

/// A link to a resource of kind `K`.
///
/// Only [`crate::DeploymentBuilder::add`] makes one, so it always points at something. A role in a queue's place does not
/// compile, nor does an attribute that the kind does not have, nor a link that nobody was given: `tests/compile_fail/`
/// holds each of them with what the compiler says.
#[derive(Debug)]
pub struct Ref<K> {
    id: ResourceId,
    kind: PhantomData<fn() -> K>,
}

// Derived, these would ask `K` for the same.
impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Ref<K> {}
impl<K> PartialEq for Ref<K> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl<K> Eq for Ref<K> {}

impl<K: IsKind> Ref<K> {
    pub(crate) const fn new(id: ResourceId) -> Self {
        Self { id, kind: PhantomData }
    }

    /// The resource that it points at.
    pub const fn id(&self) -> ResourceId {
        self.id
    }

    /// An attribute; `attributes!` says which ones there are.
    pub(crate) const fn attribute(self, attribute: Attribute) -> Expr {
        Expr::Attribute { kind: K::KIND, of: self.id, attribute }
    }
}

/// A link to a resource of any kind, for what only has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyRef {
    kind: Kind,
    id: ResourceId,
}

impl AnyRef {
    /// What kind of resource it points at.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The resource that it points at.
    pub const fn id(&self) -> ResourceId {
        self.id
    }
}

impl<K: IsKind> From<Ref<K>> for AnyRef {
    fn from(link: Ref<K>) -> Self {
        Self { kind: K::KIND, id: link.id }
    }
}

/// The attributes of a kind to which others may refer: a method of links to it for each.
macro_rules! attributes {
    ($kind:ty { $($(#[$doc:meta])* $method:ident: $attribute:ident),+ $(,)? }) => {
        impl $crate::Ref<$kind> {
            $($(#[$doc])* pub const fn $method(&self) -> $crate::Expr {
                self.attribute($crate::resource::Attribute::$attribute)
            })+
        }
    };
}

pub(crate) use attributes;
