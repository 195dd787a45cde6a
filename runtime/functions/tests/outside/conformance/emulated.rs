//! An emulator, and clients of it like those of the functions.

use std::{future::Future, time::Duration};

use anyhow::Result;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use jit_runners_witnesses::emulator::{Emulator, KEY, REGION};

/// An emulator. `None` if the check was skipped.
pub(crate) fn start(check: &str) -> Result<Option<(Emulator, SdkConfig)>> {
    let Some(emulator) = Emulator::start(check)? else { return Ok(None) };
    let configuration = configuration(&emulator.endpoint());
    Ok(Some((emulator, configuration)))
}

/// Clients of services at `endpoint`, with the account's own key.
pub(crate) fn configuration(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(KEY, KEY, None, None, "test")))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(20)).build())
        .build()
}

/// Runs a future to its end on one thread, as the functions do.
pub(crate) fn run<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}
