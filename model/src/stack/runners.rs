//! What belongs to the runners: their firewall, their role, and all of them as one resource, which prepares the account for
//! them, and goes first, with every instance, when the deployment is removed.

use super::{Functions, boundary, events::Events, inputs, kms_key, named, named_in_region};
use crate::{
    Ref,
    choices::Choices,
    contract::{Handler, instance_policy, schedule},
    deployment::{Concern, DeploymentBuilder},
    policy::Service,
    resource::{CustomResource, InstanceProfile, Role, SecurityGroup, Table},
    value::Expr,
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

/// Adds all runners as one resource.
pub(super) fn add_fleet(
    builder: &mut DeploymentBuilder,
    runners: &Runners,
    functions: &Functions,
    events: &Events,
) {
    builder.concern(Concern::Runners).add(
        "RunnerFleet",
        "runner_fleet",
        CustomResource {
            type_name: "RunnerFleet",
            description: "Prepares the account for runners; deleted first, and every instance with it",
            function: *functions.function(Handler::ScaleDown),
            service_timeout: schedule::FLEET_ANSWER_LIMIT,
            // None of these replaces anything. A new package is called once, so that one that cannot even start fails the
            // update, and not the next removal.
            properties: vec![
                ("Deployment", Expr::DeploymentName.into()),
                ("Package", Expr::Parameter(inputs::package_key(Handler::ScaleDown)).into()),
            ],
            // The function itself refers to its role, its log, the table and the queue. Instances use the other two until
            // they are gone, and what a deletion that failed has left behind, scale-down's schedule goes on looking after.
            depends_on: vec![
                runners.security_group.into(),
                runners.instance_profile.into(),
                functions.scale_down_retries.into(),
                events.scale_down_schedule.into(),
            ],
        },
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{
        AnyRef, Choices, Deployment, Node,
        contract::{Handler, schedule},
        resource::{Resource, ResourceId},
    };

    fn deployment() -> Deployment {
        Deployment::new(Choices::default()).unwrap()
    }

    fn links(deployment: &Deployment, id: ResourceId) -> Vec<ResourceId> {
        let mut nodes = deployment.resources().iter().filter(|node| node.id == id);
        nodes.next().map(|node| node.resource.links()).unwrap_or_default()
    }

    /// What has to be there before `first` are, and goes after them.
    fn behind(deployment: &Deployment, first: Vec<ResourceId>) -> BTreeSet<ResourceId> {
        let mut found = BTreeSet::new();
        let mut open = first;
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(links(deployment, id));
            }
        }
        found
    }

    fn fleet(deployment: &Deployment) -> &Node {
        let is_fleet = |node: &&Node| node.id.logical_id == "RunnerFleet";
        deployment.resources().iter().find(is_fleet).unwrap()
    }

    #[test]
    fn it_is_removed_before_all_that_instances_and_scale_down_use() {
        let deployment = deployment();
        let fleet = fleet(&deployment);
        let behind: BTreeSet<_> =
            behind(&deployment, fleet.resource.links()).into_iter().map(|id| id.logical_id).collect();
        for needed in [
            "RunnerSecurityGroup",
            "RunnerInstanceProfile",
            "RunnerRole",
            "RunnersTable",
            "ScaleUpQueue",
            "ScaleDownFunction",
            "ScaleDownRole",
            "ScaleDownLogGroup",
            "ScaleDownInvokeConfig",
            "ScaleDownSchedule",
            "SchedulerRole",
        ] {
            assert!(behind.contains(needed), "{needed} may go while instances are ended");
        }
        for node in deployment.resources() {
            assert!(!node.resource.links().contains(&fleet.id), "{:?} goes before the fleet", node.id);
        }
    }

    #[test]
    fn it_names_nothing_that_something_else_refers_to_anyway() {
        let deployment = deployment();
        let Resource::CustomResource(custom) = &fleet(&deployment).resource else { panic!("another kind") };
        for link in &custom.depends_on {
            let others = custom.depends_on.iter().filter(|other| *other != link).map(AnyRef::id);
            let others = others.chain([custom.function.id()]).collect();
            assert!(!behind(&deployment, others).contains(&link.id()), "{:?}", link.id());
        }
    }

    #[test]
    fn scale_down_answers_before_it_is_given_up() {
        assert!(Handler::ScaleDown.longest_timeout().0 < schedule::FLEET_ANSWER_LIMIT);
    }
}
