//! Typed links between resources.

use std::marker::PhantomData;

use crate::{
    resource::{
        Api, Attribute, EventRule, Function, InstanceProfile, IsKind, Kind, LogGroup, Queue, ResourceId,
        Role, SecurityGroup, Table,
    },
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

    const fn attribute(self, attribute: Attribute) -> Expr {
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

macro_rules! attributes {
    ($($kind:ty { $($(#[$doc:meta])* $method:ident: $attribute:ident),+ $(,)? })+) => {
        $(impl Ref<$kind> {
            $($(#[$doc])* pub const fn $method(&self) -> Expr {
                self.attribute(Attribute::$attribute)
            })+
        })+
    };
}

attributes! {
    Api {
        /// The API's id.
        api_id: Id,
        /// `https://<id>.execute-api.<region>.amazonaws.com`.
        endpoint: Endpoint,
    }
    EventRule {
        /// The rule's ARN.
        arn: Arn,
    }
    Function {
        /// The function's ARN.
        arn: Arn,
        /// The function's name.
        name: Name,
    }
    InstanceProfile {
        /// The profile's ARN.
        arn: Arn,
        /// The profile's name.
        name: Name,
    }
    LogGroup {
        /// The group's name. There is no `arn`: `CloudFormation`'s ends in `:*` and Terraform's does not,
        /// so ARNs of log groups are put together from the name.
        name: Name,
    }
    Queue {
        /// The queue's ARN.
        arn: Arn,
        /// The queue's URL.
        url: Url,
        /// The queue's name.
        name: Name,
    }
    Role {
        /// The role's ARN.
        arn: Arn,
        /// The role's stable unique id (`AROA...`), the first part of `aws:userid`.
        unique_id: UniqueId,
    }
    SecurityGroup {
        /// The group's id.
        group_id: Id,
    }
    Table {
        /// The table's ARN.
        arn: Arn,
        /// The table's name.
        name: Name,
    }
}
