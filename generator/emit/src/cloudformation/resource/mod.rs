//! From the model's resources to the section `Resources`: what is said of a kind stands in the file of its service.

mod api_gateway;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod events;
mod iam;
mod lambda;
mod sqs;

use jit_runners_model::{
    Deployment, Node, match_kind, match_resource,
    resource::{Attribute, Encryption, IsKind, Kind},
};

use super::tree::{Map, Removal, Resource, Value};

/// What a template says of the resources of one kind. Each kind of the model has it, or [`section`] does not compile.
trait Emit: IsKind {
    /// Its type.
    const TYPE: &'static str;
    /// What `GetAtt` gives. `Ref` gives any other attribute that others refer to.
    const ATTRIBUTES: Attributes = &[];
    /// How it takes tags, if it is tagged.
    const TAGS: TagShape = TagShape::List;
    /// What becomes of it when it is removed, where the template says so.
    const REMOVAL: Option<Removal> = None;

    /// Its properties, without its tags.
    fn properties(&self) -> Map;

    /// Its type, where not all resources of the kind have the same.
    fn type_name(&self) -> String {
        Self::TYPE.to_owned()
    }

    /// The logical ids of what it waits for, where no property refers to that.
    fn depends_on(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// Attributes, each with its name in a template.
type Attributes = &'static [(Attribute, &'static str)];

/// The two forms in which services take tags.
#[derive(Debug, Clone, Copy)]
enum TagShape {
    /// `[{Key: .., Value: ..}]`, as most services take them.
    List,
    /// Names and values, as API Gateway takes them.
    Map,
}

/// The section `Resources`.
pub(super) fn section(deployment: &Deployment) -> Vec<Resource> {
    let resource = |node: &Node| match_resource!(&node.resource, it => resource(deployment, node, it));
    deployment.resources().iter().map(resource).collect()
}

/// The name under which `GetAtt` gives an attribute; none for what `Ref` gives.
pub(super) fn attribute_name(kind: Kind, attribute: Attribute) -> Option<&'static str> {
    let attributes = match_kind!(kind, K => <K as Emit>::ATTRIBUTES);
    attributes.iter().find(|(known, _)| *known == attribute).map(|(_, name)| *name)
}

fn resource<K: Emit>(deployment: &Deployment, node: &Node, resource: &K) -> Resource {
    Resource {
        id: node.id,
        concern: node.concern,
        kind: resource.type_name(),
        depends_on: resource.depends_on(),
        removal: K::REMOVAL,
        properties: resource
            .properties()
            .with_some("Tags", K::KIND.is_tagged().then(|| tags(deployment, K::TAGS))),
    }
}

/// The deployment's tags.
fn tags(deployment: &Deployment, shape: TagShape) -> Value {
    let tags = deployment.tags();
    match shape {
        TagShape::List => {
            Value::list(tags.iter().map(|(key, value)| Map::new().with("Key", *key).with("Value", value)))
        }
        TagShape::Map => {
            tags.iter().map(|(key, value)| ((*key).to_owned(), value.into())).collect::<Map>().into()
        }
    }
}

/// The customer-managed key, if that is how something is encrypted.
fn kms_key(encryption: &Encryption) -> Option<Value> {
    match encryption {
        Encryption::ServiceOwned => None,
        Encryption::CustomerManaged(key) => Some(key.into()),
    }
}
