//! The kinds of resources that the check knows: those of the model, and those that only other people's files have. What it knows
//! of a kind stands in one constant, in the words of the `CloudFormation` resource reference
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>).
//! A property that is not listed there is outside the subset that the check understands, and refused.
//!
//! Emitters never see these constants: their files are compared with them.

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

use jit_runners_model::resource::Kind as ModelKind;

use super::ResourceAttribute;

/// What the check knows of a kind.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Its type in a template.
    pub cloudformation_type: &'static str,
    /// The properties that tell a resource from others of its kind. The first one is its physical name, if it has one.
    pub identity: &'static [&'static str],
    /// What `Ref` gives; nothing, where it gives an id that nobody can use.
    pub reference: Option<ResourceAttribute>,
    /// What `Fn::GetAtt` gives, by the names of attributes.
    pub attributes: &'static [(&'static str, ResourceAttribute)],
    /// Its name, which references to it may ask for.
    pub name: Option<Name>,
    /// Its ARN, where that is made of what the files state.
    pub arn: Option<Arn>,
    /// Whether it says something about another resource, and is nothing without it.
    pub attaches: bool,
    /// Values that say as much as a property that is left out.
    pub off: &'static [Off],
    /// Its properties. Two of them are not `CloudFormation` properties but attributes of its resources, or arguments of
    /// Terraform's: `DeletionPolicy` and `DependsOn`.
    pub fields: &'static [Field],
}

/// The name of a resource.
#[derive(Debug)]
pub(crate) struct Name {
    /// The property that holds it.
    pub property: &'static str,
    /// Whether the name is all that the id is.
    pub is_id: bool,
}

/// The ARN of a resource
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>).
#[derive(Debug)]
pub(crate) struct Arn {
    /// The service, as ARNs call it.
    pub service: &'static str,
    /// What else it begins with.
    pub scope: ArnScope,
    /// What follows, part by part.
    pub name: &'static [ArnPart],
}

/// What an ARN names besides the partition and the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArnScope {
    /// A region and an account.
    Region,
    /// An account.
    Account,
    /// A region.
    RegionOnly,
    /// Neither: the name is one of its own in the whole partition.
    Everywhere,
}

/// A part of the end of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArnPart {
    /// This text.
    Literal(&'static str),
    /// What the property states.
    Property(&'static str),
    /// What the property states, or this where nobody states it.
    PropertyOr(&'static str, &'static str),
    /// What the property states and a slash, unless it is this text or nobody states it.
    PrefixUnless(&'static str, &'static str),
    /// The id that the service makes.
    Id,
}

impl ArnPart {
    /// The property that it takes.
    #[cfg(test)]
    const fn property(self) -> Option<&'static str> {
        match self {
            Self::Property(name) | Self::PropertyOr(name, _) | Self::PrefixUnless(name, _) => Some(name),
            Self::Literal(_) | Self::Id => None,
        }
    }
}

/// A property that says nothing while it has this value, which switches something off, sets no limit or says *never*.
#[derive(Debug)]
pub(crate) struct Off {
    /// The property; one inside objects after their names and a dot each.
    pub path: &'static str,
    /// The value.
    pub value: OffValue,
}

/// A value that says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffValue {
    /// This number.
    Number(&'static str),
    /// An object in which this flag is false.
    Flag(&'static str),
    /// An object in which this member is this text.
    Member(&'static str, &'static str),
}

macro_rules! kinds {
    ($($of_model:ident => $facts:path),+; $($besides:ident => $facts_besides:path),+) => {
        /// A kind of resources.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Kind {
            $(#[doc = "A kind of the model."] $of_model,)+
            $(#[doc = "A kind that the model does not have."] $besides,)+
        }

        impl Kind {
            /// Every kind.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$of_model,)+ $(Self::$besides,)+];

            /// What reports call it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$of_model => stringify!($of_model),)+
                    $(Self::$besides => stringify!($besides),)+
                }
            }

            /// What is known of it.
            pub(crate) const fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$of_model => &$facts,)+
                    $(Self::$besides => &$facts_besides,)+
                }
            }
        }

        // Without a catch-all arm: a new kind of the model does not compile before the check has one for it.
        impl From<ModelKind> for Kind {
            fn from(kind: ModelKind) -> Self {
                match kind { $(ModelKind::$of_model => Self::$of_model,)+ }
            }
        }
    };
}

kinds! {
    Api => api_gateway::API,
    Integration => api_gateway::INTEGRATION,
    Route => api_gateway::ROUTE,
    Stage => api_gateway::STAGE,
    Queue => sqs::QUEUE,
    QueuePolicy => sqs::QUEUE_POLICY,
    Table => dynamodb::TABLE,
    Function => lambda::FUNCTION,
    Permission => lambda::PERMISSION,
    EventSourceMapping => lambda::EVENT_SOURCE_MAPPING,
    EventInvokeConfig => lambda::EVENT_INVOKE_CONFIG,
    Role => iam::ROLE,
    InstanceProfile => iam::INSTANCE_PROFILE,
    SecurityGroup => ec2::SECURITY_GROUP,
    Schedule => events::SCHEDULE,
    EventRule => events::EVENT_RULE,
    CustomResource => lambda::CUSTOM_RESOURCE,
    LogGroup => cloudwatch::LOG_GROUP,
    MetricFilter => cloudwatch::METRIC_FILTER,
    Alarm => cloudwatch::ALARM,
    Dashboard => cloudwatch::DASHBOARD;
    ServiceLinkedRole => iam::SERVICE_LINKED_ROLE,
    ManagedPolicy => iam::MANAGED_POLICY,
    RolePolicy => iam::ROLE_POLICY,
    Topic => sns::TOPIC,
    Subscription => sns::SUBSCRIPTION,
    TopicPolicy => sns::TOPIC_POLICY,
    Bucket => s3::BUCKET,
    BucketPolicy => s3::BUCKET_POLICY
}

/// A property.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// What a property holds.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text; numbers and flags are written out.
    Text,
    /// A number, also in quotes.
    Number,
    /// True or false, also in quotes.
    Flag,
    /// Items whose order matters.
    List(&'static Shape),
    /// Items whose order does not matter.
    Set(&'static Shape),
    /// Texts whose order does not matter, or a single one (policy documents).
    OneOrMore,
    /// Items whose order matters, or a single one (policy statements).
    OneOrMoreOf(&'static Shape),
    /// Known properties.
    Object(&'static [Field]),
    /// Names that somebody chose, each with a value.
    MapOf(&'static Shape),
    /// A list of objects, each named by one of its properties. If it has only one other property, that is the value.
    Keyed {
        /// The property that names an item.
        key: &'static str,
        /// The only other one.
        value: Option<&'static str>,
        /// The item.
        item: &'static Shape,
    },
    /// Tags, as an object or as a list of keys and values.
    Tags,
    /// `*`, or kinds of principals with their names.
    Principal,
    /// A JSON document, as it is or as its text.
    Document(&'static Shape),
    /// Text; compared as a JSON document if it is one.
    MaybeDocument,
    /// Anything that JSON can say.
    Json,
    /// An event pattern.
    Pattern,
}

impl Shape {
    /// What messages call what belongs there.
    pub(crate) const fn noun(&self) -> &'static str {
        match self {
            Self::Text | Self::MaybeDocument => "text",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::List(_) | Self::Set(_) => "a list",
            Self::OneOrMore => "text, or a list of texts",
            Self::OneOrMoreOf(_) => "an object, or a list of objects",
            Self::Object(_) | Self::MapOf(_) => "an object",
            Self::Keyed { .. } => "a list of named items",
            Self::Tags => "tags: an object, or a list of keys and values",
            Self::Principal => "`*`, or an object of principals",
            Self::Document(_) => "a JSON document",
            Self::Json | Self::Pattern => "JSON",
        }
    }
}

const fn text(name: &'static str) -> Field {
    Field { name, shape: Shape::Text }
}

const fn number(name: &'static str) -> Field {
    Field { name, shape: Shape::Number }
}

const fn flag(name: &'static str) -> Field {
    Field { name, shape: Shape::Flag }
}

const fn texts(name: &'static str) -> Field {
    Field { name, shape: Shape::Set(&Shape::Text) }
}

const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    Field { name, shape: Shape::Object(fields) }
}

const fn tags() -> Field {
    Field { name: "Tags", shape: Shape::Tags }
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

/// A tag in a list.
pub(crate) const TAG: Shape = Shape::Object(&[text("Key"), text("Value")]);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_a_type_of_its_own() {
        let types: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.facts().cloudformation_type).collect();
        assert_eq!(types.len(), Kind::ALL.len());
        assert!(types.iter().all(|name| name.starts_with("AWS::")), "{types:?}");
    }

    #[test]
    fn what_a_constant_names_is_a_property_of_its_kind() {
        for kind in Kind::ALL {
            let facts = kind.facts();
            let in_arn = facts.arn.iter().flat_map(|arn| arn.name).filter_map(|part| part.property());
            let name = facts.name.iter().map(|name| name.property);
            let off = facts.off.iter().filter_map(|off| off.path.split('.').next());
            for property in facts.identity.iter().copied().chain(name).chain(in_arn).chain(off) {
                assert!(facts.fields.iter().any(|field| field.name == property), "{kind:?}.{property}");
            }
        }
    }
}
