//! As whom GitHub is spoken to: the installation of an App
//! (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation>).
//!
//! octocrab does what this takes: it signs the App's token (RS256, from a minute ago to nine minutes ahead), exchanges it for
//! the installation's token below the same address, keeps that one and gets a new one when it runs out or is answered with
//! 401. Only how long before its end a token is renewed is decided here, see [`super::client`].

use std::time::Duration;

use http::{HeaderName, Uri, header::ACCEPT};
use jit_runners_model::{
    ApiUrl,
    contract::environment::{Count, Id},
};
use octocrab::{
    EncodingKey, Octocrab,
    auth::create_jwt,
    models::{AppId, InstallationId},
};
use secrecy::{ExposeSecret as _, SecretString};

/// The version of the API (<https://docs.github.com/en/rest/about-the-rest-api/api-versions>).
const API_VERSION: &str = "2022-11-28";

/// A request that takes longer has no answer: the functions run for a minute at most, and GitHub itself gives up after ten
/// seconds (<https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts>).
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(3);

/// The runner group that every organization and repository has.
pub(super) const DEFAULT_GROUP: u32 = 1;

/// Where GitHub is, and as whom it is spoken to.
#[derive(Debug)]
pub struct Access {
    /// The address of the REST API. Other than an [`ApiUrl`], it may be one without TLS, as in tests.
    pub api: String,
    /// The App.
    pub app: Id,
    /// The App's installation.
    pub installation: Id,
    /// The App's private key, in PEM: PKCS#1, as GitHub gives it, or PKCS#8.
    pub key: SecretString,
    /// The group of new runners; the default group where none is given.
    pub runner_group: Option<Count>,
    /// A request that takes longer has no answer.
    pub patience: Duration,
}

/// Why nobody can speak to GitHub so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No address.
    #[error("`{0}` is not the address of an API")]
    Address(String),
    /// No key. What is wrong with it is not told: that might tell what it is.
    #[error(
        "the App's private key is not an RSA private key in PEM, which begins with `-----BEGIN RSA PRIVATE KEY-----`"
    )]
    Key,
    /// No client.
    #[error("there can be no HTTPS client: {0}")]
    Client(String),
}

impl Access {
    /// As the installation `installation` of `app`, whose private key is `key`.
    pub fn new(
        api: &ApiUrl,
        app: Id,
        installation: Id,
        key: SecretString,
        runner_group: Option<Count>,
    ) -> Self {
        Self { api: api.as_str().to_owned(), app, installation, key, runner_group, patience: PATIENCE }
    }

    /// The group of new runners.
    pub(super) fn group(&self) -> u32 {
        self.runner_group.map_or(DEFAULT_GROUP, |group| group.0.get())
    }

    /// A client with its pool of connections, signed in as the installation as soon as it asks for something.
    pub(super) fn client(&self) -> Result<Octocrab, AccessError> {
        let address: Uri = self.api.parse().map_err(|_| AccessError::Address(self.api.clone()))?;
        if address.scheme().is_none() || address.authority().is_none() {
            return Err(AccessError::Address(self.api.clone()));
        }
        let client = |error: octocrab::Error| AccessError::Client(super::answer::words(&error));
        Octocrab::builder()
            .base_uri(address)
            .map_err(|_| AccessError::Address(self.api.clone()))?
            .add_header(ACCEPT, "application/vnd.github+json".to_owned())
            .add_header(HeaderName::from_static("x-github-api-version"), API_VERSION.to_owned())
            // Reading has no time-out of its own, which would also end the pool's idle connections.
            .set_connect_timeout(Some(CONNECTING.min(self.patience)))
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
