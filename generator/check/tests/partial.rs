//! What is compared, and what is told, where something cannot be read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use jit_runners_check::{
    Beside, LeftOut, OtherFiles, Report, SourceFile, Unreadable, Verdict, check_among, check_partly, report,
};
use jit_runners_witnesses::cases::Case;

const QUEUE: &str =
    "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n  max_message_size = 1048576\n}\n";
const QUEUE_OF_TEMPLATE: &str = "  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: jobs}\n";

/// The files of the root module, and those below it.
fn folders(files: &[SourceFile]) -> (Vec<SourceFile>, OtherFiles) {
    let (below, module): (Vec<_>, Vec<_>) = files.iter().cloned().partition(|file| file.name.contains('/'));
    (module, OtherFiles { beside: Beside::of(below), ..OtherFiles::default() })
}

fn whole(module: &[SourceFile], template: &SourceFile) -> Result<Report, Unreadable> {
    let (module, others) = folders(module);
    check_among(&module, &others, template, None)
}

fn part(module: &[SourceFile], template: &SourceFile) -> Result<Report, Unreadable> {
    let (module, others) = folders(module);
    check_partly(&module, &others, template, None)
}

fn read(module: &str, resources: &str) -> Result<Report, Unreadable> {
    let template = format!("Resources:\n{resources}");
    let (module, template) = (SourceFile::new("main.tf", module), SourceFile::new("template.yaml", template));
    // Whatever is left out is a refusal where nobody asks for a part, and what is whole says the same either way.
    let module = [module];
    let (whole, part) = (whole(&module, &template), part(&module, &template));
    if let Ok(part) = &part {
        let is_whole = part.partial.as_ref().is_some_and(|partial| partial.reasons.is_empty());
        assert_eq!(is_whole, whole.is_ok(), "{part:#?} {whole:#?}");
        if let Ok(whole) = whole {
            assert_eq!(part.differences, whole.differences);
        }
    }
    part
}

fn shown(out: &LeftOut) -> String {
    let LeftOut { kind, name, path, file, line, .. } = out;
    let path = if path.is_empty() { String::new() } else { format!(": {path}") };
    format!("{kind} {name}{path} ({file}:{})", line.unwrap_or_default())
}

fn differences(report: &Report) -> Vec<String> {
    let shown = |one: &jit_runners_check::Difference| {
        format!("{} {} {}", one.resource_kind, one.resource, one.path).trim_end().to_owned()
    };
    report.differences.iter().map(shown).collect()
}

/// Asserts what differs and what is left out of `module` and a template with `resources`.
#[track_caller]
fn finds(module: &str, resources: &str, expected: &[&str], left_out: &[&str]) -> Report {
    let report = read(module, resources).unwrap();
    let partial = report.partial.clone().unwrap();
    let found: Vec<_> = partial.left_out.iter().map(shown).collect();
    assert_eq!(
        (differences(&report), found),
        (strings(expected), strings(left_out)),
        "{:#?}",
        partial.reasons
    );
    let verdict = match (expected, left_out) {
        ([], []) if partial.reasons.is_empty() => Verdict::Equivalent,
        ([], _) => Verdict::Incomplete,
        _ => Verdict::Different,
    };
    assert_eq!(report.verdict(), verdict);
    report
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn nothing_is_left_out_of_what_is_understood() {
    let report = finds(QUEUE, QUEUE_OF_TEMPLATE, &[], &[]);
    assert!(report.is_equivalent());
    assert_eq!(report.resources, 1);
}

#[test]
fn kinds_that_the_check_does_not_know_are_listed() {
    let module = format!("{QUEUE}resource \"aws_vpc\" \"net\" {{\n  cidr_block = nonsense.of.this\n}}\n");
    let template = format!("{QUEUE_OF_TEMPLATE}  Net:\n    Type: AWS::EC2::VPC\n");
    let report = finds(
        &module,
        &template,
        &[],
        &["AWS::EC2::VPC Net (template.yaml:5)", "aws_vpc aws_vpc.net (main.tf:5)"],
    );
    let partial = report.partial.unwrap();
    assert_eq!(partial.counts(), (2, 0));
    let messages: Vec<_> = partial.reasons.iter().map(|reason| (reason.line, reason.column)).collect();
    assert_eq!(messages, [(Some(6), Some(11)), (Some(5), Some(1))]);
}

#[test]
fn what_differs_wins() {
    let module = format!("{QUEUE}resource \"aws_vpc\" \"net\" {{}}\n").replace("\"jobs\"\n", "\"job\"\n");
    finds(&module, QUEUE_OF_TEMPLATE, &["Queue jobs QueueName"], &["aws_vpc aws_vpc.net (main.tf:5)"]);
}

#[test]
fn a_value_that_cannot_be_read_is_left_out_alone() {
    let module = "resource \"aws_vpc\" \"net\" {}\nresource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n  max_message_size = 1048576\n  delay_seconds = aws_vpc.net.size\n  visibility_timeout_seconds = 5\n}\n";
    let template = "  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: jobs, DelaySeconds: !GetAtt Net.Size}\n  Net:\n    Type: AWS::EC2::VPC\n";
    finds(
        module,
        template,
        &["Queue jobs VisibilityTimeout"],
        &[
            "AWS::EC2::VPC Net (template.yaml:5)",
            "Queue jobs: DelaySeconds (template.yaml:4)",
            "aws_vpc aws_vpc.net (main.tf:1)",
        ],
    );
    // One side alone cannot be read.
    finds(
        module,
        QUEUE_OF_TEMPLATE,
        &["Queue jobs VisibilityTimeout"],
        &["Queue jobs: DelaySeconds (main.tf:5)", "aws_vpc aws_vpc.net (main.tf:1)"],
    );
}

#[test]
fn an_argument_outside_may_be_what_the_other_side_says() {
    let module = "resource \"aws_sns_topic\" \"t\" {\n  name = \"t\"\n  delivery_policy = \"{}\"\n  fifo_topic = false\n  display_name = \"a\"\n}\n";
    let template = "  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: t, SignatureVersion: 2, DisplayName: b, DataProtectionPolicy: {}}\n";
    finds(module, template, &["Topic t DisplayName"], &["Topic t: SignatureVersion (template.yaml:4)"]);
}

#[test]
fn a_resource_that_cannot_be_read_is_not_missing() {
    let module = "variable \"acl\" {\n  type = string\n}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n  acl = var.acl\n}\n";
    let template = "  B:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: b}\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: !Ref B, PolicyDocument: {}}\n";
    finds(
        module,
        template,
        &["Input acl"],
        &[
            "Bucket b (template.yaml:2)",
            "BucketPolicy b (template.yaml:5)",
            "aws_s3_bucket aws_s3_bucket.b (main.tf:4)",
        ],
    );
}

#[test]
fn a_module_inside_may_have_anything() {
    let module = format!("{QUEUE}module \"more\" {{\n  source = \"example/more/aws\"\n}}\n");
    let template = format!(
        "{QUEUE_OF_TEMPLATE}  Other:\n    Type: AWS::SQS::Queue\n    Properties: {{QueueName: other}}\n"
    );
    let report = finds(&module, &template, &[], &["Queue other (template.yaml:5)"]);
    assert_eq!(report.resources, 1);
    // What only the module has, the template lacks.
    finds(
        &module.replace("\"jobs\"", "\"job\""),
        "  Log:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: l}\n",
        &["Queue job"],
        &["LogGroup l (template.yaml:2)"],
    );
}

#[test]
fn modules_below_are_read_as_far_as_they_can_be() {
    let child = "variable \"delay\" {\n  type = number\n}\nresource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n  max_message_size = 1048576\n  visibility_timeout_seconds = 5\n  delay_seconds = var.delay\n}\noutput \"name\" {\n  value = aws_sqs_queue.jobs.name\n}\n";
    let template = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: jobs, DelaySeconds: 3}\n  Other:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: other}\n";
    let found = |more: &str, child: &str| {
        let module = format!(
            "module \"a\" {{\n  source = \"./a\"\n{more}}}\noutput \"name\" {{\n  value = module.a.name\n}}\n"
        );
        let template =
            SourceFile::new("template.yaml", format!("{template}Outputs:\n  Name: {{Value: jobs}}\n"));
        let report =
            part(&[SourceFile::new("main.tf", module), SourceFile::new("a/main.tf", child)], &template)
                .unwrap();
        let left_out: Vec<_> =
            report.partial.iter().flat_map(|partial| &partial.left_out).map(shown).collect();
        (differences(&report).join(", "), left_out.join(", "))
    };
    // An argument that cannot be read is a value of what uses it.
    let (differences, left_out) = found("  delay  = module.x.delay\n", child);
    assert_eq!(differences, "Queue other, Queue jobs VisibilityTimeout");
    assert_eq!(left_out, "Queue jobs: DelaySeconds (a/main.tf:8)");
    // What cannot be called may make anything.
    let more = "  count  = module.x.count\n  delay  = 3\n";
    let everything =
        "Output Name: Value (main.tf:7), Queue jobs (template.yaml:2), Queue other (template.yaml:5)";
    assert_eq!(found(more, child), (String::new(), everything.to_owned()));
    let (differences, left_out) = found("", child);
    assert!(differences.is_empty() && left_out.contains("Queue other"), "{differences}; {left_out}");
    // Nor does anybody know what a resource in it is of which nothing can be read.
    let unknown = child.replace("  max", "  count = module.x.count\n  max");
    let (differences, left_out) = found("  delay  = 3\n", &unknown);
    assert!(differences.is_empty(), "{differences}");
    assert!(left_out.contains("aws_sqs_queue module.a.aws_sqs_queue.jobs (a/main.tf:4)"), "{left_out}");
}

#[test]
fn a_macro_may_make_anything() {
    let template = format!(
        "{QUEUE_OF_TEMPLATE}  F:\n    Type: AWS::Serverless::Function\nTransform: AWS::Serverless-2016-10-31\n"
    );
    let module = format!(
        "{QUEUE}resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = \"{{}}\"\n}}\n"
    );
    finds(&module, &template, &[], &["AWS::Serverless::Function F (template.yaml:5)", "Role r (main.tf:5)"]);
}

#[test]
fn a_companion_that_cannot_be_read_is_a_property_of_its_owner() {
    let module = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\nresource \"aws_s3_bucket\" \"c\" {\n  bucket = \"c\"\n}\nresource \"aws_s3_bucket_versioning\" \"b\" {\n  bucket = aws_s3_bucket.b.id\n  mfa = \"x\"\n  versioning_configuration {\n    status = \"Enabled\"\n    mfa_delete = \"Enabled\"\n  }\n}\n";
    let template = "  B:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: b}\n  C:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: c}\n";
    finds(module, template, &[], &["Bucket b: VersioningConfiguration (main.tf:10)"]);
    // Whose it is, nobody knows.
    let module = module.replace("aws_s3_bucket.b.id\n  mfa = \"x\"", "data.aws_s3_bucket.x.id");
    let found = read(&module, template).unwrap();
    let out: Vec<_> = found.partial.unwrap().left_out.iter().map(shown).collect();
    assert!(out.iter().any(|out| out.starts_with("Bucket b: VersioningConfiguration")), "{out:?}");
    assert!(out.iter().any(|out| out.starts_with("Bucket c: VersioningConfiguration")), "{out:?}");
}

#[test]
fn policies_of_a_role_are_compared_together_or_not_at_all() {
    let module = "resource \"aws_iam_role\" \"r\" {\n  name = \"r\"\n  assume_role_policy = \"{}\"\n}\nresource \"aws_iam_role_policy\" \"p\" {\n  role = aws_iam_role.r.id\n  name = \"p\"\n  policy = jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"s3:*\", Resource = module.x.arn }] })\n}\n";
    let template = "  R:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: r\n      AssumeRolePolicyDocument: {}\n      Policies: [{PolicyName: q, PolicyDocument: {Statement: [{Effect: Deny, Action: 's3:*', Resource: '*'}]}}]\n";
    let found = read(module, template).unwrap();
    assert_eq!(differences(&found), [""; 0]);
    let out: Vec<_> = found.partial.unwrap().left_out.iter().map(shown).collect();
    assert!(out.iter().all(|out| out.starts_with("Role r: Policies")) && !out.is_empty(), "{out:?}");
}

#[test]
fn names_that_cannot_be_read_excuse_both_sides() {
    let module = "resource \"aws_sqs_queue\" \"a\" {\n  name = data.external.x.result\n  delay_seconds = 7\n  visibility_timeout_seconds = 8\n}\n";
    let template = "  B:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: b, MessageRetentionPeriod: 99, ReceiveMessageWaitTimeSeconds: 5}\n";
    let found = read(module, template).unwrap();
    assert!(!found.partial.as_ref().unwrap().left_out.is_empty());
    assert!(found.differences.iter().all(|one| !one.path.is_empty()), "{:?}", differences(&found));
}

#[test]
fn inputs_and_outputs_that_cannot_be_read() {
    let module = "variable \"size\" {\n  type = number\n  nonsense = 1\n}\noutput \"a\" {\n  value = module.x.a\n}\nresource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n  max_message_size = 1048576\n  delay_seconds = var.size\n}\n";
    let template = "  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: jobs, DelaySeconds: !Ref Size}\nParameters:\n  Size: {Type: Number}\nOutputs:\n  A: {Value: x}\n";
    finds(
        module,
        template,
        &[],
        &[
            "Input Size (main.tf:1)",
            "Output A: Value (main.tf:6)",
            "Queue jobs: DelaySeconds (template.yaml:4)",
        ],
    );
}

#[test]
fn conditions_that_cannot_be_read() {
    let template = format!(
        "{QUEUE_OF_TEMPLATE}    Condition: Odd\nConditions:\n  Odd: !Equals [!Ref 'AWS::StackId', x]\n"
    );
    finds(QUEUE, &template, &[], &["AWS::SQS::Queue Jobs (template.yaml:2)", "Queue jobs (main.tf:1)"]);
}

#[test]
fn tags_of_the_provider_that_cannot_be_read_are_those_of_everything() {
    let module =
        format!("provider \"aws\" {{\n  default_tags {{\n    tags = module.x.tags\n  }}\n}}\n{QUEUE}");
    finds(&module, QUEUE_OF_TEMPLATE, &[], &["Queue jobs: Tags (main.tf:6)"]);
}

#[test]
fn what_could_not_be_deployed_is_refused_all_the_same() {
    for (module, template) in [
        ("resource \"aws_sqs_queue\" \"a\" {", QUEUE_OF_TEMPLATE),
        (
            QUEUE,
            "  Jobs: {Type: AWS::SQS::Queue, DependsOn: More}\n  More: {Type: AWS::SQS::Queue, DependsOn: Jobs}\n",
        ),
        ("locals {\n  a = local.b\n  b = local.a\n}\n", QUEUE_OF_TEMPLATE),
    ] {
        assert!(read(module, template).is_err(), "{module}");
    }
}

#[test]
fn every_form_of_the_report_tells_what_is_left_out() {
    let module = format!("{QUEUE}resource \"aws_vpc\" \"net\" {{}}\n");
    let found = read(&module, QUEUE_OF_TEMPLATE).unwrap();
    let mut out = Vec::new();
    report::text(&mut out, &found).unwrap();
    let text = anstream::adapter::strip_bytes(&out).into_vec();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("main.tf:5:1: resources of type `aws_vpc` are outside"), "{text}");
    assert!(text.contains("  aws_vpc aws_vpc.net (main.tf:5:1)"), "{text}");
    assert!(text.contains("1 resource and 0 values could not be compared"), "{text}");
    assert!(!text.contains("equivalent"), "{text}");
    let json = report::json(&found);
    assert!(json["equivalent"].is_null());
    assert_eq!(json["problems"][0]["line"], 5);
    assert_eq!(json["not_compared"][0]["resource"], "aws_vpc.net");
    let markdown = report::markdown(&found);
    assert!(markdown.starts_with("### Terraform and CloudFormation are compared in a part"), "{markdown}");
    assert!(markdown.contains("<summary>Not compared</summary>"), "{markdown}");
    let annotations = report::annotations(&found);
    assert!(
        annotations.starts_with("::warning file=main.tf,line=5::resources of type `aws_vpc`"),
        "{annotations}"
    );
    let sarif = report::sarif(&found);
    assert_eq!(sarif["runs"][0]["results"][1]["ruleId"], "not-compared");
    assert_eq!(sarif["runs"][0]["results"][1]["level"], "warning");
}

#[test]
fn the_order_of_creation_and_commands_are_listed_and_nothing_more() {
    let module = format!(
        "module \"net\" {{\n  source = \"./net\"\n}}\n{}",
        QUEUE.replace(
            "  name",
            "  depends_on = [module.net]\n  provisioner \"local-exec\" {\n    command = \"x\"\n  }\n  name"
        )
    );
    let found = finds(&module, QUEUE_OF_TEMPLATE, &[], &[]);
    assert_eq!(found.partial.unwrap().reasons.len(), 2);
    assert_eq!(found.resources, 1);
}

#[test]
fn parts_of_what_is_put_together_count_as_unread() {
    let module = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\nresource \"aws_s3_bucket_notification\" \"b\" {\n  bucket = aws_s3_bucket.b.id\n  dynamic \"queue\" {\n    for_each = module.x.all\n    content {\n      queue_arn = queue.value\n      events = [\"s3:*\"]\n    }\n  }\n}\nresource \"aws_s3_bucket_lifecycle_configuration\" \"b\" {\n  bucket = aws_s3_bucket.b.id\n  rule {\n    id = \"a\"\n    status = \"Enabled\"\n    dynamic \"filter\" {\n      for_each = module.x.all\n      content {\n      }\n    }\n  }\n}\n";
    let template = "  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: b\n      NotificationConfiguration: {QueueConfigurations: [{Event: 's3:*', Queue: q}]}\n      LifecycleConfiguration: {Rules: [{Status: Enabled, Prefix: x}]}\n";
    let found = read(module, template).unwrap();
    assert_eq!(differences(&found), [""; 0]);
    let out: Vec<_> = found.partial.unwrap().left_out.iter().map(|out| out.path.clone()).collect();
    assert_eq!(out, ["LifecycleConfiguration.Rules", "NotificationConfiguration.QueueConfigurations"]);
}

#[test]
fn names_that_nobody_knows_are_not_one_name() {
    let queue = |name: &str, delay: u32| {
        format!(
            "resource \"aws_sqs_queue\" \"{name}\" {{\n  name = module.x.{name}\n  max_message_size = 1048576\n  delay_seconds = {delay}\n}}\n"
        )
    };
    let module = queue("a", 1) + &queue("b", 2);
    let template = "  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt Net.A, DelaySeconds: 2}\n  B:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt Net.B, DelaySeconds: 1}\n  Net:\n    Type: AWS::EC2::VPC\n";
    let found = read(&module, template).unwrap();
    assert_eq!(differences(&found), [""; 0]);
}

fn cases(below: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(below);
    Case::all_below(&folder).unwrap()
}

fn files(case: &Case) -> (Vec<SourceFile>, SourceFile) {
    let file = |(name, content): (&str, &[u8])| SourceFile::new(name, content);
    (case.module().map(file).collect(), file(case.template()))
}

#[test]
fn what_can_be_read_is_compared_as_ever() {
    for case in cases("same").into_iter().chain(cases("different")) {
        let (module, template) = files(&case);
        let (whole, part) = (whole(&module, &template).unwrap(), part(&module, &template).unwrap());
        assert_eq!(part.differences, whole.differences, "{}", case.name());
        assert_eq!((part.resources, part.attributes), (whole.resources, whole.attributes), "{}", case.name());
        assert_eq!(part.partial, Some(jit_runners_check::Partial::default()), "{}", case.name());
    }
    for case in cases("refused") {
        let (module, template) = files(&case);
        if let Ok(part) = part(&module, &template) {
            assert_ne!(part.verdict(), Verdict::Equivalent, "{}", case.name());
        }
    }
}

/// Each argument of a module, and each property of a template, cannot be read once: what was the same has no difference then.
#[test]
fn what_cannot_be_read_is_no_difference() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in cases("same") {
        let (module, template) = files(&case);
        for (index, file) in module.iter().enumerate().filter(|(_, file)| file.name.ends_with(".tf")) {
            for changed in with_one_changed(file, " = ", "module.unread.value") {
                let mut module = module.clone();
                module[index] = changed.1;
                tried += 1;
                wrong.extend(strange(&case, &changed.0, &module, &template));
            }
        }
        for changed in with_one_changed(&template, ": ", "!GetAtt Unread.Value") {
            tried += 1;
            wrong.extend(strange(&case, &changed.0, &module, &changed.1));
        }
    }
    assert!(tried > 500, "{tried}");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The file with each value (but what a validation asks, which is compared as it is written) that stands alone behind `sign` at the end of a line replaced once, and the line.
fn with_one_changed(file: &SourceFile, sign: &str, unread: &str) -> Vec<(String, SourceFile)> {
    let text = std::str::from_utf8(&file.bytes).unwrap();
    let mut changed = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let value = line.split_once(sign).map(|(name, value)| (name, value.trim_end()));
        let is_whole = |value: &str| !value.is_empty() && !value.ends_with(['{', '(', '[', '|', '>', ',']);
        if let Some((name, value)) = value
            && line.starts_with("  ")
            && is_whole(value)
            && !["Type", "Condition", "Version", "DependsOn", "condition"].contains(&name.trim())
        {
            let at = start + name.len() + sign.len();
            let mut text = text.to_owned();
            text.replace_range(at..start + line.trim_end().len(), unread);
            changed.push((line.trim().to_owned(), SourceFile::new(&*file.name, text)));
        }
        start += line.len();
    }
    changed
}

fn strange(case: &Case, line: &str, module: &[SourceFile], template: &SourceFile) -> Option<String> {
    let report = part(module, template).ok()?;
    let is_right = report.differences.is_empty()
        && (report.verdict() == Verdict::Incomplete || whole(module, template).is_ok());
    (!is_right).then(|| format!("{}: {line}: {:?}", case.name(), differences(&report)))
}
