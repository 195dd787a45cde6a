//! Conditions.

use super::{graph, refuses, template};

const PARAMETERS: &str = "Parameters: {P: {Type: String}, O: {Type: String}}";

/// The condition called `C` among `conditions` means what is shown as `expected`.
#[track_caller]
fn states(conditions: &str, expected: &str) {
    let sections = format!("{PARAMETERS}\nMappings: {{M: {{a: {{b: x}}}}}}\nConditions: {{{conditions}}}");
    let graph = graph(&template(&sections, "  X: {Type: AWS::SQS::Queue, Condition: C}"));
    assert_eq!(graph.resources[2].condition.to_string(), expected);
}

#[test]
fn conditions_on_parameters() {
    states("C: !Equals [!Ref P, x]", r#""x" = "<P>""#);
    states("C: {'Fn::Equals': [true, !Ref P]}", r#""true" = "<P>""#);
    states("C: !Not [!Equals [!Ref P, x]]", r#""x" != "<P>""#);
    states("C: !Not [!Condition D], D: !Equals [!Ref P, '']", r#""" != "<P>""#);
    states(
        "C: !And [{Condition: D}, !Equals [!Ref O, y]], D: !Equals [!Ref P, x]",
        r#"("x" = "<P>") and ("y" = "<O>")"#,
    );
    states("C: !Or [!Condition D, !Condition D], D: !Equals [!Ref P, x]", r#""x" = "<P>""#);
    states("C: !Condition D, D: !Equals [a, a]", "always");
    states("C: !Equals [!FindInMap [M, a, b], y]", "never");
    states("C: !Equals [!Ref AWS::Region, us-east-1]", r#""us-east-1" = "<region>""#);
    states("C: !Equals [!Sub '${P}-${O}', a]", r#""a" = "<P>-<O>""#);
}

#[test]
fn what_is_no_condition() {
    let refused = |conditions: &str, expected: &str| {
        refuses(&template(&format!("{PARAMETERS}\nConditions: {{{conditions}}}"), ""), &[expected]);
    };
    refused("C: x", "t.yaml:2:17: `a condition` must be `Fn::Equals`");
    refused("C: !Ref P", "t.yaml:2:17: `a condition` must be `Fn::Equals`");
    refused("C: !Equals [!Ref Q, x]", "t.yaml:2:26: `Q` has no meaning in a condition");
    refused("C: !Equals [!GetAtt Q.Arn, x]", "t.yaml:2:26: `Q` has no meaning in a condition");
    refused("C: !Equals [!If [C, a, b], x]", "t.yaml:2:26: `Fn::If` has no meaning in a condition");
    refused("C: !Equals [x]", "t.yaml:2:17: `Fn::Equals` takes a list of two values; this is a list of 1");
    refused("C: !Equals [[x], y]", "t.yaml:2:26: `Fn::Equals` takes");
    refused("C: !And [!Equals [!Ref P, x]]", "t.yaml:2:17: `Fn::And` takes a list of two to ten");
    refused("C: !Not [!Condition D]", "t.yaml:2:23: no condition is called `D`");
    refused("C: !Not [!Condition [D]]", "t.yaml:2:23: `Condition` takes the name");
}

#[test]
fn circles_are_refused() {
    refuses(
        &template("Conditions: {A: !Not [!Condition B], B: !Not [{Condition: A}]}", ""),
        &["t.yaml:1:17: conditions refer to each other in a circle: A -> B -> A"],
    );
    refuses(
        &template("Conditions: {A: !Condition A}", ""),
        &["t.yaml:1:17: conditions refer to each other in a circle: A -> A"],
    );
}
