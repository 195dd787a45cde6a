//! Kinds and their properties, as the `CloudFormation` resource reference names them
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>).
//! What is not listed here is outside the subset that the check understands, and refused.

mod api;
mod custom;
mod events;
mod function;
mod identity;
mod network;
mod observability;
mod queue;
mod table;

use crate::graph::Kind;

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
    /// A list of objects that one of their properties names; where there is but one other, that is the value.
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
    /// What belongs there, in the words of a message.
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

/// The properties of a resource of `kind`. Two of them are not `CloudFormation` properties but attributes of its
/// resources, or arguments of Terraform's: `DeletionPolicy` and `DependsOn`.
pub(crate) const fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Api => api::API,
        Kind::Integration => api::INTEGRATION,
        Kind::Route => api::ROUTE,
        Kind::Stage => api::STAGE,
        Kind::Queue => queue::QUEUE,
        Kind::QueuePolicy => queue::QUEUE_POLICY,
        Kind::Table => table::TABLE,
        Kind::Function => function::FUNCTION,
        Kind::Permission => function::PERMISSION,
        Kind::EventSourceMapping => function::EVENT_SOURCE_MAPPING,
        Kind::EventInvokeConfig => function::EVENT_INVOKE_CONFIG,
        Kind::Role => identity::ROLE,
        Kind::InstanceProfile => identity::INSTANCE_PROFILE,
        Kind::ServiceLinkedRole => identity::SERVICE_LINKED_ROLE,
        Kind::SecurityGroup => network::SECURITY_GROUP,
        Kind::Schedule => events::SCHEDULE,
        Kind::EventRule => events::EVENT_RULE,
        Kind::CustomResource => custom::CUSTOM_RESOURCE,
        Kind::LogGroup => observability::LOG_GROUP,
        Kind::MetricFilter => observability::METRIC_FILTER,
        Kind::Alarm => observability::ALARM,
        Kind::Dashboard => observability::DASHBOARD,
    }
}

/// The properties that tell a resource from others of its kind. The first one is its physical name, if it has one.
pub(crate) const fn identity(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Api | Kind::Schedule | Kind::EventRule => &["Name"],
        Kind::Integration => &["ApiId", "IntegrationUri"],
        Kind::Route => &["ApiId", "RouteKey"],
        Kind::Stage => &["ApiId", "StageName"],
        Kind::Queue => &["QueueName"],
        Kind::QueuePolicy => &["Queue"],
        Kind::Table => &["TableName"],
        Kind::Function => &["FunctionName"],
        Kind::Permission => &["FunctionName", "Principal", "SourceArn"],
        Kind::EventSourceMapping => &["EventSourceArn", "FunctionName"],
        Kind::EventInvokeConfig => &["FunctionName", "Qualifier"],
        Kind::Role => &["RoleName"],
        Kind::InstanceProfile => &["InstanceProfileName"],
        Kind::ServiceLinkedRole => &["AWSServiceName"],
        // One function may have several, which differ in what they hand over.
        Kind::CustomResource => &["ServiceToken", "ResourceProperties"],
        Kind::SecurityGroup => &["GroupName"],
        Kind::LogGroup => &["LogGroupName"],
        Kind::MetricFilter => &["LogGroupName", "FilterName"],
        Kind::Alarm => &["AlarmName"],
        Kind::Dashboard => &["DashboardName"],
    }
}
