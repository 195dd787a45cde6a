//! What EC2 said that holds for longer than one launch. All invocations share this one item.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::InstanceType;
use serde::{Deserialize, Serialize};

use super::Pool;
use crate::time::Time;

/// Images that are remembered: more than [`jit_runners_model::LabelMappings::MOST_BYTES`] has room for.
const MOST_IMAGES: usize = 50;
/// Refusals that are remembered: with them the item stays below 20 KB.
const MOST_REFUSALS: usize = 100;

/// What EC2 said about images, and what it refuses for some time.
///
/// ```
/// use std::time::Duration;
/// use jit_runners_runtime::{record::{Findings, Refused}, time::Time};
///
/// let (mut findings, now) = (Findings::default(), Time::from_millis(60_000));
/// findings.note(Refused::Spot, now);
/// assert!(findings.holds(&Refused::Spot, now + Duration::from_mins(59)));
/// assert!(!findings.holds(&Refused::Spot, now + Duration::from_mins(60)), "EC2 is asked again");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// By the image's id. An image never changes.
    images: BTreeMap<String, Image>,
    /// What is refused, the oldest first.
    refused: Vec<Noted>,
}

/// What EC2 said about an image. Further facts would come with the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// EC2's name for its architecture
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html>).
    pub architecture: String,
}

impl Image {
    /// Whether machines of `instance_type` can run it. EC2 and the model have the same names for the two architectures
    /// that there is a runner for.
    pub fn fits(&self, instance_type: &InstanceType) -> bool {
        self.architecture == instance_type.architecture().as_str() && !instance_type.is_mac()
    }
}

/// What EC2 refuses to every launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Refused {
    /// A launch from a pool whose zone, or region, does not have the type.
    Pool(Pool),
    /// Spot as a whole: the account lacks its service-linked role, and scale-up may not make it.
    Spot,
    /// To find an image.
    Image {
        /// Its id.
        image: String,
    },
    /// To say what an image is.
    Question {
        /// Its id.
        image: String,
    },
    /// To run an image on instances of another architecture. This is known without asking, and noted so that it is
    /// reported seldom.
    Misfit {
        /// The image's id.
        image: String,
        /// The type.
        instance_type: InstanceType,
    },
}

impl Refused {
    /// How long a refusal holds. Regions get new types rarely. The others end when a person fixes the cause, who
    /// should not have to wait long.
    const fn lasts(&self) -> Duration {
        match self {
            Self::Pool(_) => Duration::from_hours(24),
            Self::Spot | Self::Misfit { .. } => Duration::from_hours(1),
            Self::Question { .. } => Duration::from_mins(15),
            Self::Image { .. } => Duration::from_mins(5),
        }
    }
}

/// A refusal, and when EC2 gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    refused: Refused,
    at: Time,
}

impl Noted {
    fn holds(&self, now: Time) -> bool {
        now < self.at + self.refused.lasts()
    }
}

impl Findings {
    /// What is known of an image.
    pub fn image(&self, id: &str) -> Option<&Image> {
        self.images.get(id)
    }

    /// Learns what an image is.
    pub fn learn(&mut self, id: &str, image: Image) {
        // Nobody uses so many at the same time. EC2 is asked again about those in use.
        if self.images.len() >= MOST_IMAGES {
            self.images.clear();
        }
        self.refused.retain(|noted| {
            !matches!(&noted.refused, Refused::Image { image } | Refused::Question { image } if image == id)
        });
        self.images.insert(id.to_owned(), image);
    }

    /// Notes a refusal of `now`.
    pub fn note(&mut self, refused: Refused, now: Time) {
        self.refused.retain(|noted| noted.holds(now) && noted.refused != refused);
        if self.refused.len() >= MOST_REFUSALS {
            self.refused.remove(0);
        }
        self.refused.push(Noted { refused, at: now });
    }

    /// `refused` was granted.
    pub fn forget(&mut self, refused: &Refused) {
        self.refused.retain(|noted| noted.refused != *refused);
    }

    /// When EC2 last gave this refusal, if it still holds at `now`.
    pub fn heard_at(&self, refused: &Refused, now: Time) -> Option<Time> {
        self.refused.iter().find(|noted| noted.refused == *refused && noted.holds(now)).map(|noted| noted.at)
    }

    /// When EC2 last gave this refusal, whether or not it still holds.
    pub fn last_heard_at(&self, refused: &Refused) -> Option<Time> {
        self.refused.iter().find(|noted| noted.refused == *refused).map(|noted| noted.at)
    }

    /// Whether the refusal still holds at `now`.
    pub fn holds(&self, refused: &Refused, now: Time) -> bool {
        self.heard_at(refused, now).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::Market,
        sample::{NOW, minutes, pool},
    };

    fn image(architecture: &str) -> Image {
        Image { architecture: architecture.to_owned() }
    }

    #[test]
    fn an_image_fits_machines_of_its_architecture() {
        let fits = |architecture, name| image(architecture).fits(&InstanceType::new(name).unwrap());
        assert!(fits("x86_64", "t2.nano") && fits("arm64", "t4g.nano"));
        assert!(!fits("arm64", "t2.nano") && !fits("x86_64", "t4g.nano"));
        assert!(!fits("x86_64", "mac1.metal"), "no Linux runs on a Mac");
        for other in ["i386", "x86_64_mac", "arm64_mac", ""] {
            assert!(!fits(other, "t2.nano") && !fits(other, "t4g.nano"), "there is no runner for {other}");
        }
    }

    #[test]
    fn a_pool_rests_for_a_day_from_its_last_refusal() {
        let refused = Refused::Pool(pool(0, Market::Spot));
        let mut findings = Findings::default();
        findings.note(refused.clone(), NOW);
        let later = NOW + minutes(24 * 60 - 1);
        assert_eq!(findings.heard_at(&refused, later), Some(NOW));
        assert!(!findings.holds(&refused, NOW + minutes(24 * 60)));
        assert!(!findings.holds(&Refused::Pool(pool(0, Market::OnDemand)), NOW), "each market has its own");
        findings.note(refused.clone(), later);
        assert_eq!(findings.heard_at(&refused, NOW + minutes(25 * 60)), Some(later));
    }

    #[test]
    fn what_was_granted_is_refused_no_more() {
        let (one, other) = (Refused::Pool(pool(0, Market::Spot)), Refused::Pool(pool(1, Market::Spot)));
        let mut findings = Findings::default();
        findings.note(one.clone(), NOW);
        findings.note(other.clone(), NOW);
        findings.forget(&one);
        assert!(!findings.holds(&one, NOW) && findings.holds(&other, NOW));
    }

    #[test]
    fn what_is_known_of_an_image_ends_what_was_refused_of_it() {
        let mut findings = Findings::default();
        let gone = Refused::Image { image: "ami-1".to_owned() };
        findings.note(gone.clone(), NOW);
        findings.note(Refused::Question { image: "ami-2".to_owned() }, NOW);
        findings.learn("ami-1", image("arm64"));
        assert!(!findings.holds(&gone, NOW));
        assert!(findings.holds(&Refused::Question { image: "ami-2".to_owned() }, NOW), "another image");
        assert_eq!(findings.image("ami-1"), Some(&image("arm64")));
    }

    #[test]
    fn the_item_is_bounded_and_forgets_the_oldest() {
        let mut findings = Findings::default();
        for number in 0..500 {
            findings.note(Refused::Pool(pool(number, Market::Spot)), NOW + minutes(u64::from(number)));
            findings.learn(&format!("ami-{number:017}"), image("x86_64"));
        }
        let now = NOW + minutes(500);
        assert!(!findings.holds(&Refused::Pool(pool(399, Market::Spot)), now));
        assert!(findings.holds(&Refused::Pool(pool(400, Market::Spot)), now));
        assert!(findings.image(&format!("ami-{:017}", 499)).is_some());
        let bytes = serde_json::to_string(&findings).unwrap().len();
        assert!(bytes < 20_000, "{bytes}");
    }
}
