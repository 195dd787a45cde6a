//! Parameters, conditions and rules.

use super::{graph, refuses, template};

/// A parameter with these `entries` has the properties that are shown as `expected`.
#[track_caller]
fn means(entries: &str, expected: &[(&str, &str)]) {
    let graph = graph(&template(&format!("Parameters: {{P: {{{entries}}}}}"), ""));
    let found: Vec<_> = graph.inputs[0]
        .properties
        .iter()
        .map(|(name, held)| (name.clone(), held.value.to_string()))
        .collect();
    let found: Vec<_> = found.iter().map(|(name, held)| (name.as_str(), held.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn parameters() {
    means("Type: String, Default: 5", &[("Default", r#""5""#), ("Type", r#""text""#)]);
    means("Type: String, Default: true", &[("Default", r#""true""#), ("Type", r#""text""#)]);
    means("Type: Number, Default: '5'", &[("Default", "5"), ("Type", r#""number""#)]);
    means(
        "Type: Number, Default: 5, MinValue: '1', MaxValue: 9",
        &[("Default", "5"), ("MaxValue", "9"), ("MinValue", "1"), ("Type", r#""number""#)],
    );
    means(
        "Type: CommaDelimitedList, Default: 'a, b,c'",
        &[("Default", r#"["a", "b", "c"]"#), ("Type", r#""list""#)],
    );
    means("Type: CommaDelimitedList, Default: ''", &[("Default", "[]"), ("Type", r#""list""#)]);
    means(
        "Type: List<Number>, Default: '1, 2'",
        &[("AwsType", r#""List<Number>""#), ("Default", "[1, 2]"), ("Type", r#""list""#)],
    );
    means("Type: AWS::EC2::VPC::Id", &[("AwsType", r#""AWS::EC2::VPC::Id""#), ("Type", r#""text""#)]);
    means(
        "Type: List<AWS::EC2::Subnet::Id>",
        &[("AwsType", r#""List<AWS::EC2::Subnet::Id>""#), ("Type", r#""list""#)],
    );
    means(
        "Type: String, NoEcho: 'true', AllowedValues: [true, b, 'true'], AllowedPattern: x, ConstraintDescription: c, Description: d, MinLength: 1, MaxLength: '2'",
        &[
            ("AllowedPattern", r#""x""#),
            ("AllowedValues", r#"["b", "true"]"#),
            ("ConstraintDescription", r#""c""#),
            ("Description", r#""d""#),
            ("MaxLength", "2"),
            ("MinLength", "1"),
            ("NoEcho", "true"),
            ("Type", r#""text""#),
        ],
    );
    means(
        "Type: Number, AllowedValues: [1, '2.0']",
        &[("AllowedValues", r#"["1", "2"]"#), ("Type", r#""number""#)],
    );
}

#[test]
fn what_is_no_parameter() {
    let refused = |entries: &str, expected: &str| {
        refuses(&template(&format!("Parameters: {{P: {entries}}}"), ""), &[expected]);
    };
    refused("{Default: x}", "t.yaml:1:17: this parameter has no `Type`");
    refused("x", "t.yaml:1:17: `a parameter` must be an object");
    refused("{Type: SymbolicText}", "t.yaml:1:24: `Type` must be `String`");
    refused(
        "{Type: AWS::SSM::Parameter::Value<String>}",
        "t.yaml:1:24: `AWS::SSM::Parameter::Value<String>` is outside",
    );
    refused(
        "{Type: String, Defualt: x}",
        "t.yaml:1:32: `Defualt` is no key of a parameter that the check knows; did you mean `Default`?",
    );
    refused("{Type: Number, Default: x}", "t.yaml:1:41: `Default` must be a number");
    refused("{Type: List<Number>, Default: 'a'}", "t.yaml:1:47: `Default` must be numbers");
    refused("{Type: String, Default: [a]}", "t.yaml:1:41: `this value` must be a single value");
    refused("{Type: String, Default: !Ref P}", "t.yaml:1:41: `Ref` is outside");
    refused("{Type: String, Default: 012}", "t.yaml:1:41: found `012`");
    refused("{Type: String, NoEcho: maybe}", "t.yaml:1:40: `NoEcho` must be");
    refused("{Type: String, AllowedValues: a}", "t.yaml:1:47: `AllowedValues` must be a list");
    refuses(&template("Parameters: {P-1: {Type: String}}", ""), &["t.yaml:1:14: `P-1` is no logical id"]);
    refuses(
        &template("Parameters: {Q: {Type: String}}", ""),
        &["t.yaml:3:3: `Q` is a parameter and a resource"],
    );
}

#[test]
fn outputs() {
    let graph = graph(&template(
        "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}",
        "Outputs: {O: {Value: !Ref Q, Description: d, Condition: C, Export: {Name: !Sub '${AWS::StackName}-o'}}}",
    ));
    let output = &graph.outputs[0];
    let shown: Vec<_> = output.properties.values().map(|held| held.value.to_string()).collect();
    assert_eq!(shown, [r#""d""#, r#""<name>-o""#, r#""<Q.url>""#]);
    assert_eq!(output.condition.to_string(), r#""x" = "<region>""#);
    let refused = |output: &str, expected: &str| {
        refuses(&template("", &format!("Outputs: {{O: {output}}}")), &[expected]);
    };
    refused("{Description: d}", "t.yaml:5:11: this output has no `Value`");
    refused("{Value: x, Name: n}", "t.yaml:5:25: `Name` is no key of an output");
    refused("{Value: x, Condition: C}", "t.yaml:5:36: no condition is called `C`");
    refused("{Value: x, Export: n}", "t.yaml:5:33: `Export` must be an object");
    refused("{Value: x, Export: {}}", "t.yaml:5:33: this export has no `Name`");
    refused("{Value: x, Export: {Name: n, As: m}}", "t.yaml:5:43: `As` is no key of an export");
}

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
    states("C: !Equals [!Sub '${P}-${O}', a-b]", r#""a-b" = "<P>-<O>""#);
    // Whatever the parameters are, there is a hyphen.
    states("C: !Equals [!Sub '${P}-${O}', a]", "never");
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
