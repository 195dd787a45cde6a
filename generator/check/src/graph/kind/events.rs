//! `AWS::Scheduler` and `AWS::Events`.

use super::{
    Arn, ArnPart, ArnScope, Facts, Field, Name, Off, OffValue, Shape, field, number, object, tags, text,
    texts,
};
use crate::graph::ResourceAttribute;

const RETRY_POLICY: Field =
    object("RetryPolicy", &[number("MaximumEventAgeInSeconds"), number("MaximumRetryAttempts")]);

pub(super) const SCHEDULE: Facts = Facts {
    cloudformation_type: "AWS::Scheduler::Schedule",
    identity: &["Name"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn)],
    // The id begins with the group.
    name: Some(Name { property: "Name", is_id: false }),
    arn: Some(Arn {
        service: "scheduler",
        scope: ArnScope::Region,
        name: &[
            ArnPart::Literal("schedule/"),
            ArnPart::PropertyOr("GroupName", "default"),
            ArnPart::Literal("/"),
            ArnPart::Property("Name"),
        ],
    }),
    attaches: false,
    off: &[Off { path: "FlexibleTimeWindow.MaximumWindowInMinutes", value: OffValue::Number("0") }],
    fields: &[
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
    ],
};

pub(super) const EVENT_RULE: Facts = Facts {
    cloudformation_type: "AWS::Events::Rule",
    identity: &["Name"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[("Arn", ResourceAttribute::Arn)],
    name: Some(Name { property: "Name", is_id: true }),
    arn: Some(Arn {
        service: "events",
        scope: ArnScope::Region,
        name: &[
            ArnPart::Literal("rule/"),
            ArnPart::PrefixUnless("EventBusName", "default"),
            ArnPart::Property("Name"),
        ],
    }),
    attaches: false,
    off: &[],
    fields: &[
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
    ],
};
