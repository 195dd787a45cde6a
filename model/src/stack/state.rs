//! What keeps state: the scale-up queue for jobs and the lifecycle queue for events, each with its dead-letter queue, and the one
//! table.

use super::{encryption, named};
use crate::{
    Ref,
    choices::Choices,
    contract::{arn, queue, table},
    deployment::{Concern, DeploymentBuilder},
    resource::{AttributeDefinition, AttributeType, GlobalSecondaryIndex, Queue, Redrive, Table},
    unit::Seconds,
    value::Text,
};

pub(super) struct Queues {
    pub(super) scale_up: Ref<Queue>,
    pub(super) scale_up_dlq: Ref<Queue>,
    pub(super) lifecycle: Ref<Queue>,
    pub(super) lifecycle_dlq: Ref<Queue>,
}

pub(super) fn add_queues(builder: &mut DeploymentBuilder, choices: &Choices) -> Queues {
    builder.concern(Concern::Queues);
    let working = |name, visibility, retention, redrive| Queue {
        queue_name: named(name),
        visibility_timeout: visibility,
        message_retention_period: retention,
        maximum_message_size: queue::MAXIMUM_MESSAGE_SIZE,
        receive_message_wait_time: Seconds::new(0),
        redrive: Some(redrive),
        redrive_allow: None,
        encryption: encryption(choices),
    };
    // The source is named by its ARN, not by a link: the two queues would wait for each other.
    let dead_letters = |name, source: Text| Queue {
        queue_name: named(name),
        visibility_timeout: Seconds::new(30),
        message_retention_period: queue::DEAD_LETTER_RETENTION,
        maximum_message_size: queue::MAXIMUM_MESSAGE_SIZE,
        receive_message_wait_time: Seconds::new(0),
        redrive: None,
        redrive_allow: Some(vec![arn("sqs", &source)]),
        encryption: encryption(choices),
    };

    let scale_up_dlq =
        builder.add("ScaleUpDeadLetterQueue", "scaleup_dlq", dead_letters("-scaleup-dlq", named("-scaleup")));
    let scale_up = builder.add(
        "ScaleUpQueue",
        "scaleup",
        working(
            "-scaleup",
            queue::SCALE_UP_VISIBILITY,
            queue::SCALE_UP_RETENTION,
            Redrive { dead_letter_target: scale_up_dlq, max_receive_count: queue::SCALE_UP_MAX_RECEIVES },
        ),
    );
    let lifecycle_dlq = builder.add(
        "LifecycleDeadLetterQueue",
        "lifecycle_dlq",
        dead_letters("-lifecycle-dlq", named("-lifecycle")),
    );
    let lifecycle = builder.add(
        "LifecycleQueue",
        "lifecycle",
        working(
            "-lifecycle",
            queue::LIFECYCLE_VISIBILITY,
            queue::LIFECYCLE_RETENTION,
            Redrive { dead_letter_target: lifecycle_dlq, max_receive_count: queue::LIFECYCLE_MAX_RECEIVES },
        ),
    );
    Queues { scale_up, scale_up_dlq, lifecycle, lifecycle_dlq }
}

/// Adds the table, as the contract describes it.
pub(super) fn add_table(builder: &mut DeploymentBuilder, choices: &Choices) -> Ref<Table> {
    let key = |name, kind| AttributeDefinition { name, kind };
    builder.concern(Concern::State).add(
        "RunnersTable",
        "runners",
        Table {
            table_name: named("-runners"),
            attribute_definitions: vec![
                key(table::LABEL_SET, AttributeType::Text),
                key(table::OPEN_KIND, AttributeType::Text),
                key(table::KEY, AttributeType::Text),
                key(table::SINCE, AttributeType::Number),
            ],
            hash_key: table::KEY,
            global_secondary_indexes: vec![
                GlobalSecondaryIndex {
                    index_name: table::BY_AGE,
                    hash_key: table::OPEN_KIND,
                    range_key: table::SINCE,
                },
                GlobalSecondaryIndex {
                    index_name: table::BY_LABEL_SET,
                    hash_key: table::LABEL_SET,
                    range_key: table::SINCE,
                },
            ],
            time_to_live_attribute: table::TTL,
            point_in_time_recovery: true,
            encryption: encryption(choices),
        },
    )
}
