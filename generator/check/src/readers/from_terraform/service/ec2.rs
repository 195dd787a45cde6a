//! `aws_security_group*` and `aws_vpc_security_group_*_rule`.

use super::super::{
    argument::{
        Argument, Becomes, Companion, ResourceSchema, arn, as_is, blocks, id, ignored, name_prefix, property,
        provided, region, tags, tags_all, timeouts,
    },
    body::Body,
};
use crate::graph::{Held, Kind, Properties, ResourceAttribute, Symbol};

/// The group that a rule belongs to.
pub(in crate::readers::from_terraform) const GROUP: &str = "Group";
/// `ingress` or `egress`.
pub(in crate::readers::from_terraform) const DIRECTION: &str = "Direction";
/// Lists that are taken apart: a rule of the graph has one source or destination.
pub(in crate::readers::from_terraform) const LISTS: [(&str, &str); 4] = [
    ("CidrIps", "CidrIp"),
    ("CidrIpv6s", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("SecurityGroupIds", "SecurityGroupId"),
];
/// Whether the group itself is a source or destination.
pub(in crate::readers::from_terraform) const ITSELF: &str = "Self";

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_security_group",
        becomes: Becomes::Node(Kind::SecurityGroup),
        arguments: SECURITY_GROUP,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_security_group_rule",
        becomes: Becomes::Companion(Companion::GroupRule),
        arguments: &[
            property("security_group_id", GROUP),
            property("type", DIRECTION),
            property("description", "Description"),
            property("protocol", "IpProtocol"),
            property("from_port", "FromPort"),
            property("to_port", "ToPort"),
            property("cidr_blocks", "CidrIps"),
            property("ipv6_cidr_blocks", "CidrIpv6s"),
            property("prefix_list_ids", "PrefixListIds"),
            property("source_security_group_id", "SecurityGroupId"),
            property("self", ITSELF),
            region(),
            timeouts(),
            provided("id"),
            provided("security_group_rule_id"),
        ],
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_vpc_security_group_ingress_rule",
        becomes: Becomes::Companion(Companion::GroupRule),
        arguments: ONE_RULE,
        finish: |rule, arguments| direct(rule, arguments, "ingress"),
    },
    ResourceSchema {
        name: "aws_vpc_security_group_egress_rule",
        becomes: Becomes::Companion(Companion::GroupRule),
        arguments: ONE_RULE,
        finish: |rule, arguments| direct(rule, arguments, "egress"),
    },
];

const RULES: &[Argument] = &[
    property("description", "Description"),
    property("protocol", "IpProtocol"),
    property("from_port", "FromPort"),
    property("to_port", "ToPort"),
    property("cidr_blocks", "CidrIps"),
    property("ipv6_cidr_blocks", "CidrIpv6s"),
    property("prefix_list_ids", "PrefixListIds"),
    property("security_groups", "SecurityGroupIds"),
    property("self", ITSELF),
];

const SECURITY_GROUP: &[Argument] = &[
    property("name", "GroupName").or(ResourceAttribute::Name),
    name_prefix(),
    property("description", "GroupDescription"),
    property("vpc_id", "VpcId"),
    blocks("ingress", "SecurityGroupIngress", RULES),
    blocks("egress", "SecurityGroupEgress", RULES),
    tags(),
    tags_all(),
    region(),
    timeouts(),
    ignored("revoke_rules_on_delete", "how Terraform takes a group away"),
    arn(),
    id(ResourceAttribute::Id),
    provided("owner_id").or_text(|_| Symbol::AccountId.into()),
];

const ONE_RULE: &[Argument] = &[
    property("security_group_id", GROUP),
    property("description", "Description"),
    property("ip_protocol", "IpProtocol"),
    property("from_port", "FromPort"),
    property("to_port", "ToPort"),
    property("cidr_ipv4", "CidrIp"),
    property("cidr_ipv6", "CidrIpv6"),
    property("prefix_list_id", "PrefixListId"),
    property("referenced_security_group_id", "SecurityGroupId"),
    region(),
    ignored("tags", TAGS_OF_RULES),
    ignored("tags_all", TAGS_OF_RULES),
    provided("arn"),
    provided("id"),
    provided("security_group_rule_id"),
];

const TAGS_OF_RULES: &str = "rules inside a CloudFormation group have no tags";

/// States the direction that the type of the rule says, at the place of its group.
fn direct(rule: &mut Body<'_>, arguments: &Properties, direction: &'static str) {
    if let Some(group) = arguments.get("security_group_id") {
        rule.put(DIRECTION, Held::new(direction, group.place.clone()));
    }
}
