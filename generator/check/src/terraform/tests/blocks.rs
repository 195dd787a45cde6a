//! Blocks, and whole modules.

use super::module;
use std::path::PathBuf;

use super::*;

/// A variable `x` with one condition.
#[track_caller]
fn says(condition: &str, expected: &str) {
    let text = format!(
        "variable \"x\" {{\n  validation {{\n    condition = {condition}\n    error_message = \"No.\"\n  }}\n}}\n"
    );
    let module = module(&text);
    let Value::List(validations) = &module.variables[0].arguments["validation"].value else { panic!() };
    let Value::Map(validation) = &validations[0].value else { panic!() };
    assert_eq!(validation["error_message"].value.to_string(), "\"No.\"");
    assert!(validation.contains_key("source"));
    let mut said = String::new();
    for (name, held) in
        validation.iter().filter(|(name, _)| !["error_message", "source"].contains(&name.as_str()))
    {
        write!(said, "{name}={} ", held.value).unwrap();
    }
    assert_eq!(said.trim_end(), expected, "{condition}");
}

#[test]
fn conditions_are_understood_where_cloudformation_can_say_them() {
    says("can(regex(\"^a\\\\d$\", var.x))", "pattern=\"^a\\\\d$\"");
    says("length(regexall(\"a\", var.x)) > 0", "pattern=\"a\"");
    says("alltrue([for i in var.x : can(regex(\"a\", i))])", "each=true pattern=\"a\"");
    says("length(var.x) <= 5 && length(var.x) >= 2", "max_length=5 min_length=2");
    says("length(var.x) > 0", "min_length=1");
    says("length(var.x) < 10", "max_length=9");
    says("length(var.x) == 12", "max_length=12 min_length=12");
    says("var.x != \"\"", "min_length=1");
    says("var.x >= 1 && (var.x <= 10) && floor(var.x) == var.x", "max=10 min=1 whole=true");
    says("1 <= var.x && 10 >= var.x && var.x == ceil(var.x)", "max=10 min=1 whole=true");
    says("var.x > 0 && var.x < 10 && var.x % 1 == 0", "max=9 min=1 whole=true");
    says("contains([\"a\", \"b\"], var.x)", "values=[\"a\", \"b\"]");
    says("var.x == \"a\" || (var.x == \"b\" || \"c\" == var.x)", "values=[\"a\", \"b\", \"c\"]");
    says("var.x == \"a\"", "values=[\"a\"]");
}

#[test]
fn conditions_that_were_not_understood_are_handed_on_as_they_stand() {
    says(
        "lower(substr(var.x,  0,\n 3)) != \"a  b\"",
        "other=[\"lower(substr(var.x, 0, 3)) != \\\"a  b\\\"\"]",
    );
    says("can(regex(\"a\", var.y)) && var.x >= 1", "min=1 other=[\"can(regex(\\\"a\\\", var.y))\"]");
    says("var.x > 0", "other=[\"var.x > 0\"]");
    says("var.x >= 1 && var.x >= 2", "min=1 other=[\"var.x >= 2\"]");
    says("!can(regex(\"a\", var.x))", "other=[\"!can(regex(\\\"a\\\", var.x))\"]");
    says("can(regex(\"${var.y}\", var.x))", "other=[\"can(regex(\\\"${var.y}\\\", var.x))\"]");
    says("can(regex(\"a\", var.x.y))", "other=[\"can(regex(\\\"a\\\", var.x.y))\"]");
    says(
        "var.x == null || can(regex(\"a\", var.x))",
        "other=[\"var.x == null || can(regex(\\\"a\\\", var.x))\"]",
    );
    says(
        "alltrue([for i in var.x : can(regex(\"a\", i)) if i != \"\"])",
        "other=[\"alltrue([for i in var.x : can(regex(\\\"a\\\", i)) if i != \\\"\\\"])\"]",
    );
    says(
        "anytrue([for i in var.x : can(regex(\"a\", i))])",
        "other=[\"anytrue([for i in var.x : can(regex(\\\"a\\\", i))])\"]",
    );
    says("length(regexall(\"a\", var.x)) == 0", "other=[\"length(regexall(\\\"a\\\", var.x)) == 0\"]");
}

#[test]
fn a_variable_is_what_its_block_says() {
    let module = module(
        "variable \"x\" {\n  type = list( string )\n  default = [\"a\"]\n  description = \"D\"\n  nullable = false\n  sensitive = true\n}\nvariable \"y\" {}\n",
    );
    let mut said = String::new();
    for (name, held) in &module.variables[0].arguments {
        write!(said, "{name}={} ", held.value).unwrap();
    }
    assert_eq!(
        said,
        "default=[\"a\"] description=\"D\" nullable=false sensitive=true type=\"list( string )\" "
    );
    assert!(module.variables[1].arguments.is_empty());
    refused(
        "variable \"x\" {\n  typ = string\n  validation {}\n  validations {}\n}\n",
        &[
            "2:9: `typ` is no block",
            "3:3: `the validation of var.x` needs `condition`",
            "4:3: `validations` is no block",
        ],
    );
}

#[track_caller]
fn are(text: &str, expected: &[&str]) {
    assert_eq!(resources(&module(text)), expected);
}

#[test]
fn blocks_are_lists_of_objects() {
    are(
        "resource \"t\" \"x\" {\n  a = 1\n  b {\n    c = 2\n    d { e = 3 }\n  }\n  b { c = 4 }\n}\n",
        &["t.x a=1 b=[{c: 2, d: [{e: 3}]}, {c: 4}]"],
    );
}

#[test]
fn count_and_for_each_make_instances() {
    are(
        "resource \"t\" \"x\" {\n  count = 2\n  a = \"n${count.index}\"\n}\n",
        &["t.x[0] a=\"n0\"", "t.x[1] a=\"n1\""],
    );
    are("resource \"t\" \"x\" { count = 0 }\n", &[]);
    are(
        "variable \"on\" { type = bool }\nresource \"t\" \"x\" { count = var.on ? 1 : 0 }\nresource \"t\" \"y\" { count = var.on ? 0 : 1 }\n",
        &["t.x if \"true\" = \"<on>\"", "t.y if \"true\" != \"<on>\""],
    );
    are(
        "variable \"on\" { type = bool }\nvariable \"e\" { type = string }\nlocals {\n  on = var.on && var.e == \"prod\"\n}\nresource \"t\" \"x\" { count = local.on ? 1 : 0 }\n",
        &["t.x if (\"prod\" = \"<e>\") and (\"true\" = \"<on>\")"],
    );
    are(
        "locals {\n  all = { a = { n = 1 }, b = { n = 2 } }\n}\nresource \"t\" \"x\" {\n  for_each = local.all\n  k = each.key\n  n = each.value.n\n  o = t.y[each.key].k\n}\nresource \"t\" \"y\" {\n  for_each = toset([\"a\", \"b\"])\n  k = each.value\n}\n",
        &[
            "t.x[\"a\"] k=\"a\" n=1 o=\"a\"",
            "t.x[\"b\"] k=\"b\" n=2 o=\"b\"",
            "t.y[\"a\"] k=\"a\"",
            "t.y[\"b\"] k=\"b\"",
        ],
    );
    are(
        "variable \"on\" { type = bool }\nresource \"t\" \"x\" { for_each = var.on ? toset([\"a\"]) : [] }\n",
        &["t.x[\"a\"] if \"true\" = \"<on>\""],
    );
    refused(
        "variable \"n\" { type = number }\nresource \"t\" \"x\" { count = var.n }\n",
        &["2:28: the count `<n>` is outside"],
    );
    refused("resource \"t\" \"x\" { count = -1 }\n", &["1:28: `count` must be a whole number"]);
    refused("resource \"t\" \"x\" { count = 1000000 }\n", &["1:28: the module makes more values"]);
    refused(
        "variable \"n\" { type = set(string) }\nresource \"t\" \"x\" { for_each = var.n }\n",
        &["2:31: `for_each` must be known"],
    );
    refused(
        "resource \"t\" \"x\" { for_each = [\"a\"] }\n",
        &["1:31: `for_each` must be a map or a set (`toset`); this is a list"],
    );
    refused(
        "resource \"t\" \"x\" {\n  count = 1\n  for_each = {}\n}\n",
        &["3:14: `count` beside `for_each`"],
    );
}

#[test]
fn dynamic_blocks_are_the_blocks_that_they_make() {
    are(
        "locals {\n  ports = [80, 443]\n}\nresource \"t\" \"x\" {\n  egress { port = 53 }\n  dynamic \"egress\" {\n    for_each = local.ports\n    content {\n      port = egress.value\n      n = egress.key\n    }\n  }\n}\n",
        &["t.x egress=[{port: 53}, {n: 0, port: 80}, {n: 1, port: 443}]"],
    );
    are(
        "variable \"on\" { type = bool }\nresource \"t\" \"x\" {\n  dynamic \"b\" {\n    for_each = var.on ? [1] : []\n    iterator = it\n    content { a = it.value }\n  }\n}\n",
        &["t.x b=[{a: 1}] if \"true\" = \"<on>\", else []"],
    );
    refused(
        "variable \"l\" { type = list(string) }\nresource \"t\" \"x\" {\n  dynamic \"b\" {\n    for_each = var.l\n    content {}\n  }\n}\n",
        &["4:16: `for_each` of a dynamic block must be known"],
    );
    refused(
        "resource \"t\" \"x\" {\n  dynamic \"b\" { for_each = [] }\n}\n",
        &["2:3: `dynamic b` needs `content`"],
    );
}

#[test]
fn meta_arguments_are_no_properties() {
    are(
        "resource \"t\" \"x\" {\n  provider = aws\n  a = 1\n  depends_on = [t.y, t.z[\"k\"], data.aws_region.r]\n  lifecycle {\n    ignore_changes = [a, tags[\"b\"]]\n    create_before_destroy = true\n  }\n}\nresource \"t\" \"y\" { count = 2 }\nresource \"t\" \"z\" {\n  for_each = { k = 1 }\n  lifecycle { ignore_changes = all }\n}\ndata \"aws_region\" \"r\" {}\n",
        &[
            "t.x a=1 after t.y[0] (main.tf:4:17) after t.y[1] (main.tf:4:17) after t.z[\"k\"] (main.tf:4:22) lifecycle.create_before_destroy=true lifecycle.ignore_changes=[\"a\", \"tags[\\\"b\\\"]\"]",
            "t.y[0]",
            "t.y[1]",
            "t.z[\"k\"] lifecycle.ignore_changes=\"all\"",
        ],
    );
    are(
        "resource \"t\" \"x\" { source_code_hash = filebase64sha256(\"x.zip\") }\n",
        &["t.x source_code_hash=nothing"],
    );
    refused(
        "resource \"t\" \"x\" {\n  provider = aws.east\n  provisioner \"local-exec\" {\n    command = \"x\"\n  }\n  depends_on = [t.y, module.m, \"t.x\"]\n  lifecycle {\n    precondition {\n      condition = true\n    }\n    colour = 1\n  }\n}\n",
        &[
            "2:14: `provider.aws.east` is not declared",
            "3:3: a `provisioner` block is outside",
            "6:17: `t.y` is not declared",
            "6:22: `module.m` is not declared",
            "6:32: each item of `depends_on` must be a resource",
            "11:14: `colour` is no block or argument",
        ],
    );
}

const VARIABLES: &str = "variable \"p\" { type = string }\nvariable \"o\" { type = string }\nvariable \"f\" { type = bool }\n\
                         variable \"n\" { type = number }\nlocals {\n  is_set = var.o != \"\"\n}\n";

/// A precondition of a resource demands what is shown as `expected`.
#[track_caller]
fn demands(condition: &str, expected: &[&str]) {
    demand(
        &format!(
            "resource \"t\" \"x\" {{\n  lifecycle {{\n    precondition {{\n      condition = {condition}\n      error_message = \"No.\"\n    }}\n  }}\n}}\n"
        ),
        expected,
    );
}

#[track_caller]
fn demand(block: &str, expected: &[&str]) {
    let module = module(&format!("{VARIABLES}{block}"));
    let found: Vec<_> = module.requirements.iter().map(|one| one.demand.to_string()).collect();
    assert_eq!(found, expected, "{block}");
}

#[test]
fn conditions_that_a_template_can_state() {
    demands("var.p == \"x\"", &[r#""x" = "<p>""#]);
    demands(
        "contains([\"x\", \"y\"], var.p) || var.o != \"\"",
        &[r#"("x" = "<p>") or ("y" = "<p>") or ("" != "<o>")"#],
    );
    demands("local.is_set && var.f", &[r#""true" = "<f>""#, r#""" != "<o>""#]);
    demands("var.f ? var.o != \"\" : true", &[r#"("" != "<o>") or ("true" != "<f>")"#]);
    demands("true", &[]);
}

#[test]
fn conditions_in_terraforms_own_words() {
    demands("var.n > 3", &["var.n > 3"]);
    demands("can(regex(\"^a\",\n  var.p))", &["can(regex(\"^a\", var.p))"]);
    demands(
        "alltrue([for x in jsondecode(var.p) : x.a == 1])",
        &["alltrue([for x in jsondecode(var.p) : x.a == 1])"],
    );
    // What it could not evaluate is nobody's mistake.
    demands("t.y.missing == self.id", &["t.y.missing == self.id"]);
}

#[test]
fn wherever_they_stand() {
    const BLOCK: &str = "{\n      condition = var.p == \"x\"\n      error_message = \"No.\"\n    }";
    let condition = r#""x" = "<p>""#;
    demand(
        &format!("data \"aws_region\" \"r\" {{\n  lifecycle {{\n    postcondition {BLOCK}\n  }}\n}}\n"),
        &[condition],
    );
    demand(&format!("output \"o\" {{\n  value = 1\n  precondition {BLOCK}\n}}\n"), &[condition]);
    // Under the condition of the resource.
    demand(
        &format!(
            "resource \"t\" \"x\" {{\n  count = var.f ? 1 : 0\n  lifecycle {{\n    precondition {BLOCK}\n  }}\n}}\n"
        ),
        &[r#"("x" = "<p>") or ("true" != "<f>")"#],
    );
    demand(
        &format!(
            "resource \"t\" \"x\" {{\n  count = 0\n  lifecycle {{\n    precondition {BLOCK}\n  }}\n}}\n"
        ),
        &[],
    );
}

#[track_caller]
fn document(body: &str) -> String {
    let text = format!(
        "data \"aws_iam_policy_document\" \"it\" {{\n{body}\n}}\noutput \"it\" {{\n  value = data.aws_iam_policy_document.it.json\n}}\n"
    );
    let module = files(&[("it.tf", text.as_str()), ("main.tf", SURROUNDINGS)]);
    module.unwrap_or_else(|problems| panic!("{problems}")).outputs[0].arguments["value"].value.to_string()
}

#[test]
fn a_policy_document_is_the_json_that_the_provider_writes() {
    assert_eq!(
        document(
            "statement {\n  sid = \"A\"\n  actions = [\"sqs:*\"]\n  resources = [aws_sqs_queue.a.arn, \"arn:&{aws:userid}\"]\n  principals {\n    type = \"Service\"\n    identifiers = [\"a\"]\n  }\n  principals {\n    type = \"Service\"\n    identifiers = [\"b\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"v\"\n    values = [\"1\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"v\"\n    values = [\"2\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"w\"\n    values = [\"3\"]\n  }\n}\nstatement {\n  effect = \"Deny\"\n  not_actions = [\"a\"]\n  not_resources = [\"*\"]\n  not_principals {\n    type = \"*\"\n    identifiers = [\"*\"]\n  }\n}"
        ),
        "{Statement: [{Action: [\"sqs:*\"], Condition: {StringEquals: {v: [\"1\", \"2\"], w: [\"3\"]}}, Effect: \"Allow\", \
         Principal: {Service: [\"a\", \"b\"]}, Resource: [\"<aws_sqs_queue.a.arn>\", \"arn:${aws:userid}\"], Sid: \"A\"}, \
         {Effect: \"Deny\", NotAction: [\"a\"], NotPrincipal: \"*\", NotResource: [\"*\"]}], Version: \"2012-10-17\"}"
    );
    assert_eq!(
        document(
            "version = \"2008-10-17\"\npolicy_id = \"i\"\nstatement {\n  actions = [\"a\"]\n  principals {\n    type = \"AWS\"\n    identifiers = [\"*\"]\n  }\n}"
        ),
        "{Id: \"i\", Statement: [{Action: [\"a\"], Effect: \"Allow\", Principal: {AWS: [\"*\"]}}], Version: \"2008-10-17\"}"
    );
}

#[test]
fn documents_are_put_together_by_the_names_of_their_statements() {
    assert_eq!(
        document(
            "source_policy_documents = [jsonencode({ Statement = [{ Sid = \"A\", Effect = \"Allow\", Action = \"x\" }, { Effect = \"Deny\" }] })]\noverride_policy_documents = [\"{\\\"Statement\\\": {\\\"Sid\\\": \\\"B\\\", \\\"Action\\\": \\\"z\\\"}}\"]\nstatement {\n  sid = \"A\"\n  actions = [\"y\"]\n}\nstatement {\n  sid = \"B\"\n  actions = [\"y\"]\n}"
        ),
        "{Statement: [{Action: [\"y\"], Effect: \"Allow\", Sid: \"A\"}, {Effect: \"Deny\"}, {Action: \"z\", Sid: \"B\"}], Version: \"2012-10-17\"}"
    );
}

#[test]
fn dynamic_statements_depend_on_conditions() {
    assert_eq!(
        document(
            "dynamic \"statement\" {\n  for_each = var.flag ? [1] : []\n  content { actions = [\"a\"] }\n}"
        ),
        "{Statement: [{Action: [\"a\"], Effect: \"Allow\"}] if \"true\" = \"<flag>\", else [], Version: \"2012-10-17\"}"
    );
}

#[test]
fn what_a_policy_document_does_not_have_is_refused() {
    refused(
        "data \"aws_iam_policy_document\" \"x\" {\n  source_json = \"\"\n}\ndata \"aws_iam_policy_document\" \"y\" {\n  statement {\n    action = [\"a\"]\n  }\n  statement {\n    sid = \"A\"\n    condition {\n      test = \"a\"\n      values = []\n    }\n  }\n}\ndata \"aws_iam_policy_document\" \"z\" {\n  statement { sid = \"A\" }\n  statement { sid = \"A\" }\n}\ndata \"aws_vpc\" \"v\" {\n  default = true\n}\ndata \"aws_region\" \"r\" {\n  region = \"eu-west-1\"\n}\n",
        &[
            "2:17: `source_json` is no block or argument",
            "6:14: `action` is no block or argument",
            "10:5: `condition` needs `variable`",
            "18:3: `A` stands twice",
            "24:12: `region` is no block or argument",
        ],
    );
}

fn read(folder: &str) -> Module {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let files = of_folder(&folder);
    assert!(files.len() > 8, "{} files", files.len());
    evaluate(&files, &OtherFiles::default(), schema(), &|_| true, false).unwrap_or_else(|problems| {
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
        let provider = module.providers.first().unwrap();
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
