//! Webhooks: what they say, and when they arrive.

use std::{borrow::Cow, fmt};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::time::Time;
use serde::Serialize;
use sha2::Sha256;

use super::{GithubEvent, GithubWorld, Step, demand::Job, identity::repository_id};

/// A webhook on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice {
    /// The job.
    pub job: usize,
    /// What happened to it.
    pub action: Action,
    /// The runner that had it then.
    pub runner: Option<usize>,
    /// Counts notices; a duplicate has the same number.
    pub number: u64,
    /// The number of the name that its repository had.
    pub name: usize,
}

/// What a webhook tells of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is held at a gate.
    Waiting,
    /// It waits for a runner.
    Queued,
    /// A runner has it.
    InProgress,
    /// It is over.
    Completed,
}

impl Action {
    /// GitHub's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

/// Signs and numbers webhooks.
pub(super) struct Sender {
    key: Hmac<Sha256>,
    notices: u64,
}

impl Sender {
    /// Signs with `secret`.
    pub(super) fn new(secret: &[u8]) -> Self {
        // A key may have any length; this one is never taken.
        let key = Hmac::new_from_slice(secret)
            .unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        Self { key, notices: 0 }
    }

    /// A delivery, with its number.
    pub(super) fn delivery(&self, number: u64, payload: &Payload<'_>) -> GithubEvent {
        let body = serde_json::to_vec(payload).unwrap_or_default();
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "GitHub-Hookshot/0000000".to_owned()),
            ("x-github-delivery", format!("00000000-0000-4000-8000-{number:012x}")),
            ("x-github-event", "workflow_job".to_owned()),
            ("x-hub-signature-256", self.signature(&body)),
        ];
        GithubEvent::Webhook { headers, body }
    }

    /// The number of the next notice.
    pub(super) const fn next_number(&mut self) -> u64 {
        let number = self.notices;
        self.notices += 1;
        number
    }

    /// The header `x-hub-signature-256`
    /// (<https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>).
    fn signature(&self, body: &[u8]) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let code = self.key.clone().chain_update(body).finalize().into_bytes();
        let mut text = String::with_capacity(71);
        text.push_str("sha256=");
        for byte in code {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text
    }
}

impl GithubWorld {
    /// Sends a webhook, which may be lost, late or duplicated.
    pub(super) fn notify(&mut self, now: Time, job: usize, action: Action, runner: Option<usize>) {
        let number = self.sender.next_number();
        let name = self.repositories[self.jobs[job].repository].name_number();
        let lost = self.random.chance(self.settings.webhook_lost);
        let copies = if self.random.chance(self.settings.webhook_doubled) { 2 } else { 1 };
        if lost {
            self.happened.webhooks_lost += 1;
            return;
        }
        self.happened.webhooks_doubled += copies - 1;
        for _ in 0..copies {
            let mut at = now + self.delay(self.settings.webhook_delay);
            if self.random.chance(self.settings.webhook_late) {
                self.happened.webhooks_late += 1;
                at = at + self.delay(self.settings.webhook_lateness);
            }
            while let Some(until) = self.settings.outage_until(at) {
                if self.random.chance(self.settings.outage_loses_webhooks) {
                    self.happened.webhooks_lost += 1;
                    return;
                }
                at = until + self.delay(self.settings.webhook_delay);
            }
            self.schedule.add(at, Step::Deliver(Notice { job, action, runner, number, name }));
        }
    }

    /// The webhook arrives.
    pub(super) fn deliver(&self, notice: Notice, out: &mut Vec<GithubEvent>) {
        out.push(self.sender.delivery(notice.number, &self.payload(notice)));
    }

    /// What a webhook says (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job>): as of
    /// the moment that it reports, whatever has happened since.
    fn payload(&self, notice: Notice) -> Payload<'_> {
        let job = &self.jobs[notice.job];
        let state = &self.repositories[job.repository];
        let over = notice.action == Action::Completed;
        // A job without a runner has nulls, or zero and an empty name.
        let plain = notice.number.is_multiple_of(2);
        let (runner_id, runner_name) = match notice.runner {
            Some(runner) => (Some(Self::runner_id(runner)), Some(self.runners[runner].name.as_str())),
            None if plain => (None, None),
            None => (Some(0), Some("")),
        };
        Payload {
            action: notice.action.as_str(),
            workflow_job: WorkflowJob {
                id: job.reference.job_id,
                run_id: Self::run_id(job.run),
                workflow_name: "ci",
                head_branch: "main",
                run_attempt: job.reference.run_attempt,
                head_sha: "0000000000000000000000000000000000000000",
                status: status(notice, job),
                conclusion: job.conclusion.filter(|_| over),
                created_at: Timestamp(job.created_at),
                started_at: Timestamp(match notice.action {
                    Action::Waiting | Action::Queued => job.created_at,
                    Action::InProgress | Action::Completed => job.started_at.unwrap_or(job.created_at),
                }),
                completed_at: job.completed_at.filter(|_| over).map(Timestamp),
                name: "job",
                steps: [],
                labels: self.label_sets.sets[job.labels].iter().map(|label| spelled(label, job)).collect(),
                runner_id,
                runner_name,
                runner_group_id: notice.runner.map(|_| 1),
                runner_group_name: notice.runner.map(|_| "Default"),
            },
            repository: RepositoryPart::new(repository_id(job.repository), state.name_of(notice.name)),
            sender: Account { login: "octocat" },
            installation: Installation { id: state.installation },
        }
    }
}

/// The status often lags behind the action: a job from a gate may still be `waiting`, and one in progress `queued`.
fn status(notice: Notice, job: &Job) -> &'static str {
    match notice.action {
        Action::Waiting => "waiting",
        Action::Queued if job.held.for_time.is_some() => "waiting",
        Action::Queued => "queued",
        Action::InProgress if notice.number.is_multiple_of(4) => "queued",
        Action::InProgress => "in_progress",
        Action::Completed => "completed",
    }
}

/// Workflows may write labels in any case. GitHub passes them on as they are written.
fn spelled<'a>(label: &'a Label, job: &Job) -> Cow<'a, str> {
    if job.reference.job_id.is_multiple_of(4) {
        Cow::Owned(label.as_str().to_ascii_uppercase())
    } else {
        Cow::Borrowed(label.as_str())
    }
}

#[derive(Serialize)]
pub(super) struct Payload<'a> {
    pub action: &'static str,
    pub workflow_job: WorkflowJob<'a>,
    pub repository: RepositoryPart<'a>,
    pub sender: Account<'a>,
    pub installation: Installation,
}

#[derive(Serialize)]
pub(super) struct WorkflowJob<'a> {
    pub id: u64,
    pub run_id: u64,
    pub workflow_name: &'static str,
    pub head_branch: &'static str,
    pub run_attempt: u32,
    pub head_sha: &'static str,
    pub status: &'static str,
    pub conclusion: Option<&'static str>,
    pub created_at: Timestamp,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub name: &'static str,
    pub steps: [u8; 0],
    pub labels: Vec<Cow<'a, str>>,
    pub runner_id: Option<u64>,
    pub runner_name: Option<&'a str>,
    pub runner_group_id: Option<u64>,
    pub runner_group_name: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct RepositoryPart<'a> {
    pub id: u64,
    pub name: &'a str,
    pub full_name: &'a str,
    pub private: bool,
    pub owner: Account<'a>,
}

#[derive(Serialize)]
pub(super) struct Account<'a> {
    pub login: &'a str,
}

#[derive(Serialize)]
pub(super) struct Installation {
    pub id: u64,
}

impl<'a> RepositoryPart<'a> {
    /// A repository with its id, under one of its names.
    pub(super) fn new(id: u64, repository: &'a Repository) -> Self {
        let (full_name, owner) = (repository.as_str(), repository.owner());
        let name = full_name.get(owner.len() + 1..).unwrap_or_default();
        Self { id, name, full_name, private: true, owner: Account { login: owner } }
    }
}

/// A time as GitHub writes it: `2024-02-29T23:59:59Z`.
#[derive(Clone, Copy)]
pub(super) struct Timestamp(pub Time);

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_millis() / 1_000;
        let (day, second) = (seconds / 86_400, seconds % 86_400);
        // The civil calendar, with years that begin in March: https://howardhinnant.github.io/date_algorithms.html
        let shifted = day + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let of_month = of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era * 400 + year + next;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{of_month:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_github_writes_them() {
        let text = |seconds: u64| Timestamp(Time::from_millis(seconds * 1_000 + 999)).to_string();
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(text(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(text(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(text(1_735_689_600), "2025-01-01T00:00:00Z");
    }

    #[test]
    fn signatures_are_those_of_githubs_example() {
        // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
        assert_eq!(
            Sender::new(b"It's a Secret to Everybody").signature(b"Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }
}
