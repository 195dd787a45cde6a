//! What only streams have, said of a queue.

use super::Rule;
use crate::graph::{Graph, Held, Kind, Segment, Value};

pub(super) const RULE: Rule = Rule {
    name: "queues as sources",
    says: "Settings that only a stream can have say nothing, as 0 or `false`, where a function reads from a queue.",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html",
    apply,
};

/// For Kinesis, DynamoDB Streams and the like, says the page.
const OF_STREAMS: &[&str] = &[
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
];

fn apply(graph: &mut Graph) {
    for mapping in graph.resources_of(Kind::EventSourceMapping) {
        if mapping.properties.get("EventSourceArn").is_some_and(is_queue) {
            mapping.properties.retain(|name, held| !(OF_STREAMS.contains(&name.as_str()) && is_zero(held)));
        }
    }
}

/// Whether the ARN is one of SQS, whatever account and region it names.
fn is_queue(arn: &Held) -> bool {
    let Value::Text(text) = &arn.value else { return false };
    let start: String = text
        .segments()
        .iter()
        .map(|segment| match segment {
            Segment::Literal(literal) => literal.as_str(),
            Segment::Symbol(_) => "",
        })
        .collect();
    start.starts_with("arn:") && start.split(':').nth(2) == Some("sqs")
}

fn is_zero(held: &Held) -> bool {
    match &held.value {
        Value::Flag(flag) => !flag,
        Value::Number(number) => number.as_str() == "0",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, joined};
    use super::*;
    use crate::graph::Symbol;

    fn after(source: Held, retries: u32) -> String {
        let mut sketch = Sketch::terraform();
        let properties = [("EventSourceArn", source), ("MaximumRetryAttempts", held(retries))];
        sketch.resource(Kind::EventSourceMapping, "m", properties);
        sketch.apply(&RULE);
        sketch.resources("m")
    }

    #[test]
    fn a_queue_is_no_stream() {
        let mut queue = joined("arn:", Symbol::Partition);
        queue.push_str(":sqs:eu-west-1:1:q");
        assert!(!after(held(queue.clone()), 0).contains("Retry"));
        assert!(after(held(queue), 3).contains("MaximumRetryAttempts: 3"));
        assert!(after(held("arn:aws:kinesis:eu-west-1:1:stream/s"), 0).contains("MaximumRetryAttempts: 0"));
        assert!(after(held("sqs"), 0).contains("MaximumRetryAttempts: 0"));
    }
}
