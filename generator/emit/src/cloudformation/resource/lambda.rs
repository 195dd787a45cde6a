//! `AWS::Lambda`: functions, how they are invoked, and custom resources, which call one
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>).

use jit_runners_model::resource::{
    Attribute, CustomResource, EventInvokeConfig, EventSourceMapping, Function, Permission, SystemLogLevel,
};

use super::{Attributes, Emit};
use crate::cloudformation::tree::{Map, Value};

impl Emit for Function {
    const TYPE: &'static str = "AWS::Lambda::Function";
    const ATTRIBUTES: Attributes = &[(Attribute::Arn, "Arn")];

    fn properties(&self) -> Map {
        let Self {
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
        let variables: Map =
            environment.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
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
}

impl Emit for Permission {
    const TYPE: &'static str = "AWS::Lambda::Permission";

    fn properties(&self) -> Map {
        let Self { function, service, source_arn } = self;
        Map::new()
            .with("FunctionName", *function)
            .with("Action", "lambda:InvokeFunction")
            .with("Principal", service.principal())
            .with("SourceArn", source_arn)
    }
}

impl Emit for EventSourceMapping {
    const TYPE: &'static str = "AWS::Lambda::EventSourceMapping";

    fn properties(&self) -> Map {
        let Self { event_source, function, batch_size, maximum_concurrency } = self;
        Map::new()
            .with("EventSourceArn", event_source.arn())
            .with("FunctionName", *function)
            .with("BatchSize", *batch_size)
            .with("FunctionResponseTypes", Value::list(["ReportBatchItemFailures"]))
            .with("ScalingConfig", Map::new().with("MaximumConcurrency", *maximum_concurrency))
    }
}

impl Emit for EventInvokeConfig {
    const TYPE: &'static str = "AWS::Lambda::EventInvokeConfig";

    fn properties(&self) -> Map {
        let Self { function, maximum_event_age, maximum_retry_attempts } = self;
        Map::new()
            .with("FunctionName", *function)
            .with("Qualifier", "$LATEST")
            .with("MaximumEventAgeInSeconds", maximum_event_age.get())
            .with("MaximumRetryAttempts", *maximum_retry_attempts)
    }
}

impl Emit for CustomResource {
    const TYPE: &'static str = "Custom";

    fn type_name(&self) -> String {
        format!("{}::{}", Self::TYPE, self.type_name)
    }

    fn depends_on(&self) -> Vec<&'static str> {
        self.depends_on.iter().map(|link| link.id().logical_id).collect()
    }

    fn properties(&self) -> Map {
        let Self {
            // Part of its type.
            type_name: _,
            description: _,
            function,
            service_timeout,
            properties,
            // Beside its properties.
            depends_on: _,
        } = self;
        let own =
            Map::new().with("ServiceToken", function.arn()).with("ServiceTimeout", service_timeout.get());
        own.join(properties.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value))).collect())
    }
}
