//! The printed YAML read back by another library and compared with the tree.

use jit_runners_model::{
    ApiUrl, Choices, Cidr, Deployment, KeyArn, PolicyArn, TagKey, TagValue,
    choices::{Architecture, EgressRule, Protocol},
};
use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;

use super::{
    dependency_graph, files, print, shell_word, template, template_json,
    tree::{Intrinsic, Item, Map, SubPiece, Template, Value},
};

fn deployment(change: impl FnOnce(&mut Choices)) -> Deployment {
    let mut choices = Choices::default();
    change(&mut choices);
    Deployment::new(choices).unwrap()
}

/// What people choose, without the longest of it.
fn arm64_with_boundary(choices: &mut Choices) {
    choices.architecture = Architecture::Arm64;
    choices.permissions_boundary = Some(PolicyArn::new("arn:aws:iam::123456789012:policy/boundary").unwrap());
    choices.github_api_url = ApiUrl::new("https://github.example.com/api/v3").unwrap();
}

fn everything(choices: &mut Choices) {
    arm64_with_boundary(choices);
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    choices.kms_key = Some(KeyArn::new(key).unwrap());
    choices.tags = [
        ("CostCenter", "012345678901"),
        ("Environment", "production"),
        ("Owner", "platform@example.com"),
        ("Service", "ci runners: x"),
        ("Team", "yes"),
    ]
    .map(|(key, value)| (TagKey::new(key).unwrap(), TagValue::new(value).unwrap()))
    .into();
    choices.runners.egress.push(EgressRule {
        protocol: Protocol::Tcp,
        port: 443,
        cidr: Cidr::new("::/0").unwrap(),
        description: jit_runners_model::RuleDescription::new("HTTPS over IPv6").unwrap(),
    });
}

fn nothing_extra(choices: &mut Choices) {
    choices.alarms = false;
    choices.dashboard = false;
}

fn body(deployment: &Deployment) -> String {
    files(deployment).into_iter().find(|file| file.path == "cloudformation/template.yaml").unwrap().contents
}

/// What `CloudFormation` makes of short intrinsics.
fn long_form(yaml: &Yaml) -> Json {
    match yaml {
        Yaml::Null => Json::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => json!(number.as_u64().expect("only whole numbers")),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.iter().map(long_form).collect(),
        Yaml::Mapping(entries) => entries
            .iter()
            .map(|(name, value)| (name.as_str().expect("names are text").to_owned(), long_form(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => {
            let argument = long_form(&tagged.value);
            match tagged.tag.to_string().as_str() {
                "!Ref" => json!({ "Ref": argument }),
                "!GetAtt" => {
                    let (name, attribute) = argument.as_str().unwrap().split_once('.').unwrap();
                    json!({ "Fn::GetAtt": [name, attribute] })
                }
                tag => json!({ format!("Fn::{}", &tag[1..]): argument }),
            }
        }
    }
}

#[test]
fn yaml_and_json_are_the_same_template() {
    for change in [|_: &mut Choices| {}, nothing_extra, arm64_with_boundary, everything] {
        let deployment = deployment(change);
        let yaml: Yaml = serde_yaml::from_str(&body(&deployment)).unwrap();
        assert_eq!(long_form(&yaml), template_json(&deployment));
    }
}

/// The usual choices leave room for longer label mappings, tags, a key and a boundary, with the reasons of permissions still
/// in the file.
const LARGEST_USUAL_BODY: usize = 48_900;

#[test]
fn the_usual_choices_fit_into_a_template_that_is_passed_directly() {
    let usual = body(&deployment(|_| {}));
    assert!(usual.len() <= LARGEST_USUAL_BODY, "{} bytes", usual.len());
    assert!(usual.contains(" # "), "the reasons of permissions are gone");
    for change in [nothing_extra, arm64_with_boundary] {
        let size = body(&deployment(change)).len();
        assert!(size <= print::LARGEST_BODY, "{size} bytes");
    }
}

#[test]
fn a_larger_template_is_deployed_over_a_bucket() {
    let readme = |change: fn(&mut Choices)| files(&deployment(change)).remove(0).contents;
    assert!(!readme(arm64_with_boundary).contains("--s3-bucket"));
    assert_eq!(
        readme(everything).contains("--s3-bucket"),
        body(&deployment(everything)).len() > print::LARGEST_BODY
    );
}

#[test]
fn every_reference_and_condition_is_declared() {
    let deployment = deployment(everything);
    let json = template_json(&deployment);
    let declared = |section: &str, name: &str| json[section].get(name).is_some();
    let mut pending = vec![&json];
    while let Some(value) = pending.pop() {
        let Some(object) = value.as_object() else {
            pending.extend(value.as_array().into_iter().flatten());
            continue;
        };
        pending.extend(object.values());
        if let Some(name) = object.get("Ref") {
            let name = name.as_str().unwrap();
            assert!(
                name.starts_with("AWS::") || declared("Parameters", name) || declared("Resources", name),
                "{name} is not declared"
            );
        }
        if let Some(target) = object.get("Fn::GetAtt") {
            assert!(declared("Resources", target[0].as_str().unwrap()), "{target} is not declared");
        }
        if let Some(Json::Array(arguments)) = object.get("Fn::If") {
            assert!(declared("Conditions", arguments[0].as_str().unwrap()));
        }
    }
}

#[test]
fn the_outline_is_what_the_template_says() {
    let dependency_graph = dependency_graph(&deployment(|_| {}));
    let edge = |from: &str, to: &str| dependency_graph.edges.contains(&(from.to_owned(), to.to_owned()));
    assert!(edge("ScaleUpQueue", "ScaleUpDeadLetterQueue"), "GetAtt in a property");
    assert!(edge("WebhookRoute", "WebhookIntegration"), "Ref in a Sub");
    assert!(edge("Dashboard", "ScaleUpQueue"), "GetAtt in a Sub");
    assert!(edge("WebhookRole", "LifecycleQueue"), "GetAtt in a policy");
    assert!(edge("ScaleUpFunction", "RunnersTable"), "Ref in the environment");
    assert!(dependency_graph.edges.iter().all(|(from, to)| from != to));
    assert_eq!(dependency_graph.nodes.len(), deployment(|_| {}).resources().len());
}

#[test]
fn example_parameters_are_the_required_ones() {
    let deployment = deployment(|_| {});
    let file = files(&deployment).remove(1).contents;
    let entries: Vec<serde_json::Map<String, Json>> = serde_json::from_str(&file).unwrap();
    let keys: Vec<_> = entries.iter().map(|entry| entry["ParameterKey"].as_str().unwrap()).collect();
    let required = deployment.parameters().iter().filter(|parameter| parameter.default.is_none());
    let expected: Vec<_> = required.map(|parameter| parameter.id.cloudformation).collect();
    assert_eq!(keys, expected);
    assert!(entries.iter().all(|entry| entry["ParameterValue"].is_string()));
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    /// Text out of pieces that mean something in YAML or to `Sub`.
    fn text(&mut self) -> String {
        const PIECES: [&str; 48] = [
            "a",
            "B",
            "7",
            "0",
            " ",
            "  ",
            "\n",
            "\t",
            "\r",
            ":",
            ": ",
            " #",
            "#",
            "-",
            "- ",
            "?",
            ",",
            "[",
            "]",
            "{",
            "}",
            "&",
            "*",
            "!",
            "|",
            ">",
            "'",
            "\"",
            "\\",
            "%",
            "@",
            "`",
            "~",
            "=",
            "<<",
            "$",
            "${",
            "${!",
            "null",
            "yes",
            "1e3",
            "2012-10-17",
            "é",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "😀",
            "\u{0}",
        ];
        (0..self.roll(6)).map(|_| PIECES[self.roll(PIECES.len())]).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.roll(if depth == 0 { 5 } else { 9 }) {
            0 => Value::from(u32::try_from(self.roll(100_000)).unwrap()),
            1 => Value::from(self.roll(2) == 0),
            2 => Intrinsic::GetAtt("Queue", "Arn").into(),
            3 => Intrinsic::Sub(vec![SubPiece::Literal(self.text()), SubPiece::Ref("AWS::Region")]).into(),
            4 => self.text().into(),
            5 => Intrinsic::If(
                "A".to_owned(),
                Box::new(self.value(depth - 1)),
                Box::new(self.value(depth - 1)),
            )
            .into(),
            6 => Intrinsic::Join(",", Box::new(self.value(depth - 1))).into(),
            7 => Value::List(
                (0..self.roll(4))
                    .map(|index| Item {
                        comment: (index == 2).then_some("why"),
                        value: self.value(depth - 1),
                    })
                    .collect(),
            ),
            _ => self.map(depth - 1).into(),
        }
    }

    fn map(&mut self, depth: usize) -> Map {
        (0..self.roll(4)).map(|index| (format!("{}{index}", self.text()), self.value(depth))).collect()
    }
}

#[test]
fn odd_values_survive_every_layout() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut resource = template(&deployment(|_| {})).resources.remove(0);
    for _ in 0..3_000 {
        resource.properties = Map::new().with("Odd", dice.value(4)).with("More", dice.map(3));
        let template = Template {
            description: dice.text(),
            metadata: Map::new(),
            parameters: dice.map(2),
            rules: dice.map(1),
            conditions: Map::new(),
            resources: vec![resource.clone()],
            outputs: Map::new().with("Odd", dice.value(2)),
        };
        for text in print::in_every_layout(&template) {
            let yaml: Yaml = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
            assert_eq!(long_form(&yaml), template.to_json(), "{text}");
        }
    }
}

#[test]
fn a_value_is_one_word() {
    assert_eq!(shell_word("m7i.large"), "m7i.large");
    assert_eq!(shell_word(""), "''");
    assert_eq!(shell_word(r#"[{"label":"a'b"}]"#), r#"'[{"label":"a'\''b"}]'"#);
}
