//! Templates in, graphs or problems out. Small ones are written here; the large ones are those that we ship.

mod attributes;
mod companions;
mod conditions;
mod documents;
mod hostile;
mod inputs;
mod intrinsics;
mod rules;

use crate::graph::{Graph, GraphProblem, Shaper, from_cloudformation};

/// What we ship.
const GENERATED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../generated/cloudformation/template.yaml"));

/// What `template` states.
fn read(template: &str) -> Result<Graph, Vec<GraphProblem>> {
    from_cloudformation(&"t.yaml".into(), template.as_bytes())
}

/// The graph that `template` states.
#[track_caller]
fn graph(template: &str) -> Graph {
    read(template).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

fn lines(problems: &[GraphProblem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect()
}

/// `template` is refused for reasons that begin so.
#[track_caller]
fn refuses(template: &str, expected: &[&str]) {
    let problems = match read(template) {
        Ok(graph) => panic!("{graph:#?}"),
        Err(problems) => lines(&problems),
    };
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\n{expected}");
    }
}

/// A template with `sections` in front of a queue `Q`, a role `R`, and whatever `resources` adds.
fn template(sections: &str, resources: &str) -> String {
    format!(
        "{sections}\nResources:\n  Q: {{Type: AWS::SQS::Queue}}\n  R: {{Type: AWS::IAM::Role, \
         Properties: {{RoleName: r}}}}\n{resources}\n"
    )
}

/// What `value` becomes as the value of an output, behind `sections`.
fn output(sections: &str, value: &str) -> String {
    template(sections, &format!("Outputs:\n  O:\n    Value: {value}"))
}

/// `value` means what is shown as `expected`.
#[track_caller]
fn means(sections: &str, value: &str, expected: &str) {
    let graph = graph(&output(sections, value));
    assert_eq!(graph.outputs[0].properties["Value"].value.to_string(), expected, "{value}");
}

/// `value` is refused for a reason that says so.
#[track_caller]
fn is_refused(sections: &str, value: &str, expected: &str) {
    let problems = match read(&output(sections, value)) {
        Ok(graph) => panic!("{value}: {graph:#?}"),
        Err(problems) => lines(&problems),
    };
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].contains(expected), "{value}: {}", problems[0]);
}

/// The property of the resource at `address`, as people are shown it.
#[track_caller]
fn property(graph: &Graph, address: &str, name: &str) -> String {
    let node = graph.resources.iter().find(|node| node.address.as_ref() == address).expect(address);
    node.properties.get(name).map_or("(none)".to_owned(), |held| held.value.to_string())
}

/// What the Shaper has against `graph`.
fn shaped(graph: &mut Graph) -> Vec<String> {
    let mut shaper = Shaper::default();
    shaper.graph(graph);
    lines(&shaper.problems)
}
