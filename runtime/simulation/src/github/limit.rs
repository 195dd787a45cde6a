//! GitHub's limits, and how often it was called.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jit_runners_runtime::{
    port::{RateLimit, Refusal},
    time::Time,
};

use super::settings::GithubSettings;

/// The period of the primary limit and of that of registrations.
const HOUR: Duration = Duration::from_hours(1);
/// The period of the secondary limit.
const MINUTE: Duration = Duration::from_mins(1);
/// The period of the limit on registrations with one target (<https://docs.github.com/en/actions/reference/limits>).
const BURST: Duration = Duration::from_mins(5);

/// An endpoint of the API, over all repositories and organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `POST .../actions/runners/generate-jitconfig`
    Register,
    /// `DELETE .../actions/runners/{id}`
    Remove,
    /// `GET .../actions/runners`, by name or page by page.
    Runners,
    /// `GET .../actions/jobs/{id}`
    Job,
    /// `GET .../actions/runs`
    Runs,
    /// `GET .../actions/runs/{id}/jobs`
    Jobs,
    /// `GET /installation/repositories`
    Repositories,
    /// `GET .../actions/runners/downloads`
    Downloads,
    /// `GET .../actions/runners/deprecations/{version}`
    EndOfLife,
    /// Any request under an old name, before it is made again under the new one.
    Redirect,
}

impl Endpoint {
    /// The points of the secondary limit that a call costs
    /// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit>).
    pub const fn points(self) -> u32 {
        match self {
            Self::Register | Self::Remove => 5,
            Self::Runners
            | Self::Job
            | Self::Runs
            | Self::Jobs
            | Self::Repositories
            | Self::Downloads
            | Self::EndOfLife
            | Self::Redirect => 1,
        }
    }
}

/// How often one endpoint was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndpointCalls {
    /// Calls, refused ones too.
    pub total: u32,
    /// Calls that were answered with 304.
    pub unchanged: u32,
    /// Calls beyond a published limit.
    pub limited: u32,
    /// The most calls in any minute.
    pub peak_per_minute: u32,
    /// The most calls in any second.
    pub peak_per_second: u32,
}

/// How often the API was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiCalls {
    /// By endpoint; none for those that were not called.
    pub endpoints: BTreeMap<Endpoint, EndpointCalls>,
    /// Calls beyond the primary limit.
    pub primary_hits: u32,
    /// Calls beyond the limits of registrations.
    pub registration_hits: u32,
    /// Calls beyond the secondary limit.
    pub secondary_hits: u32,
}

impl ApiCalls {
    /// The calls of one endpoint.
    pub fn of(&self, endpoint: Endpoint) -> EndpointCalls {
        self.endpoints.get(&endpoint).copied().unwrap_or_default()
    }

    /// All calls.
    pub fn total(&self) -> u32 {
        self.endpoints.values().map(|calls| calls.total).sum()
    }

    /// Calls beyond any published limit.
    pub const fn limit_hits(&self) -> u32 {
        self.primary_hits + self.registration_hits + self.secondary_hits
    }

    /// Whether any call was beyond a published limit.
    pub const fn exceeded(&self) -> bool {
        self.limit_hits() > 0
    }
}

/// What was used of each limit.
#[derive(Default)]
pub(super) struct Limits {
    pub calls: ApiCalls,
    primary: Used,
    registrations: Used,
    /// By place.
    bursts: BTreeMap<usize, Used>,
    recent: BTreeMap<Endpoint, Recent>,
}

impl Limits {
    /// Counts a call, whatever its result.
    pub(super) fn count(&mut self, now: Time, endpoint: Endpoint) {
        let recent = self.recent.entry(endpoint).or_default();
        let (minute, second) = recent.count(now);
        let calls = self.calls.endpoints.entry(endpoint).or_default();
        calls.total += 1;
        calls.peak_per_minute = calls.peak_per_minute.max(minute);
        calls.peak_per_second = calls.peak_per_second.max(second);
    }

    /// Counts a call against the limits, or refuses it. `target` is where a runner is to be registered.
    pub(super) fn admit(
        &mut self,
        now: Time,
        endpoint: Endpoint,
        target: Option<usize>,
        settings: &GithubSettings,
    ) -> Result<(), Refusal> {
        let Err((refusal, hits)) = self.take(now, endpoint, target, settings) else { return Ok(()) };
        *hits(&mut self.calls) += 1;
        self.calls.endpoints.entry(endpoint).or_default().limited += 1;
        Err(refusal)
    }

    /// A 304 does not count against the primary limit
    /// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api>).
    pub(super) fn give_back(&mut self, endpoint: Endpoint) {
        self.primary.count = self.primary.count.saturating_sub(1);
        self.calls.endpoints.entry(endpoint).or_default().unchanged += 1;
    }

    /// The primary limit, as headers tell it.
    pub(super) fn primary(&self, now: Time, settings: &GithubSettings) -> RateLimit {
        self.primary.told(now, settings.primary_limit)
    }

    /// The limit in the headers of this endpoint.
    pub(super) fn told(&self, now: Time, endpoint: Endpoint, settings: &GithubSettings) -> RateLimit {
        match endpoint {
            Endpoint::Register => self.registrations.told(now, settings.registration_limit),
            _ => self.primary(now, settings),
        }
    }

    fn take(
        &mut self,
        now: Time,
        endpoint: Endpoint,
        target: Option<usize>,
        settings: &GithubSettings,
    ) -> Result<(), (Refusal, Hits)> {
        let told = self.told(now, endpoint, settings);
        if told.remaining == 0 {
            let hits: Hits = match endpoint {
                Endpoint::Register => |calls| &mut calls.registration_hits,
                _ => |calls| &mut calls.primary_hits,
            };
            return Err((refused("API rate limit exceeded for installation ID 1.", None, Some(told)), hits));
        }
        if let Some(target) = target {
            let burst = self.bursts.entry(target).or_default();
            if burst.within(now, BURST) >= settings.registration_burst {
                let wait = burst.until.since(now);
                return Err((refused(SECONDARY, Some(wait), Some(told)), |calls| {
                    &mut calls.registration_hits
                }));
            }
        }
        let recent = self.recent.entry(endpoint).or_default();
        if let Err(wait) = recent.take(now, endpoint.points(), settings.secondary_limit) {
            return Err((refused(SECONDARY, Some(wait), Some(told)), |calls| &mut calls.secondary_hits));
        }
        match endpoint {
            Endpoint::Register => self.registrations.add(now, HOUR),
            _ => self.primary.add(now, HOUR),
        }
        if let Some(target) = target {
            self.bursts.entry(target).or_default().add(now, BURST);
        }
        Ok(())
    }
}

/// Which counter a refusal belongs to.
type Hits = fn(&mut ApiCalls) -> &mut u32;

/// GitHub's words for the secondary limit
/// (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api>).
pub(super) const SECONDARY: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

fn refused(message: &str, retry_after: Option<Duration>, rate_limit: Option<RateLimit>) -> Refusal {
    // The header is in whole seconds.
    let retry_after = retry_after.map(|wait| Duration::from_secs(wait.as_secs() + 1));
    Refusal { status: 403, message: message.to_owned(), retry_after, rate_limit, token_age: None }
}

/// The use of a limit in a period that begins with the first use.
#[derive(Default)]
struct Used {
    count: u32,
    until: Time,
}

impl Used {
    fn within(&mut self, now: Time, period: Duration) -> u32 {
        if now >= self.until {
            *self = Self { count: 0, until: whole_seconds(now + period) };
        }
        self.count
    }

    fn add(&mut self, now: Time, period: Duration) {
        self.within(now, period);
        self.count += 1;
    }

    fn told(&self, now: Time, limit: u32) -> RateLimit {
        if now >= self.until {
            RateLimit { limit, remaining: limit, reset: whole_seconds(now + HOUR) }
        } else {
            RateLimit { limit, remaining: limit.saturating_sub(self.count), reset: self.until }
        }
    }
}

/// Calls of one endpoint in the last minute.
#[derive(Default)]
struct Recent {
    /// All calls: when, and how many.
    calls: VecDeque<(Time, u32)>,
    in_minute: u32,
    /// The times of the calls that count against the limit, and their points.
    admitted: VecDeque<(Time, u32)>,
    points: u32,
}

impl Recent {
    /// Counts a call; returns how many there were in the last minute and in the last second.
    fn count(&mut self, now: Time) -> (u32, u32) {
        forget(&mut self.calls, &mut self.in_minute, now);
        remember(&mut self.calls, &mut self.in_minute, now, 1);
        let lately = self.calls.iter().rev().take_while(|(at, _)| now.since(*at) < Duration::from_secs(1));
        (self.in_minute, lately.map(|(_, count)| count).sum())
    }

    /// Takes points; the error says how long to wait if there are not enough.
    fn take(&mut self, now: Time, points: u32, limit: u32) -> Result<(), Duration> {
        forget(&mut self.admitted, &mut self.points, now);
        if self.points + points > limit {
            let oldest = self.admitted.front().map_or(now, |(at, _)| *at);
            return Err((oldest + MINUTE).since(now));
        }
        remember(&mut self.admitted, &mut self.points, now, points);
        Ok(())
    }
}

/// The header `x-ratelimit-reset` is in whole seconds; at that time, the period is over.
fn whole_seconds(time: Time) -> Time {
    Time::from_millis(time.as_millis().div_ceil(1_000) * 1_000)
}

fn remember(entries: &mut VecDeque<(Time, u32)>, sum: &mut u32, now: Time, count: u32) {
    *sum += count;
    match entries.back_mut() {
        Some((at, at_once)) if *at == now => *at_once += count,
        _ => entries.push_back((now, count)),
    }
}

fn forget(entries: &mut VecDeque<(Time, u32)>, sum: &mut u32, now: Time) {
    while let Some((at, count)) = entries.front().copied()
        && now.since(at) >= MINUTE
    {
        entries.pop_front();
        *sum -= count;
    }
}
