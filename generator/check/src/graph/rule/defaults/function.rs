//! Lambda.

use super::{
    super::Rule,
    Default, Filling,
    Literal::{Flag, Number, Text, Texts},
    When, fill_in, provider, service,
};
use crate::graph::{Graph, Kind, Value, symbolic_text};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of Lambda",
    says: "A function, and what feeds or calls it, has what Lambda gives it when nobody says.",
    source: SERVICE,
    apply,
};

const SERVICE: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html";
const CREATE: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html";
const LOGGING: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html";
const TRACING: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_TracingConfig.html";
const STORAGE: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_EphemeralStorage.html";
const NETWORK: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html";
const MAPPING: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html";
const INVOKE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html";
const INVOKE_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_function_event_invoke_config.html.markdown";
const INVOCATION: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_invocation.html.markdown";
const REQUESTS: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html";
const CUSTOM: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Function, "MemorySize", Number(128), SERVICE),
    service(Kind::Function, "Timeout", Number(3), SERVICE),
    service(Kind::Function, "PackageType", Text("Zip"), CREATE),
    service(Kind::Function, "Architectures", Texts(&["x86_64"]), SERVICE),
    service(Kind::Function, "TracingConfig.Mode", Text("PassThrough"), TRACING),
    service(Kind::Function, "EphemeralStorage.Size", Number(512), STORAGE),
    service(Kind::Function, "LoggingConfig.LogFormat", Text("Text"), LOGGING),
    service(Kind::Function, "LoggingConfig.ApplicationLogLevel", Text("INFO"), LOGGING)
        .when(When::Is("LoggingConfig.LogFormat", "JSON")),
    service(Kind::Function, "LoggingConfig.SystemLogLevel", Text("INFO"), LOGGING)
        .when(When::Is("LoggingConfig.LogFormat", "JSON")),
    service(Kind::Function, "VpcConfig?.Ipv6AllowedForDualStack", Flag(false), NETWORK),
    service(Kind::EventSourceMapping, "Enabled", Flag(true), MAPPING),
    service(Kind::EventSourceMapping, "BatchSize", Number(10), MAPPING)
        .when(When::OfService("EventSourceArn", "sqs")),
    service(Kind::EventSourceMapping, "BatchSize", Number(100), MAPPING)
        .when(When::OfService("EventSourceArn", "dynamodb")),
    service(Kind::EventSourceMapping, "BatchSize", Number(100), MAPPING)
        .when(When::OfService("EventSourceArn", "kinesis")),
    service(Kind::EventSourceMapping, "MaximumBatchingWindowInSeconds", Number(0), MAPPING)
        .when(When::OfService("EventSourceArn", "sqs")),
    service(Kind::EventSourceMapping, "MaximumBatchingWindowInSeconds", Number(0), MAPPING)
        .when(When::OfService("EventSourceArn", "dynamodb")),
    service(Kind::EventSourceMapping, "MaximumBatchingWindowInSeconds", Number(0), MAPPING)
        .when(When::OfService("EventSourceArn", "kinesis")),
    // A template must state it.
    provider(Kind::EventInvokeConfig, "Qualifier", Text("$LATEST"), INVOKE_PROVIDER),
    service(Kind::EventInvokeConfig, "MaximumEventAgeInSeconds", Number(21_600), INVOKE),
    service(Kind::EventInvokeConfig, "MaximumRetryAttempts", Number(2), INVOKE),
    // An invocation that is only made once has no counterpart in a template.
    provider(Kind::CustomResource, "LifecycleScope", Text("CREATE_ONLY"), INVOCATION),
    service(Kind::CustomResource, "LifecycleScope", Text("CRUD"), REQUESTS),
    provider(Kind::CustomResource, "TerraformKey", Text("tf"), INVOCATION),
    service(Kind::CustomResource, "Qualifier", Text("$LATEST"), INVOCATION),
    service(Kind::CustomResource, "ServiceTimeout", Number(3_600), CUSTOM),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
    log_groups(graph);
}

/// A function logs to `/aws/lambda/<its name>`.
fn log_groups(graph: &mut Graph) {
    for node in graph.resources_of(Kind::Function) {
        let Some(Value::Text(name)) = node.properties.get("FunctionName").map(|held| &held.value) else {
            continue;
        };
        let filling = Filling { place: &node.place, rule: RULE.name };
        let group = filling.held(Value::Text(symbolic_text!["/aws/lambda/", name]));
        filling.fill(&mut node.properties, &["LoggingConfig", "LogGroup"], &group);
    }
}
