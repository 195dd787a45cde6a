//! Places where GitHub refuses to register runners: what is remembered about them, and a registration that is tried
//! before instances are launched there.

use jit_runners_model::{
    Label,
    contract::{
        environment::ScaleUpEnvironment,
        message::Repository,
        table::{Key, label_set_key},
    },
};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeSet, time::Duration};

use super::{
    decide::{LAUNCH_TIME, Try},
    launch::Stopped,
};
use crate::{
    port::{
        Clock, Github, GithubError, Observation, Observe, Read, Registration, RegistrationTarget, Stored,
        Table,
    },
    record::{Concerns, Fleet, InstanceId, Place, RunnerName, TryId},
    retry::{GithubClass, github_class},
    store::{self, Transaction, change_fleet},
    teardown::{Deregistration, deregister},
    time::Time,
};

/// How often a request without an answer is made.
const TRIES: u32 = 3;
/// Time between two looks at what became of somebody else's registration.
const LOOK: Duration = Duration::from_secs(1);

/// Where runners of `repository` with `labels` are registered.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// The repository or the organization.
    pub target: RegistrationTarget,
    /// The labels.
    pub labels: BTreeSet<Label>,
    /// The label set.
    pub label_set: String,
}

impl Site {
    /// The site of one label set.
    pub(super) fn new(
        settings: &ScaleUpEnvironment,
        repository: &Repository,
        labels: &BTreeSet<Label>,
    ) -> Self {
        Self {
            target: RegistrationTarget::of(settings.runner_scope, repository),
            labels: labels.clone(),
            label_set: label_set_key(repository, labels),
        }
    }
}

/// What is known about registrations at `target`.
pub(super) async fn known(ports: &(impl Table + Clock), target: &RegistrationTarget) -> Read<Stored<Place>> {
    let found = store::get::<Place>(ports, &Key::place(&target.identity())).await?;
    Ok(found.unwrap_or_else(|| Stored { revision: None, item: Place::new(target) }))
}

/// Waits until it is known whether GitHub accepts registrations at `site`, or nobody is about to find out any more.
pub(super) async fn await_proof(
    ports: &(impl Table + Clock),
    site: &Site,
    deadline: Time,
) -> Result<(), Stopped> {
    loop {
        let next = ports.now() + LOOK;
        if next + LAUNCH_TIME > deadline {
            return Err(Stopped::OutOfTime);
        }
        ports.sleep_until(next).await;
        let place = known(ports, &site.target).await?.item;
        let is_known = place.is_proven(ports.now()) || place.refusal(&site.label_set).is_some();
        if is_known || !place.is_about_to_be_proven(ports.now()) {
            return Ok(());
        }
    }
}

/// A refusal that does not pass by itself: its status, and GitHub's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    status: u16,
    reason: String,
}

impl Refused {
    /// The refusal in `error`.
    pub(super) fn new(error: &GithubError) -> Self {
        match error {
            GithubError::Refused(refusal) => Self { status: refusal.status, reason: refusal.message.clone() },
            GithubError::Unknown(reason) => Self { status: 0, reason: reason.clone() },
        }
    }

    /// What it concerns: GitHub answers with 422 if it does not accept values of the request, of which only the labels
    /// differ from launch to launch.
    fn concerns<'a>(&self, site: &'a Site) -> Concerns<'a> {
        if self.status == 422 { Concerns::LabelSet(&site.label_set) } else { Concerns::Everything }
    }
}

/// Remembers and reports that GitHub refused; `ended` instances were launched in vain. Nothing is left of `try_id`.
pub(super) async fn note_refusal<P: Table + Clock + Observe>(
    ports: &P,
    site: &Site,
    refused: &Refused,
    ended: usize,
    try_id: Option<TryId>,
) -> Result<(), Stopped> {
    let concerns = refused.concerns(site);
    let observation = store::transact(ports, &site.label_set, async |_| {
        let mut place = known(ports, &site.target).await?;
        let now = ports.now();
        place.item.refused(concerns, refused.status, &refused.reason, now);
        if let Some(try_id) = try_id {
            place.item.leaves_nothing(try_id);
        }
        let standing = place.item.refusal(&site.label_set);
        let observation = Observation::RegistrationRefused {
            place: site.target.name().to_owned(),
            labels: matches!(concerns, Concerns::LabelSet(_)).then(|| site.labels.clone()),
            status: refused.status,
            reason: refused.reason.clone(),
            times: standing.map_or(1, |it| it.times),
            wait: standing.map_or(Duration::ZERO, |it| it.again_at.since(now)),
            ended,
        };
        Ok(Transaction::Write(vec![place.write()], observation))
    })
    .await?;
    ports.observe(observation);
    Ok(())
}

/// Remembers that a registration succeeded, and reports it if GitHub had refused before. Nothing is left of `try_id`.
pub(super) async fn note_success<P: Table + Clock + Observe>(
    ports: &P,
    site: &Site,
    try_id: Option<TryId>,
) -> Result<(), Stopped> {
    let was_refused = store::transact(ports, &site.label_set, async |_| {
        let mut place = known(ports, &site.target).await?;
        let was_refused = place.item.refusal(&site.label_set).is_some();
        let is_clean = try_id.is_none() || place.item.tried_at.is_none();
        if !was_refused && is_clean && place.item.is_proven(ports.now()) {
            return Ok(Transaction::Done(false));
        }
        place.item.registered(&site.label_set, ports.now());
        if let Some(try_id) = try_id {
            place.item.leaves_nothing(try_id);
        }
        Ok(Transaction::Write(vec![place.write()], was_refused))
    })
    .await?;
    if was_refused {
        ports.observe(Observation::RegistrationAccepted { place: site.target.name().to_owned() });
    }
    Ok(())
}

/// Registers a runner that no instance has, and removes it. The result is remembered. A call that got no answer may still be carried
/// out, even after a later one; then scale-down looks for what it leaves.
pub(super) async fn try_registration<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    site: &Site,
    Try { at, id: try_id }: Try,
    deadline: Time,
) -> Result<(), Stopped> {
    if at + Duration::from_secs(5) > deadline {
        return Err(Stopped::OutOfTime);
    }
    ports.sleep_until(at).await;
    let name = name_of_try(settings, site, ports.now());
    let registration =
        Registration { target: site.target.clone(), name: name.clone(), labels: site.labels.clone() };
    let mut tries = 0;
    loop {
        let error = match ports.register(&registration).await {
            Ok(configuration) => {
                // If this fails, scale-down looks for the registration.
                let removal = deregister(ports, &site.target, &name, configuration.runner_id).await;
                let is_gone = tries == 0 && removal == Deregistration::Gone;
                return note_success(ports, site, Some(try_id).filter(|_| is_gone)).await;
            }
            Err(error) => error,
        };
        match github_class(&error, ports.now()) {
            GithubClass::Again if tries < TRIES => {
                tries += 1;
                let not_before = ports.now() + Duration::from_millis(250 << tries);
                let reserve = |fleet: &mut Fleet| fleet.reserve_registrations(1, ports.now());
                let at = change_fleet(ports, &site.label_set, reserve).await?.max(not_before);
                if at + Duration::from_secs(5) > deadline {
                    return Err(Stopped::OutOfTime);
                }
                ports.sleep_until(at).await;
            }
            GithubClass::Again | GithubClass::Wait(_) => return Err(Stopped::Unavailable(error.to_string())),
            // Nobody else has this name, so an earlier try whose answer was lost succeeded; or GitHub finds every name
            // taken.
            GithubClass::NameTaken if tries > 0 => {
                return match ports.find(&site.target, &name).await {
                    Ok(Some(registered)) => {
                        // If this fails, scale-down looks for it.
                        let _: Deregistration = deregister(ports, &site.target, &name, registered.id).await;
                        note_success(ports, site, None).await
                    }
                    Ok(None) => note_refusal(ports, site, &Refused::new(&error), 0, None).await,
                    Err(error) => Err(Stopped::Unavailable(error.to_string())),
                };
            }
            GithubClass::NameTaken | GithubClass::Busy | GithubClass::Gone | GithubClass::Fatal => {
                let try_id = Some(try_id).filter(|_| tries == 0);
                return note_refusal(ports, site, &Refused::new(&error), 0, try_id).await;
            }
        }
    }
}

/// A name like those of runners, so that scale-down finds the registration if it is left. EC2's own ids have 8 or 17
/// digits, and this one has 16, so it is never that of an instance.
fn name_of_try(settings: &ScaleUpEnvironment, site: &Site, now: Time) -> String {
    let digest = Sha256::digest(format!("{}#{now}", site.label_set));
    let digits: Vec<_> = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let instance = InstanceId::new(format!("i-{}", digits.concat()));
    RunnerName { instance, attempt: 1 }.text(&settings.deployment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, repository, scale_up, usual_labels};

    #[test]
    fn a_try_has_a_name_that_scale_down_finds_and_no_instance_has() {
        let settings = scale_up();
        let site = Site::new(&settings, &repository(), &usual_labels());
        let name = name_of_try(&settings, &site, NOW);
        let parsed = RunnerName::parse(&name, &settings.deployment).unwrap();
        assert_eq!(parsed.instance.as_str().len(), "i-".len() + 16);
        assert!(name.len() <= 64);
        assert_ne!(name, name_of_try(&settings, &site, NOW + Duration::from_millis(1)));
    }
}
