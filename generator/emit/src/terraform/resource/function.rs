//! Functions and how they are reached.

use jit_runners_model::resource::{
    EventInvokeConfig, EventSourceMapping, Function, Permission, SystemLogLevel,
};

use super::{Emitted, iam::role_policy};
use crate::terraform::{
    tree::{Contents, list, literal, object},
    value::{expression, text, variable},
};

pub(super) fn function(function: &Function) -> Emitted {
    let Function {
        // Its name and description say which it is.
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
    let contents = Contents::new()
        .set("function_name", text(function_name))
        .set_literal("description", description)
        .set("role", expression(&role.arn()))
        .set_literal("runtime", "provided.al2023")
        .set_literal("handler", "bootstrap")
        .set("architectures", list([literal(architecture.as_str())]))
        .set("memory_size", memory_size.get())
        .set("timeout", timeout.seconds().get())
        .set("s3_bucket", variable(*s3_bucket))
        .set("s3_key", variable(*s3_key))
        .set_some("kms_key_arn", kms_key_arn.as_ref().map(text))
        .block(
            "environment",
            Contents::new()
                .set("variables", object(environment.iter().map(|(name, value)| (*name, text(value))))),
        )
        .block(
            "logging_config",
            Contents::new()
                .set_literal("log_format", "JSON")
                .set_some(
                    "system_log_level",
                    (*system_log_level != SystemLogLevel::Info).then(|| literal(system_log_level.as_str())),
                )
                .set("log_group", expression(&log_group.name())),
        );
    // A role alone permits nothing; the first invocation must find the policy in place.
    Emitted { depends_on: vec![role_policy(role)], ..contents.into() }
}

pub(super) fn permission(permission: &Permission) -> Emitted {
    let Permission { function, service, source_arn } = permission;
    Contents::new()
        .set("function_name", expression(&function.name()))
        .set_literal("action", "lambda:InvokeFunction")
        .set_literal("principal", service.principal())
        .set("source_arn", text(source_arn))
        .into()
}

pub(super) fn event_source_mapping(mapping: &EventSourceMapping) -> Emitted {
    let EventSourceMapping { event_source, function, batch_size, maximum_concurrency } = mapping;
    Contents::new()
        .set("event_source_arn", expression(&event_source.arn()))
        .set("function_name", expression(&function.arn()))
        .set("batch_size", *batch_size)
        .set("function_response_types", list([literal("ReportBatchItemFailures")]))
        .block("scaling_config", Contents::new().set("maximum_concurrency", *maximum_concurrency))
        .into()
}

pub(super) fn event_invoke_config(config: &EventInvokeConfig) -> Emitted {
    let EventInvokeConfig { function, maximum_event_age, maximum_retry_attempts } = config;
    Contents::new()
        .set("function_name", expression(&function.name()))
        .set("maximum_event_age_in_seconds", maximum_event_age.get())
        .set("maximum_retry_attempts", *maximum_retry_attempts)
        .into()
}
