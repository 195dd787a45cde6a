//! Which pools a launch may use, in order: pure.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{InstanceType, Label, contract::environment::ScaleUpEnvironment};

use crate::{
    record::{Findings, Intent, Market, Pool, Refused},
    time::Time,
};

/// After this many failed launches for one job, on-demand comes first.
const SPOT_LAUNCHES: u32 = 2;
/// If nothing else is left, a resting pool is asked again this long after its last refusal: somebody may have fixed
/// the cause, and a zone's shortage ends.
const LAST_RESORT: Duration = Duration::from_mins(5);

/// The pools of a launch, best first, and whether each may be asked. All pools are listed twice: the second time as a
/// last resort. Their positions never change, so an invocation that takes a launch over continues at the same
/// position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pools(Vec<(Pool, bool)>);

/// How a launch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FirstCall {
    /// The pool's place.
    pub tried: u32,
    /// The pool.
    pub pool: Pool,
    /// The image.
    pub image: String,
}

/// Why nothing can be launched for a label set, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unlaunchable {
    /// The image is not there.
    #[error(
        "EC2 does not find image {image}, or it is not available; give DefaultAMI (default_ami), or `ami` of the label's mapping, an image of this region that this account may use"
    )]
    NoImage {
        /// Its id.
        image: String,
    },
    /// No type fits the image.
    #[error(
        "{misfits}; give the label's mapping an `ami` for these types, or types for the image (DefaultAMI, DefaultInstanceType)"
    )]
    Misfits {
        /// Each type, as [`misfit`] says it.
        misfits: String,
    },
    /// Every pool rests.
    #[error(
        "none of the subnets' zones has {types}; give the label's mapping `instance_types` that are offered there, or the deployment other subnets (SubnetIds)"
    )]
    NotOffered {
        /// The types.
        types: String,
    },
}

impl Pools {
    /// The pools of `intent` at `now`: spot over all types and subnets, then on-demand. The first subnet differs from
    /// launch to launch, so that not every launch starts with the same zone. Then come resting pools, if they have
    /// rested long enough.
    pub(super) fn of(settings: &ScaleUpEnvironment, intent: &Intent, findings: &Findings, now: Time) -> Self {
        let image = image(settings, &intent.labels);
        let fits = |pool: &Pool| findings.image(image).is_none_or(|it| it.fits(&pool.instance_type));
        let refused: Vec<_> = in_order(settings, intent)
            .into_iter()
            .map(|pool| (fits(&pool), refused_at(findings, &pool, now), pool))
            .collect();
        let awake = refused.iter().map(|(fits, at, pool)| (pool.clone(), *fits && at.is_none()));
        let rested = |at: &Option<Time>| at.is_some_and(|at| at + LAST_RESORT <= now);
        let last = refused.iter().map(|(fits, at, pool)| (pool.clone(), *fits && rested(at)));
        Self(awake.chain(last).collect())
    }

    /// Whether the pool at position `place` is asked as a last resort.
    pub(super) fn is_last_resort(&self, place: u32) -> bool {
        usize::try_from(place).unwrap_or(usize::MAX) >= self.0.len() / 2
    }

    /// The first pool from position `place` on that may be asked, with its position.
    pub(super) fn next(&self, place: usize) -> Option<(u32, &Pool)> {
        let (place, (pool, _)) = self.0.iter().enumerate().skip(place).find(|(_, (_, may))| *may)?;
        Some((u32::try_from(place).ok()?, pool))
    }

    /// The position of the first pool after `place` that is not of `market`.
    pub(super) fn other_market(&self, place: usize, market: Market) -> Option<usize> {
        let behind = self.0.iter().enumerate().skip(place + 1);
        behind.filter(|(_, (pool, _))| pool.market != market).map(|(place, _)| place).next()
    }

    /// Pools that may all be asked, but not as a last resort.
    #[cfg(test)]
    pub(super) fn open(pools: Vec<Pool>) -> Self {
        let last: Vec<_> = pools.iter().map(|pool| (pool.clone(), false)).collect();
        Self(pools.into_iter().map(|pool| (pool, true)).chain(last).collect())
    }

    /// The same, but one may not be asked.
    #[cfg(test)]
    pub(super) fn without(mut self, place: usize) -> Self {
        self.0[place].1 = false;
        self
    }
}

/// How the launch `intent` begins.
pub(super) fn first_call(
    settings: &ScaleUpEnvironment,
    intent: &Intent,
    findings: &Findings,
    now: Time,
) -> Result<FirstCall, Unlaunchable> {
    let image = image(settings, &intent.labels);
    if findings.holds(&Refused::Image { image: image.to_owned() }, now) {
        return Err(Unlaunchable::NoImage { image: image.to_owned() });
    }
    if let Some((tried, pool)) = Pools::of(settings, intent, findings, now).next(0) {
        return Ok(FirstCall { tried, pool: pool.clone(), image: image.to_owned() });
    }
    let types = types(settings, &intent.labels);
    let misfits: Vec<_> = types.iter().filter_map(|one| misfit(findings, image, one)).collect();
    Err(if misfits.len() == types.len() {
        Unlaunchable::Misfits { misfits: misfits.join(", ") }
    } else {
        let fitting = types.iter().filter(|one| misfit(findings, image, one).is_none());
        Unlaunchable::NotOffered { types: fitting.map(InstanceType::as_str).collect::<Vec<_>>().join(", ") }
    })
}

/// Why instances of `instance_type` cannot run `image`, in words; `None` if nothing is known against it.
pub(super) fn misfit(findings: &Findings, image: &str, instance_type: &InstanceType) -> Option<String> {
    let known = findings.image(image).filter(|known| !known.fits(instance_type))?;
    let machine = if instance_type.is_mac() { "a Mac" } else { instance_type.architecture().as_str() };
    Some(format!("image {image} is for {}, and {} is {machine}", known.architecture, instance_type.as_str()))
}

/// The types for `labels`, best first.
pub(super) fn types<'a>(settings: &'a ScaleUpEnvironment, labels: &BTreeSet<Label>) -> &'a [InstanceType] {
    match settings.label_mappings.find(labels) {
        Some(mapping) => mapping.candidates(),
        None => std::slice::from_ref(&settings.default_instance_type),
    }
}

/// The image for `labels`.
pub(super) fn image<'a>(settings: &'a ScaleUpEnvironment, labels: &BTreeSet<Label>) -> &'a str {
    let own = settings.label_mappings.find(labels).and_then(|mapping| mapping.ami.as_ref());
    own.map_or_else(|| settings.default_ami.as_str(), |image| image.as_str())
}

/// What was refused to launches from `pool`.
pub(super) fn refusal(findings: &Findings, pool: &Pool, now: Time) -> Refused {
    if pool.market == Market::Spot && findings.holds(&Refused::Spot, now) {
        Refused::Spot
    } else {
        Refused::Pool(pool.clone())
    }
}

/// When `pool` was last refused, if that still holds at `now`.
fn refused_at(findings: &Findings, pool: &Pool, now: Time) -> Option<Time> {
    let spot = (pool.market == Market::Spot).then(|| findings.heard_at(&Refused::Spot, now)).flatten();
    spot.max(findings.heard_at(&Refused::Pool(pool.clone()), now))
}

/// All pools of `intent`, best first.
fn in_order(settings: &ScaleUpEnvironment, intent: &Intent) -> Vec<Pool> {
    let types = types(settings, &intent.labels);
    let subnets = settings.subnet_ids.as_slice();
    let turn = intent.id.as_str().bytes().map(usize::from).sum::<usize>() % subnets.len().max(1);
    let turned = || subnets.iter().cycle().skip(turn).take(subnets.len());
    let of = |market| {
        types.iter().flat_map(move |instance_type| {
            turned().map(move |subnet| Pool {
                instance_type: instance_type.clone(),
                subnet: subnet.clone(),
                market,
            })
        })
    };
    if intent.in_vain < SPOT_LAUNCHES {
        of(Market::Spot).chain(of(Market::OnDemand)).collect()
    } else {
        of(Market::OnDemand).chain(of(Market::Spot)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::Image,
        sample::{NOW, intent, labels, minutes, scale_up},
    };

    const OWN_IMAGE: &str = "ami-0123456789abcdef1";

    /// Of two types, in three subnets.
    fn large() -> Intent {
        Intent { labels: labels("self-hosted large"), ..intent(1, 1) }
    }

    fn all_of_large() -> Vec<Pool> {
        in_order(&scale_up(), &large())
    }

    fn pools(intent: &Intent, findings: &Findings, now: Time) -> Vec<Pool> {
        let pools = Pools::of(&scale_up(), intent, findings, now).0;
        pools.into_iter().filter_map(|(pool, may)| may.then_some(pool)).collect()
    }

    fn begins(findings: &Findings, now: Time) -> Result<FirstCall, Unlaunchable> {
        first_call(&scale_up(), &large(), findings, now)
    }

    fn knowing(architecture: &str) -> Findings {
        let mut findings = Findings::default();
        findings.learn(OWN_IMAGE, Image { architecture: architecture.to_owned() });
        findings
    }

    /// What is known when all pools of `large` but the last `left` were refused.
    fn refused_but(left: usize) -> Findings {
        let mut findings = Findings::default();
        let all = all_of_large();
        for pool in &all[..all.len() - left] {
            findings.note(Refused::Pool(pool.clone()), NOW);
        }
        findings
    }

    #[test]
    fn spot_comes_first_until_two_launches_were_in_vain() {
        let (settings, none) = (scale_up(), Findings::default());
        let first = pools(&large(), &none, NOW);
        assert_eq!(first.len(), 12, "two types in three subnets, bought in two ways");
        assert!(first[..6].iter().all(|pool| pool.market == Market::Spot));
        let later = pools(&Intent { in_vain: 2, ..large() }, &none, NOW);
        assert!(later[..6].iter().all(|pool| pool.market == Market::OnDemand));
        assert_eq!(image(&settings, &large().labels), OWN_IMAGE);
        assert_eq!(image(&settings, &labels("self-hosted")), "ami-0123456789abcdef0");
    }

    #[test]
    fn launches_begin_in_different_subnets() {
        let none = Findings::default();
        let begins: BTreeSet<_> =
            (1..20).map(|id| pools(&intent(id, 1), &none, NOW)[0].subnet.clone()).collect();
        assert_eq!(begins.len(), 3);
    }

    #[test]
    fn a_pool_that_rests_is_passed_over_and_keeps_its_place() {
        let all = all_of_large();
        let mut findings = Findings::default();
        findings.note(Refused::Pool(all[0].clone()), NOW);
        let call = begins(&findings, NOW + minutes(60)).unwrap();
        assert_eq!((call.tried, &call.pool), (1, &all[1]));
        let call = begins(&findings, NOW + minutes(24 * 60)).unwrap();
        assert_eq!((call.tried, &call.pool), (0, &all[0]), "a day later");
    }

    #[test]
    fn without_spot_a_launch_begins_on_demand() {
        let mut findings = Findings::default();
        findings.note(Refused::Spot, NOW);
        let left = pools(&large(), &findings, NOW + minutes(4));
        assert!(left.len() == 6 && left.iter().all(|pool| pool.market == Market::OnDemand));
        let call = begins(&findings, NOW + minutes(59)).unwrap();
        assert_eq!((call.tried, call.pool.market), (6, Market::OnDemand));
        assert_eq!(pools(&large(), &findings, NOW + minutes(60)).len(), 12);
    }

    #[test]
    fn pools_that_rest_are_a_last_resort_after_five_minutes() {
        let one_left = refused_but(1);
        let pools = |minute| Pools::of(&scale_up(), &large(), &one_left, NOW + minutes(minute));
        let all = all_of_large();
        assert_eq!(pools(4).next(0), Some((11, &all[11])), "one is awake");
        assert_eq!(pools(4).next(12), None);
        assert_eq!(pools(5).next(0), Some((11, &all[11])), "and still comes first");
        assert_eq!(pools(5).next(12), Some((12, &all[0])));
        assert!(pools(5).is_last_resort(12) && !pools(5).is_last_resort(11));
        let error = begins(&refused_but(0), NOW + minutes(4)).unwrap_err();
        assert_eq!(error, Unlaunchable::NotOffered { types: "c5.xlarge, c6i.xlarge".to_owned() });
        assert_eq!(begins(&refused_but(0), NOW + minutes(5)).unwrap().tried, 12);
    }

    #[test]
    fn types_of_another_architecture_are_not_asked_for() {
        assert_eq!(pools(&large(), &knowing("x86_64"), NOW).len(), 12);
        for other in ["arm64", "i386"] {
            let error = begins(&knowing(other), NOW).unwrap_err().to_string();
            for words in [
                OWN_IMAGE,
                other,
                "c5.xlarge is x86_64",
                "c6i.xlarge is x86_64",
                "`ami`",
                "DefaultInstanceType",
            ] {
                assert!(error.contains(words), "{words}: {error}");
            }
        }
        let json =
            r#"[{"label":"large","instance_type":"c5.xlarge","instance_types":["c7g.xlarge","c5.xlarge"]}]"#;
        let mut settings = scale_up();
        settings.label_mappings = jit_runners_model::LabelMappings::from_json(json).unwrap();
        let mut findings = Findings::default();
        findings.learn("ami-0123456789abcdef0", Image { architecture: "x86_64".to_owned() });
        let call = first_call(&settings, &large(), &findings, NOW).unwrap();
        assert_eq!((call.tried, call.pool.instance_type.as_str()), (3, "c5.xlarge"));
    }

    #[test]
    fn an_image_that_is_not_there_is_named() {
        let mut findings = Findings::default();
        findings.note(Refused::Image { image: OWN_IMAGE.to_owned() }, NOW);
        assert_eq!(begins(&findings, NOW), Err(Unlaunchable::NoImage { image: OWN_IMAGE.to_owned() }));
        assert!(begins(&findings, NOW + minutes(5)).is_ok(), "it is looked for again");
        assert!(first_call(&scale_up(), &intent(1, 1), &findings, NOW).is_ok(), "others have another image");
    }
}
