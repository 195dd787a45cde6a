//! `aws_cloudwatch_event_target`.

use super::{
    super::{
        body::words,
        problem::TranslationProblem,
        service::{BUS, RULE},
    },
    Fold, PartBlock,
};
use crate::graph::{Held, Kind, Value};

/// Puts a target into its rule.
pub(super) fn fold(fold: &mut Fold<'_>, mut part: PartBlock) {
    let rule = part.properties.remove(RULE);
    let bus = part.properties.remove(BUS);
    let Some(index) = fold.owner(&part, Kind::EventRule, "aws_cloudwatch_event_rule", rule.as_ref()) else {
        return;
    };
    let Some(node) = fold.nodes.get(index) else { return };
    // https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/cloudwatch_event_target.html.markdown
    let default = Value::from("default");
    let of_rule = node.properties.get(BUS).map_or(&default, |held| &held.value);
    let of_target = bus.as_ref().map_or(&default, |held| &held.value);
    if of_rule != of_target {
        let problem = TranslationProblem::NoOwner {
            of: part.of.name.to_owned(),
            owner: "aws_cloudwatch_event_rule",
            found: format!("a rule of the bus {}", words(of_target)),
        };
        let place = bus.map_or(part.place, |bus| bus.place);
        fold.refuse(&place, problem);
        return;
    }
    // Terraform makes one up, and so do we.
    let made_up = match node.properties.get("Targets").map(|held| &held.value) {
        Some(Value::List(targets)) => format!("generated-{}", targets.len() + 1),
        _ => "generated-1".to_owned(),
    };
    let mut properties = std::mem::take(&mut part.properties);
    properties.entry("Id".to_owned()).or_insert_with(|| Held::new(made_up.as_str(), part.place.clone()));
    let condition = part.condition.clone();
    fold.push(index, "Targets", &condition, Held::new(properties, part.place.clone()), &part.address);
}
