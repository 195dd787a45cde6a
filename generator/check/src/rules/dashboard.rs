//! The short forms of metrics on a dashboard.

use super::{Rule, names::Copies};
use crate::graph::{Graph, Held, Kind, Properties, Value};

/// The short forms of metrics on a dashboard.
pub(super) const RULE: Rule = Rule {
    name: "metrics of dashboards",
    says: "A metric that repeats fields of the one before by `.` or `...` is spelled out.",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html",
    apply,
};

/// Namespace, name, 30 dimensions: a metric has no more fields
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>).
const MOST_FIELDS: usize = 62;

fn apply(graph: &mut Graph) {
    let mut copies = Copies::new();
    for node in graph.resources_of(Kind::Dashboard) {
        let Some(body) = node.properties.get_mut("DashboardBody") else { continue };
        member(body, "widgets", &mut |widgets| {
            widgets.each_list(&mut |widgets| {
                for widget in widgets {
                    member(widget, "properties", &mut |properties| {
                        member(properties, "metrics", &mut |metrics| {
                            metrics.each_list(&mut |metrics| spell_out(metrics, &mut copies));
                        });
                    });
                }
            });
        });
    }
}

fn member(held: &mut Held, name: &str, change: &mut impl FnMut(&mut Held)) {
    held.each_object(&mut |entries: &mut Properties| {
        if let Some(held) = entries.get_mut(name) {
            change(held);
        }
    });
}

fn spell_out(metrics: &mut Vec<Held>, copies: &mut Copies) {
    let mut before: Vec<Held> = Vec::new();
    for metric in metrics {
        let Value::List(written) = &mut metric.value else { continue };
        let options = match written.last() {
            Some(Held { value: Value::Map(_), .. }) => written.pop(),
            _ => None,
        };
        let fields = fields(written, &before, copies);
        // An expression has no fields, and is nothing that the next one could repeat.
        if fields.len() > MOST_FIELDS {
            before.clear();
        } else if !fields.is_empty() {
            before.clone_from(&fields);
        }
        *written = fields;
        written.extend(options);
    }
}

fn fields(written: &[Held], before: &[Held], copies: &mut Copies) -> Vec<Held> {
    let Some((first, own)) = written.split_first() else { return Vec::new() };
    if first.as_literal() != Some("...") {
        return one_by_one(written, before, copies);
    }
    // What stands behind the dots replaces as many fields at the end.
    let Some((repeated, replaced)) = before.split_at_checked(before.len().wrapping_sub(own.len())) else {
        return written.to_vec();
    };
    let mut fields: Vec<_> = repeated.iter().map(|field| repeat(first, field, copies)).collect();
    fields.extend(one_by_one(own, replaced, copies));
    fields
}

fn one_by_one(written: &[Held], before: &[Held], copies: &mut Copies) -> Vec<Held> {
    let field = |(index, field): (usize, &Held)| match before.get(index) {
        Some(before) if field.as_literal() == Some(".") => repeat(field, before, copies),
        _ => field.clone(),
    };
    written.iter().enumerate().map(field).collect()
}

/// The field `before` in the place of `dots`. A field is text.
fn repeat(dots: &Held, before: &Held, copies: &mut Copies) -> Held {
    let text = match &before.value {
        Value::Text(text) => copies.copy(text),
        _ => None,
    };
    text.map_or_else(|| dots.clone(), |text| Held::new(text, dots.place.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, list, list_of, map};
    use super::*;

    #[track_caller]
    fn becomes<const N: usize>(metrics: [Held; N], expected: &str) {
        let mut sketch = Sketch::terraform();
        let widget = map([("properties", map([("metrics", list(metrics))]))]);
        sketch.resource(Kind::Dashboard, "d", [("DashboardBody", map([("widgets", list([widget]))]))]);
        sketch.apply(&RULE);
        assert_eq!(
            sketch.resources("d"),
            format!("{{DashboardBody: {{widgets: [{{properties: {{metrics: {expected}}}}}]}}}}")
        );
    }

    #[test]
    fn short_forms_are_spelled_out() {
        becomes(
            [
                list_of(["AWS/SQS", "Age", "QueueName", "a"]),
                list_of([".", ".", ".", "b"]),
                list_of(["...", "c"]),
                list_of(["...", "Other", "."]),
                list_of([".", "Count"]),
            ],
            r#"[["AWS/SQS", "Age", "QueueName", "a"], ["AWS/SQS", "Age", "QueueName", "b"], ["AWS/SQS", "Age", "QueueName", "c"], ["AWS/SQS", "Age", "Other", "c"], ["AWS/SQS", "Count"]]"#,
        );
    }

    #[test]
    fn options_stay_and_expressions_are_no_metrics() {
        let options = || map([("stat", held("Sum"))]);
        becomes(
            [
                list([held("N"), held("M"), options()]),
                list([map([("expression", held("m1*2"))])]),
                list([held("."), held("."), options()]),
            ],
            r#"[["N", "M", {stat: "Sum"}], [{expression: "m1*2"}], ["N", "M", {stat: "Sum"}]]"#,
        );
    }

    #[test]
    fn nothing_before_is_nothing_to_repeat() {
        becomes(
            [list_of([".", "M"]), list_of(["...", "a", "b", "c"])],
            r#"[[".", "M"], ["...", "a", "b", "c"]]"#,
        );
    }
}
