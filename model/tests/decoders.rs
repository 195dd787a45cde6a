//! Text from outside that the contract reads: settings, names and mappings. Whatever it holds, it is read or refused in
//! bounded words, and what is read is what is written.

use jit_runners_model::{
    Label, LabelMappings, LabelMappingsError,
    contract::{
        environment::{
            Environment, EnvironmentError, LifecycleEnvironment, RebalancerEnvironment, ScaleDownEnvironment,
            ScaleUpEnvironment, WebhookEnvironment,
        },
        message::Repository,
        runner_release::RunnerChecksums,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

const MAPPING: &str = r#"{"label":"Large","instance_type":"c5.xlarge","instance_types":["c5.xlarge","c6i.metal-24xl"],"ami":"ami-0123456789abcdef0"}"#;

#[test]
fn mappings_of_another_form_are_refused_with_their_place() {
    let refused = [
        "",
        " ",
        "null",
        "{}",
        "7",
        "\"[]\"",
        "[",
        "[]]",
        "[null]",
        "[[]]",
        "[{}]",
        "\u{feff}[]",
        r#"[{"label":"large"}]"#,
        r#"[{"label":null,"instance_type":"c5.xlarge"}]"#,
        r#"[{"label":"","instance_type":"c5.xlarge"}]"#,
        r#"[{"label":"a b","instance_type":"c5.xlarge"}]"#,
        r#"[{"label":"large","instance_type":""}]"#,
        r#"[{"label":"large","instance_type":"c5.xlarge; reboot"}]"#,
        r#"[{"label":"large","instance_type":"c5.xlarge","instance_types":"c5.xlarge"}]"#,
        r#"[{"label":"large","instance_type":"c5.xlarge","instance_types":[null]}]"#,
        r#"[{"label":"large","instance_type":"c5.xlarge","ami":"ami-xyz"}]"#,
        r#"[{"label":"large","instance_type":"c5.xlarge","unknown":1}]"#,
        r#"[{"label":"large","label":"small","instance_type":"c5.xlarge"}]"#,
    ];
    for text in refused {
        assert!(matches!(LabelMappings::from_json(text), Err(LabelMappingsError::NotAnArray(_))), "{text}");
    }
    for text in ["[]", " [ ] ", &format!("[{MAPPING}]")] {
        assert!(LabelMappings::from_json(text).is_ok(), "{text}");
    }
}

#[test]
fn depth_and_length_do_no_harm() {
    for open in ["[", "{\"a\":", "[{\"label\":"] {
        for depth in [127, 128, 100_000] {
            assert!(LabelMappings::from_json(&open.repeat(depth)).is_err(), "{depth} times {open}");
        }
    }
    assert!(LabelMappings::from_json(&format!("[{}]", "1,".repeat(1_000_000))).is_err());
    let doubled = format!("[{}{MAPPING}]", format!("{MAPPING},").repeat(10_000));
    assert!(matches!(
        LabelMappings::from_json(&doubled),
        Err(LabelMappingsError::Doubled { first: 0, second: 1, .. })
    ));
}

/// What each function makes of variables that all hold the same.
fn read_all(text: &str) -> [Result<(), EnvironmentError>; 5] {
    let lookup = |_: &str| Some(text.to_owned());
    [
        WebhookEnvironment::read(lookup).map(drop),
        ScaleUpEnvironment::read(lookup).map(drop),
        ScaleDownEnvironment::read(lookup).map(drop),
        LifecycleEnvironment::read(lookup).map(drop),
        RebalancerEnvironment::read(lookup).map(drop),
    ]
}

/// Texts of which some are nearly right.
fn any_setting() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9+\\-. ]{0,12}",
        "(ami|subnet|sg|arn:aws|https://|x64=|jit-runners)[a-z0-9:/.,=#?-]{0,40}",
        "\\[\\{\"label\":\"[a-zA-Z]{0,3}\",\"instance_type\":\"[a-z0-9.]{0,9}\"\\}\\]?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_reader_of_settings_panic(text in any_setting()) {
        for refused in read_all(&text).into_iter().filter_map(Result::err) {
            let words = refused.to_string();
            prop_assert!(words.len() < 3_000, "{}", words);
        }
    }

    #[test]
    fn checksums_that_are_read_are_the_ones_that_were_written(
        text in prop_oneof![any_setting(), "x64=[0-9a-fA-F]{63,65},arm64=[0-9a-f]{64}", "x64=[0-9a-f]{64},arm64=[0-9a-f]{64}"],
    ) {
        if let Ok(RunnerChecksums { x64, arm64 }) = RunnerChecksums::parse(&text) {
            prop_assert_eq!(format!("x64={x64},arm64={arm64}"), text);
        }
    }

    #[test]
    fn mappings_that_are_read_are_written_and_read_again(
        label in prop_oneof!["[a-zA-Z0-9]{1,6}", any::<String>()],
        kind in prop_oneof!["[a-z][0-9]\\.(large|[1-9]{0,2}xlarge|metal)", any::<String>()],
        field in prop::sample::select(vec!["label", "instance_type", "instance_types", "ami", "other"]),
        odd in prop_oneof![Just(Value::Null), any::<String>().prop_map(Value::from), any::<i64>().prop_map(Value::from)],
    ) {
        let whole = json!({ "label": label, "instance_type": kind });
        let mut changed = whole.clone();
        changed[field] = odd;
        for mapping in [whole, changed] {
            if let Ok(mappings) = LabelMappings::from_json(&json!([mapping]).to_string()) {
                prop_assert_eq!(LabelMappings::from_json(&mappings.to_json()).unwrap(), mappings);
            }
        }
    }

    /// A label is lower-cased once by whoever reads it; doing it twice must not make another label of it.
    #[test]
    fn a_label_in_lower_case_stays_as_it_is(text in any::<String>()) {
        if let Ok(label) = Label::new(text.to_lowercase()) {
            prop_assert_eq!(Label::new(label.as_str().to_lowercase()), Ok(label));
        }
    }

    /// It becomes part of a URL's path, and nothing else of a URL.
    #[test]
    fn a_repository_is_two_parts_of_a_path(
        text in prop_oneof![any::<String>(), "[a-zA-Z0-9._%?#@:-]{0,5}/[a-zA-Z0-9._%?#@:/-]{0,5}"],
    ) {
        if let Ok(repository) = Repository::new(&text) {
            let plain = |part: &str| {
                !part.is_empty() && part != "." && part != ".."
                    && part.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'))
            };
            let (owner, name) = text.split_once('/').unwrap();
            prop_assert!(plain(owner) && plain(name));
            prop_assert_eq!(repository.owner(), owner);
        }
    }
}
