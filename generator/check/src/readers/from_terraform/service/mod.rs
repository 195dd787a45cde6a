//! The resources of the AWS provider, versions 5.100 and 6, by service
//! (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/index.html.markdown>).

mod api_gateway;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod events;
mod iam;
mod lambda;
mod s3;
mod sns;
mod sqs;

pub(super) use ec2::{DIRECTION, GROUP, ITSELF, LISTS};
pub(super) use events::{BUS, RULE};
pub(super) use iam::{POLICY_ARNS, POLICY_NAMES, ROLES};
pub(super) use s3::{BUCKET, ENDS, EVENTS};
pub(super) use sqs::OWN_POLICY;

use super::argument::ResourceSchema;

/// The type called `name`.
pub(super) fn resource_type(name: &str) -> Option<&'static ResourceSchema> {
    all().find(|known| known.name == name)
}

/// Every type.
pub(super) fn all() -> impl Iterator<Item = &'static ResourceSchema> {
    [
        api_gateway::TYPES,
        sqs::TYPES,
        sns::TYPES,
        s3::TYPES,
        dynamodb::TYPES,
        lambda::TYPES,
        iam::TYPES,
        ec2::TYPES,
        events::TYPES,
        cloudwatch::TYPES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        super::argument::{Argument, Becomes, Meaning},
        *,
    };
    use crate::graph::{
        Kind,
        kind::{Field, Shape},
    };

    /// The properties that stand at `path`, from an object with `fields` down.
    fn shape_at<'f>(fields: &'f [Field], path: &str) -> Option<&'f Shape> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let shape = &fields.iter().find(|field| field.name == first)?.shape;
        match (shape, rest) {
            (shape, None) => Some(shape),
            (Shape::Object(fields), Some(rest)) => shape_at(fields, rest),
            (_, Some(_)) => None,
        }
    }

    /// The properties of an object, or of the items of a list.
    fn fields_of(shape: &'static Shape) -> Option<&'static [Field]> {
        match shape {
            Shape::Object(fields) => Some(fields),
            Shape::List(item) | Shape::Set(item) | Shape::Keyed { item, .. } => fields_of(item),
            _ => None,
        }
    }

    fn check(name: &str, table: &'static [Argument], fields: &'static [Field]) {
        let mut names = BTreeSet::new();
        for argument in table {
            let name = format!("{name}.{}", argument.name);
            assert!(names.insert(argument.name), "{name} stands twice");
            match &argument.meaning {
                Meaning::Property(path) if *path == OWN_POLICY => {}
                Meaning::Property(path) => assert!(shape_at(fields, path).is_some(), "{name}: {path}"),
                Meaning::Block(path, table) | Meaning::Blocks(path, table) => {
                    // These rules are put together later, and have names of their own until then.
                    if !path.starts_with("SecurityGroup") && *path != "LifecycleConfiguration.Rules" {
                        let fields = shape_at(fields, path).and_then(fields_of);
                        check(&name, table, fields.unwrap_or_else(|| unreachable!("{name}: {path}")));
                    }
                }
                Meaning::Ignored(reason) => assert!(reason.len() > 10, "{name}: {reason}"),
                Meaning::Read(_) | Meaning::Provided | Meaning::Outside => {}
            }
        }
    }

    #[test]
    fn every_property_of_the_tables_is_in_the_vocabulary() {
        let mut types = BTreeSet::new();
        for of in all() {
            assert!(types.insert(of.name), "{} stands twice", of.name);
            if let Becomes::Node(kind) = of.becomes {
                check(of.name, of.arguments, kind.facts().fields);
            }
        }
        assert_eq!(types.len(), 51);
    }

    #[test]
    fn every_kind_has_a_type() {
        let known: BTreeSet<_> = all()
            .filter_map(|of| match of.becomes {
                Becomes::Node(kind) => Some(kind),
                Becomes::Companion(_) => None,
            })
            .collect();
        // Companions become these where what they belong to is elsewhere.
        let left: BTreeSet<_> = Kind::ALL.iter().copied().filter(|kind| !known.contains(kind)).collect();
        assert_eq!(left, BTreeSet::from([Kind::ManagedPolicy, Kind::RolePolicy]));
    }
}
