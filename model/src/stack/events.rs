//! What happens without a webhook: the two loops, and EC2's own events.

use super::{Functions, named, named_in_region, state::Queues};
use crate::{
    Ref,
    contract::{Handler, schedule},
    deployment::{Concern, DeploymentBuilder},
    policy::{Operator, Policy, PolicyCondition, Service, Statement},
    resource::{EventPattern, EventRule, QueuePolicy, Role, Schedule},
    unit::Seconds,
    value::{Expr, Text},
};

pub(super) struct Events {
    pub(super) scale_down_schedule: Ref<Schedule>,
}

pub(super) fn add(
    builder: &mut DeploymentBuilder,
    functions: &Functions,
    queues: &Queues,
    boundary: Option<Text>,
) -> Events {
    let scale_down_schedule = schedules(builder, functions, boundary);
    ec2_events(builder, queues);
    Events { scale_down_schedule }
}

fn schedules(
    builder: &mut DeploymentBuilder,
    functions: &Functions,
    permissions_boundary: Option<Text>,
) -> Ref<Schedule> {
    let (scale_down, rebalancer) =
        (*functions.function(Handler::ScaleDown), *functions.function(Handler::Rebalancer));
    let role = builder.concern(Concern::Permissions).add(
        "SchedulerRole",
        "scheduler",
        Role {
            role_name: named_in_region("-scheduler"),
            description: "Lets EventBridge Scheduler invoke the two functions that run on a schedule",
            trusted: Service::Scheduler,
            // Another account's schedule must not borrow the role:
            // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
            trust_conditions: vec![PolicyCondition::new(
                Operator::StringEquals,
                "aws:SourceAccount",
                Expr::AccountId,
            )],
            policy: Policy {
                statements: vec![Statement {
                    sid: "InvokeScheduled",
                    reason: "start the two functions that run on a schedule",
                    service: None,
                    actions: vec!["lambda:InvokeFunction"],
                    resources: vec![scale_down.arn().into(), rebalancer.arn().into()],
                    conditions: Vec::new(),
                }],
            },
            permissions_boundary,
        },
    );
    builder.concern(Concern::Events);
    let every = |name, description, rate: Seconds, target| Schedule {
        name: named(name),
        description,
        rate_minutes: rate.get() / 60,
        target,
        role,
        maximum_event_age: Seconds::from_minutes(1),
        maximum_retry_attempts: 0,
    };
    let scale_down_schedule = builder.add(
        "ScaleDownSchedule",
        "scaledown",
        every("-scaledown", "Runs scale-down", schedule::SCALE_DOWN_RATE, scale_down),
    );
    builder.add(
        "RebalancerSchedule",
        "rebalancer",
        every("-rebalancer", "Runs the rebalancer", schedule::REBALANCER_RATE, rebalancer),
    );
    scale_down_schedule
}

fn ec2_events(builder: &mut DeploymentBuilder, queues: &Queues) {
    let lifecycle = queues.lifecycle;
    let interruption = builder.add(
        "SpotInterruptionRule",
        "spot_interruption",
        EventRule {
            name: named("-spot-interruption"),
            description: "Tells lifecycle that EC2 will take a spot instance back",
            pattern: EventPattern {
                source: "aws.ec2",
                detail_type: "EC2 Spot Instance Interruption Warning",
                detail: None,
            },
            target_id: "lifecycle",
            target: lifecycle,
        },
    );
    let state = builder.add(
        "InstanceStateRule",
        "instance_state",
        EventRule {
            name: named("-instance-state"),
            description: "Tells lifecycle that an instance came to its end",
            pattern: EventPattern {
                source: "aws.ec2",
                detail_type: "EC2 Instance State-change Notification",
                detail: Some(("state", &["shutting-down", "stopped", "stopping", "terminated"])),
            },
            target_id: "lifecycle",
            target: lifecycle,
        },
    );
    builder.add(
        "LifecycleQueuePolicy",
        "lifecycle",
        QueuePolicy {
            queue: lifecycle,
            policy: Policy {
                statements: vec![Statement {
                    sid: "ReceiveInstanceEvents",
                    reason: "let the two rules hand over EC2's events",
                    service: Some(Service::Events),
                    actions: vec!["sqs:SendMessage"],
                    resources: vec![lifecycle.arn().into()],
                    conditions: vec![PolicyCondition {
                        operator: Operator::ArnEquals,
                        key: "aws:SourceArn".to_owned(),
                        values: vec![interruption.arn().into(), state.arn().into()],
                    }],
                }],
            },
        },
    );
}
