//! `AWS::Lambda`, and the resources that a function makes for `AWS::CloudFormation`.

use super::{
    Arn, ArnPart, ArnScope, Facts, Name, Off, OffValue, Shape, field, flag, number, object, tags, text, texts,
};
use crate::graph::ResourceAttribute;

pub(super) const FUNCTION: Facts = Facts {
    cloudformation_type: "AWS::Lambda::Function",
    identity: &["FunctionName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn)],
    name: Some(Name { property: "FunctionName", is_id: true }),
    arn: Some(Arn {
        service: "lambda",
        scope: ArnScope::Region,
        name: &[ArnPart::Literal("function:"), ArnPart::Property("FunctionName")],
    }),
    attaches: false,
    off: &[
        // https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_function.html.markdown
        Off { path: "ReservedConcurrentExecutions", value: OffValue::Number("-1") },
        // https://docs.aws.amazon.com/lambda/latest/api/API_SnapStart.html
        Off { path: "SnapStart", value: OffValue::Member("ApplyOn", "None") },
    ],
    fields: &[
        text("FunctionName"),
        text("Description"),
        text("Role"),
        text("Runtime"),
        text("Handler"),
        text("PackageType"),
        texts("Architectures"),
        number("MemorySize"),
        number("Timeout"),
        number("ReservedConcurrentExecutions"),
        object(
            "Code",
            &[
                text("S3Bucket"),
                text("S3Key"),
                text("S3ObjectVersion"),
                text("ImageUri"),
                text("ZipFile"),
                // A package on the disk of whoever applies a module.
                text("Filename"),
            ],
        ),
        object("Environment", &[field("Variables", Shape::MapOf(&Shape::Text))]),
        object(
            "LoggingConfig",
            &[text("LogFormat"), text("ApplicationLogLevel"), text("SystemLogLevel"), text("LogGroup")],
        ),
        object("EphemeralStorage", &[number("Size")]),
        object("TracingConfig", &[text("Mode")]),
        object("DeadLetterConfig", &[text("TargetArn")]),
        object(
            "VpcConfig",
            &[texts("SubnetIds"), texts("SecurityGroupIds"), flag("Ipv6AllowedForDualStack")],
        ),
        object("SnapStart", &[text("ApplyOn")]),
        object(
            "ImageConfig",
            &[
                field("Command", Shape::List(&Shape::Text)),
                field("EntryPoint", Shape::List(&Shape::Text)),
                text("WorkingDirectory"),
            ],
        ),
        field("Layers", Shape::List(&Shape::Text)),
        text("KmsKeyArn"),
        text("CodeSigningConfigArn"),
        // Whether Terraform publishes a version; in a template, a version is a resource.
        flag("Publish"),
        texts("DependsOn"),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const PERMISSION: Facts = Facts {
    cloudformation_type: "AWS::Lambda::Permission",
    identity: &["FunctionName", "Principal", "SourceArn"],
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("FunctionName"),
        text("Action"),
        text("Principal"),
        text("SourceArn"),
        text("SourceAccount"),
        text("EventSourceToken"),
        text("FunctionUrlAuthType"),
        text("PrincipalOrgID"),
        text("DeletionPolicy"),
    ],
};

pub(super) const EVENT_SOURCE_MAPPING: Facts = Facts {
    cloudformation_type: "AWS::Lambda::EventSourceMapping",
    identity: &["EventSourceArn", "FunctionName"],
    reference: Some(ResourceAttribute::Id),
    attributes: &[("EventSourceMappingArn", ResourceAttribute::Arn), ("Id", ResourceAttribute::Id)],
    name: None,
    arn: None,
    attaches: true,
    off: &[
        // https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html: -1 is without end
        Off { path: "MaximumRetryAttempts", value: OffValue::Number("-1") },
        Off { path: "MaximumRecordAgeInSeconds", value: OffValue::Number("-1") },
        Off { path: "TumblingWindowInSeconds", value: OffValue::Number("0") },
    ],
    fields: &[
        text("EventSourceArn"),
        text("FunctionName"),
        flag("Enabled"),
        number("BatchSize"),
        number("MaximumBatchingWindowInSeconds"),
        texts("FunctionResponseTypes"),
        object("ScalingConfig", &[number("MaximumConcurrency")]),
        object(
            "FilterCriteria",
            &[field(
                "Filters",
                Shape::Set(&Shape::Object(&[field("Pattern", Shape::Document(&Shape::Pattern))])),
            )],
        ),
        text("KmsKeyArn"),
        text("StartingPosition"),
        number("MaximumRetryAttempts"),
        number("MaximumRecordAgeInSeconds"),
        flag("BisectBatchOnFunctionError"),
        number("ParallelizationFactor"),
        number("TumblingWindowInSeconds"),
        object("DestinationConfig", &[object("OnFailure", &[text("Destination")])]),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const EVENT_INVOKE_CONFIG: Facts = Facts {
    cloudformation_type: "AWS::Lambda::EventInvokeConfig",
    identity: &["FunctionName", "Qualifier"],
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("FunctionName"),
        text("Qualifier"),
        number("MaximumEventAgeInSeconds"),
        number("MaximumRetryAttempts"),
        object(
            "DestinationConfig",
            &[object("OnFailure", &[text("Destination")]), object("OnSuccess", &[text("Destination")])],
        ),
        text("DeletionPolicy"),
    ],
};

pub(super) const CUSTOM_RESOURCE: Facts = Facts {
    cloudformation_type: "AWS::CloudFormation::CustomResource",
    // One function may have several, which differ in what they hand over.
    identity: &["ServiceToken", "ResourceProperties"],
    // Its function decides what a custom resource is called.
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: false,
    off: &[],
    fields: &[
        // `Custom::` and what somebody chose: what it is called in the events of a stack.
        text("Type"),
        text("ServiceToken"),
        number("ServiceTimeout"),
        // What the function is handed under this name: every property but the two above.
        field("ResourceProperties", Shape::Document(&Shape::MapOf(&Shape::Json))),
        // When the function is called, which can only be chosen in Terraform, and the words that tell it why.
        text("LifecycleScope"),
        text("TerraformKey"),
        text("Qualifier"),
        // Values whose change makes Terraform replace it: the function is then called to delete.
        field("Triggers", Shape::MapOf(&Shape::Text)),
        texts("ReplaceTriggeredBy"),
        texts("DependsOn"),
        text("DeletionPolicy"),
    ],
};
