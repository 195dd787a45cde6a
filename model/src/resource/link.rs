//! Links between resources: typed ones to refer by, and the search for all that a resource refers to.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment};
//!
//! let deployment = Deployment::new(Choices::default())?;
//! let queue = deployment.resources().iter().find(|node| node.id.logical_id == "LifecycleQueue").unwrap();
//! let links: Vec<_> = queue.resource.links().iter().map(|link| link.logical_id).collect();
//! assert_eq!(links, ["LifecycleDeadLetterQueue"]);
//! # Ok::<(), jit_runners_model::Refused>(())
//! ```

use std::{collections::BTreeSet, marker::PhantomData};

use super::{Attribute, Encryption, FieldValue, IsKind, Kind, Resource, ResourceId};
use crate::{
    policy::{Policy, PolicyCondition, Statement},
    value::{Expr, Text},
};

/// A link to a resource of kind `K`.
///
/// Only [`crate::DeploymentBuilder::add`] makes one, so it always points at something. A role in a queue's place does not
/// compile, nor does an attribute that the kind does not have, nor a link that the builder did not return: `tests/compile_fail/`
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

impl Resource {
    /// Every other resource that this one refers to, by a typed link or by an expression in one of its texts:
    /// sorted, each once. It cannot be made before they are.
    pub fn links(&self) -> Vec<ResourceId> {
        let mut links = Links::default();
        for (_, value) in self.fields() {
            links.field(&value);
        }
        links.0.into_iter().collect()
    }
}

#[derive(Default)]
struct Links(BTreeSet<ResourceId>);

impl Links {
    fn field(&mut self, value: &FieldValue<'_>) {
        match value {
            FieldValue::Link(id) => {
                self.0.insert(*id);
            }
            FieldValue::Text(text) => self.text(text),
            FieldValue::Encryption(Encryption::CustomerManaged(key)) => self.text(key),
            FieldValue::Policy(Policy { statements }) => {
                for statement in statements {
                    let Statement { sid: _, reason: _, service: _, actions: _, resources, conditions } =
                        statement;
                    self.texts(resources);
                    self.conditions(conditions);
                }
            }
            FieldValue::Conditions(conditions) => self.conditions(conditions),
            FieldValue::List(items) => items.iter().for_each(|item| self.field(item)),
            FieldValue::Object(fields) => fields.iter().for_each(|(_, value)| self.field(value)),
            // Inputs and choices exist before any resource does.
            FieldValue::Nothing
            | FieldValue::Flag(_)
            | FieldValue::Number(_)
            | FieldValue::Literal(_)
            | FieldValue::Input(_)
            | FieldValue::Encryption(Encryption::ServiceOwned)
            | FieldValue::Egress(_) => {}
        }
    }

    fn conditions(&mut self, conditions: &[PolicyCondition]) {
        for PolicyCondition { operator: _, key: _, values } in conditions {
            self.texts(values);
        }
    }

    fn texts(&mut self, texts: &[Text]) {
        for text in texts {
            self.text(text);
        }
    }

    fn text(&mut self, text: &Text) {
        for expr in text.expressions() {
            match expr {
                Expr::Attribute { kind: _, of, attribute: _ } => {
                    self.0.insert(*of);
                }
                Expr::DeploymentName
                | Expr::Region
                | Expr::AccountId
                | Expr::Partition
                | Expr::Parameter(_)
                | Expr::JoinedParameter(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::ResourceId;
    use crate::{Choices, Deployment, KeyArn, PolicyArn, resource::Kind};

    /// The default deployment, the smallest one, and the one with everything that can be switched on.
    fn deployments() -> [Deployment; 3] {
        let small = Choices { alarms: false, dashboard: false, ..Choices::default() };
        let everything = Choices {
            permissions_boundary: Some(PolicyArn::new("arn:aws:iam::123456789012:policy/boundary").unwrap()),
            kms_key: Some(KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/1234abcd").unwrap()),
            ..Choices::default()
        };
        [Choices::default(), small, everything].map(|choices| Deployment::new(choices).unwrap())
    }

    #[test]
    fn logical_ids_are_unique() {
        for deployment in deployments() {
            let ids: BTreeSet<_> = deployment.resources().iter().map(|node| node.id.logical_id).collect();
            assert_eq!(ids.len(), deployment.resources().len());
        }
    }

    #[test]
    fn labels_are_unique_within_a_kind() {
        for deployment in deployments() {
            let mut seen: BTreeMap<(Kind, &str), ResourceId> = BTreeMap::new();
            for node in deployment.resources() {
                let earlier = seen.insert((node.resource.kind(), node.id.label), node.id);
                assert_eq!(earlier, None, "{:?}", node.id);
            }
        }
    }

    #[test]
    fn no_link_dangles() {
        for deployment in deployments() {
            let all: BTreeSet<_> = deployment.resources().iter().map(|node| node.id).collect();
            for node in deployment.resources() {
                for link in node.resource.links() {
                    assert!(all.contains(&link), "{:?} -> {link:?}", node.id);
                }
            }
        }
    }

    #[test]
    fn no_resource_waits_for_itself() {
        for deployment in deployments() {
            let mut waiting: BTreeMap<_, _> =
                deployment.resources().iter().map(|node| (node.id, node.resource.links())).collect();
            // What waits for nothing is made; what is left in the end goes round in circles.
            let mut made = BTreeSet::new();
            loop {
                let ready: Vec<_> = waiting
                    .iter()
                    .filter(|(_, links)| links.iter().all(|link| made.contains(link)))
                    .map(|(id, _)| *id)
                    .collect();
                if ready.is_empty() {
                    break;
                }
                for id in ready {
                    waiting.remove(&id);
                    made.insert(id);
                }
            }
            assert!(waiting.is_empty(), "a circle among {:?}", waiting.keys());
        }
    }

    #[test]
    fn links_are_found_in_fields_and_in_texts() {
        let [deployment, ..] = deployments();
        let links = |logical_id: &str| -> Vec<_> {
            let node = deployment.resources().iter().find(|node| node.id.logical_id == logical_id).unwrap();
            node.resource.links().into_iter().map(|link| link.logical_id).collect()
        };
        assert_eq!(links("LifecycleDeadLetterQueue"), Vec::<&str>::new());
        assert_eq!(links("LifecycleQueue"), ["LifecycleDeadLetterQueue"]);
        assert_eq!(
            links("LifecycleQueuePolicy"),
            ["InstanceStateRule", "LifecycleQueue", "SpotInterruptionRule"]
        );
        assert_eq!(
            links("WebhookFunction"),
            ["LifecycleQueue", "ScaleUpQueue", "WebhookLogGroup", "WebhookRole"]
        );
        assert_eq!(links("ScaleUpDeadLettersAlarm"), ["ScaleUpDeadLetterQueue"]);
    }
}
