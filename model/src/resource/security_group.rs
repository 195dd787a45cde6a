//! `AWS::EC2::SecurityGroup`.

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
