//! What infrastructure and handlers must agree on, declared once: environment variables, messages, keys of the
//! table, tags, metrics, log lines, and what each handler may do.

mod effect;
pub mod environment;
mod handler;
pub mod instance;
pub mod log_line;
pub mod message;
pub mod metric;
pub mod queue;
pub mod runner_release;
pub mod schedule;
pub mod table;
pub mod tag;

pub use effect::{Effect, InstanceEffect, Targets, arn, handler_policy, instance_policy};
pub use handler::{Handler, PerHandler};
