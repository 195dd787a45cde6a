//! Which release of the Actions runner instances get.
//!
//! A pinned release is used as it is. Otherwise GitHub is asked which release to use: by the rebalancer once an hour,
//! and by scale-up if nobody has asked for a day. One item of the table holds the answer for all invocations. If
//! GitHub offers nothing usable, the newer of its last offer and the shipped release is used; then a new release of
//! jit-runners helps.
//!
//! ```
//! use jit_runners_model::{RunnerVersion, contract::runner_release::RunnerRelease};
//! use jit_runners_runtime::{record::Releases, time::Time};
//!
//! let older = RunnerRelease::known(&RunnerVersion::new("2.337.0")?).ok_or("not known")?;
//! let now = Some(Time::from_millis(1));
//! let offered = Releases { offered: Some(older.clone()), confirmed_at: now, ..Releases::default() };
//! assert_eq!(offered.in_force(), older, "GitHub offers an older release than the one that is shipped");
//! let no_longer_offered = Releases { confirmed_at: None, ..offered };
//! assert_eq!(no_longer_offered.in_force(), RunnerRelease::newest_shipped());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod offer;

use std::time::Duration;

use jit_runners_model::{
    ApiUrl, RunnerVersion,
    contract::{
        environment::{RebalancerEnvironment, ScaleUpEnvironment},
        message::Repository,
        runner_release::{ReleaseChoice, RunnerRelease, WARNED_DAYS},
        table::Key,
    },
};

use crate::{
    port::{
        Clock, EndOfLife, Github, GithubError, Observation, Observe, RegistrationTarget, ReleaseQuestion,
        Stored, Table,
    },
    record::{ReleaseSupport, Releases},
    retry::is_end_untold,
    store::{self, StoreError, Transaction},
    time::Time,
};

/// All invocations together ask GitHub at most this often which release to use.
const ASKED_EVERY: Duration = Duration::from_hours(1);
/// Scale-up uses the last offer for this long. By then, the rebalancer has asked again, unless a release was pinned
/// in the meantime.
const TRUSTED_FOR: Duration = Duration::from_hours(24);
/// GitHub is asked this often how long the release in force gets jobs.
const SUPPORT_ASKED_EVERY: Duration = Duration::from_hours(24);
/// If GitHub refuses to tell scale-up, which asks in one place, the rebalancer asks in others after this time.
const REFUSED_FOR: Duration = Duration::from_mins(2);
/// In how many places GitHub is asked the same, if it refuses that.
const TARGETS: u32 = 3;
/// The longest that a request and storing its answer take. After this time, no answer will come.
const ANSWERED_WITHIN: Duration = Duration::from_secs(12);
/// The pause between two looks for the answer to another invocation's request.
const LOOK: Duration = Duration::from_millis(500);
const DAY: Duration = Duration::from_hours(24);

/// The checksums of a pinned release are not known. Deploying such a release is refused; this is for a variable that
/// was changed by hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "RUNNER_CHECKSUMS is empty, and the checksums of runner {0} are not known here; set the deployment's RunnerChecksums (runner_checksums) to those in https://github.com/actions/runner/releases/tag/v{0}"
)]
pub struct UnknownRelease(RunnerVersion);

/// The pinned release, if there is one. Known checksums take precedence over given ones, which may belong to another
/// release.
pub fn pinned(settings: &ScaleUpEnvironment) -> Result<Option<RunnerRelease>, UnknownRelease> {
    let ReleaseChoice::Pinned(version) = &settings.runner_version else { return Ok(None) };
    let given = || settings.runner_checksums.0.clone();
    RunnerRelease::known(version)
        .or_else(|| given().map(|checksums| RunnerRelease::new(version.clone(), checksums)))
        .map(Some)
        .ok_or_else(|| UnknownRelease(version.clone()))
}

/// Why there is no release to launch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRelease {
    /// The pinned release is not known.
    #[error(transparent)]
    Unknown(#[from] UnknownRelease),
    /// The table does not answer.
    #[error("{0}")]
    Unavailable(String),
}

impl From<StoreError> for NoRelease {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The release for new launches. If nobody has asked GitHub yet, it is asked on behalf of `repository`'s runners.
pub async fn for_launches<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    repository: &Repository,
) -> Result<RunnerRelease, NoRelease> {
    if let Some(release) = pinned(settings)? {
        return Ok(release);
    }
    loop {
        let releases = read(ports).await?;
        let now = ports.now();
        let is_stale = releases.item.confirmed_at.is_some_and(|at| at + TRUSTED_FOR <= now);
        if releases.item.offered.is_some() && !is_stale {
            return Ok(releases.item.in_force());
        }
        if is_due(releases.item.asked_at, ASKED_EVERY, now) {
            let target = RegistrationTarget::of(settings.runner_scope, repository);
            if let Some(asked) =
                ask(ports, releases, &[target], &settings.github_api_url, REFUSED_FOR, &mut || false).await?
            {
                return Ok(asked.item.in_force());
            }
        } else if releases.item.is_asked && !is_due(releases.item.asked_at, ANSWERED_WITHIN, now) {
            ports.sleep_until(now + LOOK).await;
        } else {
            return Ok(releases.item.in_force());
        }
    }
}

/// What GitHub said so far, for a tick of the rebalancer.
pub async fn read<P: Table + Clock>(ports: &P) -> Result<Stored<Releases>, StoreError> {
    Ok(store::get(ports, &Key::releases()).await?.unwrap_or_else(Stored::absent))
}

/// How many requests [`look`] may make at `now`.
pub fn due(settings: &RebalancerEnvironment, releases: &Releases, now: Time) -> u32 {
    let choice = &settings.runner_version;
    let questions = [is_which_due(choice, releases, now), is_how_long_due(choice, releases, now)];
    questions.into_iter().map(|is_due| if is_due { TARGETS } else { 0 }).sum()
}

/// Asks GitHub, on behalf of the runners of `repositories`, whatever is due. If it refuses that in one place, another one
/// is tried. `may_ask` says whether a request is left for it.
pub async fn look<P: Table + Github + Clock + Observe>(
    ports: &P,
    settings: &RebalancerEnvironment,
    mut releases: Stored<Releases>,
    repositories: &[Repository],
    mut may_ask: impl FnMut() -> bool,
) -> Result<Stored<Releases>, StoreError> {
    let mut targets: Vec<RegistrationTarget> = Vec::new();
    for target in
        repositories.iter().map(|repository| RegistrationTarget::of(settings.runner_scope, repository))
    {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    let choice = &settings.runner_version;
    if !targets.is_empty() && is_which_due(choice, &releases.item, ports.now()) && may_ask() {
        releases = match ask(ports, releases, &targets, &settings.github_api_url, ASKED_EVERY, &mut may_ask)
            .await?
        {
            Some(asked) => asked,
            None => read(ports).await?,
        };
    }
    if !targets.is_empty() && is_how_long_due(choice, &releases.item, ports.now()) && may_ask() {
        let version = releases.item.version_in_force(choice);
        let known = releases.item.support.as_ref().filter(|support| support.version == version).cloned();
        let mut asked_at = ports.now();
        let answer =
            anywhere(ports, &targets, &mut may_ask, async |target| ports.end_of_life(target, &version).await)
                .await;
        let ends_at = match answer {
            Ok(told) => end(told),
            Err(error) => {
                if !is_end_untold(&error, ports.now()) {
                    let question = ReleaseQuestion::HowLong;
                    ports.observe(Observation::ReleaseUnknown { question, why: error.to_string() });
                    // If the answer was lost, GitHub is asked again in an hour, not in a day.
                    asked_at = asked_at - SUPPORT_ASKED_EVERY + ASKED_EVERY;
                }
                known.and_then(|support| support.ends_at)
            }
        };
        let support = ReleaseSupport { version, asked_at, ends_at };
        releases = write(ports, releases, |releases| releases.support = Some(support.clone())).await?;
        let days = releases.item.days_left(choice, ports.now());
        if let Some(days) = days.filter(|days| *days <= u64::from(WARNED_DAYS)) {
            ports.observe(Observation::ReleaseEnds { version: support.version, days });
        }
    }
    Ok(releases)
}

/// Whether GitHub is to be asked which release to use.
fn is_which_due(choice: &ReleaseChoice, releases: &Releases, now: Time) -> bool {
    *choice == ReleaseChoice::Auto && is_due(releases.asked_at, ASKED_EVERY, now)
}

/// Whether GitHub is to be asked how long the release in force gets jobs.
fn is_how_long_due(choice: &ReleaseChoice, releases: &Releases, now: Time) -> bool {
    let version = releases.version_in_force(choice);
    let known = releases.support.as_ref().filter(|support| support.version == version);
    is_due(known.map(|support| support.asked_at), SUPPORT_ASKED_EVERY, now)
}

/// Asks in the first of these places, which `may_ask` has allowed, and in the next one if that place is refused: some
/// organizations forbid runners of their repositories.
async fn anywhere<T>(
    ports: &impl Clock,
    targets: &[RegistrationTarget],
    may_ask: &mut impl FnMut() -> bool,
    question: impl AsyncFn(&RegistrationTarget) -> Result<T, GithubError>,
) -> Result<T, GithubError> {
    let mut answer = Err(GithubError::Unknown("there is nobody to ask for".to_owned()));
    let most = usize::try_from(TARGETS).unwrap_or(usize::MAX);
    for (number, target) in targets.iter().take(most).enumerate() {
        if number > 0 && !may_ask() {
            break;
        }
        answer = question(target).await;
        let is_refused = answer.as_ref().is_err_and(|error| is_end_untold(error, ports.now()));
        if !is_refused {
            break;
        }
    }
    answer
}

/// Asks GitHub which release to use. First stores that this invocation asks; `None` if another one was faster. If every place
/// is refused, the next one asks `if_refused` later.
async fn ask<P: Table + Github + Clock + Observe>(
    ports: &P,
    mut releases: Stored<Releases>,
    targets: &[RegistrationTarget],
    api: &ApiUrl,
    if_refused: Duration,
    may_ask: &mut impl FnMut() -> bool,
) -> Result<Option<Stored<Releases>>, StoreError> {
    (releases.item.asked_at, releases.item.is_asked) = (Some(ports.now()), true);
    if !store::commit_if_unchanged(ports, vec![releases.write()]).await? {
        return Ok(None);
    }
    let releases = releases.committed();
    let answer = anywhere(ports, targets, may_ask, async |target| ports.downloads(target).await).await;
    let is_told_nowhere = answer.as_ref().is_err_and(|error| is_end_untold(error, ports.now()));
    let answer = answer.map_err(|error| error.to_string());
    let offered = answer.and_then(|downloads| offer::usable(&downloads, api).map_err(|why| why.to_string()));
    let before = releases.item.in_force();
    let now = ports.now();
    let releases = write(ports, releases, |releases| {
        releases.is_asked = false;
        if is_told_nowhere {
            releases.asked_at = Some(now - ASKED_EVERY + if_refused);
        }
        releases.confirmed_at = offered.is_ok().then_some(now);
        if let Ok(release) = &offered {
            releases.offered = Some(release.clone());
        }
    })
    .await?;
    match offered {
        Ok(release) if release == before => {}
        Ok(release) => ports.observe(Observation::ReleaseOffered(release.version)),
        Err(why) => {
            ports.observe(Observation::ReleaseUnknown { question: ReleaseQuestion::Which, why });
        }
    }
    Ok(Some(releases))
}

/// Changes the item, which others change as well. `known` is what was just read or written.
async fn write<P: Table + Clock>(
    ports: &P,
    known: Stored<Releases>,
    change: impl Fn(&mut Releases),
) -> Result<Stored<Releases>, StoreError> {
    store::transact(ports, Key::releases().as_str(), async |conflicts| {
        let mut releases = if conflicts == 0 { known.clone() } else { read(ports).await? };
        change(&mut releases.item);
        Ok(Transaction::Write(vec![releases.write()], releases.committed()))
    })
    .await
}

impl Releases {
    /// The release of new launches if none is pinned: what GitHub offers, even if that is older than the shipped
    /// release, as on GitHub Enterprise Server. If GitHub no longer offers it, the newer of both.
    pub fn in_force(&self) -> RunnerRelease {
        let shipped = RunnerRelease::newest_shipped();
        match &self.offered {
            Some(offered)
                if self.confirmed_at.is_some() || offered.version.is_newer_than(&shipped.version) =>
            {
                offered.clone()
            }
            _ => shipped,
        }
    }

    /// The version of new launches.
    fn version_in_force(&self, choice: &ReleaseChoice) -> RunnerVersion {
        match choice {
            ReleaseChoice::Auto => self.in_force().version,
            ReleaseChoice::Pinned(version) => version.clone(),
        }
    }

    /// Days in which the release of new launches still gets jobs, once GitHub has said when that ends.
    pub fn days_left(&self, choice: &ReleaseChoice, now: Time) -> Option<u64> {
        let support =
            self.support.as_ref().filter(|support| support.version == self.version_in_force(choice))?;
        Some(days_until(support.ends_at?, now))
    }
}

/// Whether something that is done once in each `period` is due.
fn is_due(last: Option<Time>, period: Duration, now: Time) -> bool {
    last.is_none_or(|last| last + period <= now)
}

/// When a release can no longer be used. A runner is registered and gets its job within minutes, so the earlier of
/// both ends counts.
pub(super) fn end(told: EndOfLife) -> Option<Time> {
    [told.runtime_at, told.registration_at].into_iter().flatten().min()
}

/// Days until `end`, rounded up; 0 after it.
pub(super) fn days_until(end: Time, now: Time) -> u64 {
    end.since(now).as_millis().div_ceil(DAY.as_millis()).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::{environment::GivenChecksums, runner_release::RunnerChecksums};

    use super::*;
    use crate::sample::{NOW, minutes, newer, scale_up, seconds};

    #[test]
    fn a_pinned_release_needs_checksums_given_or_known() {
        let with = |version: &str, given: Option<RunnerChecksums>| {
            let mut settings = scale_up();
            settings.runner_version = ReleaseChoice::new(version).unwrap();
            settings.runner_checksums = GivenChecksums(given);
            pinned(&settings)
        };
        assert_eq!(with("auto", None), Ok(None));
        assert_eq!(with("2.337.0", None).unwrap().unwrap().version.as_str(), "2.337.0");
        let error = with("9.0.0", None).unwrap_err().to_string();
        assert!(error.contains("runner_checksums") && error.contains("v9.0.0"), "{error}");
        let given =
            RunnerChecksums::parse(&format!("x64={},arm64={}", "c".repeat(64), "d".repeat(64))).unwrap();
        let release = with("9.0.0", Some(given.clone())).unwrap().unwrap();
        assert_eq!((release.x64.checksum, release.arm64.checksum), (given.x64.clone(), given.arm64.clone()));
        // A stack may still have the checksums of a release that was pinned before.
        let known = with("2.338.0", Some(given)).unwrap();
        assert_eq!(known, RunnerRelease::known(&RunnerVersion::new("2.338.0").unwrap()));
    }

    #[test]
    fn what_is_no_longer_offered_stays_until_something_newer_is_shipped() {
        let older = RunnerRelease::known(&RunnerVersion::new("2.337.0").unwrap()).unwrap();
        let in_force = |offered: Option<&RunnerRelease>, is_confirmed: bool| {
            let confirmed_at = is_confirmed.then_some(NOW);
            Releases { offered: offered.cloned(), confirmed_at, ..Releases::default() }.in_force()
        };
        assert_eq!(in_force(None, false), RunnerRelease::newest_shipped());
        assert_eq!(in_force(Some(&newer()), true), newer());
        assert_eq!(in_force(Some(&newer()), false), newer());
        assert_eq!(in_force(Some(&older), true), older, "a server may offer an older one");
        assert_eq!(in_force(Some(&older), false), RunnerRelease::newest_shipped());
    }

    #[test]
    fn something_is_due_when_its_time_is_over_or_it_was_never_done() {
        let hour = Duration::from_hours(1);
        assert!(is_due(None, hour, NOW) && is_due(Some(NOW - minutes(60)), hour, NOW));
        assert!(!is_due(Some(NOW - minutes(59)), hour, NOW) && !is_due(Some(NOW), hour, NOW));
    }

    #[test]
    fn the_support_of_another_release_says_nothing() {
        let support =
            ReleaseSupport { version: newer().version, asked_at: NOW, ends_at: Some(NOW + minutes(1)) };
        let releases = Releases { support: Some(support), ..Releases::default() };
        assert_eq!(releases.days_left(&ReleaseChoice::Auto, NOW), None);
        assert_eq!(releases.days_left(&ReleaseChoice::Pinned(newer().version), NOW), Some(1));
        let offered = Releases { offered: Some(newer()), ..releases };
        assert_eq!(offered.days_left(&ReleaseChoice::Auto, NOW), Some(1));
    }

    #[test]
    fn the_earlier_end_counts() {
        let (sooner, later) = (Some(NOW), Some(NOW + seconds(1)));
        let ends = |runtime_at, registration_at| end(EndOfLife { runtime_at, registration_at });
        assert_eq!((ends(sooner, later), ends(later, sooner)), (sooner, sooner));
        assert_eq!((ends(None, later), ends(later, None), ends(None, None)), (later, later, None));
    }

    #[test]
    fn a_day_that_has_begun_is_left() {
        let left = |seconds_left| days_until(NOW + seconds(seconds_left), NOW);
        assert_eq!([left(0), left(1), left(86_400), left(86_401), left(14 * 86_400)], [0, 1, 1, 2, 14]);
        assert_eq!(days_until(NOW - seconds(5), NOW), 0);
    }
}
