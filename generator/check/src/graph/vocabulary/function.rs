//! `AWS::Lambda`.

use super::{Field, Shape, field, flag, number, object, tags, text, texts};

pub(super) const FUNCTION: &[Field] = &[
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
    object("VpcConfig", &[texts("SubnetIds"), texts("SecurityGroupIds"), flag("Ipv6AllowedForDualStack")]),
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
    texts("DependsOn"),
    text("DeletionPolicy"),
    tags(),
];

pub(super) const PERMISSION: &[Field] = &[
    text("FunctionName"),
    text("Action"),
    text("Principal"),
    text("SourceArn"),
    text("SourceAccount"),
    text("EventSourceToken"),
    text("FunctionUrlAuthType"),
    text("PrincipalOrgID"),
    text("DeletionPolicy"),
];

pub(super) const EVENT_SOURCE_MAPPING: &[Field] = &[
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
];

pub(super) const EVENT_INVOKE_CONFIG: &[Field] = &[
    text("FunctionName"),
    text("Qualifier"),
    number("MaximumEventAgeInSeconds"),
    number("MaximumRetryAttempts"),
    object(
        "DestinationConfig",
        &[object("OnFailure", &[text("Destination")]), object("OnSuccess", &[text("Destination")])],
    ),
    text("DeletionPolicy"),
];
