//! `aws_cloudwatch_event_target`.

use super::{
    super::{
        body::words,
        problem::TranslationProblem,
        service::{BUS, RULE},
    },
    CompanionBlock, Merger,
};
use crate::graph::{Held, Kind, Value};

/// Puts a target into its rule.
pub(super) fn merge(merger: &mut Merger<'_>, mut companion: CompanionBlock) {
    let rule = companion.properties.remove(RULE);
    let bus = companion.properties.remove(BUS);
    let Some(index) = merger.owner(&companion, Kind::EventRule, "aws_cloudwatch_event_rule", rule.as_ref())
    else {
        return;
    };
    let Some(node) = merger.nodes.get(index) else { return };
    // https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/cloudwatch_event_target.html.markdown
    let default = Value::from("default");
    let of_rule = node.properties.get(BUS).map_or(&default, |held| &held.value);
    let of_target = bus.as_ref().map_or(&default, |held| &held.value);
    if of_rule != of_target {
        let problem = TranslationProblem::NoOwner {
            of: companion.of.name.to_owned(),
            owner: "aws_cloudwatch_event_rule",
            found: format!("a rule of the bus {}", words(of_target)),
        };
        let place = bus.map_or(companion.place, |bus| bus.place);
        merger.refuse(&place, problem);
        return;
    }
    // Terraform makes one up, and so do we.
    let made_up = match node.properties.get("Targets").map(|held| &held.value) {
        Some(Value::List(targets)) => format!("generated-{}", targets.len() + 1),
        _ => "generated-1".to_owned(),
    };
    let mut properties = std::mem::take(&mut companion.properties);
    properties.entry("Id".to_owned()).or_insert_with(|| Held::new(made_up.as_str(), companion.place.clone()));
    let condition = companion.condition.clone();
    merger.push(
        index,
        "Targets",
        &condition,
        Held::new(properties, companion.place.clone()),
        &companion.address,
    );
}
