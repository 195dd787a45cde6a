//! The properties of each resource of the model, service by service: IAM, EC2, SQS, Lambda with custom resources,
//! `DynamoDB`, API Gateway, `EventBridge`, `CloudWatch`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>).

use jit_runners_model::{
    choices::{EgressRule, Protocol},
    parameter,
    resource::{
        Alarm, Api, AttributeDefinition, CustomResource, Dashboard, Encryption, EventInvokeConfig,
        EventPattern, EventRule, EventSourceMapping, Function, GlobalSecondaryIndex, InstanceProfile,
        Integration, LogGroup, Metric, MetricFilter, Permission, Queue, QueuePolicy, Redrive, Role, Route,
        Schedule, SecurityGroup, Stage, Table,
    },
};

use super::converter::{Converter, condition, entries};
use crate::graph::{Held, Properties, ResourceAttribute, Symbol, SymbolicText, Value};

impl Converter {
    pub(super) fn role(&self, role: &Role) -> Properties {
        let Role { role_name, description, trusted, trust_conditions, policy, permissions_boundary } = role;
        let permissions =
            self.map([("PolicyName", self.held(Role::POLICY_NAME)), ("PolicyDocument", self.policy(policy))]);
        entries([
            ("RoleName", self.text(role_name)),
            ("Description", self.held(*description)),
            ("AssumeRolePolicyDocument", self.trust(*trusted, trust_conditions)),
            (
                "PermissionsBoundary",
                permissions_boundary.as_ref().map_or(self.absent(), |boundary| self.text(boundary)),
            ),
            ("Policies", self.list([permissions])),
        ])
    }

    pub(super) fn instance_profile(&self, profile: &InstanceProfile) -> Properties {
        let InstanceProfile { instance_profile_name, role } = profile;
        entries([
            ("InstanceProfileName", self.text(instance_profile_name)),
            ("Roles", self.list([self.attribute(role, ResourceAttribute::Name)])),
        ])
    }

    pub(super) fn security_group(&self, group: &SecurityGroup) -> Properties {
        let SecurityGroup { group_name, group_description, vpc, egress } = group;
        let rule = |EgressRule { protocol, port, cidr, description }: &EgressRule| {
            let protocol = match protocol {
                Protocol::Tcp => "tcp",
                Protocol::Udp => "udp",
            };
            self.map([
                ("IpProtocol", self.held(protocol)),
                ("FromPort", self.held(u32::from(*port))),
                ("ToPort", self.held(u32::from(*port))),
                (if cidr.is_v6() { "CidrIpv6" } else { "CidrIp" }, self.held(cidr.as_str())),
                ("Description", self.held(description.as_str())),
            ])
        };
        entries([
            ("GroupName", self.text(group_name)),
            ("GroupDescription", self.held(*group_description)),
            ("VpcId", self.parameter(*vpc)),
            ("SecurityGroupEgress", self.list(egress.iter().map(rule))),
        ])
    }

    pub(super) fn queue(&self, queue: &Queue) -> Properties {
        let Queue {
            queue_name,
            visibility_timeout,
            message_retention_period,
            maximum_message_size,
            receive_message_wait_time,
            redrive,
            redrive_allow,
            encryption,
        } = queue;
        let (managed, key) = match encryption {
            Encryption::ServiceOwned => (self.held(true), self.absent()),
            Encryption::CustomerManaged(key) => (self.absent(), self.text(key)),
        };
        let redrive = redrive.as_ref().map(|Redrive { dead_letter_target, max_receive_count }| {
            self.map([
                ("deadLetterTargetArn", self.attribute(dead_letter_target, ResourceAttribute::Arn)),
                ("maxReceiveCount", self.held(*max_receive_count)),
            ])
        });
        let allow = redrive_allow.as_ref().map(|sources| {
            self.map([("redrivePermission", self.held("byQueue")), ("sourceQueueArns", self.texts(sources))])
        });
        entries([
            ("QueueName", self.text(queue_name)),
            ("VisibilityTimeout", self.held(visibility_timeout.get())),
            ("MessageRetentionPeriod", self.held(message_retention_period.get())),
            ("MaximumMessageSize", self.held(*maximum_message_size)),
            ("ReceiveMessageWaitTimeSeconds", self.held(receive_message_wait_time.get())),
            ("RedrivePolicy", redrive.unwrap_or_else(|| self.absent())),
            ("RedriveAllowPolicy", allow.unwrap_or_else(|| self.absent())),
            ("SqsManagedSseEnabled", managed),
            ("KmsMasterKeyId", key),
        ])
    }

    pub(super) fn queue_policy(&self, policy: &QueuePolicy) -> Properties {
        let QueuePolicy { queue, policy } = policy;
        entries([
            ("Queue", self.attribute(queue, ResourceAttribute::Url)),
            ("PolicyDocument", self.policy(policy)),
        ])
    }

    pub(super) fn function(&self, function: &Function) -> Properties {
        let Function {
            // Its package and its name decide which program it is.
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

    pub(super) fn custom_resource(&self, custom: &CustomResource) -> Properties {
        let CustomResource { type_name, description: _, function, service_timeout, properties, depends_on } =
            custom;
        let handed = properties.iter().map(|(name, value)| ((*name).to_owned(), self.text(value)));
        let waits_for = depends_on.iter().map(|link| {
            self.held(SymbolicText::from(Symbol::attribute(link.id().logical_id, ResourceAttribute::Id)))
        });
        entries([
            ("Type", self.held(format!("Custom::{type_name}").as_str())),
            ("ServiceToken", self.attribute(function, ResourceAttribute::Arn)),
            ("ServiceTimeout", self.held(service_timeout.get())),
            ("ResourceProperties", self.held(handed.collect::<Properties>())),
            ("LifecycleScope", self.held("CRUD")),
            // The key under which the function finds what Terraform does: the provider's default.
            ("TerraformKey", self.held("tf")),
            ("DependsOn", self.list(waits_for)),
        ])
    }

    pub(super) fn table(&self, table: &Table) -> Properties {
        let Table {
            table_name,
            attribute_definitions,
            hash_key,
            global_secondary_indexes,
            time_to_live_attribute,
            point_in_time_recovery,
            encryption,
        } = table;
        let definition = |AttributeDefinition { name, kind }: &AttributeDefinition| {
            self.map([("AttributeName", self.held(*name)), ("AttributeType", self.held(kind.as_str()))])
        };
        let index = |GlobalSecondaryIndex { index_name, hash_key, range_key }: &GlobalSecondaryIndex| {
            self.map([
                ("IndexName", self.held(*index_name)),
                ("KeySchema", self.list([self.key("HASH", hash_key), self.key("RANGE", range_key)])),
                ("Projection", self.map([("ProjectionType", self.held("ALL"))])),
            ])
        };
        let server_side = match encryption {
            Encryption::ServiceOwned => self.absent(),
            Encryption::CustomerManaged(key) => self.map([
                ("SSEEnabled", self.held(true)),
                ("SSEType", self.held("KMS")),
                ("KMSMasterKeyId", self.text(key)),
            ]),
        };
        entries([
            ("TableName", self.text(table_name)),
            ("BillingMode", self.held("PAY_PER_REQUEST")),
            ("AttributeDefinitions", self.list(attribute_definitions.iter().map(definition))),
            ("KeySchema", self.list([self.key("HASH", hash_key)])),
            ("GlobalSecondaryIndexes", self.list(global_secondary_indexes.iter().map(index))),
            (
                "TimeToLiveSpecification",
                self.map([
                    ("AttributeName", self.held(*time_to_live_attribute)),
                    ("Enabled", self.held(true)),
                ]),
            ),
            (
                "PointInTimeRecoverySpecification",
                self.map([("PointInTimeRecoveryEnabled", self.held(*point_in_time_recovery))]),
            ),
            ("SSESpecification", server_side),
        ])
    }

    fn key(&self, kind: &str, attribute: &str) -> Held {
        self.map([("AttributeName", self.held(attribute)), ("KeyType", self.held(kind))])
    }

    pub(super) fn api(&self, api: &Api) -> Properties {
        let Api { name, description } = api;
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("ProtocolType", self.held("HTTP")),
        ])
    }

    pub(super) fn integration(&self, integration: &Integration) -> Properties {
        let Integration { api, function, timeout } = integration;
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("IntegrationType", self.held("AWS_PROXY")),
            // A function is always invoked by POST, whatever the request was.
            ("IntegrationMethod", self.held("POST")),
            ("IntegrationUri", self.attribute(function, ResourceAttribute::Arn)),
            ("PayloadFormatVersion", self.held("2.0")),
            ("TimeoutInMillis", self.held(timeout.get().saturating_mul(1_000))),
        ])
    }

    pub(super) fn route(&self, route: &Route) -> Properties {
        let Route { api, route_key, target } = route;
        let mut integration = SymbolicText::literal("integrations/");
        integration.push_symbol(Symbol::attribute(target.id().logical_id, ResourceAttribute::Id));
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("RouteKey", self.held(*route_key)),
            // Webhooks carry a signature, which the function checks.
            ("AuthorizationType", self.held("NONE")),
            ("Target", self.held(integration)),
        ])
    }

    pub(super) fn stage(&self, stage: &Stage) -> Properties {
        let Stage {
            api,
            stage_name,
            // The ARN names the group, too.
            access_log: _,
            access_log_arn,
            access_log_format,
            throttling_burst_limit,
            throttling_rate_limit,
        } = stage;
        let format = access_log_format.iter().map(|(name, value)| ((*name).to_owned(), self.held(*value)));
        let format = self.held(format.collect::<Properties>());
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("StageName", self.held(*stage_name)),
            ("AutoDeploy", self.held(true)),
            (
                "AccessLogSettings",
                self.map([("DestinationArn", self.text(access_log_arn)), ("Format", self.json(format))]),
            ),
            (
                "DefaultRouteSettings",
                self.map([
                    ("ThrottlingBurstLimit", self.held(*throttling_burst_limit)),
                    ("ThrottlingRateLimit", self.held(*throttling_rate_limit)),
                ]),
            ),
        ])
    }

    pub(super) fn schedule(&self, schedule: &Schedule) -> Properties {
        let Schedule {
            name,
            description,
            rate_minutes,
            target,
            role,
            maximum_event_age,
            maximum_retry_attempts,
        } = schedule;
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
        let rate = match rate_minutes {
            1 => "rate(1 minute)".to_owned(),
            minutes => format!("rate({minutes} minutes)"),
        };
        let retries = self.map([
            ("MaximumEventAgeInSeconds", self.held(maximum_event_age.get())),
            ("MaximumRetryAttempts", self.held(*maximum_retry_attempts)),
        ]);
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("ScheduleExpression", self.held(rate.as_str())),
            ("FlexibleTimeWindow", self.map([("Mode", self.held("OFF"))])),
            (
                "Target",
                self.map([
                    ("Arn", self.attribute(target, ResourceAttribute::Arn)),
                    ("RoleArn", self.attribute(role, ResourceAttribute::Arn)),
                    ("RetryPolicy", retries),
                ]),
            ),
            ("DependsOn", self.literals([role.id().logical_id])),
        ])
    }

    pub(super) fn event_rule(&self, rule: &EventRule) -> Properties {
        let EventRule { name, description, pattern, target_id, target } = rule;
        let target = self
            .map([("Id", self.held(*target_id)), ("Arn", self.attribute(target, ResourceAttribute::Arn))]);
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("EventPattern", self.event_pattern(pattern)),
            ("Targets", self.list([target])),
        ])
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
    fn event_pattern(&self, pattern: &EventPattern) -> Held {
        let EventPattern { source, detail_type, detail } = pattern;
        let mut pattern =
            entries([("source", self.literals([*source])), ("detail-type", self.literals([*detail_type]))]);
        if let Some((field, accepted)) = detail {
            let accepted = self.literals(accepted.iter().copied());
            pattern.insert("detail".to_owned(), self.map([(*field, accepted)]));
        }
        self.held(pattern)
    }

    pub(super) fn log_group(&self, group: &LogGroup) -> Properties {
        let LogGroup { log_group_name, retention, encryption } = group;
        let key = match encryption {
            Encryption::ServiceOwned => self.absent(),
            Encryption::CustomerManaged(key) => self.text(key),
        };
        entries([
            ("LogGroupName", self.text(log_group_name)),
            ("RetentionInDays", self.held(retention.get())),
            ("KmsKeyId", key),
        ])
    }

    pub(super) fn metric_filter(&self, filter: &MetricFilter) -> Properties {
        let MetricFilter { filter_name, log_group, filter_pattern, metric_namespace, metric_name } = filter;
        let transformation = self.map([
            ("MetricNamespace", self.text(metric_namespace)),
            ("MetricName", self.held(*metric_name)),
            ("MetricValue", self.held("1")),
            ("Unit", self.held("Count")),
        ]);
        entries([
            ("FilterName", self.held(*filter_name)),
            ("LogGroupName", self.attribute(log_group, ResourceAttribute::Name)),
            ("FilterPattern", self.held(*filter_pattern)),
            ("MetricTransformations", self.list([transformation])),
        ])
    }

    pub(super) fn alarm(&self, alarm: &Alarm) -> Properties {
        let Alarm {
            alarm_name,
            alarm_description,
            metric,
            statistic,
            period,
            evaluation_periods,
            comparison,
            threshold,
            missing_data,
            topic,
        } = alarm;
        let Metric { namespace, name, dimensions } = metric;
        let dimensions = dimensions
            .iter()
            .map(|(name, value)| self.map([("Name", self.held(*name)), ("Value", self.text(value))]));
        let statistic_field = if statistic.is_percentile() { "ExtendedStatistic" } else { "Statistic" };
        let topics = self.held(Value::choice(
            condition(parameter::InputCondition::IsSet(*topic)),
            self.list([self.parameter(*topic)]),
            self.list([]),
        ));
        entries([
            ("AlarmName", self.text(alarm_name)),
            ("AlarmDescription", self.held(*alarm_description)),
            ("Namespace", self.text(namespace)),
            ("MetricName", self.held(*name)),
            ("Dimensions", self.list(dimensions)),
            (statistic_field, self.held(statistic.as_str())),
            ("Period", self.held(period.get())),
            ("EvaluationPeriods", self.held(*evaluation_periods)),
            ("ComparisonOperator", self.held(comparison.as_str())),
            ("Threshold", self.held(*threshold)),
            ("TreatMissingData", self.held(missing_data.as_str())),
            ("AlarmActions", topics.clone()),
            ("OKActions", topics),
        ])
    }

    pub(super) fn dashboard(&self, dashboard: &Dashboard) -> Properties {
        // The widgets are taken apart where the model lays the page out.
        let Dashboard { dashboard_name, widgets: _ } = dashboard;
        let body: Held = self.document(&dashboard.body());
        entries([("DashboardName", self.text(dashboard_name)), ("DashboardBody", self.json(body))])
    }
}
