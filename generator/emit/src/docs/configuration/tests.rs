use jit_runners_model::{Choices, Deployment, LabelMappings};
use serde_json::{Value, json};

use super::text;

/// A few keys. The page with those of the real file is tested where that file is read.
fn schema() -> Value {
    let memory = json!({ "type": "string", "description": "Its memory.", "default": "128 MiB" });
    let function = json!({ "properties": { "memory": memory } });
    json!({ "properties": {
        "alarms": { "type": "boolean", "description": "Whether there are alarms.", "default": true },
        "functions": { "properties": { "webhook": function, "scaleup": function } },
    } })
}

fn page() -> String {
    text(&Deployment::new(Choices::default()).unwrap(), &schema())
}

#[test]
fn every_key_is_there_with_its_default() {
    let page = page();
    let (_, keys) = page.split_once("## Keys of jit-runners.yaml").unwrap();
    assert!(keys.contains("### alarms\n") && keys.contains("Whether there are alarms."), "{keys}");
    assert!(keys.contains("### functions.*.memory\n"), "{keys}");
    for path in ["functions.webhook.memory", "functions.scaleup.memory"] {
        assert!(
            keys.lines().any(|line| line.contains(&format!("`{path}`")) && line.contains("`128 MiB`")),
            "{keys}"
        );
    }
}

#[test]
fn every_input_is_there_with_both_names_and_who_reads_it() {
    let page = page();
    let deployment = Deployment::new(Choices::default()).unwrap();
    for parameter in deployment.parameters() {
        let (cloudformation, terraform) = (parameter.id.cloudformation, parameter.id.terraform);
        let (_, rest) = page.split_once(&format!("#### {cloudformation}\n")).unwrap();
        let own = rest.split("\n#").next().unwrap();
        assert!(own.contains(&format!("- In Terraform: `{terraform}`")), "{own}");
        assert!(own.contains(parameter.description) && own.contains(parameter.expected), "{own}");
    }
    let (_, rest) = page.split_once("#### MaxRunners\n").unwrap();
    let own = rest.split("\n#").next().unwrap();
    for reader in [
        "scaleup, lifecycle, rebalancer as `MAX_RUNNERS`",
        "as `MAX_RUNNERS_PER_REPOSITORY`",
        "from [`runners.max`](#runnersmax)",
    ] {
        assert!(own.contains(reader), "{own}");
    }
}

#[test]
fn every_input_says_its_types_and_its_pattern() {
    let page = page();
    let own = |input: &str| {
        let (_, rest) = page.split_once(&format!("#### {input}\n")).unwrap();
        rest.split("\n#").next().unwrap().to_owned()
    };
    for (input, types) in [
        ("GitHubAppId", "- Type: `String`, in Terraform `string`\n"),
        ("SubnetIds", "- Type: `List<AWS::EC2::Subnet::Id>`, in Terraform `list(string)`\n"),
        ("MaxRunners", "- Type: `Number`, in Terraform `number`\n"),
    ] {
        assert!(own(input).contains(types), "{}", own(input));
    }
    for parameter in Deployment::new(Choices::default()).unwrap().parameters() {
        if let Some(pattern) = parameter.kind.pattern() {
            let own = own(parameter.id.cloudformation);
            assert!(own.contains(&format!("- Pattern: `{}`", pattern.as_str())), "{own}");
        }
    }
}

#[test]
fn an_input_that_is_not_there_is_not_mentioned() {
    let without = text(&Deployment::new(Choices { alarms: false, ..Choices::default() }).unwrap(), &schema());
    assert!(page().contains("AlarmTopicArn") && !without.contains("AlarmTopicArn"));
}

#[test]
fn examples_of_label_mappings_are_taken() {
    let page = page();
    let examples: Vec<_> =
        page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        LabelMappings::from_json(example).unwrap();
    }
}
