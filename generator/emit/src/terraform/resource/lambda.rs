//! `aws_lambda_*`: functions, how they are invoked, and custom resources, which are invocations that Terraform makes whenever
//! it creates, updates or deletes them
//! (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_invocation.html.markdown>).

use jit_runners_model::resource::{
    Attribute, CustomResource, EventInvokeConfig, EventSourceMapping, Function, Permission, ResourceId,
    SystemLogLevel,
};

use super::{Emit, Emitted, Mocked, dependency, iam::role_policy};
use crate::terraform::{
    tree::{Contents, list, literal, object},
    value::{expression, jsonencode, text, variable},
};

impl Emit for Function {
    const TYPE: &'static str = "aws_lambda_function";
    const NAME: &'static str = "function_name";
    const NAME_IS_RELIED_ON: bool = true;
    const MOCKED: Mocked = &[(Attribute::Arn, "arn:aws:lambda:us-east-1:123456789012:function:mock")];

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self {
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
        } = self;
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
                        (*system_log_level != SystemLogLevel::Info)
                            .then(|| literal(system_log_level.as_str())),
                    )
                    .set("log_group", expression(&log_group.name())),
            );
        // A role alone permits nothing; the first invocation must find the policy in place.
        Emitted { depends_on: vec![role_policy(role)], ..contents.into() }
    }
}

impl Emit for Permission {
    const TYPE: &'static str = "aws_lambda_permission";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { function, service, source_arn } = self;
        Contents::new()
            .set("function_name", expression(&function.name()))
            .set_literal("action", "lambda:InvokeFunction")
            .set_literal("principal", service.principal())
            .set("source_arn", text(source_arn))
            .into()
    }
}

impl Emit for EventSourceMapping {
    const TYPE: &'static str = "aws_lambda_event_source_mapping";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { event_source, function, batch_size, maximum_concurrency } = self;
        Contents::new()
            .set("event_source_arn", expression(&event_source.arn()))
            .set("function_name", expression(&function.arn()))
            .set("batch_size", *batch_size)
            .set("function_response_types", list([literal("ReportBatchItemFailures")]))
            .block("scaling_config", Contents::new().set("maximum_concurrency", *maximum_concurrency))
            .into()
    }
}

impl Emit for EventInvokeConfig {
    const TYPE: &'static str = "aws_lambda_function_event_invoke_config";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { function, maximum_event_age, maximum_retry_attempts } = self;
        Contents::new()
            .set("function_name", expression(&function.name()))
            .set("maximum_event_age_in_seconds", maximum_event_age.get())
            .set("maximum_retry_attempts", *maximum_retry_attempts)
            .into()
    }
}

impl Emit for CustomResource {
    const TYPE: &'static str = "aws_lambda_invocation";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self {
            // Terraform has its label.
            type_name: _,
            description: _,
            function,
            // It waits for as long as the function runs.
            service_timeout: _,
            properties,
            depends_on,
        } = self;
        let input = object(properties.iter().map(|(name, value)| (*name, text(value))));
        // The function's name is known before anything is made, even where the function is replaced: its ARN is not, and an
        // unknown one would replace the invocation. Without `triggers`, for the same reason.
        let contents = Contents::new()
            .set("function_name", expression(&function.name()))
            .set_literal("lifecycle_scope", "CRUD")
            .set("input", jsonencode(input));
        Emitted { depends_on: depends_on.iter().map(dependency).collect(), ..contents.into() }
    }
}
