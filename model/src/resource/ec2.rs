//! `AWS::EC2::SecurityGroup`.

use super::{Describe, FieldValue, Fields, attributes};
use crate::{choices::EgressRule, parameter::ParameterId, value::Text};

/// A firewall around instances. It lets nothing in: there is no field for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its name, at most 255 characters.
    pub group_name: Text,
    /// What it is for.
    pub group_description: &'static str,
    /// The VPC.
    pub vpc: ParameterId,
    /// Where instances may connect to.
    pub egress: Vec<EgressRule>,
}

impl Describe for SecurityGroup {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.group_name, 255))
    }

    fn purpose(&self) -> &'static str {
        self.group_description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { group_name, group_description, vpc, egress } = self;
        vec![
            ("group_name", group_name.into()),
            ("group_description", (*group_description).into()),
            ("vpc", (*vpc).into()),
            ("egress", FieldValue::list(egress)),
        ]
    }
}

attributes! {
    SecurityGroup {
        /// The group's id.
        group_id: Id,
    }
}
