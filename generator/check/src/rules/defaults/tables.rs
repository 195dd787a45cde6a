//! What each service does when nobody says: one rule and one table for each service, and the rule about resources that are
//! taken out of the files.

use super::{
    Default, Filling,
    Literal::{Flag, Item, Number, Object, SameAs, Text, Texts},
    When, fill_in, provider, service,
};
use crate::{
    graph::{Graph, Kind, Node, Symbol, Value, symbolic_text, unread},
    rules::Rule,
};

pub(in super::super) const IAM: Rule = Rule {
    name: "defaults of IAM",
    says: "A role, or an instance profile, has what IAM gives it when nobody says.",
    source: CREATE_ROLE,
    apply: iam,
};

const CREATE_ROLE: &str = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html";
const CREATE_PROFILE: &str =
    "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html";

pub(super) const IAM_DEFAULTS: &[Default] = &[
    service(Kind::Role, "Path", Text("/"), CREATE_ROLE),
    service(Kind::Role, "MaxSessionDuration", Number(3_600), CREATE_ROLE),
    service(Kind::InstanceProfile, "Path", Text("/"), CREATE_PROFILE),
];

fn iam(graph: &mut Graph) {
    fill_in(graph, IAM_DEFAULTS, IAM.name);
}

pub(in super::super) const EC2: Rule = Rule {
    name: "defaults of security groups",
    says: "A security group without a description has the Terraform provider's; a template must state one.",
    source: SECURITY_GROUP,
    apply: ec2,
};

const SECURITY_GROUP: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/security_group.html.markdown";

pub(super) const EC2_DEFAULTS: &[Default] =
    &[provider(Kind::SecurityGroup, "GroupDescription", Text("Managed by Terraform"), SECURITY_GROUP)];

fn ec2(graph: &mut Graph) {
    fill_in(graph, EC2_DEFAULTS, EC2.name);
}

pub(in super::super) const SQS: Rule = Rule {
    name: "defaults of SQS",
    says: "A queue has what SQS, or the Terraform provider, gives it when nobody says.",
    source: QUEUE,
    apply: sqs,
};

const QUEUE: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html";
/// The provider sends a default of its own: the one that the service had until August 2025
/// (<https://aws.amazon.com/about-aws/whats-new/2025/08/amazon-sqs-max-payload-size-1mib/>).
const QUEUE_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/pull/43718";
const SET_QUEUE_ATTRIBUTES: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html";

pub(super) const SQS_DEFAULTS: &[Default] = &[
    service(Kind::Queue, "DelaySeconds", Number(0), QUEUE),
    service(Kind::Queue, "VisibilityTimeout", Number(30), QUEUE),
    service(Kind::Queue, "MessageRetentionPeriod", Number(345_600), QUEUE),
    provider(Kind::Queue, "MaximumMessageSize", Number(262_144), QUEUE_PROVIDER),
    service(Kind::Queue, "MaximumMessageSize", Number(1_048_576), SET_QUEUE_ATTRIBUTES),
    service(Kind::Queue, "ReceiveMessageWaitTimeSeconds", Number(0), QUEUE),
    service(Kind::Queue, "FifoQueue", Flag(false), QUEUE),
    service(Kind::Queue, "ContentBasedDeduplication", Flag(false), QUEUE),
    service(Kind::Queue, "RedriveAllowPolicy", Object("redrivePermission", "allowAll"), SET_QUEUE_ATTRIBUTES),
    service(Kind::Queue, "DeduplicationScope", Text("queue"), SET_QUEUE_ATTRIBUTES)
        .when(When::IsTrue("FifoQueue")),
    service(Kind::Queue, "FifoThroughputLimit", Text("perQueue"), SET_QUEUE_ATTRIBUTES)
        .when(When::IsTrue("FifoQueue")),
];

fn sqs(graph: &mut Graph) {
    fill_in(graph, SQS_DEFAULTS, SQS.name);
    for node in graph.resources_of(Kind::Queue) {
        encryption(node);
    }
}

/// SQS encrypts with a key of its own where there is no other, and keeps a data key of another for five minutes
/// ([`QUEUE`]).
fn encryption(queue: &mut Node<Kind>) {
    let filling = Filling { place: &queue.place, rule: SQS.name };
    let key = queue.properties.get("KmsMasterKeyId").map_or(Value::Absent, |key| key.value.clone());
    let is_unread = queue.properties.get("KmsMasterKeyId").is_some_and(|key| key.mentions(&Symbol::Unknown));
    let by_key = |with: Value, without: Value| {
        if is_unread {
            return filling.held(unread());
        }
        let mut held = filling.held(key.clone());
        held.each_alternative(&mut |held| {
            held.value = if held.value == Value::Absent { without.clone() } else { with.clone() };
        });
        held
    };
    let (managed, reuse) = (by_key(false.into(), true.into()), by_key(300_u32.into(), Value::Absent));
    filling.fill(&mut queue.properties, &["SqsManagedSseEnabled"], &managed);
    if reuse.value != Value::Absent {
        filling.fill(&mut queue.properties, &["KmsDataKeyReusePeriodSeconds"], &reuse);
    }
}

pub(in super::super) const SNS: Rule = Rule {
    name: "defaults of SNS",
    says: "A topic, or a subscription, has what SNS gives it when nobody says.",
    source: CREATE_TOPIC,
    apply: sns,
};

const CREATE_TOPIC: &str = "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html";
const SUBSCRIBE: &str = "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html";

pub(super) const SNS_DEFAULTS: &[Default] = &[
    service(Kind::Topic, "FifoTopic", Flag(false), CREATE_TOPIC),
    service(Kind::Topic, "ContentBasedDeduplication", Flag(false), CREATE_TOPIC),
    service(Kind::Topic, "SignatureVersion", Text("1"), CREATE_TOPIC),
    service(Kind::Topic, "TracingConfig", Text("PassThrough"), CREATE_TOPIC),
    service(Kind::Subscription, "RawMessageDelivery", Flag(false), SUBSCRIBE),
    service(Kind::Subscription, "FilterPolicyScope", Text("MessageAttributes"), SUBSCRIBE),
];

fn sns(graph: &mut Graph) {
    fill_in(graph, SNS_DEFAULTS, SNS.name);
}

pub(in super::super) const S3: Rule = Rule {
    name: "defaults of S3",
    says: "A bucket is closed, encrypted and without access by lists, unless somebody says otherwise.",
    source: CLOSED,
    apply: s3,
};

/// Since April 2023, whoever creates them, also by `CloudFormation`.
const CLOSED: &str =
    "https://aws.amazon.com/blogs/aws/heads-up-amazon-s3-security-changes-are-coming-in-april-of-2023/";
/// Since January 2023.
const ENCRYPTED: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html";
const BUCKET_KEY: &str = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html";
const BLOCK: &str = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html";
const CANNED_ACL: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html";
const BUCKET: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html";
const LIFECYCLE: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html";

pub(super) const S3_DEFAULTS: &[Default] = &[
    service(Kind::Bucket, "AccessControl", Text("Private"), CANNED_ACL),
    service(Kind::Bucket, "OwnershipControls.Rules", Item("ObjectOwnership", "BucketOwnerEnforced"), CLOSED),
    // A block that is stated blocks what it says and nothing else; one that nobody states blocks everything.
    service(Kind::Bucket, "PublicAccessBlockConfiguration?.BlockPublicAcls", Flag(false), BLOCK),
    service(Kind::Bucket, "PublicAccessBlockConfiguration?.BlockPublicPolicy", Flag(false), BLOCK),
    service(Kind::Bucket, "PublicAccessBlockConfiguration?.IgnorePublicAcls", Flag(false), BLOCK),
    service(Kind::Bucket, "PublicAccessBlockConfiguration?.RestrictPublicBuckets", Flag(false), BLOCK),
    service(Kind::Bucket, "PublicAccessBlockConfiguration.BlockPublicAcls", Flag(true), CLOSED),
    service(Kind::Bucket, "PublicAccessBlockConfiguration.BlockPublicPolicy", Flag(true), CLOSED),
    service(Kind::Bucket, "PublicAccessBlockConfiguration.IgnorePublicAcls", Flag(true), CLOSED),
    service(Kind::Bucket, "PublicAccessBlockConfiguration.RestrictPublicBuckets", Flag(true), CLOSED),
    service(
        Kind::Bucket,
        "BucketEncryption.ServerSideEncryptionConfiguration",
        Item("ServerSideEncryptionByDefault.SSEAlgorithm", "AES256"),
        ENCRYPTED,
    ),
    service(
        Kind::Bucket,
        "BucketEncryption.ServerSideEncryptionConfiguration.*.BucketKeyEnabled",
        Flag(false),
        BUCKET_KEY,
    ),
    service(Kind::Bucket, "ObjectLockEnabled", Flag(false), BUCKET),
    service(
        Kind::Bucket,
        "LifecycleConfiguration?.TransitionDefaultMinimumObjectSize",
        Text("all_storage_classes_128K"),
        LIFECYCLE,
    ),
];

fn s3(graph: &mut Graph) {
    fill_in(graph, S3_DEFAULTS, S3.name);
}

pub(in super::super) const LAMBDA: Rule = Rule {
    name: "defaults of Lambda",
    says: "A function, and what feeds or calls it, has what Lambda gives it when nobody says.",
    source: FUNCTION,
    apply: lambda,
};

const FUNCTION: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html";
const CREATE_FUNCTION: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html";
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

pub(super) const LAMBDA_DEFAULTS: &[Default] = &[
    service(Kind::Function, "MemorySize", Number(128), FUNCTION),
    service(Kind::Function, "Timeout", Number(3), FUNCTION),
    service(Kind::Function, "PackageType", Text("Zip"), CREATE_FUNCTION),
    service(Kind::Function, "Architectures", Texts(&["x86_64"]), FUNCTION),
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

fn lambda(graph: &mut Graph) {
    fill_in(graph, LAMBDA_DEFAULTS, LAMBDA.name);
    log_groups(graph);
}

/// A function logs to `/aws/lambda/<its name>`.
fn log_groups(graph: &mut Graph) {
    for node in graph.resources_of(Kind::Function) {
        let Some(Value::Text(name)) = node.properties.get("FunctionName").map(|held| &held.value) else {
            continue;
        };
        let filling = Filling { place: &node.place, rule: LAMBDA.name };
        let group = filling.held(Value::Text(symbolic_text!["/aws/lambda/", name]));
        filling.fill(&mut node.properties, &["LoggingConfig", "LogGroup"], &group);
    }
}

pub(in super::super) const DYNAMODB: Rule = Rule {
    name: "defaults of DynamoDB",
    says: "A table has what DynamoDB gives it when nobody says.",
    source: TABLE,
    apply: dynamodb,
};

const TABLE: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html";
const CREATE_TABLE: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html";
const RECOVERY: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html";
const ENCRYPTION: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html";
const AWS_KEY: &str = "alias/aws/dynamodb";

pub(super) const DYNAMODB_DEFAULTS: &[Default] = &[
    service(Kind::Table, "BillingMode", Text("PROVISIONED"), TABLE),
    service(Kind::Table, "TableClass", Text("STANDARD"), CREATE_TABLE),
    service(Kind::Table, "DeletionProtectionEnabled", Flag(false), TABLE),
    service(Kind::Table, "PointInTimeRecoverySpecification?.RecoveryPeriodInDays", Number(35), RECOVERY),
    // The only type of encryption with a key of the account.
    service(Kind::Table, "SSESpecification?.SSEType", Text("KMS"), ENCRYPTION),
    service(Kind::Table, "SSESpecification?.KMSMasterKeyId", Text(AWS_KEY), ENCRYPTION),
];

fn dynamodb(graph: &mut Graph) {
    fill_in(graph, DYNAMODB_DEFAULTS, DYNAMODB.name);
}

pub(in super::super) const API_GATEWAY: Rule = Rule {
    name: "defaults of API Gateway",
    says: "An HTTP API has what API Gateway, or the Terraform provider, gives it when nobody says.",
    source: API,
    apply: api_gateway,
};

const API: &str = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html";
const SELECTION: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html";
const INTEGRATION: &str =
    "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html";
const INTEGRATION_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/apigatewayv2_integration.html.markdown";
const ROUTE: &str = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html";
const STAGE: &str = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html";
/// Where the block is stated, the provider sends 0 for a limit that is left out, and 0 lets no request through.
const STAGE_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/apigatewayv2/stage.go";

pub(super) const API_GATEWAY_DEFAULTS: &[Default] = &[
    service(Kind::Api, "RouteSelectionExpression", Text("$request.method $request.path"), SELECTION)
        .when(When::Is("ProtocolType", "HTTP")),
    service(Kind::Api, "ApiKeySelectionExpression", Text("$request.header.x-api-key"), SELECTION),
    service(Kind::Api, "DisableExecuteApiEndpoint", Flag(false), API),
    service(Kind::Api, "IpAddressType", Text("ipv4"), API),
    service(Kind::Api, "CorsConfiguration?.AllowCredentials", Flag(false), API),
    service(Kind::Api, "CorsConfiguration?.MaxAge", Number(0), API),
    service(Kind::Integration, "ConnectionType", Text("INTERNET"), INTEGRATION),
    service(Kind::Integration, "TimeoutInMillis", Number(30_000), INTEGRATION),
    // A template must state the version.
    provider(Kind::Integration, "PayloadFormatVersion", Text("1.0"), INTEGRATION_PROVIDER),
    // Lambda is always invoked by POST.
    service(Kind::Integration, "IntegrationMethod", Text("POST"), INTEGRATION)
        .when(When::Is("IntegrationType", "AWS_PROXY")),
    service(Kind::Route, "AuthorizationType", Text("NONE"), ROUTE),
    service(Kind::Route, "ApiKeyRequired", Flag(false), ROUTE),
    service(Kind::Stage, "AutoDeploy", Flag(false), STAGE),
    provider(Kind::Stage, "DefaultRouteSettings?.ThrottlingBurstLimit", Number(0), STAGE_PROVIDER),
    provider(Kind::Stage, "DefaultRouteSettings?.ThrottlingRateLimit", Number(0), STAGE_PROVIDER),
    provider(Kind::Stage, "RouteSettings?.*.ThrottlingBurstLimit", Number(0), STAGE_PROVIDER),
    provider(Kind::Stage, "RouteSettings?.*.ThrottlingRateLimit", Number(0), STAGE_PROVIDER),
    service(Kind::Stage, "DefaultRouteSettings.DetailedMetricsEnabled", Flag(false), STAGE),
    service(Kind::Stage, "DefaultRouteSettings.DataTraceEnabled", Flag(false), STAGE),
    service(Kind::Stage, "RouteSettings?.*.DetailedMetricsEnabled", Flag(false), STAGE),
    service(Kind::Stage, "RouteSettings?.*.DataTraceEnabled", Flag(false), STAGE),
];

fn api_gateway(graph: &mut Graph) {
    fill_in(graph, API_GATEWAY_DEFAULTS, API_GATEWAY.name);
}

pub(in super::super) const EVENTS: Rule = Rule {
    name: "defaults of EventBridge",
    says: "A schedule, or a rule, has what EventBridge gives it when nobody says.",
    source: SCHEDULE,
    apply: events,
};

const SCHEDULE: &str = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html";
const SCHEDULE_RETRIES: &str =
    "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html";
const RULES: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html";
const RULE_RETRIES: &str =
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html";

pub(super) const EVENTS_DEFAULTS: &[Default] = &[
    service(Kind::Schedule, "GroupName", Text("default"), SCHEDULE),
    service(Kind::Schedule, "ScheduleExpressionTimezone", Text("UTC"), SCHEDULE),
    service(Kind::Schedule, "State", Text("ENABLED"), SCHEDULE),
    service(Kind::Schedule, "ActionAfterCompletion", Text("NONE"), SCHEDULE),
    service(Kind::Schedule, "Target?.RetryPolicy.MaximumEventAgeInSeconds", Number(86_400), SCHEDULE_RETRIES),
    service(Kind::Schedule, "Target?.RetryPolicy.MaximumRetryAttempts", Number(185), SCHEDULE_RETRIES),
    service(Kind::EventRule, "EventBusName", Text("default"), RULES),
    service(Kind::EventRule, "State", Text("ENABLED"), RULES),
    service(Kind::EventRule, "Targets?.*.RetryPolicy.MaximumEventAgeInSeconds", Number(86_400), RULE_RETRIES),
    service(Kind::EventRule, "Targets?.*.RetryPolicy.MaximumRetryAttempts", Number(185), RULE_RETRIES),
];

fn events(graph: &mut Graph) {
    fill_in(graph, EVENTS_DEFAULTS, EVENTS.name);
}

pub(in super::super) const CLOUDWATCH: Rule = Rule {
    name: "defaults of CloudWatch",
    says: "An alarm, a log group or a metric filter has what CloudWatch gives it when nobody says.",
    source: ALARM,
    apply: cloudwatch,
};

const ALARM: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html";
const QUERY: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html";
const QUERY_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/cloudwatch_metric_alarm.html.markdown";
const LOG_GROUP: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html";
const FILTER: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html";
const TRANSFORMATION: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html";

pub(super) const CLOUDWATCH_DEFAULTS: &[Default] = &[
    service(Kind::Alarm, "ActionsEnabled", Flag(true), ALARM),
    service(Kind::Alarm, "TreatMissingData", Text("missing"), ALARM),
    service(Kind::Alarm, "DatapointsToAlarm", SameAs("EvaluationPeriods"), ALARM),
    service(Kind::Alarm, "EvaluateLowSampleCountPercentile", Text("evaluate"), ALARM)
        .when(When::Stated("ExtendedStatistic")),
    provider(Kind::Alarm, "Metrics?.*.ReturnData", Flag(false), QUERY_PROVIDER),
    service(Kind::Alarm, "Metrics?.*.ReturnData", Flag(true), QUERY),
    service(Kind::LogGroup, "LogGroupClass", Text("STANDARD"), LOG_GROUP),
    service(Kind::LogGroup, "DeletionProtectionEnabled", Flag(false), LOG_GROUP),
    service(Kind::MetricFilter, "ApplyOnTransformedLogs", Flag(false), FILTER),
    // The provider sends it.
    service(Kind::MetricFilter, "MetricTransformations?.*.Unit", Text("None"), TRANSFORMATION),
];

fn cloudwatch(graph: &mut Graph) {
    fill_in(graph, CLOUDWATCH_DEFAULTS, CLOUDWATCH.name);
}

pub(in super::super) const DELETION: Rule = Rule {
    name: "deletion",
    says: "A resource that is taken out of the files is deleted, unless they say otherwise.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    apply: deletion,
};

const DELETION_POLICY: &str = "DeletionPolicy";

fn deletion(graph: &mut Graph) {
    for node in &mut graph.resources {
        if node.kind.facts().fields.iter().any(|field| field.name == DELETION_POLICY) {
            let filling = Filling { place: &node.place, rule: DELETION.name };
            let delete = filling.held(Value::from("Delete"));
            filling.fill(&mut node.properties, &[DELETION_POLICY], &delete);
        }
    }
}
