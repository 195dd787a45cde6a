//! `AWS::Scheduler` and `AWS::Events`.

use super::{Field, Shape, field, number, object, tags, text, texts};

const RETRY_POLICY: Field =
    object("RetryPolicy", &[number("MaximumEventAgeInSeconds"), number("MaximumRetryAttempts")]);

pub(super) const SCHEDULE: &[Field] = &[
    text("Name"),
    text("GroupName"),
    text("Description"),
    text("ScheduleExpression"),
    text("ScheduleExpressionTimezone"),
    text("State"),
    text("StartDate"),
    text("EndDate"),
    text("KmsKeyArn"),
    text("ActionAfterCompletion"),
    object("FlexibleTimeWindow", &[text("Mode"), number("MaximumWindowInMinutes")]),
    object(
        "Target",
        &[
            text("Arn"),
            text("RoleArn"),
            field("Input", Shape::MaybeDocument),
            RETRY_POLICY,
            object("DeadLetterConfig", &[text("Arn")]),
            object("SqsParameters", &[text("MessageGroupId")]),
        ],
    ),
    texts("DependsOn"),
    text("DeletionPolicy"),
];

pub(super) const EVENT_RULE: &[Field] = &[
    text("Name"),
    text("EventBusName"),
    text("Description"),
    text("ScheduleExpression"),
    field("EventPattern", Shape::Document(&Shape::Pattern)),
    text("RoleArn"),
    text("State"),
    field(
        "Targets",
        Shape::Keyed {
            key: "Id",
            value: None,
            item: &Shape::Object(&[
                text("Id"),
                text("Arn"),
                text("RoleArn"),
                field("Input", Shape::MaybeDocument),
                text("InputPath"),
                object(
                    "InputTransformer",
                    &[field("InputPathsMap", Shape::MapOf(&Shape::Text)), text("InputTemplate")],
                ),
                RETRY_POLICY,
                object("DeadLetterConfig", &[text("Arn")]),
                object("SqsParameters", &[text("MessageGroupId")]),
            ]),
        },
    ),
    text("DeletionPolicy"),
    tags(),
];
