//! `AWS::IAM`, and policy documents
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>).

use super::{Arn, ArnPart, ArnScope, Facts, Name, Shape, field, number, tags, text, texts};
use crate::graph::ResourceAttribute;

/// A policy document.
pub(super) const POLICY: Shape = Shape::Document(&Shape::Object(&[
    text("Version"),
    text("Id"),
    field(
        "Statement",
        Shape::OneOrMoreOf(&Shape::Object(&[
            text("Sid"),
            text("Effect"),
            field("Principal", Shape::Principal),
            field("NotPrincipal", Shape::Principal),
            field("Action", Shape::OneOrMore),
            field("NotAction", Shape::OneOrMore),
            field("Resource", Shape::OneOrMore),
            field("NotResource", Shape::OneOrMore),
            field("Condition", Shape::MapOf(&Shape::MapOf(&Shape::OneOrMore))),
        ])),
    ),
]));

/// Policies by their names.
const POLICIES: Shape = Shape::Keyed {
    key: "PolicyName",
    value: Some("PolicyDocument"),
    item: &Shape::Object(&[text("PolicyName"), field("PolicyDocument", POLICY)]),
};

pub(super) const ROLE: Facts = Facts {
    cloudformation_type: "AWS::IAM::Role",
    identity: &["RoleName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn), ("RoleId", ResourceAttribute::UniqueId)],
    name: Some(Name { property: "RoleName", is_id: true }),
    arn: Some(Arn {
        service: "iam",
        scope: ArnScope::Account,
        name: &[ArnPart::Literal("role"), ArnPart::PropertyOr("Path", "/"), ArnPart::Property("RoleName")],
    }),
    attaches: false,
    off: &[],
    fields: &[
        text("RoleName"),
        text("Path"),
        text("Description"),
        field("AssumeRolePolicyDocument", POLICY),
        number("MaxSessionDuration"),
        text("PermissionsBoundary"),
        // Policies that stand elsewhere: of AWS, or of the account.
        texts("ManagedPolicyArns"),
        field("Policies", POLICIES),
        // Policies that the same files declare on their own (`AWS::IAM::ManagedPolicy`, `aws_iam_policy`) and attach.
        field("AttachedPolicies", POLICIES),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const INSTANCE_PROFILE: Facts = Facts {
    cloudformation_type: "AWS::IAM::InstanceProfile",
    identity: &["InstanceProfileName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn)],
    name: Some(Name { property: "InstanceProfileName", is_id: true }),
    arn: Some(Arn {
        service: "iam",
        scope: ArnScope::Account,
        name: &[
            ArnPart::Literal("instance-profile"),
            ArnPart::PropertyOr("Path", "/"),
            ArnPart::Property("InstanceProfileName"),
        ],
    }),
    attaches: false,
    off: &[],
    fields: &[text("InstanceProfileName"), text("Path"), texts("Roles"), text("DeletionPolicy"), tags()],
};

pub(super) const SERVICE_LINKED_ROLE: Facts = Facts {
    cloudformation_type: "AWS::IAM::ServiceLinkedRole",
    identity: &["AWSServiceName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("RoleName", ResourceAttribute::Name)],
    name: None,
    arn: None,
    attaches: false,
    off: &[],
    fields: &[
        text("AWSServiceName"),
        text("CustomSuffix"),
        text("Description"),
        text("DeletionPolicy"),
        tags(),
    ],
};

/// A policy that stands on its own and is a part of no role of the same files. One that is stands in its roles.
pub(super) const MANAGED_POLICY: Facts = Facts {
    cloudformation_type: "AWS::IAM::ManagedPolicy",
    identity: &["ManagedPolicyName"],
    reference: Some(ResourceAttribute::Arn),
    attributes: &[("PolicyArn", ResourceAttribute::Arn)],
    name: Some(Name { property: "ManagedPolicyName", is_id: false }),
    arn: Some(Arn {
        service: "iam",
        scope: ArnScope::Account,
        name: &[ArnPart::Literal("policy/"), ArnPart::Property("ManagedPolicyName")],
    }),
    attaches: false,
    off: &[],
    fields: &[
        text("ManagedPolicyName"),
        field("PolicyDocument", POLICY),
        texts("Roles"),
        text("DeletionPolicy"),
    ],
};

/// A policy inside a role that the files do not declare.
pub(super) const ROLE_POLICY: Facts = Facts {
    cloudformation_type: "AWS::IAM::RolePolicy",
    identity: &["PolicyName", "RoleName"],
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[text("PolicyName"), text("RoleName"), field("PolicyDocument", POLICY), text("DeletionPolicy")],
};
