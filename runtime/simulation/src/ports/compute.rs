//! EC2.

use jit_runners_runtime::{
    port::{
        ComputeError, EndInstances, Instance, Launch, LaunchInstances, ListInstances, LookAtImages,
        LookAtInstances,
    },
    record::{Image, InstanceId},
};

use super::{NO_ANSWER, SimPorts, requests};
use crate::{call::call, ec2::InstantFleet, mutation::Mutation};

impl SimPorts {
    /// `CreateFleet`, which our handlers do not use: see [`crate::ec2::Ec2World::create_fleet`].
    pub(crate) async fn create_fleet(&self, launches: Vec<Launch>) -> Result<InstantFleet, ComputeError> {
        call(&self.world, self.caller, CreateFleet { launches }).await
    }
}

impl LaunchInstances for SimPorts {
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        let launch = launch.clone();
        let launch = match self.mutation() {
            Some(mutation) => mutation.launch(launch),
            None => launch,
        };
        call(&self.world, self.caller, RunInstances { launch }).await
    }
}

impl LookAtImages for SimPorts {
    async fn image(&self, image: &str) -> Result<Image, ComputeError> {
        call(&self.world, self.caller, DescribeImages { image: image.to_owned() }).await
    }
}

impl ListInstances for SimPorts {
    async fn instances(&self) -> Result<Vec<Instance>, ComputeError> {
        call(&self.world, self.caller, DescribeInstances {}).await
    }
}

impl LookAtInstances for SimPorts {
    async fn look_at(&self, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError> {
        call(&self.world, self.caller, DescribeSomeInstances { instances: instances.to_vec() }).await
    }
}

impl EndInstances for SimPorts {
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        if self.mutation() == Some(Mutation::SparedInstances)
            && self.world.borrow().stack.removal_asked_at.is_some()
        {
            return Ok(());
        }
        call(&self.world, self.caller, TerminateInstances { instances: instances.to_vec() }).await
    }
}

requests! {
    RunInstances { launch: Launch } -> Result<Vec<InstanceId>, ComputeError>,
    apply |this, world| world.ec2.run_instances(world.now, &this.launch),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| {
        let Launch { token, pool, count, .. } = &this.launch;
        format!("launches {count} {:?} {} in {} ({token})", pool.market, pool.instance_type.as_str(), pool.subnet)
    },
    done |launched| ids(launched);

    CreateFleet { launches: Vec<Launch> } -> Result<InstantFleet, ComputeError>,
    apply |this, world| world.ec2.create_fleet(world.now, &this.launches),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| {
        let count = this.launches.first().map_or(0, |launch| launch.count);
        format!("launches a fleet of {count} from {} pools", this.launches.len())
    },
    done |fleet| ids(&fleet.instances);

    DescribeImages { image: String } -> Result<Image, ComputeError>,
    apply |this, world| world.ec2.image(world.now, &this.image),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| format!("looks at {}", this.image),
    done |image| image.architecture.clone();

    DescribeInstances {} -> Result<Vec<Instance>, ComputeError>,
    apply |_this, world| world.ec2.instances(world.now),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |_this| "lists instances".to_owned(),
    done |found| format!("{} instances", found.len());

    DescribeSomeInstances { instances: Vec<InstanceId> } -> Result<Vec<Instance>, ComputeError>,
    apply |this, world| world.ec2.look_at(world.now, &this.instances),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| format!("looks at {}", ids(&this.instances)),
    done |found| format!("{} instances", found.len());

    TerminateInstances { instances: Vec<InstanceId> } -> Result<(), ComputeError>,
    apply |this, world| world.ec2.terminate(world.now, &this.instances),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| format!("ends {}", ids(&this.instances)),
    done |_done| "ending".to_owned();
}

fn ids(instances: &[InstanceId]) -> String {
    let ids: Vec<_> = instances.iter().map(InstanceId::as_str).collect();
    ids.join(", ")
}
