//! Whole files.

use super::{GENERATED, graph, shaped};

/// A generated template behind the header of its snapshot.
fn snapshot(text: &str) -> &str {
    text.splitn(3, "---\n").nth(2).expect("a snapshot has a header")
}

#[test]
fn our_own_templates_are_understood() {
    let everything = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../snapshots/everything/cloudformation__template.yaml.snap"
    ));
    let arm64 = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../snapshots/arm64-ghes/cloudformation__template.yaml.snap"
    ));
    for (text, resources, inputs) in
        [(GENERATED, 55, 22), (snapshot(everything), 55, 22), (snapshot(arm64), 42, 21)]
    {
        let mut graph = graph(text);
        assert_eq!(shaped(&mut graph), [""; 0]);
        assert_eq!((graph.resources.len(), graph.inputs.len(), graph.outputs.len()), (resources, inputs, 11));
    }
}

#[test]
fn json_is_read_like_yaml() {
    let json = concat!(
        "{\n\t\"AWSTemplateFormatVersion\": \"2010-09-09\",\n\t\"Resources\": {\n\t\t\"Q\":{\"Type\":\"AWS::SQS::Queue\",",
        "\"Properties\":{\"QueueName\":{\"Fn::Join\":[\"-\",[{\"Ref\":\"AWS::StackName\"},\"a\\/b\\u00e4\\ud83d\\ude00\\\"\\n\"]]},",
        "\n\t\t\t\"DelaySeconds\" : 5, \"FifoQueue\":true}}\n\t}\n}\n"
    );
    let graph = graph(json);
    assert_eq!(super::property(&graph, "Q", "QueueName"), r#""<name>-a/bä😀\"\n""#);
    assert_eq!(super::property(&graph, "Q", "DelaySeconds"), "5");
    assert_eq!(super::property(&graph, "Q", "FifoQueue"), "true");
    let place = graph.resources[0].properties["QueueName"].place.to_string();
    assert_eq!(place, "t.yaml:4:59");
}

#[test]
fn json_on_one_long_line_is_read_too() {
    let resources: Vec<_> = (0..200)
        .map(|index| {
            format!(
                "\"Q{index}\":{{\"Type\":\"AWS::SQS::Queue\",\"Properties\":{{\"QueueName\":\"{}\"}}}}",
                "x".repeat(2000)
            )
        })
        .collect();
    let json = format!("{{\"Resources\":{{{}}}}}", resources.join(","));
    assert_eq!(graph(&json).resources.len(), 200);
}
