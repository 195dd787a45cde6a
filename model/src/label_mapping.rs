//! Which machine runs the jobs of a label.
//!
//! ```
//! use jit_runners_model::{Label, LabelMappings};
//!
//! let mappings = LabelMappings::from_json(r#"[{"label":"large","instance_type":"c5.xlarge"}]"#)?;
//! let job = [Label::new("self-hosted").unwrap(), Label::new("large").unwrap()].into();
//! assert_eq!(mappings.find(&job).unwrap().instance_type.as_str(), "c5.xlarge");
//! # Ok::<(), jit_runners_model::LabelMappingsError>(())
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    name::{ImageId, InstanceType, Label, NameError},
    parameter::Pattern,
};

/// The machine for one label, as it stands in the `LabelMappings` input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelMapping {
    /// The label, without regard to case.
    #[serde(deserialize_with = "label_in_any_case")]
    pub label: Label,
    /// The instance type.
    pub instance_type: InstanceType,
    /// Candidates for spot in order of preference; `instance_type` alone when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_types: Vec<InstanceType>,
    /// The image, where it is not the deployment's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ami: Option<ImageId>,
}

/// Every mapping of a deployment; each label stands in it once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LabelMappings(Vec<LabelMapping>);

/// Why mappings were refused.
#[derive(Debug, thiserror::Error)]
pub enum LabelMappingsError {
    /// The text is not the JSON array that is expected.
    #[error("label mappings are not the expected JSON array: {0}")]
    NotAnArray(#[from] serde_json::Error),
    /// The same label twice.
    #[error("label `{label}` is mapped twice, as entries {first} and {second} (counted from 0)")]
    Doubled {
        /// The label.
        label: Label,
        /// Where it stood first.
        first: usize,
        /// Where it stood again.
        second: usize,
    },
}

impl LabelMappings {
    /// The longest JSON that fits into a function's environment beside the longest values of all other variables.
    /// Lambda takes 4 KB (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>) and measures all
    /// variables as one JSON object, in which each quote of this text takes two bytes
    /// (<https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594>).
    pub const MOST_BYTES: usize = 1_536;

    /// What their JSON looks like, as far as a pattern of a bearable length can tell: nothing, or keys with values of
    /// their form, each behind what opens an array or an entry, or behind a comma. Whether a key is missing or there
    /// twice is more than a pattern can tell, and so are the last details of instance types.
    pub const PATTERN: Pattern = Pattern::new(concat!(
        r"^(((^\s*\[\s*\{|,|\}\s*,\s*\{)\s*",
        r#""(label"\s*:\s*"[^"\s,]+""#,
        r#"|instance_type("\s*:\s*"[a-z0-9-]+[.][a-z0-9-]+"|s"\s*:\s*\[[\s",.a-z0-9-]*\])"#,
        r#"|ami"\s*:\s*(null|"ami-[0-9a-f]{8}([0-9a-f]{9})?"))"#,
        r"\s*)+\}|\s*\[)\s*\]\s*$",
    ));

    /// Mappings that keep the order given. Refuses a label that is there twice.
    pub fn new(mappings: Vec<LabelMapping>) -> Result<Self, LabelMappingsError> {
        let mut seen = BTreeSet::new();
        for (second, mapping) in mappings.iter().enumerate() {
            if !seen.insert(&mapping.label) {
                let first =
                    mappings.iter().position(|earlier| earlier.label == mapping.label).unwrap_or(second);
                return Err(LabelMappingsError::Doubled { label: mapping.label.clone(), first, second });
            }
        }
        Ok(Self(mappings))
    }

    /// Reads the value of the `LabelMappings` input.
    pub fn from_json(json: &str) -> Result<Self, LabelMappingsError> {
        Self::new(serde_json::from_str(json)?)
    }

    /// The value of the `LabelMappings` input, without blanks.
    ///
    /// # Panics
    /// Never: structs of strings always serialise.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("structs of strings always serialise")
    }

    /// The mappings, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, LabelMapping> {
        self.0.iter()
    }

    /// The mapping for a job: the first one, in the order of the mappings, whose label the job has.
    pub fn find(&self, labels: &BTreeSet<Label>) -> Option<&LabelMapping> {
        self.0.iter().find(|mapping| labels.contains(&mapping.label))
    }
}

impl<'a> IntoIterator for &'a LabelMappings {
    type Item = &'a LabelMapping;
    type IntoIter = std::slice::Iter<'a, LabelMapping>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl LabelMapping {
    /// The instance types to try, in order; never empty.
    pub fn candidates(&self) -> &[InstanceType] {
        if self.instance_types.is_empty() {
            std::slice::from_ref(&self.instance_type)
        } else {
            &self.instance_types
        }
    }
}

fn label_in_any_case<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Label, D::Error> {
    let text = String::deserialize(deserializer)?;
    Label::in_mappings(text.to_lowercase()).map_err(|error: NameError| serde::de::Error::custom(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let json = r#"[{"label":"large","instance_type":"c5.xlarge","instance_types":["c5.xlarge","c6i.xlarge"],"ami":"ami-0123456789abcdef0"}]"#;
        let mappings = LabelMappings::from_json(json).unwrap();
        assert_eq!(LabelMappings::from_json(&mappings.to_json()).unwrap(), mappings);
    }

    #[test]
    fn labels_differ_by_more_than_case() {
        let json =
            r#"[{"label":"Large","instance_type":"c5.xlarge"},{"label":"large","instance_type":"c5.large"}]"#;
        assert!(matches!(
            LabelMappings::from_json(json),
            Err(LabelMappingsError::Doubled { first: 0, second: 1, .. })
        ));
    }

    #[test]
    fn refuses_unknown_fields_and_types() {
        assert!(LabelMappings::from_json(r#"[{"label":"a","instance_type":"c5.large","x":1}]"#).is_err());
        assert!(LabelMappings::from_json(r#"[{"label":"a","instance_type":"huge"}]"#).is_err());
        assert!(LabelMappings::from_json("{}").is_err());
    }
}
