//! Whether both dialects deployed the same, compared by the content of the account, not of the files.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde_json::Value;

use super::account::Account;

/// Kinds that only one of the tools creates.
const KINDS_APART: [&str; 2] = ["stack", "export"];

/// Fields (by the end of their path) that the emulator's CloudFormation forgets or fills in differently.
const EMULATOR_GAPS: [(&str, &str); 9] = [
    ("/KMSKeyArn", "KmsKeyArn of a function is ignored"),
    ("/PermissionsBoundary", "PermissionsBoundary of a role is ignored"),
    ("/SSEDescription", "SSESpecification of a table is ignored"),
    ("/DefaultRouteSettings", "DefaultRouteSettings of a stage are ignored"),
    ("/KmsDataKeyReusePeriodSeconds", "the default of a queue is not shown"),
    ("/StartingPosition", "a mapping of a queue gets the position of a stream"),
    ("/ApiEndpoint", "the host name differs between the two ways to make an API"),
    ("/Statistic", "an alarm with an extended statistic gets a second one"),
    ("/ProvisionedThroughput", "made-up capacity of an on-demand table"),
];

/// The emulator keeps a security group's first rule, which the provider revokes (see `EMULATOR_DRIFT`).
const RULE_THAT_WAS_REVOKED: &str =
    r#"/IpPermissionsEgress = {/IpProtocol = "-1", /IpRanges = {/CidrIp = "0.0.0.0/0"}}"#;

/// Texts that name this run's network, and their replacements.
pub(crate) type Labels = Vec<(String, &'static str)>;

/// One deployment, with its own values replaced by labels.
pub(crate) struct Deployed {
    /// What the account held before the deployment, which is not compared.
    before: Account,
    account: Account,
    labels: Labels,
}

impl Deployed {
    pub(crate) fn new(before: Account, account: Account, labels: Labels) -> Self {
        Self { before, account, labels }
    }

    /// All leaves of the resources that were created: `kind/name/field/... = value`.
    fn facts(&self) -> Result<BTreeSet<String>> {
        let mut facts = BTreeSet::new();
        for (kind, resources) in &self.account.0 {
            for (name, description) in resources {
                if self.before.has(kind, name) || KINDS_APART.contains(&kind.as_str()) {
                    continue;
                }
                let mut text = serde_json::to_string(description)?;
                let mut path = format!("{kind}/{name}");
                for (value, label) in &self.labels {
                    text = text.replace(value, label);
                    path = path.replace(value, label);
                }
                note(&path, &serde_json::from_str(&text)?, &mut facts);
            }
        }
        Ok(facts)
    }
}

/// Fails with every difference that is not a known fault of the emulator.
pub(crate) fn ensure_same(terraform: &Deployed, cloudformation: &Deployed) -> Result<()> {
    let (mut left, right) = (terraform.facts()?, cloudformation.facts()?);
    left.retain(|fact| !fact.ends_with(RULE_THAT_WAS_REVOKED));
    let side = |name: &'static str, facts: Vec<&String>| -> Vec<String> {
        facts.into_iter().map(|fact| format!("only {name}: {fact}")).collect()
    };
    let mut differences = side("Terraform", left.difference(&right).collect());
    differences.extend(side("CloudFormation", right.difference(&left).collect()));
    ensure!(differences.is_empty(), "the two deployments differ:\n{}", differences.join("\n"));
    eprintln!("both dialects deployed the same: {} facts", left.len());
    Ok(())
}

/// Collects the leaves below a path. The items of a list share its path, because their order means nothing. A list of
/// one item equals the item, as in IAM.
fn note(path: &str, value: &Value, facts: &mut BTreeSet<String>) {
    if EMULATOR_GAPS.iter().any(|(end, _)| path.ends_with(end)) {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                note(&format!("{path}/{field}"), value, facts);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            // An object stays whole, so that an exchange of fields between neighbours is found.
            for item in items {
                let mut inner = BTreeSet::new();
                note("", item, &mut inner);
                let inner: Vec<_> = inner.into_iter().collect();
                facts.insert(format!("{path} = {{{}}}", inner.join(", ")));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| note(path, item, facts)),
        // 0 and 0.0 are the same number.
        Value::Number(number) => {
            facts.insert(format!("{path} = {}", number.as_f64().unwrap_or(f64::NAN)));
        }
        leaf => {
            facts.insert(format!("{path} = {leaf}"));
        }
    }
}
