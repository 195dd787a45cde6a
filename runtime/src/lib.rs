//! What the five Lambda functions are made of: they read the same model that their infrastructure is generated
//! from, so a variable that the template does not set cannot be asked for here.

#![expect(
    async_fn_in_trait,
    reason = "ports are used through generics only, by one task that never leaves its thread"
)]

pub mod batch;
pub mod budget;
pub mod conformance;
pub mod deployment;
pub mod ending;
pub mod gap;
pub mod ledger;
pub mod lifecycle;
pub mod message;
pub mod place;
pub mod port;
pub mod rebalancer;
pub mod record;
pub mod release;
pub mod removal;
pub mod retry;
#[cfg(test)]
mod sample;
pub mod scaledown;
pub mod scaleup;
mod settings;
pub mod store;
pub mod time;
pub mod user_data;
pub mod webhook;

pub use settings::settings;
