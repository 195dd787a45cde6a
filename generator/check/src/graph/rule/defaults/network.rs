//! Security groups.

use super::{super::Rule, Default, Literal::Text, fill_in, provider};
use crate::graph::{Graph, Kind};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of security groups",
    says: "A security group without a description has the Terraform provider's; a template must state one.",
    source: SOURCE,
    apply,
};

const SOURCE: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/security_group.html.markdown";

pub(super) const DEFAULTS: &[Default] =
    &[provider(Kind::SecurityGroup, "GroupDescription", Text("Managed by Terraform"), SOURCE)];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
}
