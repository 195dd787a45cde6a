//! What resources become.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    super::{
        example::{check, check_refused, messages, module, named, shaped, shown},
        plan::from_plan,
    },
    *,
};

#[test]
fn arguments_become_properties_and_blocks_objects() {
    check(
        &[(
            "aws_lambda_function.a",
            json!({
                "function_name": "a",
                "s3_bucket": "b",
                "s3_key": "k",
                "memory_size": 256,
                "reserved_concurrent_executions": -1,
                "environment": [{"variables": {"NAME": "${var.name}"}}],
                "logging_config": [{"log_format": "JSON"}],
                "source_code_hash": "abc",
                "publish": false,
                "skip_destroy": true,
                "tags": {"a": "1"},
            }),
        )],
        "aws_lambda_function.a",
        r#"{Code: {S3Bucket: "b", S3Key: "k"}, DeletionPolicy: "Retain", Environment: {Variables: {NAME: "<name>"}}, FunctionName: "a", LoggingConfig: {LogFormat: "JSON"}, MemorySize: 256, Tags: {a: "1"}}"#,
    );
}

#[test]
fn keys_streams_and_indexes_of_a_table_are_put_together() {
    let table = |stream: bool| {
        json!({
            "name": "t",
            "hash_key": "pk",
            "range_key": "sk",
            "attribute": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "N"}],
            "global_secondary_index": [{
                "name": "g", "hash_key": "sk", "projection_type": "ALL", "read_capacity": 1
            }],
            "local_secondary_index": [{
                "name": "l", "range_key": "x", "projection_type": "INCLUDE", "non_key_attributes": ["y"]
            }],
            "stream_enabled": stream,
            "stream_view_type": "KEYS_ONLY",
            "ttl": [{"attribute_name": "ttl", "enabled": true}],
        })
    };
    let rest = r#"TableName: "t", TimeToLiveSpecification: {AttributeName: "ttl", Enabled: true}}"#;
    let before = r#"{AttributeDefinitions: {pk: "S", sk: "N"}, GlobalSecondaryIndexes: {g: {KeySchema: {HASH: "sk"}, Projection: {ProjectionType: "ALL"}, ProvisionedThroughput: {ReadCapacityUnits: 1}}}, KeySchema: {HASH: "pk", RANGE: "sk"}, LocalSecondaryIndexes: {l: {KeySchema: {HASH: "pk", RANGE: "x"}, Projection: {NonKeyAttributes: ["y"], ProjectionType: "INCLUDE"}}}, "#;
    let stream = r#"StreamSpecification: {StreamViewType: "KEYS_ONLY"}, "#;
    let address = "aws_dynamodb_table.t";
    check(&[(address, table(true))], address, &format!("{before}{stream}{rest}"));
    check(&[(address, table(false))], address, &format!("{before}{rest}"));
}

#[test]
fn dimensions_are_by_name() {
    check(
        &[(
            "aws_cloudwatch_metric_alarm.a",
            json!({
                "dimensions": {"QueueName": "q"},
                "metric_query": [{
                    "id": "m",
                    "metric": [{"metric_name": "n", "stat": "Sum", "dimensions": {"D": "d"}}],
                }],
            }),
        )],
        "aws_cloudwatch_metric_alarm.a",
        r#"{Dimensions: {QueueName: "q"}, Metrics: {m: {MetricStat: {Metric: {Dimensions: {D: "d"}, MetricName: "n"}, Stat: "Sum"}}}}"#,
    );
}

#[test]
fn a_queue_states_its_policy_as_a_resource_of_its_own() {
    check(
        &[("aws_sqs_queue.q", json!({"name": "q", "policy": "{\"Version\": \"2012-10-17\"}"}))],
        "aws_sqs_queue.q.policy",
        r#"{PolicyDocument: {Version: "2012-10-17"}, Queue: "<aws_sqs_queue.q.url>"}"#,
    );
}

#[test]
fn an_event_rule_may_be_switched_by_either_argument() {
    let rule = |arguments| [("aws_cloudwatch_event_rule.r", arguments)];
    let address = "aws_cloudwatch_event_rule.r";
    check(&rule(json!({"is_enabled": false})), address, r#"{State: "DISABLED"}"#);
    check(
        &rule(json!({"is_enabled": "${var.on}"})),
        address,
        r#"{State: "ENABLED" if "true" = "<on>", else "DISABLED"}"#,
    );
}

#[test]
fn stages_and_policies_are_followed_to_what_they_are_made_of() {
    let mut module = module(&[
        ("aws_apigatewayv2_api.a", json!({})),
        ("aws_apigatewayv2_stage.s", json!({"api_id": "${aws_apigatewayv2_api.a.id}", "name": "$default"})),
        ("aws_lambda_permission.p", json!({"source_arn": "${aws_apigatewayv2_stage.s.execution_arn}/*"})),
        ("aws_iam_role.r", json!({"permissions_boundary": "${aws_iam_policy.p.arn}"})),
        ("aws_iam_policy.p", json!({"name": "limit", "policy": "{}"})),
        (
            "aws_iam_role_policy_attachment.p",
            json!({"role": "${aws_iam_role.r.name}", "policy_arn": "${aws_iam_policy.p.arn}"}),
        ),
    ]);
    module.outputs = vec![named("url", &json!({"value": "${aws_apigatewayv2_stage.s.invoke_url}x"}))];
    let graph = shaped(module);
    let url = graph.outputs[0].properties["Value"].value.to_string();
    assert_eq!(url, r#""<aws_apigatewayv2_api.a.endpoint>/x""#);
    assert_eq!(
        shown(&graph, "aws_lambda_permission.p"),
        r#"{SourceArn: "arn:<partition>:execute-api:<region>:<account>:<aws_apigatewayv2_api.a.id>/$default/*"}"#
    );
    assert_eq!(
        shown(&graph, "aws_iam_role.r"),
        r#"{AttachedPolicies: {limit: {}}, PermissionsBoundary: "arn:<partition>:iam::<account>:policy/limit"}"#
    );
}

#[test]
fn the_region_of_the_provider_is_the_region() {
    let mut module =
        module(&[("aws_sqs_queue.q", json!({"name": "q-${var.where}", "region": "${var.where}"}))]);
    module.providers = vec![named(
        "aws",
        &json!({
            "region": "${var.where}",
            "profile": "me",
            "default_tags": [{"tags": {"a": "all", "b": "all"}}],
        }),
    )];
    module.variables = vec![named("where", &json!({"type": "string"}))];
    let graph = shaped(module);
    assert_eq!(shown(&graph, "aws_sqs_queue.q"), r#"{QueueName: "q-<region>", Tags: {a: "all", b: "all"}}"#);
    assert_eq!(graph.inputs[0].address.as_ref(), "where");
}

#[test]
fn own_tags_win_over_those_of_the_provider() {
    let mut module =
        module(&[("aws_sqs_queue.q", json!({"tags": {"a": "own"}})), ("aws_lambda_permission.p", json!({}))]);
    module.providers = vec![named("aws", &json!({"default_tags": [{"tags": {"a": "all", "b": "all"}}]}))];
    let graph = shaped(module);
    assert_eq!(shown(&graph, "aws_sqs_queue.q"), r#"{Tags: {a: "own", b: "all"}}"#);
    assert_eq!(shown(&graph, "aws_lambda_permission.p"), "{}");
}

#[test]
fn what_is_not_understood_is_refused_where_it_stands() {
    check_refused(
        &[
            ("aws_sqs_queue.q", json!({"visibility_timout_seconds": 1, "arn": "x", "region": "eu-west-1"})),
            ("aws_lambda_function.f", json!({"durable_config": true, "environment": [{}, {}]})),
            ("aws_sqs_que.q", json!({})),
            ("aws_instance.i", json!({})),
            ("aws_sqs_queue.q", json!({})),
            ("aws_sqs_queue.r", json!({"depends_on": ["aws_sqs_queue.s"], "lifecycle": {"prevent": true}})),
        ],
        &[
            "main.tf:1:3: `visibility_timout_seconds` is no property of aws_sqs_queue that the check knows; did you mean `visibility_timeout_seconds`?",
            "main.tf:1:3: `arn` of aws_sqs_queue is nothing that a module can set; remove it",
            "main.tf:1:3: this resource is in `eu-west-1`, another region than the provider's; the check compares one region",
            "main.tf:2:3: `durable_config` of aws_lambda_function is outside the subset that the check understands; leave it out of what is compared",
            "main.tf:2:5: `environment` of aws_lambda_function stands 2 times; keep one",
            "main.tf:3:1: resources of type `aws_sqs_que` are outside the subset that the check understands; did you mean `aws_sqs_queue`?",
            "main.tf:4:1: resources of type `aws_instance` are outside the subset that the check understands",
            "main.tf:5:1: a second aws_sqs_queue.q; rename one",
            "main.tf:6:3: `prevent` of lifecycle is nothing that the check knows",
            "main.tf:6:5: the module has no aws_sqs_queue.s; mend `depends_on`",
        ],
    );
}

#[test]
fn a_reference_to_what_is_no_resource_of_the_graph_is_refused() {
    let mut module = module(&[("aws_iam_role.r", json!({"name": "${aws_iam_policy.p.arn}"}))]);
    module.providers = vec![named("aws", &json!({"regions": "x"}))];
    assert_eq!(
        messages(translate(module, View::Written, &BTreeSet::new())),
        [
            "main.tf:1:1: the arn of aws_iam_policy.p is outside the subset that the check understands; refer to \
             the resource that it belongs to",
            "main.tf:1:3: `regions` of the provider is nothing that the check knows; did you mean `region`?",
        ]
    );
}

#[track_caller]
fn check_circles(references: &[(&str, &str)], expected: &[&str]) {
    let resources: Vec<_> = references
        .iter()
        .map(|(name, to)| {
            let to: Vec<_> = to.split_whitespace().map(|to| format!("${{aws_sqs_queue.{to}.arn}}")).collect();
            (format!("aws_sqs_queue.{name}"), json!({"redrive_policy": to}))
        })
        .collect();
    let resources: Vec<_> =
        resources.iter().map(|(address, json)| (address.as_str(), json.clone())).collect();
    let mut problems = Vec::new();
    refuse_circles(&module(&resources).resources, &mut problems);
    let words: Vec<_> =
        problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect();
    assert_eq!(words, expected);
}

#[test]
fn circles_are_refused_once_each() {
    check_circles(&[("a", "b c"), ("b", "c"), ("c", "")], &[]);
    check_circles(
        &[("a", "b"), ("b", "a"), ("c", "b"), ("d", "d")],
        &[
            "main.tf:1:1: aws_sqs_queue.a -> aws_sqs_queue.b -> aws_sqs_queue.a is a circle of references; break it",
            "main.tf:4:1: aws_sqs_queue.d -> aws_sqs_queue.d is a circle of references; break it",
        ],
    );
    check_circles(
        &[("a", "b"), ("b", "c"), ("c", "b")],
        &[
            "main.tf:2:1: aws_sqs_queue.b -> aws_sqs_queue.c -> aws_sqs_queue.b is a circle of references; break it",
        ],
    );
}

#[test]
fn a_plan_is_refused_that_terraform_cannot_have_made() {
    let resource = |name: &str| json!({"address": format!("aws_sqs_queue.{name}"), "mode": "managed", "type": "aws_sqs_queue", "name": name});
    let waits = |name: &str, on: &str| json!({"address": format!("aws_sqs_queue.{name}"), "depends_on": [format!("aws_sqs_queue.{on}")]});
    let plan = json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [resource("a"), resource("b")]}},
        "configuration": {"root_module": {"resources": [waits("a", "b"), waits("b", "a")]}},
    });
    let graph = from_plan(&"plan.json".into(), plan.to_string().as_bytes()).map(|plan| plan.graph);
    assert_eq!(
        messages(graph),
        [
            "plan.json: aws_sqs_queue.a -> aws_sqs_queue.b -> aws_sqs_queue.a is a circle of references; break it"
        ]
    );
}

#[test]
fn a_role_and_a_function_that_its_policy_names_are_no_circle() {
    let graph = shaped(module(&[
        ("aws_iam_role.r", json!({"name": "r"})),
        (
            "aws_iam_role_policy.p",
            json!({"name": "p", "role": "${aws_iam_role.r.id}", "policy": "{\"Statement\": [{\"Resource\": \"${aws_lambda_function.f.arn}\"}]}"}),
        ),
        ("aws_lambda_function.f", json!({"function_name": "f", "role": "${aws_iam_role.r.arn}"})),
    ]));
    assert_eq!(graph.resources.len(), 2);
}

#[test]
fn functions_wait_for_what_they_depend_on() {
    check(
        &[
            (
                "aws_lambda_function.f",
                json!({"depends_on": ["aws_iam_role_policy.p", "aws_cloudwatch_log_group.l"]}),
            ),
            ("aws_iam_role.r", json!({"name": "r"})),
            ("aws_iam_role_policy.p", json!({"role": "r", "name": "p", "policy": "{}"})),
            ("aws_cloudwatch_log_group.l[\"a\"]", json!({})),
            ("aws_cloudwatch_log_group.l[\"b\"]", json!({})),
        ],
        "aws_lambda_function.f",
        r#"{DependsOn: ["<aws_cloudwatch_log_group.l[\"a\"].id>", "<aws_cloudwatch_log_group.l[\"b\"].id>", "<aws_iam_role.r.id>"]}"#,
    );
    check(
        &[
            ("aws_sqs_queue.a", json!({"depends_on": ["aws_sqs_queue.b"]})),
            ("aws_sqs_queue.b", json!({"lifecycle": {"prevent_destroy": true, "ignore_changes": ["tags"]}})),
        ],
        "aws_sqs_queue.a",
        "{}",
    );
}
