//! AWS, as a function reaches it: one connection pool for all services, credentials of the function's role.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, SdkConfig, environment::EnvironmentVariableCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};

/// A connection that is not there by then is tried anew.
const CONNECT: Duration = Duration::from_secs(2);
/// One try of a call. EC2 may take its time for a launch of many instances.
const ATTEMPT: Duration = Duration::from_secs(20);
/// So often is a call made whose repetition is harmless. Those that the handlers repeat themselves are made once:
/// all of the table ([`crate::table`]), and launches ([`crate::compute`]).
const TRIES: u32 = 3;

/// AWS, as a function reaches it.
#[derive(Debug, Clone)]
pub struct Cloud(SdkConfig);

impl From<SdkConfig> for Cloud {
    fn from(configuration: SdkConfig) -> Self {
        Self(configuration)
    }
}

impl Cloud {
    /// For the running function. Lambda gives region and credentials in the environment
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>).
    pub async fn of_function() -> Self {
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT);
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts.build());
        Self(loader.load().await)
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
