//! IAM.

use super::{
    super::Rule,
    Default,
    Literal::{Number, Text},
    fill_in, service,
};
use crate::graph::{Graph, Kind};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of IAM",
    says: "A role, or an instance profile, has what IAM gives it when nobody says.",
    source: ROLE,
    apply,
};

const ROLE: &str = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html";
const PROFILE: &str = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Role, "Path", Text("/"), ROLE),
    service(Kind::Role, "MaxSessionDuration", Number(3_600), ROLE),
    service(Kind::InstanceProfile, "Path", Text("/"), PROFILE),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
}
