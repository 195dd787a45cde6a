//! Secrets, in Secrets Manager.

use std::{cell::RefCell, time::Duration};

use aws_sdk_secretsmanager::Client;
use jit_runners_model::contract::environment::SecretArn;
use jit_runners_runtime::{time::Time, webhook::WebhookSecret};
use secrecy::{ExposeSecret as _, SecretString};

use crate::cloud::failure;

/// The secret is read again at most this often, so that wrong signatures cause no cost.
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

/// The text of a secret, without white space around it, which editors and `$(cat ..)` treat differently.
pub async fn secret(client: &Client, arn: &SecretArn) -> Result<SecretString, SecretError> {
    let found = client.get_secret_value().secret_id(arn.as_str()).send().await.map_err(|error| {
        SecretError::Unreadable { arn: arn.as_str().to_owned(), reason: failure(&error).to_string() }
    })?;
    let text = found.secret_string().map(str::trim).filter(|text| !text.is_empty());
    text.map(SecretString::from).ok_or_else(|| SecretError::NoText { arn: arn.as_str().to_owned() })
}

/// The secret that webhooks are signed with. It is read again when it seems to have changed.
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

    /// The secret as it was last read.
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
mod tests {
    use jit_runners_model::contract::environment::{Environment as _, WebhookEnvironment};
    use serde_json::{Value, json};

    use super::*;
    use crate::scripted::{Service, run};

    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:webhook-AbCdEf";

    fn arn() -> SecretArn {
        let value = |name: &str| match name {
            "WEBHOOK_SECRET_ARN" => ARN.to_owned(),
            "GITHUB_INSTALLATION_ID" => "42".to_owned(),
            "SCALEUP_QUEUE_URL" | "LIFECYCLE_QUEUE_URL" => "https://sqs.example.com/q".to_owned(),
            _ => "ours".to_owned(),
        };
        WebhookEnvironment::read(|name| Some(value(name))).unwrap().webhook_secret_arn
    }

    /// Secrets Manager, where the secret holds that.
    fn holding(fields: &Value) -> Service {
        let mut answer = json!({ "ARN": ARN, "Name": "webhook", "VersionId": "v" });
        answer.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        Service::answering(200, answer.to_string())
    }

    fn read(service: &Service) -> Result<SecretString, SecretError> {
        let client = Client::new(&service.configuration);
        run(async { secret(&client, &arn()).await })
    }

    #[test]
    fn a_secret_is_read_without_the_blanks_around_it() {
        for text in ["two words", " two words", "two words\n", "\r\n\ttwo words\r\n"] {
            let found = read(&holding(&json!({ "SecretString": text }))).unwrap();
            assert_eq!(found.expose_secret(), "two words", "{text:?}");
        }
        for text in ["\u{0}", "\u{202e}\u{fffe}", "{\"secret\":\"x\"}", &"s".repeat(65_536)] {
            let found = read(&holding(&json!({ "SecretString": text }))).unwrap();
            assert_eq!(found.expose_secret(), text);
            assert!(WebhookSecret::new(found.expose_secret()).is_ok());
        }
    }

    #[test]
    fn a_secret_of_nothing_or_of_bytes_is_none() {
        for fields in [
            json!({}),
            json!({ "SecretString": null }),
            json!({ "SecretString": "" }),
            json!({ "SecretString": " \n\t\u{a0}" }),
            json!({ "SecretBinary": "c2VjcmV0" }),
        ] {
            let error = read(&holding(&fields)).unwrap_err();
            assert_eq!(error, SecretError::NoText { arn: ARN.to_owned() }, "{fields}");
            let current = run(RotatingSecret::read(client(&holding(&fields)), arn(), Time::default()));
            assert_eq!(current.unwrap_err(), error, "nobody may sign with nothing");
        }
    }

    fn client(service: &Service) -> Client {
        Client::new(&service.configuration)
    }

    #[test]
    fn answers_that_cannot_be_read_are_told_without_what_they_hold() {
        let refusal = json!({ "__type": "ResourceNotFoundException", "Message": "no such secret" });
        let answers = [
            (200, "{\"SecretString\":\"s3cret\"".to_owned()),
            (200, "{\"SecretString\":[\"s3cret\"]}".to_owned()),
            (200, "s3cret".to_owned()),
            (200, format!("{{\"SecretString\":\"s3cret\",\"x\":{}", "[".repeat(50_000))),
            (500, "s3cret".to_owned()),
            (400, refusal.to_string()),
        ];
        for (status, body) in answers {
            let service = Service::answering(status, body.clone());
            let error = read(&service).unwrap_err();
            assert!(matches!(error, SecretError::Unreadable { .. }), "{error:?}");
            let said = format!("{error} {error:?}");
            assert!(said.contains(ARN) && !said.contains("s3cret"), "{said}");
            assert_eq!(said.contains("no such secret"), status == 400, "{said}");
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        let service = holding(&json!({ "SecretString": "s3cret" }));
        let found = read(&service).unwrap();
        let rotating = run(RotatingSecret::read(client(&service), arn(), Time::default())).unwrap();
        let shown = format!("{found:?} {rotating:?} {:?}", rotating.current());
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    /// Wrong signatures cause the secret to be read once a minute, and no more.
    #[test]
    fn wrong_signatures_cost_one_call_a_minute() {
        let service = holding(&json!({ "SecretString": "s3cret" }));
        run(async {
            let start = Time::from_millis(1_000_000);
            let rotating = RotatingSecret::read(client(&service), arn(), start).await.unwrap();
            let mut read = 0;
            for second in 0..180 {
                let now = start + Duration::from_secs(second);
                read += usize::from(rotating.reread(now).await.unwrap().is_some());
            }
            assert_eq!(read, 2);
            // A clock that goes back does not cause more reads.
            assert!(rotating.reread(start).await.unwrap().is_none());
        });
    }

    #[test]
    fn a_secret_that_cannot_be_read_again_stays_as_it_was() {
        let (good, gone) = (holding(&json!({ "SecretString": "s3cret" })), Service::answering(500, ""));
        run(async {
            let mut rotating = RotatingSecret::read(client(&good), arn(), Time::default()).await.unwrap();
            let before = rotating.current().sign(b"body");
            rotating.client = client(&gone);
            let later = Time::default() + REREAD;
            assert!(rotating.reread(later).await.is_err());
            assert_eq!(rotating.current().sign(b"body"), before);
            assert!(rotating.reread(later).await.unwrap().is_none(), "not at once again");
        });
    }
}
