//! The patterns by which both dialects check their inputs agree with the types that the functions read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jit_runners_model::{
    Choices, ImageId, InstanceType, Label, LabelMappings, choices::Architecture, parameter::Pattern,
};
use regex_lite::Regex;

fn matches(pattern: Pattern, text: &str) -> bool {
    // What Terraform and CloudFormation know of Unicode, in words that this library knows.
    let pattern = pattern
        .as_str()
        .replace(r"\pZ", "\u{a0}\u{2028}\u{2029}\u{3000}")
        .replace(r"\p{Cc}", "\0-\u{1f}\u{7f}-\u{9f}");
    Regex::new(&pattern).unwrap().is_match(text)
}

#[test]
fn instance_types() {
    for text in [
        "t2.nano",
        "t3.medium",
        "m7i-flex.large",
        "u-6tb1.metal",
        "c7i.metal-24xl",
        "m6gd.16xlarge",
        "a1.xlarge",
        "im4gn.large",
        "g5.xlarge",
        "p6e-gb200.36xlarge",
        "mac2-m2.metal",
        "trn1.32xlarge",
        "",
        "t3",
        "t3.",
        ".large",
        "t3.huge",
        "T3.large",
        "c5.0xlarge",
        "large",
        "t3 .large",
        "t3.large ",
        "t3.large\n",
        "metal.t3",
        "c7i.metal-xl",
        "c7i.metal-+5xl",
        "c7i.metal-123456xl",
        "5c.large",
        "t.large",
    ] {
        let made = InstanceType::new(text);
        assert_eq!(matches(InstanceType::PATTERN, text), made.is_ok(), "{text:?}");
        if let Ok(made) = made {
            let is_graviton = made.architecture() == Architecture::Arm64;
            assert_eq!(matches(InstanceType::GRAVITON, text), is_graviton, "{text:?}");
        }
    }
}

#[test]
fn images_and_labels() {
    for text in [
        "ami-01234567",
        "ami-0123456789abcdef0",
        "ami-",
        "ami-0123456",
        "ami-0123456789",
        "ami-0123456G",
        "x",
    ] {
        assert_eq!(matches(ImageId::PATTERN, text), ImageId::new(text).is_ok(), "{text:?}");
    }
    let (longest, longer) = ("ä".repeat(256), "ä".repeat(257));
    for text in [
        "large",
        "gpu-1.2",
        "ä",
        "a b",
        "a,b",
        "a\tb",
        "a\u{a0}b",
        "a\u{85}b",
        "a\u{3000}b",
        "",
        &longest,
        &longer,
    ] {
        assert_eq!(matches(Label::PATTERN, text), Label::in_mappings(text).is_ok(), "{text:?}");
    }
}

/// Whatever the function takes, the pattern takes.
#[test]
fn label_mappings_that_are_right() {
    let defaults = Choices::default().label_mappings.to_json();
    for text in [
        "[]",
        " [ ] ",
        &defaults,
        r#"[{"label":"a","instance_type":"t3.large"}]"#,
        "\n[\n  {\n    \"label\" : \"A.b-c_ä{}\" ,\n    \"instance_type\" : \"u7i-6tb.112xlarge\"\n  } ,\n  { \"ami\": null, \"instance_type\": \"a1.large\", \"label\": \"b\" }\n]\n",
        r#"[{"label":"a","instance_types":["t3.large", "t3a.large"],"instance_type":"t3.large","ami":"ami-01234567"}]"#,
        r#"[{"instance_types":[],"label":"a","instance_type":"t3.large","ami":"ami-0123456789abcdef0"}]"#,
    ] {
        assert!(LabelMappings::from_json(text).is_ok(), "{text}");
        assert!(matches(LabelMappings::PATTERN, text), "{text}");
    }
}

/// What the pattern sees by itself, and what only a reader of JSON sees.
#[test]
fn label_mappings_that_are_wrong() {
    let seen = [
        "",
        "{}",
        "large=c5.xlarge",
        "[large]",
        "[{label:large,instance_type:c5.xlarge}]",
        "[{'label':'large','instance_type':'c5.xlarge'}]",
        r#"[{"label":"a","instance_type":"t3.large"}"#,
        r#"[{"label":"a","instance_type":"t3.large"]"#,
        r#"[{"label":"a","instance_type":"t3.large",}]"#,
        r#"[{"label":"a","instance_type":"t3.large"},]"#,
        r#"[{"label":"a" "instance_type":"t3.large"}]"#,
        r#"[{"label":"a","instance_type":"t3.large"}{"label":"b","instance_type":"t3.large"}]"#,
        r#"[{"label":"a","instance_type":"t3.large"}] x"#,
        r#"["a"]"#,
        "[1]",
        "[[]]",
        "[{}]",
        r#"[{"label":"a","instanceType":"t3.large"}]"#,
        r#"[{"label":"a","instance_type":"t3.large","spot":true}]"#,
        r#"[{"label":["a"],"instance_type":"t3.large"}]"#,
        r#"[{"label":5,"instance_type":"t3.large"}]"#,
        r#"[{"label":"a b","instance_type":"t3.large"}]"#,
        r#"[{"label":"a,b","instance_type":"t3.large"}]"#,
        r#"[{"label":"","instance_type":"t3.large"}]"#,
        r#"[{"label":"a","instance_type":"large"}]"#,
        r#"[{"label":"a","instance_type":"t3.large","instance_types":"t3.large"}]"#,
        r#"[{"label":"a","instance_type":"t3.large","instance_types":null}]"#,
        r#"[{"label":"a","instance_type":"t3.large","ami":"ami-xyz"}]"#,
        r#"[{"label":"a","instance_type":"t3.large","ami":"resolve:ssm:/x"}]"#,
    ];
    for text in seen {
        assert!(LabelMappings::from_json(text).is_err(), "{text}");
        assert!(!matches(LabelMappings::PATTERN, text), "{text}");
    }
    let beyond = [
        r#"[{"label":"a"}]"#,
        r#"[{"label":"a","instance_type":"t3.huge"}]"#,
        r#"[{"label":"a","instance_type":"t3.large","instance_types":["t3"]}]"#,
        r#"[{"label":"a","instance_type":"t3.large"},{"label":"A","instance_type":"t3.large"}]"#,
        r#"[{"label":"a\tb","instance_type":"t3.large"}]"#,
    ];
    for text in beyond {
        assert!(LabelMappings::from_json(text).is_err(), "{text}");
        assert!(matches(LabelMappings::PATTERN, text), "{text}");
    }
}
