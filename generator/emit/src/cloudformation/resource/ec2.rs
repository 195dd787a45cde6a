//! `AWS::EC2`: security groups.

use jit_runners_model::{
    choices::EgressRule,
    resource::{Attribute, SecurityGroup},
};

use super::{Attributes, Emit};
use crate::cloudformation::tree::{Map, Value};

impl Emit for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    const ATTRIBUTES: Attributes = &[(Attribute::Id, "GroupId")];

    fn properties(&self) -> Map {
        let Self { group_name, group_description, vpc, egress } = self;
        Map::new()
            .with("GroupName", group_name)
            .with("GroupDescription", *group_description)
            .with("VpcId", *vpc)
            .with("SecurityGroupEgress", Value::list(egress.iter().map(egress_rule)))
    }
}

fn egress_rule(rule: &EgressRule) -> Map {
    let EgressRule { protocol, port, cidr, description } = rule;
    let port = u32::from(*port);
    Map::new()
        .with("IpProtocol", protocol.as_str())
        .with("FromPort", port)
        .with("ToPort", port)
        .with(if cidr.is_v6() { "CidrIpv6" } else { "CidrIp" }, cidr.as_str())
        .with("Description", description.as_str())
}
