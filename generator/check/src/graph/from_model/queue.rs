//! `AWS::SQS`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html>).

use jit_runners_model::resource::{Encryption, Queue, QueuePolicy, Redrive};

use super::converter::{Converter, entries};
use crate::graph::{Properties, ResourceAttribute};

impl Converter {
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
}
