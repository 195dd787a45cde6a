//! EC2.

use anyhow::Result;
use jit_runners_functions::{
    cloud::Cloud,
    compute::{Ec2Instances, Ec2Launcher, Template},
    log::Log,
    ports::Ports,
};
use jit_runners_model::contract::Handler;
use jit_runners_runtime::{
    conformance,
    port::{
        ComputeError, EndInstances, Instance, Launch, LaunchInstances, ListInstances, LookAtImages,
        LookAtInstances,
    },
    record::{Image, InstanceId},
    webhook::WebhookSecret,
};
use jit_runners_simulation::policy::Environments;

use super::emulated::{configuration, run};
use crate::end_to_end::ec2::StandIn;

/// Both adapters. No function has both.
struct Whole(Ec2Launcher, Ec2Instances);

impl LaunchInstances for Whole {
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        self.0.run_instances(launch).await
    }
}

impl LookAtImages for Whole {
    async fn image(&self, image: &str) -> Result<Image, ComputeError> {
        self.0.image(image).await
    }
}

impl ListInstances for Whole {
    async fn instances(&self) -> Result<Vec<Instance>, ComputeError> {
        self.1.instances().await
    }
}

impl LookAtInstances for Whole {
    async fn look_at(&self, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError> {
        self.1.look_at(instances).await
    }
}

impl EndInstances for Whole {
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        self.1.terminate(instances).await
    }
}

#[test]
fn ec2_is_one_that_handlers_can_rely_on() -> Result<()> {
    let ec2 = StandIn::unguarded()?;
    run(async {
        let client = Cloud::from(configuration(&ec2.endpoint())).ec2();
        let settings = Environments::read(WebhookSecret::new("unused")?, |_| None)?.scaleup;
        let launcher = Ec2Launcher::new(client.clone(), Template::new(&settings));
        let instances = Ec2Instances::new(client, settings.deployment);
        let log = Log::new(Handler::ScaleUp, "conformance");
        let compute = Whole(launcher, instances);
        let ports = Ports { table: (), compute, github: (), jobs: (), events: (), account: (), log };
        assert_eq!(conformance::compute(&ports).await.as_slice(), [""; 0]);
        Ok(())
    })
}
