//! `aws_lambda_*`.

use super::super::{
    argument::{
        Argument, Becomes, ResourceSchema, arn, as_is, block, blocks, id, ignored, outside, property,
        provided, read, region, tags, tags_all, timeouts,
    },
    body::read_skip_destroy,
};
use crate::graph::{
    Address, Held, Kind, Number, ResourceAttribute, Symbol, SymbolicText, Value, symbolic_text,
};

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_lambda_function",
        becomes: Becomes::Node(Kind::Function),
        arguments: FUNCTION,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_lambda_permission",
        becomes: Becomes::Node(Kind::Permission),
        arguments: PERMISSION,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_lambda_event_source_mapping",
        becomes: Becomes::Node(Kind::EventSourceMapping),
        arguments: EVENT_SOURCE_MAPPING,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_lambda_function_event_invoke_config",
        becomes: Becomes::Node(Kind::EventInvokeConfig),
        arguments: EVENT_INVOKE_CONFIG,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_lambda_invocation",
        becomes: Becomes::Node(Kind::CustomResource),
        arguments: INVOCATION,
        finish: as_is,
    },
];

const FUNCTION: &[Argument] = &[
    property("function_name", "FunctionName"),
    property("description", "Description"),
    property("role", "Role"),
    property("runtime", "Runtime"),
    property("handler", "Handler"),
    property("package_type", "PackageType"),
    property("architectures", "Architectures"),
    property("memory_size", "MemorySize"),
    property("timeout", "Timeout"),
    read("reserved_concurrent_executions", |function, held| {
        // With -1, the provider reserves nothing
        // (https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_function.html.markdown).
        if !matches!(&held.value, Value::Number(number) if Some(number) == Number::parse("-1").as_ref()) {
            function.put("ReservedConcurrentExecutions", held);
        }
    }),
    property("s3_bucket", "Code.S3Bucket"),
    property("s3_key", "Code.S3Key"),
    property("s3_object_version", "Code.S3ObjectVersion"),
    property("image_uri", "Code.ImageUri"),
    property("filename", "Code.Filename"),
    block("environment", "Environment", &[property("variables", "Variables")]),
    block(
        "logging_config",
        "LoggingConfig",
        &[
            property("log_format", "LogFormat"),
            property("application_log_level", "ApplicationLogLevel"),
            property("system_log_level", "SystemLogLevel"),
            property("log_group", "LogGroup"),
        ],
    ),
    block("ephemeral_storage", "EphemeralStorage", &[property("size", "Size")]),
    block("tracing_config", "TracingConfig", &[property("mode", "Mode")]),
    block("dead_letter_config", "DeadLetterConfig", &[property("target_arn", "TargetArn")]),
    block(
        "vpc_config",
        "VpcConfig",
        &[
            property("subnet_ids", "SubnetIds"),
            property("security_group_ids", "SecurityGroupIds"),
            property("ipv6_allowed_for_dual_stack", "Ipv6AllowedForDualStack"),
            provided("vpc_id"),
        ],
    ),
    block("snap_start", "SnapStart", &[property("apply_on", "ApplyOn"), provided("optimization_status")]),
    block(
        "image_config",
        "ImageConfig",
        &[
            property("command", "Command"),
            property("entry_point", "EntryPoint"),
            property("working_directory", "WorkingDirectory"),
        ],
    ),
    property("layers", "Layers"),
    property("kms_key_arn", "KmsKeyArn"),
    property("code_signing_config_arn", "CodeSigningConfigArn"),
    read("skip_destroy", read_skip_destroy),
    tags(),
    tags_all(),
    region(),
    timeouts(),
    ignored(
        "source_code_hash",
        "tells Terraform when to upload a package again; the package itself is compared",
    ),
    ignored("replace_security_groups_on_destroy", "how Terraform takes a function away"),
    ignored("replacement_security_group_ids", "how Terraform takes a function away"),
    arn(),
    id(ResourceAttribute::Name),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-request-basic-setup.html
    provided("invoke_arn").or_text(|function| invoke_arn(function, "")),
    provided("qualified_arn").or_text(|function| {
        symbolic_text![Symbol::attribute(Address::clone(function), ResourceAttribute::Arn), LATEST]
    }),
    provided("qualified_invoke_arn").or_text(|function| invoke_arn(function, LATEST)),
    // No version is published, so the latest is the only one.
    provided("version").or_text(|_| "$LATEST".into()),
    provided("code_sha256"),
    provided("last_modified"),
    provided("signing_job_arn"),
    provided("signing_profile_version_arn"),
    provided("source_code_size"),
    outside("capacity_provider_config"),
    outside("durable_config"),
    outside("file_system_config"),
    read("publish", |function, held| {
        let Some(publishes) = function.condition("publish", &held) else { return };
        let publish = Held::new(true, held.place).under(publishes);
        if publish.value != Value::Absent {
            function.put("Publish", publish);
        }
    }),
    outside("publish_to"),
    outside("source_kms_key_arn"),
    outside("tenancy_config"),
];

const LATEST: &str = ":$LATEST";

fn invoke_arn(function: &Address, qualifier: &'static str) -> SymbolicText {
    symbolic_text![
        "arn:",
        Symbol::Partition,
        ":apigateway:",
        Symbol::Region,
        ":lambda:path/2015-03-31/functions/",
        Symbol::attribute(Address::clone(function), ResourceAttribute::Arn),
        qualifier,
        "/invocations",
    ]
}

const PERMISSION: &[Argument] = &[
    property("function_name", "FunctionName"),
    property("action", "Action"),
    property("principal", "Principal"),
    property("source_arn", "SourceArn"),
    property("source_account", "SourceAccount"),
    property("event_source_token", "EventSourceToken"),
    property("function_url_auth_type", "FunctionUrlAuthType"),
    property("principal_org_id", "PrincipalOrgID"),
    region(),
    ignored("statement_id", STATEMENT_ID),
    ignored("statement_id_prefix", STATEMENT_ID),
    provided("id"),
    outside("qualifier"),
];

const STATEMENT_ID: &str = "a label in the function's policy, which CloudFormation makes itself";

const ON_FAILURE: &[Argument] =
    &[block("on_failure", "OnFailure", &[property("destination_arn", "Destination")])];

const EVENT_SOURCE_MAPPING: &[Argument] = &[
    property("event_source_arn", "EventSourceArn"),
    property("function_name", "FunctionName"),
    property("enabled", "Enabled"),
    property("batch_size", "BatchSize"),
    property("maximum_batching_window_in_seconds", "MaximumBatchingWindowInSeconds"),
    property("function_response_types", "FunctionResponseTypes"),
    block("scaling_config", "ScalingConfig", &[property("maximum_concurrency", "MaximumConcurrency")]),
    block(
        "filter_criteria",
        "FilterCriteria",
        &[blocks("filter", "Filters", &[property("pattern", "Pattern")])],
    ),
    property("kms_key_arn", "KmsKeyArn"),
    property("starting_position", "StartingPosition"),
    property("maximum_retry_attempts", "MaximumRetryAttempts"),
    property("maximum_record_age_in_seconds", "MaximumRecordAgeInSeconds"),
    property("bisect_batch_on_function_error", "BisectBatchOnFunctionError"),
    property("parallelization_factor", "ParallelizationFactor"),
    property("tumbling_window_in_seconds", "TumblingWindowInSeconds"),
    block("destination_config", "DestinationConfig", ON_FAILURE),
    tags(),
    tags_all(),
    region(),
    id(ResourceAttribute::Id),
    provided("uuid").or(ResourceAttribute::Id),
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    provided("arn").or_text(|mapping| {
        symbolic_text![
            "arn:",
            Symbol::Partition,
            ":lambda:",
            Symbol::Region,
            ":",
            Symbol::AccountId,
            ":event-source-mapping:",
            Symbol::attribute(Address::clone(mapping), ResourceAttribute::Id),
        ]
    }),
    provided("function_arn"),
    provided("last_modified"),
    provided("last_processing_result"),
    provided("state"),
    provided("state_transition_reason"),
    outside("amazon_managed_kafka_event_source_config"),
    outside("document_db_event_source_config"),
    outside("metrics_config"),
    outside("provisioned_poller_config"),
    outside("queues"),
    outside("self_managed_event_source"),
    outside("self_managed_kafka_event_source_config"),
    outside("source_access_configuration"),
    outside("starting_position_timestamp"),
    outside("topics"),
];

const DESTINATION: &[Argument] = &[property("destination", "Destination")];

const EVENT_INVOKE_CONFIG: &[Argument] = &[
    property("function_name", "FunctionName"),
    property("qualifier", "Qualifier"),
    property("maximum_event_age_in_seconds", "MaximumEventAgeInSeconds"),
    property("maximum_retry_attempts", "MaximumRetryAttempts"),
    block(
        "destination_config",
        "DestinationConfig",
        &[block("on_failure", "OnFailure", DESTINATION), block("on_success", "OnSuccess", DESTINATION)],
    ),
    region(),
    provided("id"),
];

// https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_invocation.html.markdown
const INVOCATION: &[Argument] = &[
    property("function_name", "ServiceToken"),
    property("qualifier", "Qualifier"),
    property("input", "ResourceProperties"),
    property("lifecycle_scope", "LifecycleScope"),
    property("terraform_key", "TerraformKey"),
    property("triggers", "Triggers"),
    region(),
    provided("id"),
    provided("result"),
    outside("tenant_id"),
];
