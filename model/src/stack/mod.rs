//! The deployment itself, data only, one concern a file.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment, resource::Queue};
//!
//! let deployment = Deployment::new(Choices::default())?;
//! let queues: Vec<_> = deployment.resources_of::<Queue>().map(|(id, _)| id.logical_id).collect();
//! assert_eq!(
//!     queues,
//!     ["ScaleUpDeadLetterQueue", "ScaleUpQueue", "LifecycleDeadLetterQueue", "LifecycleQueue"]
//! );
//! # Ok::<(), jit_runners_model::Refused>(())
//! ```

mod events;
mod functions;
mod ingress;
pub mod inputs;
mod observability;
mod runners;
mod state;

pub(crate) use inputs::{parameters, requirements};

use crate::{
    Ref,
    choices::Choices,
    contract::{Handler, PerHandler},
    deployment::{DeploymentBuilder, Output},
    resource::{Encryption, Function},
    text,
    value::{Expr, Text},
};

/// Adds every resource of the deployment, and returns its outputs.
pub(crate) fn assemble(builder: &mut DeploymentBuilder, choices: &Choices) -> Vec<Output> {
    let queues = state::add_queues(builder, choices);
    let table = state::add_table(builder, choices);
    let runners = runners::add(builder, choices, &table);
    let functions = functions::add(builder, choices, &queues, &table, &runners);
    let ingress = ingress::add(builder, choices, &functions);
    let events = events::add(builder, &functions, &queues, boundary(choices));
    runners::add_fleet(builder, &runners, &functions, &events);
    observability::add(builder, choices, &functions, &queues, &ingress);

    let arn = |cloudformation, terraform, handler: Handler| Output {
        cloudformation,
        terraform,
        description: match handler {
            Handler::Webhook => "ARN of the webhook function",
            Handler::ScaleUp => "ARN of the scale-up function",
            Handler::ScaleDown => "ARN of the scale-down function",
            Handler::Lifecycle => "ARN of the lifecycle function",
            Handler::Rebalancer => "ARN of the rebalancer function",
        },
        value: functions.function(handler).arn().into(),
    };
    let output = |cloudformation, terraform, description, value| Output {
        cloudformation,
        terraform,
        description,
        value,
    };
    vec![
        output(
            "WebhookUrl",
            "webhook_url",
            "The webhook URL to enter in the GitHub App's settings",
            text![ingress.api.endpoint(), ingress::PATH],
        ),
        arn("WebhookLambdaArn", "webhook_lambda_arn", Handler::Webhook),
        arn("ScaleUpLambdaArn", "scaleup_lambda_arn", Handler::ScaleUp),
        arn("ScaleDownLambdaArn", "scaledown_lambda_arn", Handler::ScaleDown),
        arn("LifecycleLambdaArn", "lifecycle_lambda_arn", Handler::Lifecycle),
        arn("RebalancerLambdaArn", "rebalancer_lambda_arn", Handler::Rebalancer),
        output(
            "DynamoDBTableName",
            "dynamodb_table_name",
            "The table of jobs and runners",
            table.name().into(),
        ),
        output("SQSQueueUrl", "sqs_queue_url", "The scale-up queue", queues.scale_up.url().into()),
        output(
            "LifecycleQueueUrl",
            "lifecycle_queue_url",
            "The lifecycle queue",
            queues.lifecycle.url().into(),
        ),
        output(
            "RunnerSecurityGroupId",
            "runner_security_group_id",
            "The security group of the runners",
            runners.security_group.group_id().into(),
        ),
        output(
            "RunnerInstanceProfileName",
            "runner_instance_profile_name",
            "The instance profile of the runners",
            runners.instance_profile.name().into(),
        ),
    ]
}

/// `<deployment><suffix>`: the name of nearly everything.
fn named(suffix: &'static str) -> Text {
    text![Expr::DeploymentName, suffix]
}

/// `<deployment>-<region><suffix>`: the name of what an account has only once over all regions (roles, instance
/// profiles, dashboards), so that deployments of one name in two regions do not collide.
fn named_in_region(suffix: &'static str) -> Text {
    text![Expr::DeploymentName, "-", Expr::Region, suffix]
}

/// How everything in the deployment is encrypted.
fn encryption(choices: &Choices) -> Encryption {
    kms_key(choices).map_or(Encryption::ServiceOwned, Encryption::CustomerManaged)
}

/// The customer-managed key, if there is one.
fn kms_key(choices: &Choices) -> Option<Text> {
    choices.kms_key.as_ref().map(|arn| Text::literal(arn.as_str()))
}

/// The permissions boundary of every role.
fn boundary(choices: &Choices) -> Option<Text> {
    choices.permissions_boundary.as_ref().map(|arn| Text::literal(arn.as_str()))
}

/// The five functions.
struct Functions {
    all: PerHandler<Ref<Function>>,
    log_groups: PerHandler<Ref<crate::resource::LogGroup>>,
    /// What becomes of an asynchronous invocation of scale-down that fails.
    scale_down_retries: Ref<crate::resource::EventInvokeConfig>,
}

impl Functions {
    fn function(&self, handler: Handler) -> &Ref<Function> {
        self.all.get(handler)
    }
}
