//! `AWS::EC2::SecurityGroup`.

use super::{Arn, ArnPart, ArnScope, Facts, Name, Shape, field, number, tags, text};
use crate::graph::ResourceAttribute;

/// A rule, with one source or destination each; lists of them are taken apart.
const RULES: Shape = Shape::Set(&Shape::Object(&[
    text("Description"),
    text("IpProtocol"),
    number("FromPort"),
    number("ToPort"),
    text("CidrIp"),
    text("CidrIpv6"),
    text("PrefixListId"),
    text("SecurityGroupId"),
]));

pub(super) const SECURITY_GROUP: Facts = Facts {
    cloudformation_type: "AWS::EC2::SecurityGroup",
    identity: &["GroupName"],
    reference: Some(ResourceAttribute::Id),
    attributes: &[("GroupId", ResourceAttribute::Id), ("Id", ResourceAttribute::Id)],
    // The service makes the id.
    name: Some(Name { property: "GroupName", is_id: false }),
    arn: Some(Arn {
        service: "ec2",
        scope: ArnScope::Region,
        name: &[ArnPart::Literal("security-group/"), ArnPart::Id],
    }),
    attaches: false,
    off: &[],
    fields: &[
        text("GroupName"),
        text("GroupDescription"),
        text("VpcId"),
        field("SecurityGroupIngress", RULES),
        field("SecurityGroupEgress", RULES),
        text("DeletionPolicy"),
        tags(),
    ],
};
