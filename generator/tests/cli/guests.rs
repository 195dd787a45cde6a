//! Files of the user's own in the folder of the generated module.

use std::fs;

use crate::folder::{Folder, Run, snapshot};

/// A generated module with `files` next to it.
fn with(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    assert_eq!(folder.run(&["generate"]).code, 0);
    for (name, text) in files {
        folder.write(&format!("generated/terraform/{name}"), text);
    }
    folder
}

#[track_caller]
fn is_equivalent(run: &Run) {
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    assert!(run.out.contains("equivalent: both say the same, and what the model says"), "{run:?}");
}

const OWN: &str = r#"
variable "mail" {
  type = object({ to = string })
}

locals {
  where = file("where.txt")
}

provider "aws" {
  alias  = "replica"
  region = "eu-west-1"
}

provider "random" {}

resource "random_pet" "name" {}

resource "aws_sns_topic" "alerts" {
  name = "${aws_sqs_queue.scaleup.name}-alerts"
}

resource "aws_sqs_queue" "mine" {
  name = random_pet.name.id
}

resource "aws_iam_role" "mine" {
  name               = "mine"
  assume_role_policy = local.where
}

resource "aws_iam_role_policy" "mine" {
  role   = aws_iam_role.mine.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = aws_sqs_queue.scaleup.arn }] })
}

resource "aws_cloudwatch_event_rule" "mine" {
  name                = "mine"
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "mine" {
  rule = aws_cloudwatch_event_rule.mine.name
  arn  = aws_sqs_queue.scaleup.arn
}

data "aws_ssm_parameter" "x" {
  name = "x"
}

module "dns" {
  source = "./dns"
  url    = aws_apigatewayv2_api.webhook.api_endpoint
}

output "topic" {
  value = aws_sns_topic.alerts.arn
}
"#;

#[test]
fn what_stands_beside_the_module_is_nobody_elses() {
    let folder = with(&[
        ("backend.tf", "terraform {\n  backend \"s3\" {\n    bucket = \"states\"\n  }\n}\n"),
        ("own.tf", OWN),
        ("backend_override.tf", "terraform {\n  backend \"local\" {}\n}\n"),
        (
            "provider_override.tf",
            "provider \"aws\" {\n  profile = \"ci\"\n  assume_role {\n    role_arn = \"arn\"\n  }\n}\n",
        ),
        ("terraform.tfvars", "vpc_id = \"vpc-1\"\n"),
        ("x.auto.tfvars.json", "{}"),
        (".terraform/modules/modules.json", "{}"),
        (".terraform.lock.hcl", "# a lock\n"),
        ("terraform.tfstate", "{}"),
        ("tfplan", "PK"),
        ("dns/main.tf", "resource \"aws_route53_zone\" \"z\" {}\n"),
        ("tests/own.tftest.hcl", "run \"x\" {}\n"),
    ]);
    let before = folder.tree();
    let run = folder.run(&["check"]);
    is_equivalent(&run);
    snapshot("check-beside-guests", &run.out);
    let json = folder.run(&["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let names = ["backend", "backend_override", "own", "provider_override"];
    assert_eq!(json["guests"], serde_json::json!(names.map(|name| format!("generated/terraform/{name}.tf"))));
    assert!(
        folder.run(&["check", "--format", "markdown"]).out.contains("provider\\_override.tf: not generated;")
    );
    // Writing files does not depend on these files, and does not remove them.
    assert_eq!(folder.run(&["generate", "--check"]).code, 0);
    assert_eq!(folder.run(&["generate"]).code, 0);
    assert_eq!(folder.tree(), before);
}

#[test]
fn what_is_attached_to_the_module_is_a_part_of_it() {
    let attached = r#"
resource "aws_iam_role_policy_attachment" "more" {
  role       = aws_iam_role.scaleup.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.runner.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_lambda_permission" "others" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.scaledown.function_name
  principal     = "123456789012"
}
"#;
    let folder = with(&[("own.tf", attached)]);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 5, "{run:?}");
    snapshot("check-attached-guests", &run.out);
}

#[test]
fn what_changes_the_module_is_refused() {
    let mut report = String::new();
    for (name, text) in [
        (
            "queues_override.tf",
            "resource \"aws_sqs_queue\" \"scaleup\" {\n  visibility_timeout_seconds = 1\n}\n",
        ),
        ("override.tf", "provider \"aws\" {\n  default_tags {\n    tags = { a = \"b\" }\n  }\n}\n"),
        ("variables_override.tf", "variable \"max_runners\" {\n  default = 1\n}\n"),
        ("own.tf.json", "{}"),
        ("queues.tofu", "# instead of queues.tf\n"),
        ("own.tf", "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n"),
        ("twice.tf", "resource \"aws_sqs_queue\" \"scaleup\" {}\n"),
        ("half.tf", "resource \"aws_sqs_queue\" \"mine\" {\n"),
    ] {
        let run = with(&[(name, text)]).run(&["check"]);
        assert_eq!(run.code, 1, "{name}: {run:?}");
        report.push_str(&run.err);
    }
    snapshot("check-refused-guests", &report);
}

#[test]
fn what_an_earlier_version_wrote_is_no_guest() {
    let folder = with(&[("old.tf", "resource \"aws_sqs_queue\" \"old\" {\n  name = \"old\"\n}\n")]);
    is_equivalent(&folder.run(&["check"]));
    let manifest = folder.read("generated/.manifest.json");
    let more = manifest.replacen(
        "{\n    ",
        &format!("{{\n    \"terraform/old.tf\": \"{}\",\n    ", "0".repeat(64)),
        1,
    );
    folder.write("generated/.manifest.json", more);
    assert_eq!(folder.run(&["check"]).code, 5);
    // Without the list, the files that the generator would write now are still known.
    fs::remove_file(folder.path("generated/.manifest.json")).unwrap();
    is_equivalent(&folder.run(&["check"]));
}
