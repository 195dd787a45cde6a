//! AWS for a function: clients with one connection pool and the credentials of the function's role.
//!
//! `aws-config` does this for programs that may run anywhere, so it contains every source of credentials: files, STS,
//! the metadata of instances. A function finds everything in its environment
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).
//!
//! [`Failure`] says what went wrong with a call, and whether it may have been carried out.

use std::{error::Error, fmt, time::Duration};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::{
    SdkConfig,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

/// After this time, connecting is tried again.
const CONNECT: Duration = Duration::from_secs(2);
/// The time limit of one try of a call. EC2 may need this for a launch of many instances.
const ATTEMPT: Duration = Duration::from_secs(20);
/// How often a repeatable call is tried. Calls that handlers repeat themselves are made once: those of the table
/// ([`crate::table`]), and launches ([`crate::compute`]).
const TRIES: u32 = 3;

/// Lambda's variables for the region and the credentials of a function.
const REGION: &str = "AWS_REGION";
const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const KEY: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";
/// The address of an emulator; with the name of a service appended, the address for that service.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// A variable of Lambda that is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not set; Lambda sets it for every function")]
pub struct MissingVariable(&'static str);

/// AWS for a function.
#[derive(Debug, Clone)]
pub struct Cloud(SdkConfig);

impl From<SdkConfig> for Cloud {
    fn from(configuration: SdkConfig) -> Self {
        Self(configuration)
    }
}

impl Cloud {
    /// For the running function.
    pub fn of_function() -> Result<Self, MissingVariable> {
        Self::told(variable)
    }

    /// As `environment` says.
    fn told(environment: impl Fn(&str) -> Option<String>) -> Result<Self, MissingVariable> {
        let set = |name| environment(name).filter(|value| !value.is_empty()).ok_or(MissingVariable(name));
        let credentials = Credentials::new(set(KEY_ID)?, set(KEY)?, set(TOKEN).ok(), None, "Lambda");
        let tls = Provider::Rustls(CryptoMode::AwsLc);
        let configuration = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(set(REGION)?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(aws_smithy_http_client::Builder::new().tls_provider(tls).build_https())
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build(),
            )
            .service_config(Addresses)
            .build();
        Ok(Self(configuration))
    }

    /// The region of the function.
    pub(crate) fn region(&self) -> String {
        self.0.region().map(Region::to_string).unwrap_or_default()
    }

    /// The credentials of the function.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.0.credentials_provider()
    }

    /// The address of a service, such as `iam`, at an emulator.
    pub(crate) fn endpoint_of(&self, service: &str) -> Option<String> {
        let all = ENDPOINT.to_owned();
        let own = format!("{ENDPOINT}_{}", service.to_uppercase());
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        self.0.endpoint_url().map(str::to_owned).or_else(|| given(&own)).or_else(|| given(&all))
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let once = aws_sdk_dynamodb::config::Builder::from(&self.0).retry_config(RetryConfig::disabled());
        aws_sdk_dynamodb::Client::from_conf(once.build())
    }

    /// EC2.
    pub fn ec2(&self) -> aws_sdk_ec2::Client {
        aws_sdk_ec2::Client::new(&self.0)
    }

    /// SQS.
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.0)
    }

    /// Secrets Manager.
    pub fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.0)
    }
}

/// The addresses of an emulator, in the variables that every tool of AWS reads: `AWS_ENDPOINT_URL_SQS`, or
/// `AWS_ENDPOINT_URL` for all services (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
#[derive(Debug)]
struct Addresses;

impl LoadServiceConfig for Addresses {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        variable(&format!("{}_{service}", key.env())).or_else(|| variable(key.env()))
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "these are Lambda's, and no settings of the deployment")]
    std::env::var(name).ok()
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The service refused it, or reported an internal failure.
    Refused {
        /// The service's code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It was not sent: nothing was done.
    NotSent(String),
    /// It was sent, and no readable answer came: it was carried out, or not.
    NoAnswer(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, message } => write!(f, "{code}: {message}"),
            Self::NotSent(reason) => write!(f, "the request was not sent: {reason}"),
            Self::NoAnswer(reason) => write!(f, "no answer: {reason}"),
        }
    }
}

/// What `error` says.
pub fn failure<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Failure {
    match error {
        SdkError::ServiceError(refused) => {
            let (refusal, status) = (refused.err(), refused.raw().status().as_u16());
            match refusal.code() {
                Some(code) => Failure::Refused {
                    code: code.to_owned(),
                    message: refusal.message().unwrap_or_default().to_owned(),
                },
                None => Failure::NoAnswer(format!("status {status} without an error code")),
            }
        }
        SdkError::ConstructionFailure(_) => Failure::NotSent(words(error)),
        SdkError::DispatchFailure(failed) => {
            // Without a connection, nothing was sent.
            let unsent = failed.as_connector_error().is_some_and(|it| it.is_user() || is_refused(it));
            if unsent { Failure::NotSent(words(error)) } else { Failure::NoAnswer(words(error)) }
        }
        _ => Failure::NoAnswer(words(error)),
    }
}

/// Whether the connection was refused.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return error.kind() == std::io::ErrorKind::ConnectionRefused;
        }
        cause = error.source();
    }
    false
}

/// An error with its causes, in one line.
fn words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: [(&str, &str); 4] = [(REGION, "eu-west-1"), (KEY_ID, "id"), (KEY, "key"), (TOKEN, "token")];

    fn told(environment: &[(&str, &str)]) -> Result<Cloud, MissingVariable> {
        let find = |name: &str| environment.iter().find(|(given, _)| *given == name);
        Cloud::told(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_function_asks_in_its_region_through_one_pool() {
        let Cloud(configuration) = told(&GIVEN).unwrap();
        assert_eq!(configuration.region().map(Region::as_ref), Some("eu-west-1"));
        assert!(configuration.credentials_provider().is_some());
        assert!(configuration.http_client().is_some(), "otherwise each client has a pool of its own");
    }

    #[test]
    fn what_lambda_did_not_say_is_named() {
        for name in [REGION, KEY_ID, KEY] {
            let without: Vec<_> = GIVEN.into_iter().filter(|(given, _)| *given != name).collect();
            let empty = [(name, "")].into_iter().chain(without.clone()).collect::<Vec<_>>();
            for environment in [without, empty] {
                assert_eq!(told(&environment).unwrap_err(), MissingVariable(name));
            }
        }
    }

    /// People's own keys have none.
    #[test]
    fn a_session_is_no_must() {
        assert!(told(&GIVEN[..3]).is_ok());
    }
}
