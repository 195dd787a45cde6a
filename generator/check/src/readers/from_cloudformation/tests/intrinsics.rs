//! Functions, in both spellings.

use super::{graph, is_refused, means, output, refuses, template};

const PARAMETERS: &str = "Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}}\nConditions: {C: !Equals [!Ref P, x], D: !Equals [!Ref P, y]}\nMappings: {M: {a: {b: 1, c: [x, 'y'], d: text}}}";
const EXTENSIONS: &str =
    "Transform: AWS::LanguageExtensions\nParameters: {P: {Type: String}, L: {Type: CommaDelimitedList}}";

#[test]
fn references() {
    means(PARAMETERS, "!Ref P", r#""<P>""#);
    means(PARAMETERS, "{Ref: P}", r#""<P>""#);
    means(PARAMETERS, r#"{"Fn::GetAtt": [Q, Arn]}"#, r#""<Q.arn>""#);
    means(PARAMETERS, r#"{"Fn::GetAtt": Q.Arn}"#, r#""<Q.arn>""#);
    means(PARAMETERS, "!GetAtt Q.Arn", r#""<Q.arn>""#);
    means(PARAMETERS, "!GetAtt [Q, Arn]", r#""<Q.arn>""#);
    for (pseudo, expected) in [
        ("StackName", r#""<name>""#),
        ("Region", r#""<region>""#),
        ("AccountId", r#""<account>""#),
        ("Partition", r#""<partition>""#),
        ("URLSuffix", r#""<url suffix>""#),
        ("NoValue", "nothing"),
    ] {
        means("", &format!("!Ref AWS::{pseudo}"), expected);
    }
    is_refused(PARAMETERS, "!Ref AWS::StackId", "`AWS::StackId` is outside");
    is_refused(PARAMETERS, "!Ref AWS::NotificationARNs", "is outside");
    is_refused(PARAMETERS, "!Ref AWS::StackNam", "did you mean `AWS::StackName`?");
    is_refused(PARAMETERS, "!Ref [P]", "`Ref` takes the name");
    is_refused(PARAMETERS, "!Ref Nobody", "no parameter or resource is called `Nobody`");
    is_refused(PARAMETERS, "!GetAtt Q", "`Fn::GetAtt` takes the name");
    is_refused(PARAMETERS, "!GetAtt P.Arn", "no resource is called `P`");
    is_refused(PARAMETERS, "!GetAtt Q.Arm", "`Arm` is no attribute of AWS::SQS::Queue");
    is_refused(PARAMETERS, "{Ref: P, Other: 1}", "stands beside other keys");
}

#[test]
fn substitutions() {
    means(
        "",
        r#"!Sub "a-${AWS::Region}-${Q.Arn}-${Q}-${!aws:userid}""#,
        r#""a-<region>-<Q.arn>-<Q.url>-${aws:userid}""#,
    );
    means("", r#"!Sub ["${X}${AWS::Region}", {X: !GetAtt Q.Arn}]"#, r#""<Q.arn><region>""#);
    means("", r#"{"Fn::Sub": ["${Q}", {Q: 5}]}"#, r#""5""#);
    means("", "!Sub plain", r#""plain""#);
    is_refused("", r#"!Sub "a${b""#, "opens a variable and never closes it");
    is_refused("", r#"!Sub "${}""#, "no parameter or resource is called ``");
    is_refused("", r#"!Sub "${Nobody.Arn}""#, "no resource is called `Nobody`");
    is_refused("", r#"!Sub "${AWS::NoValue}x""#, "text cannot hold nothing");
    is_refused(PARAMETERS, r#"!Sub "${L}x""#, "text cannot hold a list");
    is_refused("", "!Sub [a]", "`Fn::Sub` takes text, or a list");
    is_refused("", "!Sub [a, b]", "`Fn::Sub` takes text, or a list");
    is_refused("", "!Sub {a: b}", "`Fn::Sub` takes text, or a list");
    is_refused("", r#"!Sub ["${X}", {X: [1]}]"#, "text cannot hold a list");
}

#[test]
fn lists_and_texts() {
    means("", r#"!Join ["-", [a, !Ref AWS::Region, 5, true]]"#, r#""a-<region>-5-true""#);
    means("", r#"!Join [",", []]"#, r#""""#);
    means("", r#"!Join [",", [a, !Ref AWS::NoValue, b]]"#, r#""a,b""#);
    means(PARAMETERS, r#"!Join [",", !Ref L]"#, r#""<Join(\",\", \"<L>\")>""#);
    means("", r#"!Join ["/", !Split [":", "a:b"]]"#, r#""a/b""#);
    means("", "!Select [1, [a, b]]", r#""b""#);
    means("", r#"!Select ["0", !Split [":", "a:b"]]"#, r#""a""#);
    means(PARAMETERS, "!Select [1, !Ref L]", r#""<Select(1, \"<L>\")>""#);
    means(PARAMETERS, r#"!Select ["1", !Ref L]"#, r#""<Select(1, \"<L>\")>""#);
    means(
        "",
        r#"!Select [5, !Split [":", !GetAtt Q.Arn]]"#,
        r#""<Select(5, \"<Split(\\\":\\\", \\\"<Q.arn>\\\")>\")>""#,
    );
    means("", "{'Fn::Base64': foobar}", r#""Zm9vYmFy""#);
    means("", "!Base64 {Ref: AWS::Region}", r#""<Base64(\"<region>\")>""#);
    means(EXTENSIONS, "!Length [a, b]", "2");
    means(EXTENSIONS, "{'Fn::Length': !Ref L}", r#""<Length(\"<L>\")>""#);
    means(EXTENSIONS, "{'Fn::ToJsonString': {a: [1, !Ref P]}}", r#"{a: [1, "<P>"]}"#);
    means(EXTENSIONS, "!Join ['', [x, !ToJsonString {a: 1}]]", r#""x<ToJsonString({a: 1})>""#);
    is_refused(PARAMETERS, "!Join [',', !Ref P]", "`Fn::Join` takes a list of a separator and a list");
    is_refused("", "!Join [!Ref AWS::Region, [a]]", "`Fn::Join` takes");
    is_refused("", "!Join [',', [a], c]", "this is a list of 3");
    is_refused("", "!Join [',', [[a]]]", "text cannot hold a list");
    is_refused("", "!Select [2, [a, b]]", "the list has 2 items, and no item 2");
    is_refused("", "!Select [-1, [a, b]]", "no item -1");
    is_refused(PARAMETERS, "!Select [x, !Ref L]", "`Fn::Select` takes");
    is_refused("", "!Split ['', a]", "`Fn::Split` takes");
    is_refused("", "!Length [a, b]", "needs `Transform: AWS::LanguageExtensions`");
    is_refused("", "!ToJsonString {a: 1}", "needs `Transform: AWS::LanguageExtensions`");
}

#[test]
fn choices_move_outside_of_text() {
    means(PARAMETERS, "!If [C, a, b]", r#""a" if "x" = "<P>", else "b""#);
    means(PARAMETERS, "!If [C, a, a]", r#""a""#);
    means(PARAMETERS, "{'Fn::If': [C, a, !Ref AWS::NoValue]}", r#""a" if "x" = "<P>", else nothing"#);
    means(PARAMETERS, r#"!Sub ["-${X}-", {X: !If [C, a, b]}]"#, r#""-a-" if "x" = "<P>", else "-b-""#);
    means(
        PARAMETERS,
        r#"!Join ["", [!If [C, a, b], !If [C, c, !Ref AWS::NoValue]]]"#,
        r#""ac" if "x" = "<P>", else "b""#,
    );
    means(
        PARAMETERS,
        r#"!Join ["", [!If [C, a, b], !If [D, c, d]]]"#,
        r#""ac" if "y" = "<P>", else "ad" if "x" = "<P>", else "bc" if "y" = "<P>", else "bd""#,
    );
    means(PARAMETERS, "!Select [0, [!If [C, a, !Ref AWS::NoValue], b]]", r#""a" if "x" = "<P>", else "b""#);
    is_refused(PARAMETERS, "!If [E, a, b]", "no condition is called `E`");
    is_refused(PARAMETERS, "!If [C, a]", "this is a list of 2");
    is_refused(PARAMETERS, "!If [!Equals [a, b], a, b]", "`Fn::If` takes");
}

#[test]
fn mappings_are_looked_up_by_keys() {
    means(PARAMETERS, "!FindInMap [M, a, b]", "1");
    means(PARAMETERS, "{'Fn::FindInMap': [M, a, c]}", r#"["x", "y"]"#);
    means(PARAMETERS, "!FindInMap [M, a, !Sub d]", r#""text""#);
    means(
        PARAMETERS,
        "!FindInMap [M, !Ref AWS::Region, b]",
        r#"1 if "a" = "<region>", else "<no such key>""#,
    );
    is_refused(PARAMETERS, "!FindInMap [!Ref P, a, b]", "name the mapping");
    is_refused(PARAMETERS, "!FindInMap [N, a, b]", "no mapping is called `N`");
    is_refused(PARAMETERS, "!FindInMap [M, x, b]", "no key of the mapping is called `x`");
    is_refused(PARAMETERS, "!FindInMap [M, a, x]", "no key of the mapping is called `x`");
    refuses(&output("Mappings: {M: {a: {b: !Ref P}}}", "x"), &["t.yaml:1:23: `Ref` is outside"]);
    refuses(&output("Mappings: {M: {a: x}}", "x"), &["t.yaml:1:19: `a key of a mapping` must be an object"]);
}

#[test]
fn plain_scalars() {
    means("", "5", "5");
    means("", "'5'", r#""5""#);
    means("", "true", "true");
    means("", "'OFF'", r#""OFF""#);
    is_refused("", "OFF", "takes for true or false; put it in quotes");
    means("", "2012-10-17", r#""2012-10-17""#);
    means("", "!!str 012", r#""012""#);
    is_refused("", "012345678901", "put it in quotes");
    is_refused("", "", "there is no value here");
    is_refused("", "!!int 5", "`!!int` is no function");
}

#[test]
fn what_is_outside_the_subset_says_so() {
    for value in [
        "!GetAZs us-east-1",
        "!Transform {Name: x}",
        "!Cidr [a, 1, 2]",
        "{'Fn::ForEach::X': []}",
        "'{{resolve:ssm:x}}'",
        "!Sub '{{resolve:ssm:${AWS::Region}}}'",
        "!Join ['', ['{{res', 'olve:ssm:x}}']]",
        "!Equals [a, b]",
        "!Condition C",
    ] {
        is_refused(PARAMETERS, value, "is outside the subset");
    }
    means(PARAMETERS, "!ImportValue x", r#""<ImportValue(\"x\")>""#);
    is_refused("", "!Subb x", "`!Subb` is no function that the check knows; did you mean `Fn::Sub`?");
    is_refused("", "{'Fn::Foo': x}", "`Fn::Foo` is no function");
    is_refused("", "!Foo {a: 1}", "`!Foo` is no function");
}

#[test]
fn all_problems_are_told_at_once() {
    refuses(
        &output("Hooks: {}\nFoo: 1", "[!Ref A, !Sub '${B}-${C}', !Foo x]"),
        &[
            "t.yaml:1:1: `Hooks` is outside",
            "t.yaml:2:1: `Foo` is no key of a template",
            "t.yaml:8:13: no parameter or resource is called `A`",
            "t.yaml:8:21: no parameter or resource is called `B`",
            "t.yaml:8:21: no parameter or resource is called `C`",
            "t.yaml:8:39: `!Foo` is no function",
        ],
    );
}

#[test]
fn conditions_of_policy_statements_are_no_functions() {
    let graph = graph(&template(
        "",
        "  S: {Type: AWS::SQS::Queue, Properties: {A: {Condition: {x: 1}}, B: {Condition: y}}}",
    ));
    assert_eq!(super::property(&graph, "S", "A"), "{Condition: {x: 1}}");
    assert_eq!(super::property(&graph, "S", "B"), r#"{Condition: "y"}"#);
}
