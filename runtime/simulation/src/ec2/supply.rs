//! What there is to launch: types in zones, images and spot of the region and the account, and the capacity of each pool.

use jit_runners_model::InstanceType;
use jit_runners_runtime::{
    conformance::NOBODYS_IMAGE,
    port::{ComputeError, Launch},
    record::{Image, Market},
    time::Time,
};

use super::{Ec2World, refused, settings::Scarcity, throttled};
use crate::random::Random;

/// EC2's refusals for a pool without capacity, the commonest first
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
const REFUSALS: [(&str, &str); 6] = [
    NO_CAPACITY,
    NO_CAPACITY,
    NO_CAPACITY,
    ("UnfulfillableCapacity", "there is not enough capacity"),
    ("Unsupported", "the instance type is not supported in the zone"),
    ("InsufficientFreeAddressesInSubnet", "the subnet has no free addresses"),
];
/// A refusal for spot instances only, whose price is sometimes too high.
const PRICE: (&str, &str) = ("SpotMaxPriceTooLow", "the maximum price is below the current price");
/// How often this is the reason.
const PRICE_CHANCE: f64 = 0.1;
const NO_CAPACITY: (&str, &str) = ("InsufficientInstanceCapacity", "there is no capacity in the zone");

/// A type that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The type.
    pub instance_type: InstanceType,
    /// The only zone that lacks it, which a subnet stands for; `None` if the whole region does.
    pub subnet: Option<String>,
}

/// The default architecture of images.
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

    /// Refuses what the region or the account does not offer, whatever the capacity.
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

/// What a pool has in one period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Supply {
    until: Time,
    /// Instances that are left; `None` for no limit.
    left: Option<u32>,
    /// What EC2 says when nothing is left.
    pub(super) refusal: (&'static str, &'static str),
}

impl Supply {
    /// A supply that is drawn at its first use.
    pub(super) const fn new() -> Self {
        Self { until: Time::from_millis(0), left: None, refusal: NO_CAPACITY }
    }

    /// Moves on to the period of `now`.
    pub(super) fn advance(
        &mut self,
        scarcity: Option<&Scarcity>,
        now: Time,
        random: &mut Random,
        market: Market,
    ) {
        let Some(scarcity) = scarcity else {
            self.left = None;
            return;
        };
        if now < self.until {
            return;
        }
        // Only the current period matters. It began some time ago.
        let length = random.between(scarcity.period.0, scarcity.period.1);
        self.until = now + random.between(length / 2, length);
        self.left = if random.chance(scarcity.drought) {
            Some(0)
        } else if random.chance(scarcity.limited) {
            Some(1 + u32::try_from(random.below(u64::from(scarcity.limit))).unwrap_or(0))
        } else {
            None
        };
        self.refusal = if market == Market::Spot && random.chance(PRICE_CHANCE) {
            PRICE
        } else {
            random.pick(&REFUSALS).copied().unwrap_or(NO_CAPACITY)
        };
    }

    /// How many of `wanted` there are.
    pub(super) fn available(&self, wanted: u32) -> u32 {
        self.left.map_or(wanted, |left| left.min(wanted))
    }

    /// Takes what is available.
    pub(super) fn take(&mut self, count: u32) {
        self.left = self.left.map(|left| left.saturating_sub(count));
    }
}
