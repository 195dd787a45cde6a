//! Functions and what they work with: the properties of the resources of IAM, EC2, SQS, Lambda with custom resources, and
//! `DynamoDB`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>).

use jit_runners_model::{
    choices::{EgressRule, Protocol},
    resource::{
        AttributeDefinition, CustomResource, Encryption, EventInvokeConfig, EventSourceMapping, Function,
        GlobalSecondaryIndex, InstanceProfile, Permission, Queue, QueuePolicy, Redrive, Role, SecurityGroup,
        Table,
    },
};

use super::converter::{Convert, Converter, entries};
use crate::graph::{Held, Properties, ResourceAttribute, Symbol, SymbolicText};

impl Convert<Role> for Converter {
    fn convert(&self, role: &Role) -> Properties {
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
}

impl Convert<InstanceProfile> for Converter {
    fn convert(&self, profile: &InstanceProfile) -> Properties {
        let InstanceProfile { instance_profile_name, role } = profile;
        entries([
            ("InstanceProfileName", self.text(instance_profile_name)),
            ("Roles", self.list([self.attribute(role, ResourceAttribute::Name)])),
        ])
    }
}

impl Convert<SecurityGroup> for Converter {
    fn convert(&self, group: &SecurityGroup) -> Properties {
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
}

impl Convert<Queue> for Converter {
    fn convert(&self, queue: &Queue) -> Properties {
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
}

impl Convert<QueuePolicy> for Converter {
    fn convert(&self, policy: &QueuePolicy) -> Properties {
        let QueuePolicy { queue, policy } = policy;
        entries([
            ("Queue", self.attribute(queue, ResourceAttribute::Url)),
            ("PolicyDocument", self.policy(policy)),
        ])
    }
}

impl Convert<Function> for Converter {
    fn convert(&self, function: &Function) -> Properties {
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
}

impl Convert<Permission> for Converter {
    fn convert(&self, permission: &Permission) -> Properties {
        let Permission { function, service, source_arn } = permission;
        entries([
            ("FunctionName", self.attribute(function, ResourceAttribute::Name)),
            ("Action", self.held("lambda:InvokeFunction")),
            ("Principal", self.held(service.principal())),
            ("SourceArn", self.text(source_arn)),
        ])
    }
}

impl Convert<EventSourceMapping> for Converter {
    fn convert(&self, mapping: &EventSourceMapping) -> Properties {
        let EventSourceMapping { event_source, function, batch_size, maximum_concurrency } = mapping;
        entries([
            ("EventSourceArn", self.attribute(event_source, ResourceAttribute::Arn)),
            ("FunctionName", self.attribute(function, ResourceAttribute::Name)),
            ("BatchSize", self.held(*batch_size)),
            ("FunctionResponseTypes", self.literals(["ReportBatchItemFailures"])),
            ("ScalingConfig", self.map([("MaximumConcurrency", self.held(*maximum_concurrency))])),
        ])
    }
}

impl Convert<EventInvokeConfig> for Converter {
    fn convert(&self, config: &EventInvokeConfig) -> Properties {
        let EventInvokeConfig { function, maximum_event_age, maximum_retry_attempts } = config;
        entries([
            ("FunctionName", self.attribute(function, ResourceAttribute::Name)),
            ("Qualifier", self.held("$LATEST")),
            ("MaximumEventAgeInSeconds", self.held(maximum_event_age.get())),
            ("MaximumRetryAttempts", self.held(*maximum_retry_attempts)),
        ])
    }
}

impl Convert<CustomResource> for Converter {
    fn convert(&self, custom: &CustomResource) -> Properties {
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
}

impl Convert<Table> for Converter {
    fn convert(&self, table: &Table) -> Properties {
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
}

impl Converter {
    fn key(&self, kind: &str, attribute: &str) -> Held {
        self.map([("AttributeName", self.held(attribute)), ("KeyType", self.held(kind))])
    }
}
