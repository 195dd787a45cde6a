//! Parameters and outputs.

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
