//! The deployment of jit-runners as one typed value, and the contract that its infrastructure and its handlers
//! share.
//!
//! ```text
//! Choices -> Deployment (resources, parameters, outputs) -> emitted by the generator
//!            contract   (names, messages, keys, effects) -> read by the handlers
//! ```
//!
//! No I/O, no clock, no dialect, no AWS SDK. Open [`stack`] first: it is the deployment itself.

mod api_url;
pub mod choices;
pub mod contract;
mod deployment;
mod label_mapping;
mod name;
pub mod parameter;
pub mod policy;
pub mod requirement;
pub mod resource;
pub mod stack;
mod unit;
mod value;

pub use choices::Choices;
pub use deployment::{Concern, Deployment, DeploymentBuilder, Node, Output, Refused};
pub use label_mapping::{LabelMapping, LabelMappings, LabelMappingsError};
pub use name::{
    ApiUrl, Cidr, DeploymentName, ImageId, InstanceType, KeyArn, Label, NameError, PolicyArn,
    RuleDescription, RunnerVersion, TagKey, TagValue,
};
pub use resource::{AnyRef, Ref};
pub use unit::{Mebibytes, RetentionDays, Seconds, Timeout, UnitError};
pub use value::{Expr, Json, Piece, Text};
