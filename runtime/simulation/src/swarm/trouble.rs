//! What the real GitHub and neighbours do at times, for a while or for ever: refusals of some places, renames, runs that
//! hang, approvals, strangers.
//!
//! All this is drawn from generators of its own, in some of all runs, so that the other runs stay as they are.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label,
    contract::{message::Repository, runner_release::RunnerRelease},
};
use jit_runners_runtime::time::Time;

use super::{Act, faults::some, people::job};
use crate::{
    github::{Action, NewJob, OUR_INSTALLATION, PlaceRefusal, RefusedCall},
    random::Random,
    stranger::{Aim, Claim, Stranger},
    world::WorldSettings,
};

/// How many of all runs have any of it.
const SHARE: f64 = 0.4;
/// How many of these have one kind of it.
const EACH: f64 = 0.2;
/// Installations that are not ours.
const FOREIGN: [u64; 2] = [2, 77];

/// A run that gets trouble.
pub(super) struct Troubled<'a> {
    pub settings: &'a mut WorldSettings,
    pub acts: &'a mut Vec<(Time, Act)>,
    pub faults_stop_at: Time,
    /// Repositories in which something is pushed.
    places: Vec<Repository>,
    /// Everything is drawn from forks of it.
    random: Random,
}

/// Adds trouble to a run of some seeds. Returns for how long the run goes on after faults have stopped, if it is to be a
/// long one.
pub(super) fn trouble(
    seed: u64,
    settings: &mut WorldSettings,
    acts: &mut Vec<(Time, Act)>,
    faults_stop_at: Time,
) -> Option<Duration> {
    let random = Random::new(seed);
    if !random.fork("trouble").chance(SHARE) {
        return None;
    }
    let pushed = acts.iter().filter_map(|(_, act)| match act {
        Act::Push(repository, _) => Some(repository.clone()),
        _ => None,
    });
    let places = pushed.collect::<BTreeSet<_>>().into_iter().collect();
    let mut troubled = Troubled { settings, acts, faults_stop_at, places, random };
    troubled.refusals();
    troubled.ways();
    troubled.runs();
    troubled.approvals();
    troubled.renames();
    troubled.foreign();
    troubled.strangers();
    troubled.lasts()
}

impl Troubled<'_> {
    /// The generator of one kind, if this run has it.
    fn has(&self, kind: &str) -> Option<Random> {
        let mut random = self.random.fork(kind);
        random.chance(EACH).then_some(random)
    }

    /// Some time before faults stop.
    fn time(&self, random: &mut Random) -> Time {
        let began = self.settings.began;
        began + random.between(Duration::ZERO, self.faults_stop_at.since(began))
    }

    fn place(&self, random: &mut Random) -> Option<Repository> {
        random.pick(&self.places).cloned()
    }

    /// The name by which a place is meant in refusals: where runners belong to organizations, all of one is refused.
    fn name(&self, place: &Repository) -> String {
        let by_owner =
            self.settings.variables.get("RUNNER_SCOPE").is_some_and(|scope| scope == "organization");
        if by_owner { place.owner().to_owned() } else { place.as_str().to_owned() }
    }

    /// A refusal at some place, for a while or for ever.
    fn refusal(&self, random: &mut Random, call: RefusedCall, answers: &[u16]) -> Option<PlaceRefusal> {
        let place = self.place(random)?;
        let lasts = random.chance(0.5);
        let from = if random.chance(0.5) { self.settings.began } else { self.time(random) };
        let until = from + random.between(Duration::from_mins(1), self.faults_stop_at.since(from));
        Some(PlaceRefusal {
            from,
            until: (!lasts).then(|| until.min(self.faults_stop_at)),
            call,
            answer: random.pick(answers).copied().unwrap_or(403),
            repositories: [self.name(&place)].into(),
            labels: BTreeSet::new(),
            chance: if lasts { 1.0 } else { random.pick(&[1.0, 0.5]).copied().unwrap_or(1.0) },
        })
    }

    fn refusals(&mut self) {
        let kinds: [(&str, RefusedCall, &[u16]); 6] = [
            ("refused registrations", RefusedCall::Registration, &[403, 404, 422]),
            ("names that stay taken", RefusedCall::Registration, &[409]),
            ("jobs that are not shown", RefusedCall::Job, &[404]),
            ("refused removals", RefusedCall::Removal, &[403, 500]),
            ("refused lists", RefusedCall::Runs, &[403, 404, 502]),
            ("lost permissions", RefusedCall::Everything, &[403, 404]),
        ];
        for (kind, call, answers) in kinds {
            let refusal = self.has(kind).and_then(|mut random| self.refusal(&mut random, call, answers));
            self.settings.github.refusals.extend(refusal);
        }
        if let Some(mut random) = self.has("refused labels")
            && let Some(refusal) = self.refusal(&mut random, RefusedCall::Registration, &[422])
        {
            let label = random.pick(&["small", "large"]).and_then(|label| Label::new(*label).ok());
            let refusal = PlaceRefusal { labels: label.into_iter().collect(), ..refusal };
            self.settings.github.refusals.push(refusal);
        }
        if let Some(mut random) = self.has("cancelled at last") {
            // People give up what cannot work.
            let at = self.faults_stop_at + random.between(Duration::from_mins(5), Duration::from_hours(1));
            self.acts.push((at, Act::CancelRefused));
        }
    }

    /// What GitHub does at all times.
    fn ways(&mut self) {
        let github = &mut self.settings.github;
        let has = |kind: &str| {
            let mut random = self.random.fork(kind);
            random.chance(EACH).then_some(random)
        };
        if let Some(mut random) = has("blind removals") {
            github.removal_blind = random.between(Duration::from_secs(2), Duration::from_mins(2));
        }
        if let Some(mut random) = has("young tokens") {
            github.young_token = random.between(Duration::from_secs(1), Duration::from_secs(8));
            github.young_token_refused = random.pick(&[0.1, 0.5, 1.0]).copied().unwrap_or(1.0);
        }
        if let Some(mut random) = has("updates of runners") {
            github.self_update = some(&mut random, 1.0).max(0.05);
        }
        if let Some(mut random) = has("deprecated releases") {
            let shipped: Vec<_> = RunnerRelease::shipped().map(|release| release.version).collect();
            github.deprecated.extend(random.pick(&shipped).cloned());
        }
    }

    /// Runs that hang, and one whose jobs cannot be listed.
    fn runs(&mut self) {
        if let Some(mut random) = self.has("runs that hang")
            && let Some(place) = self.place(&mut random)
        {
            let at = self.time(&mut random);
            for _ in 0..*random.pick(&[1, 3, 20, 60]).unwrap_or(&1) {
                self.acts.push((at, Act::Hang(place.clone())));
            }
        }
        if let Some(mut random) = self.has("jobs that cannot be listed") {
            let at = self.time(&mut random);
            self.acts.push((at, Act::FailToList));
        }
    }

    /// Jobs that wait for an approval; some of them are told to be queued before it.
    fn approvals(&mut self) {
        let Some(mut random) = self.has("approvals") else { return };
        let announced = random.chance(0.5);
        for (_, act) in self.acts.iter_mut() {
            let Act::Push(_, jobs) = act else { continue };
            for job in jobs.iter_mut() {
                if !random.chance(0.3) {
                    continue;
                }
                let held = random.between(Duration::from_mins(1), Duration::from_mins(30));
                *job = NewJob { held_for: Some(held), gated: true, announced, ..job.clone() };
            }
        }
    }

    fn renames(&mut self) {
        let Some(mut random) = self.has("renames") else { return };
        let Some(mut place) = self.place(&mut random) else { return };
        let mut at = self.time(&mut random);
        for number in 0..=random.below(2) {
            let owner = if random.chance(0.3) { "elsewhere" } else { place.owner() };
            let Ok(to) = Repository::new(format!("{owner}/renamed-{number}")) else { continue };
            self.acts.push((at, Act::Rename(place.clone(), to.clone())));
            place = to;
            at = at + random.between(Duration::from_secs(10), Duration::from_mins(10));
        }
    }

    /// Jobs of other installations.
    fn foreign(&mut self) {
        let Some(mut random) = self.has("foreign installations") else { return };
        let names = ["foreign/app", "octo/one"];
        for _ in 0..=random.below(4) {
            let Some(Ok(repository)) = random.pick(&names).map(|name| Repository::new(*name)) else {
                continue;
            };
            let installation = *random.pick(&FOREIGN).unwrap_or(&2);
            let jobs = (0..=random.below(4)).map(|_| job(&mut random)).collect();
            self.acts.push((self.time(&mut random), Act::PushForeign(installation, repository, jobs)));
        }
    }

    fn strangers(&mut self) {
        let Some(mut random) = self.has("strangers") else { return };
        for _ in 0..=random.below(60) {
            let at = self.time(&mut random);
            self.acts.extend(self.stranger(&mut random).map(|stranger| (at, Act::Stranger(stranger))));
        }
    }

    fn stranger(&self, random: &mut Random) -> Option<Stranger> {
        let (repository, installation) = match random.below(4) {
            0 => (Repository::new("mallory/app").ok()?, OUR_INSTALLATION),
            1 => (Repository::new("mallory/app").ok()?, *random.pick(&FOREIGN)?),
            _ => (self.place(random)?, OUR_INSTALLATION),
        };
        let actions = [Action::Queued, Action::Waiting, Action::InProgress, Action::Completed];
        let likely = if random.chance(0.2) { &actions[..] } else { &actions[2..] };
        let action = random.pick(likely).copied()?;
        // GitHub gives our runners' ids to no job of a repository that they do not serve. But whoever knows the webhook's
        // secret can.
        let claims = [Claim::Null, Claim::Zero, Claim::Theirs, Claim::Ours];
        let is_elsewhere = repository.owner() == "mallory";
        let claim = random.pick(&claims[..if is_elsewhere { 4 } else { 3 }]).copied()?;
        Some(Stranger {
            repository,
            installation,
            action,
            labels: ["self-hosted"].into_iter().filter_map(|label| Label::new(label).ok()).collect(),
            aim: random.pick(&[Aim::Busy, Aim::Idle, Aim::Idle, Aim::Nobody]).copied()?,
            claim,
            age: *random.pick(&[Duration::ZERO, Duration::from_hours(1)])?,
        })
    }

    /// For how long a run with something that lasts goes on. After a day, GitHub gives up jobs. After weeks, we close
    /// what is still open.
    fn lasts(&self) -> Option<Duration> {
        let lasting = self.settings.github.refusals.iter().any(|refusal| refusal.until.is_none());
        match self.random.fork("long").below(3_000) {
            0 if lasting => Some(Duration::from_hours(38 * 24)),
            0..30 if lasting => Some(Duration::from_hours(27)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::GithubSettings;

    #[test]
    fn some_runs_have_trouble_and_the_others_stay_as_they_are() {
        let began = WorldSettings::quiet(1).began;
        let (mut troubled, mut lasting, mut acts_of_all) = (0, 0, 0);
        for seed in 1..=400 {
            let mut settings = WorldSettings::quiet(seed);
            let push = Act::Push(Repository::new("octo/one").unwrap(), vec![job(&mut Random::new(seed))]);
            let mut acts = vec![(began, push)];
            let lasts = trouble(seed, &mut settings, &mut acts, began + Duration::from_mins(20));
            let is_troubled = Random::new(seed).fork("trouble").chance(SHARE);
            troubled += usize::from(is_troubled);
            lasting += usize::from(settings.github.refusals.iter().any(|refusal| refusal.until.is_none()));
            acts_of_all += acts.len() - 1;
            if !is_troubled {
                assert_eq!((settings.github, acts.len(), lasts), (GithubSettings::default(), 1, None));
            }
        }
        assert!((120..200).contains(&troubled), "{troubled}");
        assert!(lasting > 40 && acts_of_all > 400, "{lasting} {acts_of_all}");
    }
}
