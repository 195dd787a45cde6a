//! `AWS::Lambda`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html>).

use jit_runners_model::resource::{EventInvokeConfig, EventSourceMapping, Function, Permission};

use super::converter::{Converter, entries};
use crate::graph::{Properties, ResourceAttribute};

impl Converter {
    pub(super) fn function(&self, function: &Function) -> Properties {
        let Function {
            // Which program it is, its package and its name say.
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
        let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), self.text(value)));
        let variables = self.held(variables.collect::<Properties>());
        entries([
            ("FunctionName", self.text(function_name)),
            ("Description", self.held(*description)),
            ("Role", self.attribute(role, ResourceAttribute::Arn)),
            ("Runtime", self.held("provided.al2023")),
            ("Handler", self.held("bootstrap")),
            ("Architectures", self.literals([architecture.as_str()])),
            ("MemorySize", self.held(memory_size.get())),
            ("Timeout", self.held(timeout.seconds().get())),
            (
                "Code",
                self.map([("S3Bucket", self.parameter(*s3_bucket)), ("S3Key", self.parameter(*s3_key))]),
            ),
            ("Environment", self.map([("Variables", variables)])),
            ("KmsKeyArn", kms_key_arn.as_ref().map_or(self.absent(), |key| self.text(key))),
            (
                "LoggingConfig",
                self.map([
                    ("LogFormat", self.held("JSON")),
                    ("ApplicationLogLevel", self.held("INFO")),
                    ("SystemLogLevel", self.held(system_log_level.as_str())),
                    ("LogGroup", self.attribute(log_group, ResourceAttribute::Name)),
                ]),
            ),
            ("DependsOn", self.literals([role.id().logical_id])),
        ])
    }

    pub(super) fn permission(&self, permission: &Permission) -> Properties {
        let Permission { function, service, source_arn } = permission;
        entries([
            ("FunctionName", self.attribute(function, ResourceAttribute::Name)),
            ("Action", self.held("lambda:InvokeFunction")),
            ("Principal", self.held(service.principal())),
            ("SourceArn", self.text(source_arn)),
        ])
    }

    pub(super) fn event_source_mapping(&self, mapping: &EventSourceMapping) -> Properties {
        let EventSourceMapping { event_source, function, batch_size, maximum_concurrency } = mapping;
        entries([
            ("EventSourceArn", self.attribute(event_source, ResourceAttribute::Arn)),
            ("FunctionName", self.attribute(function, ResourceAttribute::Name)),
            ("BatchSize", self.held(*batch_size)),
            ("FunctionResponseTypes", self.literals(["ReportBatchItemFailures"])),
            ("ScalingConfig", self.map([("MaximumConcurrency", self.held(*maximum_concurrency))])),
        ])
    }

    pub(super) fn event_invoke_config(&self, config: &EventInvokeConfig) -> Properties {
        let EventInvokeConfig { function, maximum_event_age, maximum_retry_attempts } = config;
        entries([
            ("FunctionName", self.attribute(function, ResourceAttribute::Name)),
            ("Qualifier", self.held("$LATEST")),
            ("MaximumEventAgeInSeconds", self.held(maximum_event_age.get())),
            ("MaximumRetryAttempts", self.held(*maximum_retry_attempts)),
        ])
    }
}
