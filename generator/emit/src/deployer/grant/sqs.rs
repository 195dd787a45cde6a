//! SQS: queues, and who may send to them.

use jit_runners_model::{
    Choices,
    contract::arn,
    resource::{Queue, QueuePolicy},
};

use super::{Grant, Grants, services};

impl Grants for Queue {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![services(
            "Queues",
            "the queues, and who may send to them",
            &[
                "sqs:CreateQueue",
                "sqs:GetQueueUrl",
                "sqs:GetQueueAttributes",
                "sqs:SetQueueAttributes",
                "sqs:DeleteQueue",
                "sqs:ListQueueTags",
                "sqs:TagQueue",
                "sqs:UntagQueue",
            ],
            arn("sqs", &self.queue_name),
        )]
    }
}

impl Grants for QueuePolicy {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        // An attribute of the queue, which has its own statement.
        Vec::new()
    }
}
