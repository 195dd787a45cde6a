//! Where an API logs its requests.

use super::Rule;
use crate::graph::{Graph, Kind};

pub(super) const RULE: Rule = Rule {
    name: "log groups of stages",
    says: "The ARN of the log group that a stage writes to is the same with `:*` at its end and without.",
    source: "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/apigatewayv2_stage.html.markdown",
    apply,
};

fn apply(graph: &mut Graph) {
    for node in graph.resources_of(Kind::Stage) {
        let Some(settings) = node.properties.get_mut("AccessLogSettings") else { continue };
        settings.each_object(&mut |settings| {
            let Some(destination) = settings.get_mut("DestinationArn") else { return };
            destination.each_text(&mut |arn| {
                if let Some(group) = arn.strip_end(":*") {
                    *arn = group;
                }
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, map};
    use super::*;

    #[test]
    fn a_star_at_the_end_means_nothing() {
        for written in ["arn:aws:logs:r:1:log-group:g:*", "arn:aws:logs:r:1:log-group:g"] {
            let mut sketch = Sketch::cloudformation();
            let settings = map([("DestinationArn", held(written))]);
            sketch.resource(Kind::Stage, "s", [("AccessLogSettings", settings)]);
            sketch.apply(&RULE);
            assert_eq!(
                sketch.resources("s"),
                r#"{AccessLogSettings: {DestinationArn: "arn:aws:logs:r:1:log-group:g"}}"#
            );
        }
    }
}
