//! `aws_security_group`.

use jit_runners_model::{
    choices::EgressRule,
    resource::{Attribute, ResourceId, SecurityGroup},
};

use super::{Emit, Emitted, Mocked};
use crate::terraform::{
    tree::{Contents, block, list, literal},
    value::{text, variable},
};

impl Emit for SecurityGroup {
    const TYPE: &'static str = "aws_security_group";
    const MOCKED: Mocked = &[(Attribute::Id, "sg-mock")];

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { group_name, group_description, vpc, egress } = self;
        let contents = Contents::new()
            .set("name", text(group_name))
            .set_literal("description", group_description)
            .set("vpc_id", variable(*vpc));
        let rules = egress.iter().map(|EgressRule { protocol, port, cidr, description }| {
            let ranges = if cidr.is_v6() { "ipv6_cidr_blocks" } else { "cidr_blocks" };
            let rule = Contents::new()
                .set_literal("description", description.as_str())
                .set_literal("protocol", protocol.as_str())
                .set("from_port", *port)
                .set("to_port", *port)
                .set(ranges, list([literal(cidr.as_str())]));
            block("egress", &[], rule)
        });
        contents.blocks(rules).into()
    }
}
