//! Functions and how they are reached.

use jit_runners_model::resource::{
    EventInvokeConfig, EventSourceMapping, Function, Permission, SystemLogLevel,
};

use crate::cloudformation::tree::{Map, Value};

pub(super) fn function(function: &Function) -> Map {
    let Function {
        handler: _,
        function_name,
        description,
        role,
        architecture,
        memory_size,
        timeout,
        s3_bucket,
        s3_key,
        environment,
        kms_key_arn,
        log_group,
        system_log_level,
    } = function;
    let variables: Map = environment.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
    Map::new()
        .with("FunctionName", function_name)
        .with("Description", *description)
        .with("Role", role.arn())
        .with("Runtime", "provided.al2023")
        .with("Handler", "bootstrap")
        .with("Architectures", Value::list([architecture.as_str()]))
        .with("MemorySize", memory_size.get())
        .with("Timeout", timeout.seconds().get())
        .with("Code", Map::new().with("S3Bucket", *s3_bucket).with("S3Key", *s3_key))
        .with("Environment", Map::new().with("Variables", variables))
        .with_some("KmsKeyArn", kms_key_arn.as_ref())
        .with(
            "LoggingConfig",
            Map::new()
                // Both levels are `INFO` where nothing is said.
                .with("LogFormat", "JSON")
                .with_some(
                    "SystemLogLevel",
                    (*system_log_level != SystemLogLevel::Info).then(|| system_log_level.as_str()),
                )
                .with("LogGroup", *log_group),
        )
}

pub(super) fn permission(permission: &Permission) -> Map {
    let Permission { function, service, source_arn } = permission;
    Map::new()
        .with("FunctionName", *function)
        .with("Action", "lambda:InvokeFunction")
        .with("Principal", service.principal())
        .with("SourceArn", source_arn)
}

pub(super) fn event_source_mapping(mapping: &EventSourceMapping) -> Map {
    let EventSourceMapping { event_source, function, batch_size, maximum_concurrency } = mapping;
    Map::new()
        .with("EventSourceArn", event_source.arn())
        .with("FunctionName", *function)
        .with("BatchSize", *batch_size)
        .with("FunctionResponseTypes", Value::list(["ReportBatchItemFailures"]))
        .with("ScalingConfig", Map::new().with("MaximumConcurrency", *maximum_concurrency))
}

pub(super) fn event_invoke_config(config: &EventInvokeConfig) -> Map {
    let EventInvokeConfig { function, maximum_event_age, maximum_retry_attempts } = config;
    Map::new()
        .with("FunctionName", *function)
        .with("Qualifier", "$LATEST")
        .with("MaximumEventAgeInSeconds", maximum_event_age.get())
        .with("MaximumRetryAttempts", *maximum_retry_attempts)
}
