//! The deployment's tags, in the two shapes that services take.

use jit_runners_model::Deployment;

use super::tree::{Map, Value};

/// As most services take them: `[{Key: .., Value: ..}]`.
pub(super) fn list(deployment: &Deployment) -> Value {
    Value::list(
        deployment.tags().iter().map(|(key, value)| Map::new().with("Key", *key).with("Value", value)),
    )
}

/// As API Gateway takes them: names and values.
pub(super) fn map(deployment: &Deployment) -> Value {
    deployment.tags().iter().map(|(key, value)| ((*key).to_owned(), value.into())).collect::<Map>().into()
}
