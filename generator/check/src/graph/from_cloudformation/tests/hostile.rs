//! Files that mean far more than they say, or nothing at all. None takes long, none is understood.

use super::{GENERATED, lines, output, read, template};
use crate::graph::{Graph, GraphProblem};

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
            let _: Result<Graph, Vec<GraphProblem>> =
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
    assert!(super::super::from_cloudformation(&"t".into(), &[0xff, 0x00, 0x80]).is_err());
    assert!(super::super::from_cloudformation(&"t".into(), &vec![b'a'; 50 * 1024 * 1024]).is_err());
    assert!(read(&"Resources: {".repeat(10_000)).is_err());
}
