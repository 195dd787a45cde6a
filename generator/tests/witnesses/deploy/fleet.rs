//! What each dialect asks scale-down for the custom resource when it creates, updates and removes.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{NAME, VERSIONS};
use crate::support::zips;
use jit_runners_witnesses::prerequisites::key;

/// The file in which the stand-ins record their requests.
pub(crate) struct Fleet(TempDir);

impl Fleet {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(TempDir::with_prefix("jit-runners-asked-")?))
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.0.path().join("asked")
    }

    /// Terraform asked scale-down to create, update and delete, once each.
    pub(crate) fn was_asked_by_terraform(&self) -> Result<()> {
        let [create, update, delete] = self.asked()?;
        let (first, second) = (properties(VERSIONS[0]), properties(VERSIONS[1]));
        for (asked, version, action, before, now) in [
            (create, VERSIONS[0], "create", &Value::Null, &first),
            (update, VERSIONS[1], "update", &first, &second),
            (delete, VERSIONS[1], "delete", &second, &second),
        ] {
            let mut event = now.clone();
            event["tf"] = json!({ "action": action, "prev_input": before });
            let expected = json!({ "version": format!("scaledown {version}"), "event": event });
            ensure!(asked == expected, "asked {asked:#}, not {expected:#}");
        }
        Ok(())
    }

    /// A stack asked scale-down to create, update and delete the same resource, once each.
    pub(crate) fn was_asked_by_a_stack(&self) -> Result<()> {
        let [create, update, delete] = self.asked()?;
        for (asked, version, request) in [
            (create, VERSIONS[0], "Create"),
            (update, VERSIONS[1], "Update"),
            (delete, VERSIONS[1], "Delete"),
        ] {
            let event = &asked["event"];
            let mut handed = event["ResourceProperties"].clone();
            let own = handed.as_object_mut().context("no properties")?;
            ensure!(own.remove("ServiceToken").is_some_and(|token| ends(&token, "-scaledown")), "{asked:#}");
            ensure!(own.remove("ServiceTimeout") == Some(json!("600")), "{asked:#}");
            ensure!(handed == properties(version), "{asked:#}");
            ensure!(asked["version"] == format!("scaledown {version}"), "{asked:#}");
            ensure!(event["RequestType"] == request, "{asked:#}");
            ensure!(event["ResourceType"] == "Custom::RunnerFleet", "{asked:#}");
            let id = event.get("PhysicalResourceId");
            ensure!(
                id.is_none_or(|id| id == "the-runners") && id.is_none() == (request == "Create"),
                "{asked:#}"
            );
        }
        Ok(())
    }

    fn asked(&self) -> Result<[Value; 3]> {
        let asked = zips::asked(&self.record())?;
        asked.try_into().map_err(|asked| anyhow::anyhow!("create, update, delete; asked was {asked:#?}"))
    }
}

/// The event that scale-down gets.
fn properties(version: &str) -> Value {
    json!({ "Deployment": NAME, "Package": key(version, "scaledown") })
}

fn ends(value: &Value, end: &str) -> bool {
    value.as_str().is_some_and(|text| text.ends_with(end))
}
