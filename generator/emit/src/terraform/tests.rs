use std::collections::BTreeSet;

use jit_runners_model::{
    ApiUrl, Choices, Cidr, KeyArn, PolicyArn, TagKey, TagValue, choices::Architecture, policy::Policy,
    resource::Resource,
};

use super::*;

fn default() -> Deployment {
    Deployment::new(Choices::default()).unwrap()
}

/// Every choice that adds something to the module.
fn everything() -> Deployment {
    let mut choices = Choices::default();
    for (key, value) in [
        ("Team", "Platform + CI"),
        ("cost:center", "42"),
        ("Empty", ""),
        ("Größe", "Straße"),
        ("部署", "開発"),
    ] {
        choices.tags.insert(TagKey::new(key).unwrap(), TagValue::new(value).unwrap());
    }
    choices.architecture = Architecture::Arm64;
    choices.permissions_boundary = Some(PolicyArn::new("arn:aws:iam::123456789012:policy/boundary").unwrap());
    choices.kms_key = Some(
        KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab").unwrap(),
    );
    choices.github_api_url = ApiUrl::new("https://github.example.com/api/v3").unwrap();
    let mut rule = choices.runners.egress[0].clone();
    rule.cidr = Cidr::new("::/0").unwrap();
    // The dialect's own markers, in a place that people write.
    rule.description = jit_runners_model::RuleDescription::new("HTTPS ${v6} $").unwrap();
    choices.runners.egress.push(rule);
    Deployment::new(choices).unwrap()
}

/// Every choice that takes something out of the module.
fn little() -> Deployment {
    Deployment::new(Choices { alarms: false, dashboard: false, ..Choices::default() }).unwrap()
}

fn file(deployment: &Deployment, path: &str) -> String {
    files(deployment).into_iter().find(|file| file.path == path).unwrap().contents
}

fn is_hcl(file: &GeneratedFile) -> bool {
    !file.contents.starts_with("<!--")
}

#[test]
fn printing_what_was_printed_changes_nothing() {
    for file in [default(), everything(), little()].iter().flat_map(files).filter(is_hcl) {
        // The example's last lines are comments that belong to nothing, which a tree does not keep.
        if file.path.ends_with(".example") {
            continue;
        }
        assert_eq!(print::print(file.contents.parse().unwrap()), file.contents, "{}", file.path);
    }
}

#[test]
fn each_file_begins_with_the_notice() {
    for file in files(&everything()) {
        let first = file.contents.lines().next().unwrap();
        // The example is there to be copied and edited.
        let notice = if file.path.ends_with(".example") { EXAMPLE_NOTICE } else { NOTICE };
        assert!(first.contains(notice), "{}", file.path);
        assert!(file.contents.ends_with('\n') && !file.contents.ends_with("\n\n"), "{}", file.path);
    }
}

#[test]
fn literals_are_never_alive() {
    let runners = file(&everything(), "terraform/runners.tf");
    assert!(runners.contains(r#""dynamodb:LeadingKeys" = "$${aws:userid}""#));
    assert!(runners.contains(r#""HTTPS $${v6} $""#));
    assert!(!runners.replace("$${", "").contains("${aws:"));
}

#[test]
fn reasons_stand_beside_their_statements() {
    let deployment = default();
    let text: String = files(&deployment).into_iter().map(|file| file.contents).collect();
    let policies = deployment
        .resources()
        .iter()
        .filter_map(|node| if let Resource::Role(role) = &node.resource { Some(&role.policy) } else { None });
    for statement in policies.flat_map(|Policy { statements }| statements) {
        let at = text.find(&format!("\"{}\"", statement.sid)).unwrap();
        let above = text[..at].lines().rev().nth(1).unwrap().trim_start();
        assert!(above.to_lowercase().ends_with(&statement.reason.to_lowercase()), "{above}");
    }
}

#[test]
fn every_resource_has_its_block() {
    for deployment in [default(), everything(), little()] {
        let ids: BTreeSet<_> = dependency_graph(&deployment).nodes.into_iter().map(|node| node.id).collect();
        for node in deployment.resources() {
            let id = format!("{}.{}", resource::resource_type(node.resource.kind()), node.id.label);
            assert!(ids.contains(&id), "{id}");
        }
    }
}

#[test]
fn the_graph_follows_references_of_both_parts_of_a_resource() {
    let dependency_graph = dependency_graph(&default());
    let has = |from: &str, to: &str| dependency_graph.edges.contains(&(from.to_owned(), to.to_owned()));
    assert!(has("aws_sqs_queue.scaleup", "aws_sqs_queue.scaleup_dlq"));
    assert!(has("aws_iam_role_policy.runner", "aws_iam_role.runner"));
    assert!(has("aws_iam_role_policy.webhook", "aws_sqs_queue.scaleup"));
    assert!(has("aws_lambda_function.webhook", "aws_iam_role_policy.webhook"));
    assert!(has("aws_cloudwatch_dashboard.main", "aws_lambda_function.rebalancer"));
    let ids: BTreeSet<_> = dependency_graph.nodes.iter().map(|node| &node.id).collect();
    assert!(
        dependency_graph.edges.iter().all(|(from, to)| ids.contains(from) && ids.contains(to) && from != to)
    );
}

#[test]
fn json_has_the_same_resources() {
    let deployment = default();
    let json = tree_json(&deployment);
    let resources: usize =
        json["resource"].as_object().unwrap().values().map(|kind| kind.as_object().unwrap().len()).sum();
    assert_eq!(resources, dependency_graph(&deployment).nodes.len());
}

#[test]
fn json_holds_templates() {
    let json = tree_json(&everything());
    let queue = &json["resource"]["aws_sqs_queue"]["scaleup"];
    assert_eq!(queue["name"], "${var.project_name}-scaleup");
    assert_eq!(queue["visibility_timeout_seconds"], 540);
    assert_eq!(queue["tags"], "${local.tags}");
    assert_eq!(json["variable"]["subnet_ids"]["type"], "list(string)");
    assert_eq!(json["variable"]["subnet_ids"]["validation"].as_array().unwrap().len(), 2);
    let function = &json["resource"]["aws_lambda_function"]["webhook"];
    assert_eq!(function["depends_on"][0], "aws_iam_role_policy.webhook");
    let policy = &json["resource"]["aws_iam_role_policy"]["runner"]["policy"];
    assert!(policy.as_str().unwrap().contains("$${aws:userid}"));
    let rules = &json["resource"]["aws_security_group"]["runner"]["egress"];
    assert_eq!(rules[3]["description"], "HTTPS $${v6} $");
}

#[test]
fn what_is_switched_off_is_not_there() {
    let text: String = files(&little()).into_iter().filter(is_hcl).map(|file| file.contents).collect();
    for word in ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_dashboard", "alarm_topic", "kms"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn inputs_that_have_no_default_are_required() {
    let variables = file(&default(), "terraform/variables.tf");
    let body: Body = variables.parse().unwrap();
    for parameter in default().parameters() {
        let variable =
            body.get_blocks("variable").find(|block| block.labels[0].as_str() == parameter.id.terraform);
        assert_eq!(variable.unwrap().body.has_attribute("default"), parameter.default.is_some());
    }
}
