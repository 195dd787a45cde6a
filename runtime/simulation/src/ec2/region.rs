//! What the region and the account have: types in zones, images, and whether there is spot at all.

use jit_runners_model::InstanceType;
use jit_runners_runtime::{
    conformance::NOBODYS_IMAGE,
    port::{ComputeError, Launch},
    record::{Image, Market},
    time::Time,
};

use super::{Ec2World, refused, throttled};

/// A type that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The type.
    pub instance_type: InstanceType,
    /// The only zone that lacks it, which a subnet stands for; `None` when the whole region does.
    pub subnet: Option<String>,
}

/// The architecture of images of which nothing else is said.
const USUAL_ARCHITECTURE: &str = "x86_64";

impl Ec2World {
    /// `DescribeImages` of one image.
    pub fn image(&mut self, now: Time, image: &str) -> Result<Image, ComputeError> {
        self.statistics.describe_images.count(now);
        if !self.buckets.describe_images.take(1, now) {
            self.statistics.describe_images.over_bucket += 1;
            return Err(throttled());
        }
        if let Some(fault) = self.fault() {
            return Err(fault.error);
        }
        if self.settings.questions_forbidden {
            return Err(refused(
                "UnauthorizedOperation",
                "you are not authorized to perform: ec2:DescribeImages",
            ));
        }
        self.find_image(image)
    }

    /// Refuses what the region or the account does not have, whatever capacity there is.
    pub(super) fn offered(&mut self, launch: &Launch) -> Result<(), ComputeError> {
        let (pool, wanted) = (&launch.pool, launch.pool.instance_type.as_str());
        if self.settings.spot_forbidden && pool.market == Market::Spot {
            self.statistics.forbidden_spot += 1;
            let message = "the provided credentials do not have permission to create the service-linked role for EC2 Spot Instances";
            return Err(refused("AuthFailure.ServiceLinkedRoleCreationNotPermitted", message));
        }
        let image = self.find_image(&launch.image)?;
        if !image.fits(&pool.instance_type) {
            self.statistics.misfits += 1;
            let (of_type, of_image) = (pool.instance_type.architecture().as_str(), image.architecture);
            return Err(refused(
                "InvalidParameterValue",
                format!(
                    "The architecture '{of_type}' of the specified instance type does not match the architecture '{of_image}' of the specified AMI"
                ),
            ));
        }
        let absent = self.settings.absent.iter().find(|absent| {
            absent.instance_type == pool.instance_type
                && absent.subnet.as_ref().is_none_or(|subnet| *subnet == pool.subnet)
        });
        let Some(absent) = absent else { return Ok(()) };
        self.statistics.absent += 1;
        Err(if absent.subnet.is_none() {
            refused("InvalidParameterValue", format!("Invalid value '{wanted}' for InstanceType."))
        } else {
            let message = format!(
                "Your requested instance type ({wanted}) is not supported in your requested Availability Zone"
            );
            refused("Unsupported", message)
        })
    }

    fn find_image(&self, image: &str) -> Result<Image, ComputeError> {
        if image == NOBODYS_IMAGE || self.settings.missing_images.contains(image) {
            return Err(refused("InvalidAMIID.NotFound", format!("The image id '[{image}]' does not exist")));
        }
        let own = self.settings.architectures.get(image).map(String::as_str);
        Ok(Image { architecture: own.unwrap_or(USUAL_ARCHITECTURE).to_owned() })
    }
}
