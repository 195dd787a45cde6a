//! Secrets, in Secrets Manager.

use std::{cell::RefCell, time::Duration};

use aws_sdk_secretsmanager::Client;
use jit_runners_model::contract::environment::SecretArn;
use jit_runners_runtime::{time::Time, webhook::WebhookSecret};
use secrecy::{ExposeSecret as _, SecretString};

use crate::failure::failure;

/// A secret that may have changed is read so often at most: whoever sends wrong signatures costs nothing.
const REREAD: Duration = Duration::from_mins(1);

/// Why a secret cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager does not give it.
    #[error("the secret {arn} cannot be read: {reason}")]
    Unreadable {
        /// The secret's ARN.
        arn: String,
        /// What the service said.
        reason: String,
    },
    /// It holds nothing, or bytes.
    #[error("the secret {arn} holds no text")]
    NoText {
        /// The secret's ARN.
        arn: String,
    },
}

/// The text of a secret, without blanks and line ends around it: editors and `$(cat ..)` disagree about them.
pub async fn secret(client: &Client, arn: &SecretArn) -> Result<SecretString, SecretError> {
    let found = client.get_secret_value().secret_id(arn.as_str()).send().await.map_err(|error| {
        SecretError::Unreadable { arn: arn.as_str().to_owned(), reason: failure(&error).to_string() }
    })?;
    let text = found.secret_string().map(str::trim).filter(|text| !text.is_empty());
    text.map(SecretString::from).ok_or_else(|| SecretError::NoText { arn: arn.as_str().to_owned() })
}

/// The secret that webhooks are signed with, read anew when it seems to have been changed.
#[derive(Debug)]
pub struct RotatingSecret {
    client: Client,
    arn: SecretArn,
    current: RefCell<(WebhookSecret, Time)>,
}

impl RotatingSecret {
    /// Reads the secret.
    pub async fn read(client: Client, arn: SecretArn, now: Time) -> Result<Self, SecretError> {
        let current = signing(&client, &arn).await?;
        Ok(Self { client, arn, current: RefCell::new((current, now)) })
    }

    /// As it was read last.
    pub fn current(&self) -> WebhookSecret {
        self.current.borrow().0.clone()
    }

    /// Reads it again, unless that was done a moment ago.
    pub async fn reread(&self, now: Time) -> Result<Option<WebhookSecret>, SecretError> {
        if now.since(self.current.borrow().1) < REREAD {
            return Ok(None);
        }
        self.current.borrow_mut().1 = now;
        let secret = signing(&self.client, &self.arn).await?;
        self.current.borrow_mut().0 = secret.clone();
        Ok(Some(secret))
    }
}

async fn signing(client: &Client, arn: &SecretArn) -> Result<WebhookSecret, SecretError> {
    let text = secret(client, arn).await?;
    WebhookSecret::new(text.expose_secret()).map_err(|_| SecretError::NoText { arn: arn.as_str().to_owned() })
}

#[cfg(test)]
mod tests;
