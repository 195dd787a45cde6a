//! `AWS::EC2::SecurityGroup`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>).

use jit_runners_model::{
    choices::{EgressRule, Protocol},
    resource::SecurityGroup,
};

use super::converter::{Converter, entries};
use crate::graph::Properties;

impl Converter {
    pub(super) fn security_group(&self, group: &SecurityGroup) -> Properties {
        let SecurityGroup { group_name, group_description, vpc, egress } = group;
        let rule = |EgressRule { protocol, port, cidr, description }: &EgressRule| {
            let protocol = match protocol {
                Protocol::Tcp => "tcp",
                Protocol::Udp => "udp",
            };
            self.map([
                ("IpProtocol", self.held(protocol)),
                ("FromPort", self.held(u32::from(*port))),
                ("ToPort", self.held(u32::from(*port))),
                (if cidr.is_v6() { "CidrIpv6" } else { "CidrIp" }, self.held(cidr.as_str())),
                ("Description", self.held(description.as_str())),
            ])
        };
        entries([
            ("GroupName", self.text(group_name)),
            ("GroupDescription", self.held(*group_description)),
            ("VpcId", self.parameter(*vpc)),
            ("SecurityGroupEgress", self.list(egress.iter().map(rule))),
        ])
    }
}
