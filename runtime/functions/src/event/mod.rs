//! What Lambda hands to the functions, and what they answer. Read leniently: whatever a sender can influence must not keep
//! a function from answering.

mod api;
mod batch;
#[cfg(test)]
mod tests;

pub use self::{
    api::{ApiRequest, ApiResponse},
    batch::{Batch, BatchResponse},
};

/// What a schedule sends: nothing that matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tick;

impl<'de> serde::Deserialize<'de> for Tick {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
