//! `aws_scheduler_schedule` and `aws_cloudwatch_event_*`.

use super::super::argument::{
    Argument, Becomes, Companion, ResourceSchema, arn, as_is, block, id, ignored, name_prefix, outside,
    property, provided, read, region, tags, tags_all,
};
use crate::graph::{Held, Kind, ResourceAttribute, Value};

/// The rule that a target belongs to.
pub(in crate::readers::from_terraform) const RULE: &str = "Rule";
/// The bus of that rule.
pub(in crate::readers::from_terraform) const BUS: &str = "EventBusName";

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_scheduler_schedule",
        becomes: Becomes::Node(Kind::Schedule),
        arguments: SCHEDULE,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_cloudwatch_event_rule",
        becomes: Becomes::Node(Kind::EventRule),
        arguments: EVENT_RULE,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_cloudwatch_event_target",
        becomes: Becomes::Companion(Companion::EventTarget),
        arguments: EVENT_TARGET,
        finish: as_is,
    },
];

const RETRY_POLICY: Argument = block(
    "retry_policy",
    "RetryPolicy",
    &[
        property("maximum_event_age_in_seconds", "MaximumEventAgeInSeconds"),
        property("maximum_retry_attempts", "MaximumRetryAttempts"),
    ],
);
const DEAD_LETTER_CONFIG: Argument =
    block("dead_letter_config", "DeadLetterConfig", &[property("arn", "Arn")]);
const MESSAGE_GROUP: &[Argument] = &[property("message_group_id", "MessageGroupId")];

const SCHEDULE: &[Argument] = &[
    property("name", "Name").or(ResourceAttribute::Name),
    name_prefix(),
    // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    property("group_name", "GroupName").or_text(|_| "default".into()),
    property("description", "Description"),
    property("schedule_expression", "ScheduleExpression"),
    property("schedule_expression_timezone", "ScheduleExpressionTimezone"),
    property("state", "State"),
    property("start_date", "StartDate"),
    property("end_date", "EndDate"),
    property("kms_key_arn", "KmsKeyArn"),
    property("action_after_completion", "ActionAfterCompletion"),
    block(
        "flexible_time_window",
        "FlexibleTimeWindow",
        &[property("mode", "Mode"), property("maximum_window_in_minutes", "MaximumWindowInMinutes")],
    ),
    block(
        "target",
        "Target",
        &[
            property("arn", "Arn"),
            property("role_arn", "RoleArn"),
            property("input", "Input"),
            RETRY_POLICY,
            DEAD_LETTER_CONFIG,
            block("sqs_parameters", "SqsParameters", MESSAGE_GROUP),
            outside("ecs_parameters"),
            outside("eventbridge_parameters"),
            outside("kinesis_parameters"),
            outside("sagemaker_pipeline_parameters"),
        ],
    ),
    region(),
    arn(),
    // `<group>/<name>`, which nothing in AWS takes.
    provided("id"),
];

const EVENT_RULE: &[Argument] = &[
    property("name", "Name").or(ResourceAttribute::Name),
    name_prefix(),
    property("event_bus_name", BUS),
    property("description", "Description"),
    property("schedule_expression", "ScheduleExpression"),
    property("event_pattern", "EventPattern"),
    property("role_arn", "RoleArn"),
    property("state", "State"),
    read("is_enabled", |rule, held| {
        // `state` replaced it; where both stand, `state` is read later and wins, as in the provider.
        let Some(enabled) = rule.condition("is_enabled", &held) else { return };
        let side = |state: &str| Held::new(state, held.place.clone());
        let state = Value::choice(enabled, side("ENABLED"), side("DISABLED"));
        rule.put("State", Held::new(state, held.place));
    }),
    tags(),
    tags_all(),
    region(),
    ignored("force_destroy", FORCE_DESTROY),
    arn(),
    id(ResourceAttribute::Name),
];

const FORCE_DESTROY: &str = "how Terraform takes a rule away that a service manages";

const EVENT_TARGET: &[Argument] = &[
    property("rule", RULE),
    property("event_bus_name", BUS),
    property("target_id", "Id"),
    property("arn", "Arn"),
    property("role_arn", "RoleArn"),
    property("input", "Input"),
    property("input_path", "InputPath"),
    block(
        "input_transformer",
        "InputTransformer",
        &[property("input_paths", "InputPathsMap"), property("input_template", "InputTemplate")],
    ),
    RETRY_POLICY,
    DEAD_LETTER_CONFIG,
    block("sqs_target", "SqsParameters", MESSAGE_GROUP),
    region(),
    ignored("force_destroy", FORCE_DESTROY),
    provided("id"),
    outside("appsync_target"),
    outside("batch_target"),
    outside("ecs_target"),
    outside("http_target"),
    outside("kinesis_target"),
    outside("redshift_target"),
    outside("run_command_targets"),
    outside("sagemaker_pipeline_target"),
];
