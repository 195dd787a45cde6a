//! Templates in, graphs or problems out. Small ones are written here; the large ones are those that we ship.

mod inputs;
mod intrinsics;
mod resources;

use super::as_yaml;
use crate::{
    graph::{Graph, Shaper},
    problem::Problem,
    readers::from_cloudformation,
};

/// What we ship.
const GENERATED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../generated/cloudformation/template.yaml"));

/// What `template` states.
fn read(template: &str) -> Result<Graph, Vec<Problem>> {
    from_cloudformation(&"t.yaml".into(), template.as_bytes(), false)
}

/// The graph that `template` states.
#[track_caller]
fn graph(template: &str) -> Graph {
    read(template).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

fn lines(problems: &[Problem]) -> Vec<String> {
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
        [(GENERATED, 55, 23), (snapshot(everything), 55, 23), (snapshot(arm64), 42, 22)]
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
    assert_eq!(property(&graph, "Q", "QueueName"), r#""<name>-a/bä😀\"\n""#);
    assert_eq!(property(&graph, "Q", "DelaySeconds"), "5");
    assert_eq!(property(&graph, "Q", "FifoQueue"), "true");
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

#[track_caller]
fn check(json: &str, yaml: &str) {
    assert_eq!(String::from_utf8_lossy(&as_yaml(json.as_bytes())), yaml);
}

#[test]
fn pairs_of_escapes_become_one() {
    check(r#"{"a": "\ud83d\ude00\u00e4\n"}"#, r#"{"a": "\U0001f600\u00e4\n"}"#);
    check(r#"{"a": "\\ud83d\\ude00 \u0041"}"#, r#"{"a": "\\ud83d\\ude00 \u0041"}"#);
}

#[test]
fn yaml_is_left_alone() {
    check(r"{a: '\ud83d\ude00'}", r"{a: '\ud83d\ude00'}");
    check(r#"a: "\ud83d\ude00""#, r#"a: "\ud83d\ude00""#);
}

#[track_caller]
fn is_too_large(template: &str) {
    let problems = lines(&read(template).unwrap_err());
    assert!(problems[0].contains("it is too large to be compared"), "{problems:#?}");
    assert!(problems.len() < 50, "{}", problems.len());
}

#[test]
fn conditions_that_double_each_other() {
    let names: Vec<_> = (0..200)
        .map(|index| {
            let next = index + 1;
            format!("  C{index}: !And [!Or [!Condition C{next}, !Equals [!Ref P, a{index}]], !Or [!Not [!Condition C{next}], !Equals [!Ref P, b{index}]]]\n")
        })
        .collect();
    is_too_large(&template(
        &format!(
            "Parameters: {{P: {{Type: String}}}}\nConditions:\n{}  C200: !Equals [!Ref P, x]",
            names.concat()
        ),
        "",
    ));
}

#[test]
fn a_long_chain_of_conditions_is_no_danger() {
    let names: Vec<_> =
        (0..20_000).map(|index| format!("  C{index}: !Not [!Condition C{}]\n", index + 1)).collect();
    let sections = format!(
        "Parameters: {{P: {{Type: String}}}}\nConditions:\n{}  C20000: !Equals [!Ref P, x]",
        names.concat()
    );
    assert!(read(&template(&sections, "")).is_ok());
    let names: Vec<_> = (0..9_000)
        .map(|index| format!("  C{index}: !And [!Or [!Condition C{}, !Equals [!Ref P, a{index}]], !Equals [!Ref P, b{index}]]\n", index + 1))
        .collect();
    is_too_large(&template(
        &format!(
            "Parameters: {{P: {{Type: String}}}}\nConditions:\n{}  C9000: !Equals [!Ref P, x]",
            names.concat()
        ),
        "",
    ));
}

#[test]
fn substitutions_that_double_each_other() {
    let mut value = "'0123456789'".to_owned();
    for _ in 0..25 {
        value = format!("!Sub ['${{A}}${{A}}${{A}}', {{A: {value}}}]");
    }
    is_too_large(&output("", &value));
}

#[test]
fn separators_longer_than_what_they_separate() {
    let value = format!("!Join ['{}', [{}]]", "x".repeat(100_000), "a,".repeat(100_000));
    is_too_large(&output("", &value));
}

#[test]
fn large_mappings_that_are_looked_up_often() {
    let sections = format!("Mappings: {{M: {{a: {{b: [{}]}}}}}}", "1,".repeat(50_000));
    let value = format!("[{}]", "!FindInMap [M, a, b],".repeat(1_000));
    is_too_large(&output(&sections, &value));
}

#[test]
fn texts_with_many_conditions() {
    let conditions: Vec<_> = (0..30).map(|index| format!("C{index}: !Equals [!Ref P, a{index}]")).collect();
    let sections = format!("Parameters: {{P: {{Type: String}}}}\nConditions: {{{}}}", conditions.join(", "));
    let items: Vec<_> = (0..30).map(|index| format!("!If [C{index}, a, b]")).collect();
    is_too_large(&output(&sections, &format!("!Join ['', [{}]]", items.join(", "))));
    let mut value = "x".to_owned();
    for index in 0..20 {
        value = format!("!Sub ['${{A}}', {{A: !If [C{index}, a{index}, {value}]}}]");
    }
    is_too_large(&output(&sections, &value));
}

#[test]
fn policies_for_very_many_roles() {
    let roles: Vec<_> = (0..2_000).map(|index| format!("  R{index}: {{Type: AWS::IAM::Role}}\n")).collect();
    let names: Vec<_> = (0..2_000).map(|index| format!("!Ref R{index}")).collect();
    let policy = format!(
        "  X: {{Type: AWS::IAM::Policy, Properties: {{PolicyName: x, PolicyDocument: [{}], Roles: [{}]}}}}",
        "1,".repeat(100_000),
        names.join(", ")
    );
    is_too_large(&template("", &format!("{}{policy}", roles.concat())));
}

#[test]
fn deep_nesting() {
    for (open, close) in
        [("[", "]"), ("{a: ", "}"), ("!If [C, a, ", "]"), ("!Not [", "]"), ("!Sub ['${A}', {A: ", "}]")]
    {
        for depth in [20, 28, 60, 500] {
            let value = format!("{}x{}", open.repeat(depth), close.repeat(depth));
            // Whether it means something is not the point.
            let _: Result<Graph, Vec<Problem>> =
                read(&output("Conditions: {C: !Equals [!Ref 'AWS::Region', x]}", &value));
            assert!(read(&template(&format!("Conditions: {{C: {value}}}"), "")).is_err());
        }
    }
}

#[test]
fn half_a_file() {
    let all = read(GENERATED).unwrap().resources.len();
    for end in (0..GENERATED.len()).step_by(997) {
        let half = &GENERATED[..end];
        match read(half) {
            Ok(graph) => assert!(end > 4_000 && graph.resources.len() <= all),
            Err(problems) => assert!(!problems.is_empty()),
        }
    }
}

#[test]
fn noise() {
    assert!(from_cloudformation(&"t".into(), &[0xff, 0x00, 0x80], false).is_err());
    assert!(from_cloudformation(&"t".into(), &vec![b'a'; 50 * 1024 * 1024], false).is_err());
    assert!(read(&"Resources: {".repeat(10_000)).is_err());
}
