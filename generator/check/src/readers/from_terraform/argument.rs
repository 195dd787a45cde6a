//! What arguments of Terraform's resources mean, as data. The tables are in `service/`.

use super::{
    body::{Body, read_all_tags, read_region},
    service,
};
use crate::graph::{Address, Held, Kind, Properties, ResourceAttribute, Symbol, SymbolicText, Value};

/// A type of Terraform resources.
pub(super) struct ResourceSchema {
    /// Its name: `aws_sqs_queue`.
    pub name: &'static str,
    /// What a resource of this type is in the graph.
    pub becomes: Becomes,
    /// Its arguments, blocks and attributes: all that the provider has.
    pub arguments: &'static [Argument],
    /// Has the last word over the properties, where a property takes more than one argument.
    pub finish: fn(&mut Body<'_>, &Properties),
}

/// What a resource is in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Becomes {
    /// A node.
    Node(Kind),
    /// A part of another resource, because `CloudFormation` has it as one of its properties.
    Companion(Companion),
}

/// A part of another resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Companion {
    /// `aws_sqs_queue_redrive_policy`, `aws_sqs_queue_redrive_allow_policy`: a property of a queue.
    QueueProperty,
    /// `aws_s3_bucket_versioning` and the like: a property of a bucket.
    BucketProperty,
    /// An inline policy of a role.
    RolePolicy,
    /// A policy that stands on its own; roles have it by attachments.
    ManagedPolicy,
    /// Gives one policy to roles.
    Attachment,
    /// Says that a role has no inline policies but these.
    ExclusivePolicies,
    /// Says that a role has these policies attached and no others.
    ExclusiveAttachments,
    /// A rule of a security group.
    GroupRule,
    /// A target of an event rule.
    EventTarget,
}

/// An argument, a block or an attribute.
pub(super) struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it means where it is written.
    pub meaning: Meaning,
    /// What it is where it is read and nobody wrote it.
    pub computed: Computed,
}

/// What an argument means.
pub(super) enum Meaning {
    /// The property at this path.
    Property(&'static str),
    /// A block that stands at most once; its arguments are properties below this path.
    Block(&'static str, &'static [Argument]),
    /// A block that may stand more than once: a list at this path.
    Blocks(&'static str, &'static [Argument]),
    /// More than a name is different.
    Read(fn(&mut Body<'_>, Held)),
    /// How Terraform works, and nothing about what exists; with the reason.
    Ignored(&'static str),
    /// Only the provider says it.
    Provided,
    /// What the check does not understand, unless it says nothing.
    Outside,
}

/// What an attribute is once the resource exists.
#[derive(Clone, Copy)]
pub(super) enum Computed {
    /// Nothing that the check could follow.
    Unknown,
    /// An attribute of the resource in the graph.
    Attribute(ResourceAttribute),
    /// Text with such attributes.
    Text(fn(&Address) -> SymbolicText),
}

impl Argument {
    const fn new(name: &'static str, meaning: Meaning) -> Self {
        Self { name, meaning, computed: Computed::Unknown }
    }

    /// The same, and read as `attribute` where nobody wrote it.
    pub(super) const fn or(self, attribute: ResourceAttribute) -> Self {
        Self { name: self.name, meaning: self.meaning, computed: Computed::Attribute(attribute) }
    }

    /// The same, and read as the text that `of` makes where nobody wrote it.
    pub(super) const fn or_text(self, of: fn(&Address) -> SymbolicText) -> Self {
        Self { name: self.name, meaning: self.meaning, computed: Computed::Text(of) }
    }
}

pub(super) const fn property(name: &'static str, path: &'static str) -> Argument {
    Argument::new(name, Meaning::Property(path))
}

pub(super) const fn block(
    name: &'static str,
    path: &'static str,
    arguments: &'static [Argument],
) -> Argument {
    Argument::new(name, Meaning::Block(path, arguments))
}

pub(super) const fn blocks(
    name: &'static str,
    path: &'static str,
    arguments: &'static [Argument],
) -> Argument {
    Argument::new(name, Meaning::Blocks(path, arguments))
}

pub(super) const fn read(name: &'static str, read: fn(&mut Body<'_>, Held)) -> Argument {
    Argument::new(name, Meaning::Read(read))
}

pub(super) const fn ignored(name: &'static str, reason: &'static str) -> Argument {
    Argument::new(name, Meaning::Ignored(reason))
}

pub(super) const fn provided(name: &'static str) -> Argument {
    Argument::new(name, Meaning::Provided)
}

pub(super) const fn outside(name: &'static str) -> Argument {
    Argument::new(name, Meaning::Outside)
}

/// `id`, where it is `attribute`.
pub(super) const fn id(attribute: ResourceAttribute) -> Argument {
    provided("id").or(attribute)
}

/// `arn`.
pub(super) const fn arn() -> Argument {
    provided("arn").or(ResourceAttribute::Arn)
}

pub(super) const fn tags() -> Argument {
    property("tags", "Tags")
}

/// Tags with those of the provider; what a plan says.
pub(super) const fn tags_all() -> Argument {
    read("tags_all", read_all_tags)
}

/// Version 6 of the provider has it on every resource of a region.
pub(super) const fn region() -> Argument {
    read("region", read_region)
}

pub(super) const fn name_prefix() -> Argument {
    ignored(
        "name_prefix",
        "Terraform makes the name when it creates the resource, so there is none to compare",
    )
}

pub(super) const fn timeouts() -> Argument {
    ignored("timeouts", "how long Terraform waits for the service")
}

/// Where no property takes more than one argument.
pub(super) const fn as_is(_: &mut Body<'_>, _: &Properties) {}

/// What `attribute` of the `resource_type` at `address` is, if no argument says it; nothing, where the check could not
/// follow it.
pub(super) fn computed(resource_type: &str, attribute: &str, address: &Address) -> Option<Value> {
    let table = service::resource_type(resource_type)?.arguments;
    let row = table.iter().find(|argument| argument.name == attribute)?;
    let text = match row.computed {
        Computed::Unknown => return None,
        Computed::Attribute(attribute) => {
            SymbolicText::from(Symbol::attribute(Address::clone(address), attribute))
        }
        Computed::Text(of) => of(address),
    };
    Some(Value::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: &str) {
        let (address, attribute) = reference.rsplit_once('.').unwrap();
        let resource_type = address.split('.').next().unwrap();
        let found = computed(resource_type, attribute, &address.into());
        assert_eq!(found.map(|value| value.to_string()).as_deref(), Some(expected), "{reference}");
    }

    #[test]
    fn attributes_are_what_the_provider_says() {
        check("aws_sqs_queue.a.id", r#""<aws_sqs_queue.a.url>""#);
        check("aws_sqs_queue.a.url", r#""<aws_sqs_queue.a.url>""#);
        check("aws_lambda_function.a.id", r#""<aws_lambda_function.a.name>""#);
        check("aws_iam_role.a.unique_id", r#""<aws_iam_role.a.unique id>""#);
        check("aws_iam_service_linked_role.a.id", r#""<aws_iam_service_linked_role.a.arn>""#);
        check("aws_dynamodb_table.a.stream_arn", r#""<aws_dynamodb_table.a.stream arn>""#);
        check("aws_cloudwatch_log_group.a.name", r#""<aws_cloudwatch_log_group.a.name>""#);
        check(
            "aws_lambda_function.a.invoke_arn",
            "\"arn:<partition>:apigateway:<region>:lambda:path/2015-03-31/functions/\
             <aws_lambda_function.a.arn>/invocations\"",
        );
        check(
            "aws_apigatewayv2_api.a.execution_arn",
            "\"arn:<partition>:execute-api:<region>:<account>:<aws_apigatewayv2_api.a.id>\"",
        );
        check("aws_security_group.a.owner_id", r#""<account>""#);
        check("aws_lambda_function.a.qualified_arn", r#""<aws_lambda_function.a.arn>:$LATEST""#);
    }

    #[test]
    fn what_cannot_be_followed_is_nothing() {
        let at: Address = "a.b".into();
        assert_eq!(computed("aws_lambda_function", "code_sha256", &at), None);
        assert_eq!(computed("aws_lambda_function", "memory_size", &at), None);
        assert_eq!(computed("aws_lambda_function", "nonsense", &at), None);
        assert_eq!(computed("aws_instance", "id", &at), None);
    }
}
