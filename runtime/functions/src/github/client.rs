//! Asks one question at a time, and notes what the answers say of the rate limit.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use http::StatusCode;
use jit_runners_runtime::port::{GithubError, RateLimit, Refusal};
use octocrab::Octocrab;

use super::{
    access::{Access, AccessError, DEFAULT_GROUP, PATIENCE},
    answer::{Answer, failure},
    rest::Question,
};

/// A token is not used for so long before it ends, an hour after it was given
/// (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>): clocks differ, and a
/// function works with it for some minutes.
const RENEWED_BEFORE: TimeDelta = TimeDelta::minutes(5);

/// GitHub, spoken to by one process: it keeps its connections and its token.
pub struct GithubApi {
    /// What signs, once there is a key.
    octocrab: OnceLock<Octocrab>,
    runner_group: u32,
    patience: Duration,
    rate_limit: Mutex<Option<RateLimit>>,
}

impl fmt::Debug for GithubApi {
    /// Without whatever octocrab keeps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubApi").field("rate_limit", &self.told()).finish_non_exhaustive()
    }
}

impl GithubApi {
    /// Speaks to GitHub as `access` says. Nothing is asked yet.
    ///
    /// # Panics
    ///
    /// Outside a runtime of tokio, which carries the client's connections.
    pub fn new(access: &Access) -> Result<Self, AccessError> {
        let api = Self { runner_group: access.group(), patience: access.patience, ..Self::without_key() };
        api.take_key(access)?;
        Ok(api)
    }

    /// Refuses everything itself, until it has a key.
    pub const fn without_key() -> Self {
        Self {
            octocrab: OnceLock::new(),
            runner_group: DEFAULT_GROUP,
            patience: PATIENCE,
            rate_limit: Mutex::new(None),
        }
    }

    /// Speaks to GitHub as `access` says from now on, unless it does so already.
    pub fn take_key(&self, access: &Access) -> Result<(), AccessError> {
        let client = access.client()?;
        // One key is as good as the other.
        drop(self.octocrab.set(client));
        Ok(())
    }

    /// Whether it can speak to GitHub.
    pub fn has_key(&self) -> bool {
        self.octocrab.get().is_some()
    }

    /// Gets a token, and with it a connection; whatever goes wrong with that is told by the first request.
    pub async fn sign_in(&self) {
        drop(tokio::time::timeout(self.patience, self.token()).await);
    }

    /// The group of new runners.
    pub(super) const fn runner_group(&self) -> u32 {
        self.runner_group
    }

    /// The primary rate limit, as the last answer told it.
    pub(super) fn told(&self) -> Option<RateLimit> {
        *self.rate_limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and takes any answer.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, GithubError> {
        let answer =
            tokio::time::timeout(self.patience, self.exchange(question)).await.unwrap_or_else(|_| {
                Err(GithubError::Unknown(format!("nothing came in {} ms", self.patience.as_millis())))
            })?;
        if let Some(core) = answer.core_limit() {
            *self.rate_limit.lock().unwrap_or_else(PoisonError::into_inner) = Some(core);
        }
        Ok(answer)
    }

    /// What signs; without it, the refusal that GitHub would give.
    fn client(&self) -> Result<&Octocrab, GithubError> {
        self.octocrab.get().ok_or_else(|| {
            GithubError::Refused(Refusal {
                status: StatusCode::UNAUTHORIZED.as_u16(),
                message: "there is no private key to sign in with".to_owned(),
                retry_after: None,
                rate_limit: None,
            })
        })
    }

    async fn token(&self) -> Result<(), GithubError> {
        let token = self.client()?.installation_token_with_buffer(RENEWED_BEFORE).await;
        token.map(drop).map_err(|error| failure(&error))
    }

    async fn exchange(&self, question: Question) -> Result<Answer, GithubError> {
        // The call below renews a token as well, but only within half a minute of its end.
        self.token().await?;
        let request = question.request()?;
        let response = self.client()?.execute(request).await.map_err(|error| failure(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        match self.client()?.body_to_string(response).await {
            Ok(body) => Ok(Answer::new(status, headers, body)),
            // The status says all there is to know of a refusal.
            Err(_) if !status.is_success() => Ok(Answer::new(status, headers, String::new())),
            Err(error) => Err(failure(&error)),
        }
    }
}
