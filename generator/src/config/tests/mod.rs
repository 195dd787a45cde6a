//! The file as a whole: what is read, what is refused and how, and that schema, template and decoder agree.

mod agreement;
mod refused;

use jit_runners_model::{
    ApiUrl, Choices, Cidr, DeploymentName, ImageId, InstanceType, KeyArn, Label, LabelMapping, LabelMappings,
    Mebibytes, PolicyArn, RetentionDays, TagKey, TagValue, Timeout,
    choices::{Architecture, EgressRule, FunctionChoices, Protocol, RunnerScope, Throttling},
    contract::{PerHandler, runner_release::ReleaseChoice},
};

use super::{deployment, document::Document, template};

/// Compares `text` with the file of that name among the snapshots.
#[track_caller]
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[track_caller]
fn choices(text: &str) -> Choices {
    match deployment("jit-runners.yaml", text.as_bytes()) {
        Ok((deployment, _)) => deployment.choices().clone(),
        Err(refused) => panic!("{}\n{text}", report(&refused)),
    }
}

fn report(refused: &super::Refused) -> String {
    refused.problems.iter().map(|problem| format!("{problem}\n")).collect::<Vec<_>>().concat()
}

/// Choices of which none is the default.
fn everything_chosen() -> Choices {
    let instance = |text: &str| InstanceType::new(text).unwrap();
    let mut choices = Choices {
        name: DeploymentName::new("ci").unwrap(),
        tags: [("Team", "yes"), ("Cost Center", "012345678901"), ("Empty", ""), ("Grün", "a: b")]
            .map(|(key, value)| (TagKey::new(key).unwrap(), TagValue::new(value).unwrap()))
            .into(),
        architecture: Architecture::Arm64,
        functions: PerHandler::from_fn(|handler| FunctionChoices {
            memory: Mebibytes::new(1_024).unwrap(),
            timeout: Timeout::new(handler.shortest_timeout().0).unwrap(),
            log_retention: RetentionDays::new(1).unwrap(),
        }),
        label_mappings: LabelMappings::new(vec![LabelMapping {
            label: Label::new("1e3").unwrap(),
            instance_type: instance("m7g.large"),
            instance_types: vec![instance("m7g.large"), instance("m6g.large")],
            ami: Some(ImageId::new("ami-0123456789abcdef0").unwrap()),
        }])
        .unwrap(),
        permissions_boundary: Some(PolicyArn::new("arn:aws:iam::123456789012:policy/boundary").unwrap()),
        kms_key: Some(KeyArn::new("arn:aws:kms:eu-west-1:123456789012:key/1234abcd").unwrap()),
        github_api_url: ApiUrl::new("https://github.example.com/api/v3").unwrap(),
        throttling: Throttling { rate: 50, burst: 5_000 },
        alarms: false,
        dashboard: false,
        ..Choices::default()
    };
    choices.runners.default_instance_type = instance("t4g.medium");
    choices.runners.version = ReleaseChoice::new("2.337.0").unwrap();
    choices.runners.max = 20;
    choices.runners.max_per_repository = 5;
    choices.runners.scope = RunnerScope::Organization;
    choices.runners.group = 7;
    choices.runners.egress = [Protocol::Udp, Protocol::Tcp]
        .map(|protocol| EgressRule {
            protocol,
            port: 443,
            cidr: Cidr::new("::/0").unwrap(),
            description: jit_runners_model::RuleDescription::new("yes").unwrap(),
        })
        .to_vec();
    choices
}

#[test]
fn nothing_given_is_the_default() {
    for text in [
        "",
        "# comment\n",
        "{}\n",
        "~\n",
        "tags:\nfunctions:\n  webhook:\nlabel_mappings:\nrunners:\n  egress:\n",
    ] {
        assert_eq!(choices(text), Choices::default(), "{text:?}");
    }
}

#[test]
fn every_choice_that_can_be_written_reads_back() {
    for chosen in [everything_chosen(), Choices::default()] {
        // JSON is YAML.
        let written = serde_json::to_string_pretty(&Document::from(&chosen)).unwrap();
        assert_eq!(choices(&written), chosen);
    }
}

#[test]
fn the_cap_alone_is_also_the_cap_per_repository() {
    let chosen = choices("runners: {max: 20}\n").runners;
    assert_eq!((chosen.max, chosen.max_per_repository), (20, 20));
    let chosen = choices("runners: {max: 500}\n").runners;
    assert_eq!((chosen.max, chosen.max_per_repository), (500, 500));
    let chosen = choices("runners: {max_per_repository: 5}\n").runners;
    assert_eq!((chosen.max, chosen.max_per_repository), (100, 5));
}

#[test]
fn labels_are_read_in_any_case() {
    let chosen = choices("label_mappings:\n- {label: Large, instance_type: c5.large}\n");
    assert_eq!(chosen.label_mappings.iter().next().unwrap().label.as_str(), "large");
}

#[test]
fn the_template_changes_nothing() {
    assert_eq!(choices(&template("s.json")), Choices::default());
}

#[test]
fn each_line_of_the_template_works_on_its_own() {
    let template = template("s.json");
    let choice = |line: &str| {
        let trimmed = line.trim_start();
        trimmed.starts_with('#') && !trimmed.starts_with("# ") && trimmed != "#"
    };
    let lines: Vec<_> = template.lines().collect();
    let uncommented = |wanted: &dyn Fn(usize) -> bool| -> String {
        let text = |(index, line): (usize, &&str)| {
            if choice(line) && wanted(index) {
                format!("{}\n", line.replacen('#', "", 1))
            } else {
                format!("{line}\n")
            }
        };
        lines.iter().enumerate().map(text).collect()
    };
    let all: Vec<_> = (0..lines.len()).filter(|&index| choice(lines[index])).collect();
    assert!(all.len() > 35, "{all:?}");
    let is_rule = |index: usize| lines[index].contains("protocol:");
    for &only in &all {
        // One of the rules must be for tcp 443, and it is the first one.
        let first = all.iter().copied().find(|&index| is_rule(index)).filter(|_| is_rule(only));
        choices(&uncommented(&|index| index == only || Some(index) == first));
    }
    let chosen = choices(&uncommented(&|_| true));
    assert_eq!(chosen.tags.len(), 2);
    assert!(chosen.permissions_boundary.is_some() && chosen.kms_key.is_some());
    let back = Choices { tags: Choices::default().tags, permissions_boundary: None, kms_key: None, ..chosen };
    assert_eq!(back, Choices::default());
}

#[test]
fn the_template_and_the_schema_are_what_people_see() {
    snapshot("config-template", &template("jit-runners.schema.json"));
    snapshot("config-schema", &serde_json::to_string_pretty(&super::schema()).unwrap());
}
