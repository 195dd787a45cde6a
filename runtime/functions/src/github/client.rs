//! Speaks to GitHub as the installation of an App
//! (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation>),
//! makes one request at a time, and notes what the answers say about the rate limit.
//!
//! octocrab does the authentication: it signs the App's token (RS256, from a minute ago to nine minutes ahead),
//! exchanges it for the installation's token below the same address, keeps that one and gets a new one when it runs
//! out or is answered with
//! 401. This module only decides how long before its end a token is renewed.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use http::{HeaderName, StatusCode, Uri, header::ACCEPT};
use jit_runners_model::{
    ApiUrl,
    contract::{
        environment::{Count, Id},
        message::Repository,
    },
};
use jit_runners_runtime::{
    port::{GithubError, RateLimit, Refusal},
    time::Time,
};
use octocrab::{
    EncodingKey, Octocrab,
    auth::create_jwt,
    models::{AppId, InstallationId},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::clock::now;

use super::{
    answer::{Answer, failure, words},
    payload::ListedRepository,
    redirect::{self, Names},
    rest::Question,
};

/// The version of the API (<https://docs.github.com/en/rest/about-the-rest-api/api-versions>).
const API_VERSION: &str = "2022-11-28";

/// A request that takes longer has no answer: the functions run for a minute at most, and GitHub itself gives up after ten
/// seconds (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts>).
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(3);

/// The runner group that every organization and repository has.
const DEFAULT_GROUP: u32 = 1;

/// A token is renewed this long before it ends, an hour after it was issued
/// (<https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app>): clocks differ, and a
/// function works with it for some minutes.
const RENEWED_BEFORE: TimeDelta = TimeDelta::minutes(5);

/// The address of GitHub, and the credentials.
#[derive(Debug)]
pub struct Access {
    /// The address of the REST API. Unlike an [`ApiUrl`], it may be one without TLS, for tests.
    pub api: String,
    /// The App.
    pub app: Id,
    /// The App's installation.
    pub installation: Id,
    /// The App's private key, in PEM: PKCS#1, as GitHub gives it, or PKCS#8.
    pub key: SecretString,
    /// The group of new runners; if `None`, the default group.
    pub runner_group: Option<Count>,
    /// A request that takes longer has no answer.
    pub timeout: Duration,
}

/// Why no client can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No address.
    #[error("`{0}` is not the address of an API")]
    Address(String),
    /// The key is invalid. The error does not say why, because that might reveal the key.
    #[error(
        "the App's private key is not an RSA private key in PEM, which begins with `-----BEGIN RSA PRIVATE KEY-----`"
    )]
    Key,
    /// No client.
    #[error("there can be no HTTPS client: {0}")]
    Client(String),
}

impl Access {
    /// Access as the installation `installation` of `app`, whose private key is `key`.
    pub fn new(
        api: &ApiUrl,
        app: Id,
        installation: Id,
        key: SecretString,
        runner_group: Option<Count>,
    ) -> Self {
        Self { api: api.as_str().to_owned(), app, installation, key, runner_group, timeout: TIMEOUT }
    }

    /// The group of new runners.
    fn group(&self) -> u32 {
        self.runner_group.map_or(DEFAULT_GROUP, |group| group.0.get())
    }

    /// A client with its pool of connections, signed in as the installation as soon as it asks for something.
    pub(super) fn client(&self) -> Result<Octocrab, AccessError> {
        let address: Uri = self.api.parse().map_err(|_| AccessError::Address(self.api.clone()))?;
        if address.scheme().is_none() || address.authority().is_none() {
            return Err(AccessError::Address(self.api.clone()));
        }
        let client = |error: octocrab::Error| AccessError::Client(words(&error));
        Octocrab::builder()
            .base_uri(address)
            .map_err(|_| AccessError::Address(self.api.clone()))?
            .add_header(ACCEPT, "application/vnd.github+json".to_owned())
            .add_header(HeaderName::from_static("x-github-api-version"), API_VERSION.to_owned())
            // There is no read time-out, because it would also end the pool's idle connections.
            .set_connect_timeout(Some(CONNECTING.min(self.timeout)))
            .app(AppId(self.app.0), self.signing_key()?)
            .build()
            .and_then(|app| app.installation(InstallationId(self.installation.0)))
            .map_err(client)
    }

    /// The key, once it has signed something.
    fn signing_key(&self) -> Result<EncodingKey, AccessError> {
        let key =
            EncodingKey::from_rsa_pem(self.key.expose_secret().as_bytes()).map_err(|_| AccessError::Key)?;
        create_jwt(AppId(self.app.0), &key).map_err(|_| AccessError::Key)?;
        Ok(key)
    }
}

/// The client of one process, which keeps its connections and its token.
pub struct GithubApi {
    /// The authenticated client, once there is a key.
    octocrab: OnceLock<Octocrab>,
    runner_group: u32,
    timeout: Duration,
    rate_limit: Mutex<Option<RateLimit>>,
    /// The token that was used last, and when it was first used.
    token: Mutex<Option<(SecretString, Time)>>,
    /// The new names of repositories that redirects told.
    names: Mutex<Names>,
    /// The address of the API.
    address: OnceLock<Uri>,
}

impl fmt::Debug for GithubApi {
    /// Without whatever octocrab keeps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubApi").field("rate_limit", &self.told()).finish_non_exhaustive()
    }
}

impl GithubApi {
    /// A client with this access. It makes no request yet.
    ///
    /// # Panics
    ///
    /// Outside a runtime of tokio, which carries the client's connections.
    pub fn new(access: &Access) -> Result<Self, AccessError> {
        let api = Self { runner_group: access.group(), timeout: access.timeout, ..Self::without_key() };
        api.take_key(access)?;
        Ok(api)
    }

    /// A client without a key, which refuses every request itself.
    pub const fn without_key() -> Self {
        Self {
            octocrab: OnceLock::new(),
            runner_group: DEFAULT_GROUP,
            timeout: TIMEOUT,
            rate_limit: Mutex::new(None),
            token: Mutex::new(None),
            names: Mutex::new(Names::new()),
            address: OnceLock::new(),
        }
    }

    /// Uses this access from now on, unless it has one already.
    pub fn take_key(&self, access: &Access) -> Result<(), AccessError> {
        let client = access.client()?;
        // If there is a key already, either can be used.
        drop(self.octocrab.set(client));
        if let Ok(address) = access.api.parse() {
            drop(self.address.set(address));
        }
        Ok(())
    }

    /// Whether it has a key.
    pub fn has_key(&self) -> bool {
        self.octocrab.get().is_some()
    }

    /// Gets a token, and thereby opens a connection. The first request reports any error.
    pub async fn sign_in(&self) {
        drop(tokio::time::timeout(self.timeout, self.token()).await);
    }

    /// The group of new runners.
    pub(super) const fn runner_group(&self) -> u32 {
        self.runner_group
    }

    /// The primary rate limit, as the last answer told it.
    pub(super) fn told(&self) -> Option<RateLimit> {
        *self.rate_limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The new name of a repository, if a redirect told it.
    pub(super) fn new_name(&self, repository: &Repository) -> Option<Repository> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.new_name(repository.as_str()).cloned()
    }

    /// Asks, follows redirects, and takes any other answer.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, GithubError> {
        let straight = self.names.lock().unwrap_or_else(PoisonError::into_inner).apply(question.path());
        let first = straight.map_or_else(|| question.clone(), |path| question.at(path));
        let mut asked = first.clone();
        let mut answer = self.ask_once(asked.clone()).await?;
        for _ in 0..redirect::MOST {
            let path = self.address.get().and_then(|api| redirect::path_below(api, answer.location()));
            let Some(path) = path.filter(|_| redirect::is_redirect(answer.status())) else { break };
            asked = first.at(path);
            answer = self.ask_once(asked.clone()).await?;
        }
        if asked.path() != first.path() {
            let old = [question.path(), first.path()].map(redirect::name_in);
            let now = match redirect::id_in(asked.path()) {
                Some(id) => self.name_of(id).await,
                None => redirect::name_in(asked.path()),
            };
            if let Some(now) = now {
                let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                old.iter().flatten().for_each(|old| names.learn(old, &now));
            }
        }
        Ok(answer)
    }

    /// The name of the repository with this id. If GitHub does not tell it, the next redirect asks again.
    async fn name_of(&self, id: u64) -> Option<Repository> {
        let answer = self.ask_once(Question::repository(id)).await.ok()?.success().ok()?;
        Some(answer.read::<ListedRepository>().ok()?.into())
    }

    /// Asks, and takes any answer.
    async fn ask_once(&self, question: Question) -> Result<Answer, GithubError> {
        let answer =
            tokio::time::timeout(self.timeout, self.exchange(question)).await.unwrap_or_else(|_| {
                Err(GithubError::Unknown(format!("nothing came in {} ms", self.timeout.as_millis())))
            })?;
        if let Some(core) = answer.core_limit() {
            *self.rate_limit.lock().unwrap_or_else(PoisonError::into_inner) = Some(core);
        }
        Ok(answer)
    }

    /// The authenticated client; without a key, the refusal that GitHub would give.
    fn client(&self) -> Result<&Octocrab, GithubError> {
        self.octocrab.get().ok_or_else(|| {
            GithubError::Refused(Refusal {
                status: StatusCode::UNAUTHORIZED.as_u16(),
                message: "there is no private key to sign in with".to_owned(),
                retry_after: None,
                rate_limit: None,
                token_age: None,
            })
        })
    }

    /// Gets a token, unless there is one; returns how old it is.
    async fn token(&self) -> Result<Duration, GithubError> {
        let token = self.client()?.installation_token_with_buffer(RENEWED_BEFORE).await;
        let token = token.map_err(|error| failure(&error))?;
        let mut known = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        match known.as_ref() {
            Some((same, since)) if same.expose_secret() == token.expose_secret() => Ok(now().since(*since)),
            _ => {
                *known = Some((token, now()));
                Ok(Duration::ZERO)
            }
        }
    }

    async fn exchange(&self, question: Question) -> Result<Answer, GithubError> {
        // The call below renews a token as well, but only within half a minute of its end.
        let token_age = self.token().await?;
        let request = question.request()?;
        let response = self.client()?.execute(request).await.map_err(|error| failure(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        // A token that was refused was replaced by a new one for the same request.
        let token_age =
            if status == StatusCode::FORBIDDEN { self.token().await.ok() } else { Some(token_age) };
        match self.client()?.body_to_string(response).await {
            Ok(body) => Ok(Answer::new(status, headers, body).with_token_age(token_age)),
            // For a refusal, the status is enough.
            Err(_) if !status.is_success() => {
                Ok(Answer::new(status, headers, String::new()).with_token_age(token_age))
            }
            Err(error) => Err(failure(&error)),
        }
    }
}
