use std::path::PathBuf;

use super::*;

fn read(folder: &str) -> Module {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let files = of_folder(&folder);
    assert!(files.len() > 8, "{} files", files.len());
    evaluate(&files, &OtherFiles::default(), &computed).unwrap_or_else(|problems| {
        let problems: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect();
        panic!("{}", problems.join("\n"))
    })
}

#[test]
fn our_own_modules_evaluate() {
    let mut alarms = 0;
    for folder in ["generated/terraform", "snapshots/default", "snapshots/everything", "snapshots/arm64-ghes"]
    {
        let module = read(folder);
        assert!(module.resources.len() > 40, "{} resources", module.resources.len());
        assert!(module.variables.len() > 20 && module.outputs.len() > 10);
        let provider = module.provider.as_ref().unwrap();
        assert_eq!(provider.arguments["region"].value.to_string(), "\"<aws_region>\"");
        let fleet = module.resources.iter().find(|resource| resource.address.ends_with(".runner_fleet"));
        let waits_for = fleet.unwrap().depends_on.iter().map(|(address, _)| &**address);
        assert!(waits_for.eq([
            "aws_security_group.runner",
            "aws_iam_instance_profile.runner",
            "aws_lambda_function_event_invoke_config.scaledown",
            "aws_scheduler_schedule.scaledown",
        ]));
        let alarm = module.resources.iter().find(|resource| &*resource.kind == "aws_cloudwatch_metric_alarm");
        if let Some(alarm) = alarm {
            assert_eq!(
                alarm.arguments["alarm_actions"].value.to_string(),
                "[] if \"\" = \"<alarm_topic_arn>\", else [\"<alarm_topic_arn>\"]"
            );
            alarms += 1;
        }
        for variable in &module.variables {
            let Some(held) = variable.arguments.get("validation") else { continue };
            let text = held.value.to_string();
            assert!(
                !text.contains("other:")
                    || ["project_name", "label_mappings"].contains(&&*variable.name)
                    || folder.contains("everything"),
                "{text}"
            );
        }
    }
    assert!(alarms > 1);
}

#[test]
fn each_value_knows_where_it_stands() {
    let module = module(
        "locals {\n  tags = {\n    a = \"1\"\n  }\n}\nresource \"t\" \"x\" {\n  name = \"n\"\n  tags = local.tags\n  policy = jsonencode({\n    Version = \"1\"\n  })\n}\n",
    );
    let resource = &module.resources[0];
    assert_eq!(resource.place.to_string(), "main.tf:6:1");
    let place = |name: &str| resource.arguments[name].place.to_string();
    assert_eq!(place("name"), "main.tf:7:10");
    assert_eq!(place("tags"), "main.tf:8:10");
    assert_eq!(place("policy"), "main.tf:9:12");
    let Value::Map(tags) = &resource.arguments["tags"].value else { panic!() };
    assert_eq!(tags["a"].place.to_string(), "main.tf:3:9");
    let Value::Json(policy) = &resource.arguments["policy"].value else { panic!() };
    let Value::Map(policy) = &policy.value else { panic!() };
    assert_eq!(policy["Version"].place.to_string(), "main.tf:10:15");
}
