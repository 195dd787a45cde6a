//! A client of GitHub that waits and tries again, with the plugins that the source uses. The one that counts from lists has no
//! such plugins, and does not space its requests.

use std::{cell::Cell, time::Duration};

use jit_runners_runtime::{
    port::{Clock, GithubError},
    retry::{GithubClass, github_class},
    time::Time,
};

use crate::SimPorts;

/// `retries` of <https://github.com/octokit/plugin-retry.js/blob/main/src/index.ts>: after one, four and nine seconds.
const RETRIES: u32 = 3;
/// `MAX_RATE_LIMIT_RETRIES` and `MAX_SECONDARY_RATE_LIMIT_RETRIES` of `github/auth.ts`.
const PRIMARY_RETRIES: u32 = 2;
const SECONDARY_RETRIES: u32 = 1;
/// Between two requests that change something: the group `octokit-write` of
/// <https://github.com/octokit/plugin-throttling.js/blob/main/src/index.ts>.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);

/// The client of one invocation.
pub(super) struct Octokit<'a> {
    ports: &'a SimPorts,
    next_write: Cell<Time>,
    between_writes: Duration,
}

impl<'a> Octokit<'a> {
    pub(super) const fn new(ports: &'a SimPorts, spaced: bool) -> Self {
        let between_writes = if spaced { BETWEEN_WRITES } else { Duration::ZERO };
        Self { ports, next_write: Cell::new(Time::from_millis(0)), between_writes }
    }

    /// Asks for something.
    pub(super) async fn read<T, F>(&self, request: impl Fn() -> F) -> Result<T, GithubError>
    where
        F: Future<Output = Result<T, GithubError>>,
    {
        let (mut failed, mut limited) = (0, 0);
        loop {
            let error = match request().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match github_class(&error, self.ports.now()) {
                GithubClass::Wait(wait) if limited < allowed(&error) => {
                    limited += 1;
                    wait
                }
                GithubClass::Again | GithubClass::NameTaken if failed < RETRIES => {
                    failed += 1;
                    Duration::from_secs(u64::from(failed * failed))
                }
                _ => return Err(error),
            };
            self.ports.sleep_until(self.ports.now() + wait).await;
        }
    }

    /// Changes something.
    pub(super) async fn write<T, F>(&self, request: impl Fn() -> F) -> Result<T, GithubError>
    where
        F: Future<Output = Result<T, GithubError>>,
    {
        self.ports.sleep_until(self.next_write.get()).await;
        self.next_write.set(self.ports.now() + self.between_writes);
        self.read(request).await
    }
}

/// How often a request is made again that met a limit.
fn allowed(error: &GithubError) -> u32 {
    match error {
        GithubError::Refused(refusal) if refusal.message.contains("secondary rate") => SECONDARY_RETRIES,
        _ => PRIMARY_RETRIES,
    }
}
