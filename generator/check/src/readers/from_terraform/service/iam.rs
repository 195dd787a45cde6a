//! `aws_iam_*`.

use super::super::{
    argument::{
        Argument, Becomes, Companion, ResourceSchema, arn, as_is, blocks, id, ignored, name_prefix, outside,
        property, provided, read, tags, tags_all,
    },
    body::Body,
};
use crate::graph::{Held, Kind, ResourceAttribute, Value};

/// The roles that have a policy or an attachment.
pub(in crate::readers::from_terraform) const ROLES: &str = "Roles";
/// The ARNs of policies.
pub(in crate::readers::from_terraform) const POLICY_ARNS: &str = "PolicyArns";
/// The names of policies.
pub(in crate::readers::from_terraform) const POLICY_NAMES: &str = "PolicyNames";

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_iam_role",
        becomes: Becomes::Node(Kind::Role),
        arguments: ROLE,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_role_policy",
        becomes: Becomes::Companion(Companion::RolePolicy),
        arguments: &[
            property("name", "PolicyName"),
            name_prefix(),
            property("policy", "PolicyDocument"),
            read("role", one_role),
            provided("id"),
        ],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_policy",
        becomes: Becomes::Companion(Companion::ManagedPolicy),
        arguments: POLICY,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_role_policy_attachment",
        becomes: Becomes::Companion(Companion::Attachment),
        arguments: &[read("role", one_role), read("policy_arn", one_policy), provided("id")],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_policy_attachment",
        becomes: Becomes::Companion(Companion::Attachment),
        arguments: &[
            property("roles", ROLES),
            read("policy_arn", one_policy),
            ignored("name", "the name of the attachment in Terraform's state"),
            outside("groups"),
            outside("users"),
            provided("id"),
        ],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_role_policies_exclusive",
        becomes: Becomes::Companion(Companion::ExclusivePolicies),
        arguments: &[read("role_name", one_role), property("policy_names", POLICY_NAMES)],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_role_policy_attachments_exclusive",
        becomes: Becomes::Companion(Companion::ExclusiveAttachments),
        arguments: &[read("role_name", one_role), property("policy_arns", POLICY_ARNS)],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_instance_profile",
        becomes: Becomes::Node(Kind::InstanceProfile),
        arguments: INSTANCE_PROFILE,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_iam_service_linked_role",
        becomes: Becomes::Node(Kind::ServiceLinkedRole),
        arguments: SERVICE_LINKED_ROLE,
        finish: as_is,
    },
];

const ROLE: &[Argument] = &[
    property("name", "RoleName").or(ResourceAttribute::Name),
    name_prefix(),
    property("path", "Path"),
    property("description", "Description"),
    property("assume_role_policy", "AssumeRolePolicyDocument"),
    property("max_session_duration", "MaxSessionDuration"),
    property("permissions_boundary", "PermissionsBoundary"),
    property("managed_policy_arns", "ManagedPolicyArns"),
    blocks(
        "inline_policy",
        "Policies",
        &[property("name", "PolicyName"), property("policy", "PolicyDocument")],
    ),
    tags(),
    tags_all(),
    ignored("force_detach_policies", "how Terraform takes a role away"),
    arn(),
    id(ResourceAttribute::Name),
    provided("unique_id").or(ResourceAttribute::UniqueId),
    provided("create_date"),
];

const POLICY: &[Argument] = &[
    property("name", "PolicyName"),
    name_prefix(),
    property("policy", "PolicyDocument"),
    read("path", |policy, held| {
        if held.as_literal() != Some("/") {
            policy.refuse_value("path", "`/`, the default", &held);
        }
    }),
    ignored("description", "words about a policy that is compared by what it allows"),
    ignored("tags", "marks on a policy that is compared by what it allows"),
    ignored("tags_all", "marks on a policy that is compared by what it allows"),
    ignored("delay_after_policy_creation_in_ms", "how long Terraform waits for the service"),
    arn(),
    id(ResourceAttribute::Arn),
    provided("attachment_count"),
    provided("policy_id"),
];

const INSTANCE_PROFILE: &[Argument] = &[
    property("name", "InstanceProfileName").or(ResourceAttribute::Name),
    name_prefix(),
    property("path", "Path"),
    read("role", one_role),
    tags(),
    tags_all(),
    arn(),
    id(ResourceAttribute::Name),
    provided("create_date"),
    provided("unique_id"),
];

const SERVICE_LINKED_ROLE: &[Argument] = &[
    property("aws_service_name", "AWSServiceName"),
    property("custom_suffix", "CustomSuffix"),
    property("description", "Description"),
    tags(),
    tags_all(),
    arn(),
    id(ResourceAttribute::Arn),
    provided("name").or(ResourceAttribute::Name),
    provided("unique_id").or(ResourceAttribute::UniqueId),
    provided("create_date"),
    provided("path"),
];

fn one_role(body: &mut Body<'_>, held: Held) {
    body.put(ROLES, list_of(held));
}

fn one_policy(body: &mut Body<'_>, held: Held) {
    body.put(POLICY_ARNS, list_of(held));
}

fn list_of(held: Held) -> Held {
    let place = held.place.clone();
    Held::new(Value::List(vec![held]), place)
}
