//! `lifecycle` blocks.

use super::{
    argument::ResourceSchema,
    body::{alike, says_nothing, when, words},
    problem::TranslationProblem,
};
use crate::graph::{GraphProblem, Held, Properties, Value};

/// Arguments that say how Terraform gets from one state to another, and nothing about what exists.
pub(super) const IGNORED: &[(&str, &str)] = &[
    ("create_before_destroy", "the order in which Terraform replaces a resource"),
    (REPLACE_TRIGGERED_BY, "when Terraform replaces a resource"),
    (
        "ignore_changes",
        "what Terraform leaves alone once others changed it; both files are compared as they are written",
    ),
];
const REPLACE_TRIGGERED_BY: &str = "replace_triggered_by";
const PREVENT_DESTROY: &str = "prevent_destroy";

/// What has Terraform replace a custom resource, whose function is then called to delete.
pub(super) fn replaced_with(lifecycle: &Properties) -> Option<(String, Held)> {
    let held = lifecycle.get(REPLACE_TRIGGERED_BY)?;
    Some(("ReplaceTriggeredBy".to_owned(), held.clone()))
}

/// `DeletionPolicy`, where `prevent_destroy` keeps the resource.
pub(super) fn deletion_policy(
    of: &'static ResourceSchema,
    lifecycle: Properties,
    problems: &mut Vec<GraphProblem>,
) -> Option<Held> {
    let held = prevent_destroy(lifecycle, problems)?;
    let Some(condition) = when(&held.value) else {
        let kind = TranslationProblem::NotUnderstood {
            of: of.name.to_owned(),
            path: format!("lifecycle.{PREVENT_DESTROY}"),
            expected: "true or false",
            found: words(&held.value),
        };
        problems.push(GraphProblem { place: held.place, kind: kind.into() });
        return None;
    };
    let retain = Held::new("Retain", held.place).under(condition);
    (retain.value != Value::Absent).then_some(retain)
}

/// A part goes with its whole: it cannot be kept on its own.
pub(super) fn of_part(of: &'static ResourceSchema, lifecycle: Properties, problems: &mut Vec<GraphProblem>) {
    let held = prevent_destroy(lifecycle, problems);
    if let Some(held) = held.filter(|held| !says_nothing(&held.value)) {
        let path = format!("lifecycle.{PREVENT_DESTROY}");
        let kind = TranslationProblem::OutsideArgument { of: of.name.to_owned(), path };
        problems.push(GraphProblem { place: held.place, kind: kind.into() });
    }
}

fn prevent_destroy(mut lifecycle: Properties, problems: &mut Vec<GraphProblem>) -> Option<Held> {
    let prevent_destroy = lifecycle.remove(PREVENT_DESTROY);
    for (name, held) in lifecycle {
        if !IGNORED.iter().any(|(ignored, _)| *ignored == name) {
            let known = IGNORED.iter().map(|(name, _)| *name).chain([PREVENT_DESTROY]);
            let suggestion = alike(&name, known);
            let kind = TranslationProblem::UnknownSetting { of: "lifecycle", name, suggestion };
            problems.push(GraphProblem { place: held.place, kind: kind.into() });
        }
    }
    prevent_destroy
}
