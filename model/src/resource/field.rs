//! The fields of resources by name, for code that handles all kinds alike.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment, resource::FieldValue};
//!
//! let deployment = Deployment::new(Choices::default())?;
//! let queue = deployment.resources().iter().find(|node| node.id.logical_id == "LifecycleQueue").unwrap();
//! assert!(queue.resource.fields().contains(&("visibility_timeout_seconds", FieldValue::Number(180))));
//! # Ok::<(), jit_runners_model::Refused>(())
//! ```

use super::{Encryption, IsKind, Ref, ResourceId};
use crate::{
    choices::EgressRule,
    parameter::ParameterId,
    policy::{Policy, PolicyCondition},
    value::Text,
};

/// The fields of a resource, by their names. Where a number has a unit, the name ends in it.
pub type Fields<'r> = Vec<(&'r str, FieldValue<'r>)>;

/// What a field of a resource holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue<'r> {
    /// Nothing.
    Nothing,
    /// True or false.
    Flag(bool),
    /// A number.
    Number(u32),
    /// Characters that depend on nothing.
    Literal(&'r str),
    /// Text that may depend on the deployment.
    Text(&'r Text),
    /// A link to another resource.
    Link(ResourceId),
    /// The value of an input.
    Input(ParameterId),
    /// How data is encrypted.
    Encryption(&'r Encryption),
    /// A policy.
    Policy(&'r Policy),
    /// Conditions of a policy.
    Conditions(&'r [PolicyCondition]),
    /// Where instances may connect to.
    Egress(&'r EgressRule),
    /// Several values.
    List(Vec<Self>),
    /// Several values with a name each.
    Object(Fields<'r>),
}

impl<'r> FieldValue<'r> {
    /// A list.
    pub(super) fn list(items: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// Names and values.
    pub(super) fn pairs<V>(pairs: &'r [(&'static str, V)]) -> Self
    where
        &'r V: Into<Self>,
    {
        Self::Object(pairs.iter().map(|(name, value)| (*name, value.into())).collect())
    }
}

impl From<bool> for FieldValue<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u32> for FieldValue<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl<'r> From<&'r str> for FieldValue<'r> {
    fn from(literal: &'r str) -> Self {
        Self::Literal(literal)
    }
}

impl<'r> From<&&'r str> for FieldValue<'r> {
    fn from(literal: &&'r str) -> Self {
        Self::Literal(literal)
    }
}

impl<'r> From<&'r Text> for FieldValue<'r> {
    fn from(text: &'r Text) -> Self {
        Self::Text(text)
    }
}

impl<'r> From<&'r Option<Text>> for FieldValue<'r> {
    fn from(text: &'r Option<Text>) -> Self {
        text.as_ref().map_or(Self::Nothing, Self::Text)
    }
}

impl<K: IsKind> From<&Ref<K>> for FieldValue<'_> {
    fn from(link: &Ref<K>) -> Self {
        Self::Link(link.id())
    }
}

impl From<ParameterId> for FieldValue<'_> {
    fn from(input: ParameterId) -> Self {
        Self::Input(input)
    }
}

impl<'r> From<&'r Encryption> for FieldValue<'r> {
    fn from(encryption: &'r Encryption) -> Self {
        Self::Encryption(encryption)
    }
}

impl<'r> From<&'r Policy> for FieldValue<'r> {
    fn from(policy: &'r Policy) -> Self {
        Self::Policy(policy)
    }
}

impl<'r> From<&'r EgressRule> for FieldValue<'r> {
    fn from(rule: &'r EgressRule) -> Self {
        Self::Egress(rule)
    }
}
