//! The settings of the simulated GitHub.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::{
    RunnerVersion,
    contract::runner_release::{Archive, RunnerRelease, archive_name},
};
use jit_runners_runtime::{
    port::{Download, EndOfLife},
    time::Time,
};

use super::refusal::PlaceRefusal;

/// The settings of the simulated GitHub. The default is a quiet day: prompt, and without faults, but with the
/// published limits.
#[derive(Debug, Clone, PartialEq)]
pub struct GithubSettings {
    /// The time until a job is assigned to a runner that could take it.
    pub assign_delay: (Duration, Duration),
    /// The time from then until the runner has picked up the job, which webhooks report.
    pub pickup_delay: (Duration, Duration),
    /// How often a runner gets the job that has waited longest; otherwise it gets any job.
    pub oldest_first: f64,
    /// From an event until its webhook arrives.
    pub webhook_delay: (Duration, Duration),
    /// How often a webhook is lost (<https://github.com/ubicloud/ubicloud/pull/1042>).
    pub webhook_lost: f64,
    /// How often a webhook arrives twice.
    pub webhook_doubled: f64,
    /// How often a webhook arrives later than usual.
    pub webhook_late: f64,
    /// How late it is then
    /// (<https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/troubleshooting-webhooks>).
    pub webhook_lateness: (Duration, Duration),
    /// When a runner that listens without a job is dropped, if at all
    /// (<https://github.com/actions/runner/issues/4726>: after two to six minutes).
    pub idle_drop: Option<(Duration, Duration)>,
    /// How often the job of a runner is gone when the runner asks for it. Its registration is used up, it listens for
    /// ever, and the job is queued again (<https://github.com/actions/runner/issues/4617>).
    pub ghost: f64,
    /// The time from the loss of a machine with a job until GitHub notices and the job fails
    /// (<https://github.com/ubicloud/ubicloud/pull/1678>).
    pub lost_machine: (Duration, Duration),
    /// The time from the loss of a machine until its runner is shown as offline and gets no more jobs.
    pub offline_after: (Duration, Duration),
    /// How often a job whose machine is lost within a minute of its assignment is queued again although it was
    /// started. No webhook says so.
    pub requeued_though_started: f64,
    /// How often the registration of a lost machine with a job is left, offline, when the job has failed.
    pub left_behind: f64,
    /// How often a call is answered with a server error.
    pub server_error: f64,
    /// How often such a call was carried out all the same.
    pub done_despite_error: f64,
    /// How often a call is refused without a header that says why.
    pub refuse_limited: f64,
    /// How often a call is refused with the header `retry-after`.
    pub refuse_with_wait: f64,
    /// How long that header says.
    pub refused_for: (Duration, Duration),
    /// Outages: the API answers with server errors or not at all, and no webhook is sent.
    pub outages: Vec<(Time, Time)>,
    /// The share of webhooks that are lost in an outage; the others come when it is over.
    pub outage_loses_webhooks: f64,
    /// How often a list or a job that changed within [`Self::stale_for`] is shown as it was before.
    pub stale_reads: f64,
    /// How long a moment is.
    pub stale_for: Duration,
    /// Requests for an hour (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
    pub primary_limit: u32,
    /// Registrations for an hour, which have their own limit
    /// (<https://docs.github.com/en/rest/rate-limit/rate-limit>, `actions_runner_registration`).
    pub registration_limit: u32,
    /// Registrations for five minutes with one repository or organization
    /// (<https://docs.github.com/en/actions/reference/limits>).
    pub registration_burst: u32,
    /// Points for a minute and one endpoint; reading costs 1, changing 5
    /// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>).
    pub secondary_limit: u32,
    /// How often a refusal for that limit comes without the header `retry-after`.
    pub secondary_without_wait: f64,
    /// The archives of the runner that are offered, each list from its time on, the latest last.
    pub downloads: Vec<(Time, Vec<Download>)>,
    /// When the support of releases ends, if that is known.
    pub ends_of_life: BTreeMap<RunnerVersion, EndOfLife>,
    /// Releases whose runners get no jobs: their processes are told, and exit.
    pub deprecated: BTreeSet<RunnerVersion>,
    /// What is refused at some places.
    pub refusals: Vec<PlaceRefusal>,
    /// For so long after a job was assigned, its runner is shown without a job, and its registration can be removed.
    /// The job goes on (<https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5085>).
    pub removal_blind: Duration,
    /// How old a token is until it is accepted everywhere (<https://github.com/octokit/auth-app.js/issues/589>).
    pub young_token: Duration,
    /// How often a call with a younger one is refused.
    pub young_token_refused: f64,
    /// How often a runner updates itself before it listens, during which it is shown with a job
    /// (<https://github.com/github-aws-runners/terraform-aws-github-runner/issues/4052>).
    pub self_update: f64,
}

/// GitHub's offer of a release, with the archives for other systems.
pub fn downloads_of(release: &RunnerRelease) -> Vec<Download> {
    let offered = |os: &str, architecture: &str, archive: &Archive| Download {
        os: os.to_owned(),
        architecture: architecture.to_owned(),
        file_name: archive_name(architecture, &release.version).replace("linux", os),
        url: archive.url.replace("linux", os),
        checksum: Some(archive.checksum.to_string()),
        takes_token: false,
    };
    vec![
        offered("osx", "x64", &release.x64),
        offered("linux", "x64", &release.x64),
        offered("win", "x64", &release.x64),
        offered("osx", "arm64", &release.arm64),
        offered("linux", "arm64", &release.arm64),
    ]
}

impl Default for GithubSettings {
    fn default() -> Self {
        let (millis, seconds) = (Duration::from_millis, Duration::from_secs);
        Self {
            assign_delay: (millis(500), seconds(3)),
            pickup_delay: (millis(200), seconds(2)),
            oldest_first: 0.8,
            webhook_delay: (millis(200), seconds(2)),
            webhook_lost: 0.0,
            webhook_doubled: 0.0,
            webhook_late: 0.0,
            webhook_lateness: (seconds(60), seconds(600)),
            idle_drop: None,
            ghost: 0.0,
            lost_machine: (seconds(600), seconds(900)),
            offline_after: (seconds(30), seconds(120)),
            requeued_though_started: 0.0,
            left_behind: 0.0,
            server_error: 0.0,
            done_despite_error: 0.5,
            refuse_limited: 0.0,
            refuse_with_wait: 0.0,
            refused_for: (seconds(10), seconds(120)),
            outages: Vec::new(),
            outage_loses_webhooks: 0.0,
            stale_reads: 0.0,
            stale_for: seconds(3),
            primary_limit: 5_000,
            registration_limit: 10_000,
            registration_burst: 1_500,
            secondary_limit: 900,
            secondary_without_wait: 0.0,
            downloads: vec![(Time::default(), downloads_of(&RunnerRelease::newest_shipped()))],
            ends_of_life: BTreeMap::new(),
            deprecated: BTreeSet::new(),
            refusals: Vec::new(),
            removal_blind: Duration::ZERO,
            young_token: Duration::ZERO,
            young_token_refused: 0.0,
            self_update: 0.0,
        }
    }
}

impl GithubSettings {
    /// What is left of it when faults stop: limits, what is refused for ever, and what GitHub does at all times.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self {
            primary_limit: self.primary_limit,
            registration_limit: self.registration_limit,
            registration_burst: self.registration_burst,
            secondary_limit: self.secondary_limit,
            refusals: self.refusals.iter().filter(|refusal| refusal.until.is_none()).cloned().collect(),
            removal_blind: self.removal_blind,
            young_token: self.young_token,
            young_token_refused: self.young_token_refused,
            self_update: self.self_update,
            ..Self::default()
        }
    }

    /// When the outage of `now` is over; `None` if there is no outage.
    pub(super) fn outage_until(&self, now: Time) -> Option<Time> {
        self.outages.iter().find(|(from, until)| (*from..*until).contains(&now)).map(|(_, until)| *until)
    }
}
