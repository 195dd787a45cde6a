//! What the inputs must fulfil together.

use super::inputs::{DEFAULT_AMI, DEFAULT_INSTANCE_TYPE, LABEL_MAPPINGS, RUNNER_CHECKSUMS, RUNNER_VERSION};
use crate::{
    contract::runner_release::{ReleaseChoice, RunnerRelease},
    requirement::{Demand, Fact, Requirement, Word},
};

/// Every rule across the inputs.
pub(crate) fn requirements() -> Vec<Requirement> {
    vec![known_release(), one_architecture()]
}

/// A runner is only installed from an archive whose checksum is known.
fn known_release() -> Requirement {
    let shipped = RunnerRelease::shipped().map(|release| release.version.to_string());
    let known: Vec<_> = std::iter::once(ReleaseChoice::AUTO.to_owned()).chain(shipped).collect();
    let words: [Word; 4] = [
        RUNNER_VERSION.into(),
        " needs ".into(),
        RUNNER_CHECKSUMS.into(),
        format!(", unless it is one of {}.", known.join(", ")).into(),
    ];
    Requirement {
        name: "RunnerChecksumsAreKnown",
        demand: Demand::AnyOf(vec![Fact::OneOf(RUNNER_VERSION, known), Fact::IsSet(RUNNER_CHECKSUMS)]),
        message: words.into(),
        broken_by: vec![(RUNNER_VERSION, "2.999.0"), (RUNNER_CHECKSUMS, "")],
    }
}

/// One image has one architecture.
fn one_architecture() -> Requirement {
    let words: [Word; 6] = [
        DEFAULT_INSTANCE_TYPE.into(),
        " and the types in ".into(),
        LABEL_MAPPINGS.into(),
        " without an ami of their own start from ".into(),
        DEFAULT_AMI.into(),
        ", so all must be of one architecture, x86_64 or Graviton: give mappings of the other one an ami."
            .into(),
    ];
    Requirement {
        name: "OneImageHasOneArchitecture",
        demand: Demand::OneArchitecture { default: DEFAULT_INSTANCE_TYPE, mappings: LABEL_MAPPINGS },
        message: words.into(),
        broken_by: vec![
            (DEFAULT_INSTANCE_TYPE, "t3.medium"),
            (LABEL_MAPPINGS, r#"[{"label":"arm","instance_type":"m7g.large"}]"#),
        ],
    }
}
