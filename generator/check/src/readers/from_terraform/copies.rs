//! How much may be copied: a short module can say the same thing in very many places.

use crate::{
    graph::value::{
        budget::{Budget, Exceeded, Size},
        visit::Visit,
    },
    problem::{Problem, TranslationProblem},
    read::Place,
};

/// Bytes of copies, at most: many times what a real module needs.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of a value, whatever it holds.
const VALUE: usize = 64;

/// What is left for copies.
#[derive(Debug)]
pub(super) struct Copies(Budget);

impl Copies {
    /// Everything is left.
    pub(super) const fn new() -> Self {
        Self(Budget::new(MOST_BYTES, 0))
    }

    /// Whether something of `weight` may be copied. The first that may not is a problem at `place`.
    pub(super) fn allow(&mut self, weight: usize, place: &Place, problems: &mut Vec<Problem>) -> bool {
        let spent = self.0.spend(weight);
        if spent == Err(Exceeded { is_first: true }) {
            let kind = TranslationProblem::TooMuch.into();
            problems.push(Problem { place: place.clone(), kind });
        }
        spent.is_ok()
    }
}

/// What `whole` weighs.
pub(super) fn weight_of(whole: &impl Visit) -> usize {
    Size::of(whole).weight(VALUE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::super::example::{check_refused, messages, module, named};
    use crate::readers::from_terraform::{body::View, translate::translate};

    const TOO_MUCH: &str =
        "the module says so much in so many places that the check gives up here; is it the right one?";

    #[test]
    fn policies_are_not_copied_without_end() {
        let long = "x".repeat(1024 * 1024);
        let names: Vec<_> = (0..20).map(|index| format!("aws_iam_role_policy_attachment.a{index}")).collect();
        let attachment = json!({"role": "r", "policy_arn": "${aws_iam_policy.p.arn}"});
        let mut resources = vec![
            ("aws_iam_role.r", json!({"name": "r"})),
            ("aws_iam_policy.p", json!({"name": "p", "policy": long})),
        ];
        resources.extend(names.iter().map(|name| (name.as_str(), attachment.clone())));
        check_refused(&resources, &[&format!("main.tf:2:1: {TOO_MUCH}")]);
    }

    #[test]
    fn rules_are_not_copied_without_end() {
        let ends: Vec<_> = (0..20).map(|index| format!("10.0.0.{index}/32")).collect();
        let rule = json!({"description": "x".repeat(1024 * 1024), "protocol": "tcp", "cidr_blocks": ends});
        check_refused(
            &[("aws_security_group.g", json!({"ingress": [rule]}))],
            &[&format!("main.tf:1:5: {TOO_MUCH}")],
        );
    }

    #[test]
    fn tags_are_not_copied_without_end() {
        let names: Vec<_> = (0..20).map(|index| format!("aws_sqs_queue.q{index}")).collect();
        let resources: Vec<_> = names.iter().map(|name| (name.as_str(), json!({}))).collect();
        let mut module = module(&resources);
        let tags = json!({"default_tags": [{"tags": {"a": "x".repeat(1024 * 1024)}}]});
        module.provider = Some(named("aws", &tags));
        assert_eq!(
            messages(translate(module, View::Written, &BTreeSet::new())),
            [format!("main.tf:16:1: {TOO_MUCH}")]
        );
    }

    #[test]
    fn names_are_not_copied_without_end() {
        let mut module = module(&[
            ("aws_apigatewayv2_api.a", json!({})),
            (
                "aws_apigatewayv2_stage.s",
                json!({"api_id": "${aws_apigatewayv2_api.a.id}", "name": "x".repeat(1024 * 1024)}),
            ),
        ]);
        let value = "${aws_apigatewayv2_stage.s.invoke_url}".repeat(20);
        module.outputs = vec![named("url", &json!({"value": value}))];
        assert_eq!(
            messages(translate(module, View::Written, &BTreeSet::new())),
            [format!("main.tf:1:1: {TOO_MUCH}")]
        );
    }
}
