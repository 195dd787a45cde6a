//! An emulator, and clients of it as the functions have them.

use std::{future::Future, time::Duration};

use anyhow::Result;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use jit_runners_witnesses::emulator::{Emulator, REGION};

/// An emulator, or a skipped check.
pub(crate) fn start(check: &str) -> Result<Option<(Emulator, SdkConfig)>> {
    let Some(emulator) = Emulator::start(check)? else { return Ok(None) };
    let configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(emulator.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(20)).build())
        .build();
    Ok(Some((emulator, configuration)))
}

/// Runs a future to its end, as the functions do: on one thread.
pub(crate) fn run<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}
