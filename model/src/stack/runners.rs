//! What belongs to the runners: their firewall and their role.

use super::{boundary, inputs, kms_key, named, named_in_region};
use crate::{
    Ref,
    choices::Choices,
    contract::instance_policy,
    deployment::{Concern, DeploymentBuilder},
    policy::Service,
    resource::{InstanceProfile, Role, SecurityGroup, Table},
};

pub(super) struct Runners {
    pub(super) role: Ref<Role>,
    pub(super) instance_profile: Ref<InstanceProfile>,
    pub(super) security_group: Ref<SecurityGroup>,
}

pub(super) fn add(builder: &mut DeploymentBuilder, choices: &Choices, table: &Ref<Table>) -> Runners {
    builder.concern(Concern::Runners);
    let security_group = builder.add(
        "RunnerSecurityGroup",
        "runner",
        SecurityGroup {
            group_name: named("-runner"),
            group_description: "Runners of jit-runners: nothing comes in",
            vpc: inputs::VPC_ID,
            egress: choices.runners.egress.clone(),
        },
    );
    let role = builder.add(
        "RunnerRole",
        "runner",
        Role {
            role_name: named_in_region("-runner"),
            description: "What a runner's instance may do",
            trusted: Service::Ec2,
            trust_conditions: Vec::new(),
            policy: instance_policy(&table.arn().into(), kms_key(choices).as_ref()),
            permissions_boundary: boundary(choices),
        },
    );
    let instance_profile = builder.add(
        "RunnerInstanceProfile",
        "runner",
        InstanceProfile { instance_profile_name: named_in_region("-runner"), role },
    );
    Runners { role, instance_profile, security_group }
}
