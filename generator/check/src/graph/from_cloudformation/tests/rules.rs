//! Rules.

use super::{graph, refuses, template};

const PARAMETERS: &str = "Parameters: {P: {Type: String}, O: {Type: String}}";

/// The rule `rule` demands what is shown as `expected`.
#[track_caller]
fn demands(rule: &str, expected: &[&str]) {
    let graph = graph(&template(&format!("{PARAMETERS}\nRules: {{R: {{{rule}}}}}"), ""));
    let found: Vec<_> = graph.requirements.iter().map(|one| one.demand.to_string()).collect();
    assert_eq!(found, expected);
}

#[test]
fn demands_on_parameters() {
    demands("Assertions: [{Assert: !Equals [!Ref P, x]}]", &[r#""x" = "<P>""#]);
    demands(
        "Assertions: [{Assert: {'Fn::Contains': [[x, y], !Ref P]}, AssertDescription: No.}]",
        &[r#"("x" = "<P>") or ("y" = "<P>")"#],
    );
    demands(
        "RuleCondition: !Equals [!Ref O, ''], Assertions: [{Assert: !Equals [!Ref P, x]}]",
        &[r#"("x" = "<P>") or ("" != "<O>")"#],
    );
    demands(
        "Assertions: [{Assert: !And [!Equals [!Ref P, x], !Not [!Equals [!Ref O, y]]]}, {Assert: !Equals [a, a]}]",
        &[r#""x" = "<P>""#, r#""y" != "<O>""#],
    );
    demands("RuleCondition: !Equals [a, b], Assertions: [{Assert: !Equals [!Ref P, x]}]", &[]);
}

#[test]
fn what_is_no_rule() {
    let refused = |rule: &str, expected: &str| {
        let conditions = "Conditions: {C: !Equals [!Ref P, x]}";
        refuses(&template(&format!("{PARAMETERS}\n{conditions}\nRules: {{R: {rule}}}"), ""), &[expected]);
    };
    refused("x", "t.yaml:3:12: `a rule` must be an object");
    refused("{}", "t.yaml:3:12: this rule has no `Assertions`");
    refused("{Assertions: x}", "t.yaml:3:25: `Assertions` must be a list");
    refused("{Assertions: [], Assert: x}", "t.yaml:3:29: ");
    refused("{Assertions: [{AssertDescription: x}]}", "t.yaml:3:26: this assertion has no `Assert`");
    refused("{Assertions: [{Assert: !Ref P}]}", "t.yaml:3:35: `a condition` must be");
    refused("{Assertions: [{Assert: !Condition C}]}", "t.yaml:3:35: `Condition` is outside");
    refused(
        "{Assertions: [{Assert: !Equals [!Ref Q, x]}]}",
        "t.yaml:3:44: `Q` has no meaning in a condition",
    );
    refused(
        "{Assertions: [{Assert: {'Fn::Contains': [!Ref P, x]}}]}",
        "t.yaml:3:53: `Fn::Contains` takes a list that is written out, and a value",
    );
    refused(
        "{Assertions: [{Assert: {'Fn::EachMemberIn': [[a], [b]]}}]}",
        "t.yaml:3:35: `Fn::EachMemberIn` is outside",
    );
    // Nowhere else.
    refuses(
        &template(&format!("{PARAMETERS}\nConditions: {{C: {{'Fn::Contains': [[x], !Ref P]}}}}"), ""),
        &["t.yaml:2:17: `a condition` must be"],
    );
}
