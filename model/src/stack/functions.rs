//! The five functions: log group, role, function, and what feeds the two that consume queues.

use super::{
    Functions, boundary, encryption, inputs, kms_key, named, named_in_region, runners::Runners, state::Queues,
};
use crate::{
    Ref,
    choices::Choices,
    contract::{self, Handler, PerHandler, Targets, arn, environment, handler_policy, metric},
    deployment::{Concern, DeploymentBuilder},
    policy::Service,
    resource::{EventInvokeConfig, EventSourceMapping, Function, LogGroup, Role, SystemLogLevel, Table},
    text,
    value::{Expr, Text},
};

pub(super) fn add(
    builder: &mut DeploymentBuilder,
    choices: &Choices,
    queues: &Queues,
    table: &Ref<Table>,
    runners: &Runners,
) -> Functions {
    let targets = targets(choices, queues, table, runners);
    let sources = sources(choices, queues, table, runners);

    builder.concern(Concern::Functions);
    let log_groups = PerHandler::from_fn(|handler| {
        let id = ids(handler);
        builder.add(
            id.log_group,
            handler.name(),
            LogGroup {
                log_group_name: text!["/aws/lambda/", Expr::DeploymentName, "-", handler.name()],
                retention: choices.functions.get(handler).log_retention,
                encryption: encryption(choices),
            },
        )
    });
    builder.concern(Concern::Permissions);
    let roles = PerHandler::from_fn(|handler| {
        let log_group = arn("logs", &text!["log-group:", log_groups.get(handler).name()]);
        let id = ids(handler);
        builder.add(
            id.role,
            handler.name(),
            Role {
                role_name: named_in_region(id.suffix),
                description: id.role_description,
                trusted: Service::Lambda,
                trust_conditions: Vec::new(),
                policy: handler_policy(handler, &log_group, &targets),
                permissions_boundary: boundary(choices),
            },
        )
    });
    builder.concern(Concern::Functions);
    let functions = PerHandler::from_fn(|handler| {
        let id = ids(handler);
        let chosen = choices.functions.get(handler);
        builder.add(
            id.function,
            handler.name(),
            Function {
                handler,
                function_name: named(id.suffix),
                description: handler.purpose(),
                role: *roles.get(handler),
                architecture: choices.architecture,
                memory_size: chosen.memory,
                timeout: chosen.timeout,
                s3_bucket: inputs::LAMBDA_S3_BUCKET,
                s3_key: inputs::package_key(handler),
                environment: environment::declare(handler, &sources),
                kms_key_arn: kms_key(choices),
                log_group: *log_groups.get(handler),
                system_log_level: match handler {
                    // Anybody can post to its address, and three requests for each job are its usual day.
                    Handler::Webhook => SystemLogLevel::Warn,
                    Handler::ScaleUp | Handler::ScaleDown | Handler::Lifecycle | Handler::Rebalancer => {
                        SystemLogLevel::Info
                    }
                },
            },
        )
    });
    let scale_down_retries = feed(builder, &functions, queues);
    Functions { all: functions, log_groups, scale_down_retries }
}

fn feed(
    builder: &mut DeploymentBuilder,
    functions: &PerHandler<Ref<Function>>,
    queues: &Queues,
) -> Ref<EventInvokeConfig> {
    builder.add(
        "ScaleUpEventSource",
        "scaleup",
        EventSourceMapping {
            event_source: queues.scale_up,
            function: functions.scaleup,
            batch_size: contract::queue::BATCH_SIZE,
            maximum_concurrency: contract::queue::SCALE_UP_CONCURRENCY,
        },
    );
    builder.add(
        "LifecycleEventSource",
        "lifecycle",
        EventSourceMapping {
            event_source: queues.lifecycle,
            function: functions.lifecycle,
            batch_size: contract::queue::BATCH_SIZE,
            maximum_concurrency: contract::queue::LIFECYCLE_CONCURRENCY,
        },
    );
    // The next run comes anyway, and sees newer facts.
    let no_retry = |function| EventInvokeConfig {
        function,
        maximum_event_age: contract::schedule::LONGEST_DELAY,
        maximum_retry_attempts: 0,
    };
    let scale_down = builder.add("ScaleDownInvokeConfig", "scaledown", no_retry(functions.scaledown));
    builder.add("RebalancerInvokeConfig", "rebalancer", no_retry(functions.rebalancer));
    scale_down
}

fn targets(choices: &Choices, queues: &Queues, table: &Ref<Table>, runners: &Runners) -> Targets {
    Targets {
        webhook_secret: Expr::Parameter(inputs::WEBHOOK_SECRET_ARN).into(),
        private_key: Expr::Parameter(inputs::PRIVATE_KEY_ARN).into(),
        scale_up_queue: queues.scale_up.arn().into(),
        lifecycle_queue: queues.lifecycle.arn().into(),
        table: table.arn().into(),
        runner_role: runners.role.arn().into(),
        runner_instance_profile: runners.instance_profile.arn().into(),
        runner_security_group: arn("ec2", &text!["security-group/", runners.security_group.group_id()]),
        vpc: arn("ec2", &text!["vpc/", Expr::Parameter(inputs::VPC_ID)]),
        kms_key: kms_key(choices),
    }
}

fn sources(
    choices: &Choices,
    queues: &Queues,
    table: &Ref<Table>,
    runners: &Runners,
) -> environment::Sources {
    let input = |id| Text::from(Expr::Parameter(id));
    environment::Sources {
        deployment: Expr::DeploymentName.into(),
        metrics_namespace: metric::namespace(),
        github_api_url: Text::literal(choices.github_api_url.as_str()),
        github_app_id: input(inputs::GITHUB_APP_ID),
        github_installation_id: input(inputs::GITHUB_INSTALLATION_ID),
        webhook_secret_arn: input(inputs::WEBHOOK_SECRET_ARN),
        private_key_arn: input(inputs::PRIVATE_KEY_ARN),
        scale_up_queue_url: queues.scale_up.url().into(),
        lifecycle_queue_url: queues.lifecycle.url().into(),
        table_name: table.name().into(),
        label_mappings: input(inputs::LABEL_MAPPINGS),
        default_instance_type: input(inputs::DEFAULT_INSTANCE_TYPE),
        default_ami: input(inputs::DEFAULT_AMI),
        subnet_ids: Expr::JoinedParameter(inputs::SUBNET_IDS).into(),
        security_group_id: runners.security_group.group_id().into(),
        instance_profile_arn: runners.instance_profile.arn().into(),
        runner_role_id: runners.role.unique_id().into(),
        runner_version: input(inputs::RUNNER_VERSION),
        runner_checksums: input(inputs::RUNNER_CHECKSUMS),
        runner_scope: Text::literal(choices.runners.scope.as_str()),
        runner_group_id: Text::literal(choices.runners.group.to_string()),
        max_runners: input(inputs::MAX_RUNNERS),
        // A cap as high as the cap of all together says nothing of its own, so it follows the input.
        max_runners_per_repository: if choices.runners.max_per_repository == choices.runners.max {
            input(inputs::MAX_RUNNERS)
        } else {
            Text::literal(choices.runners.max_per_repository.to_string())
        },
        paused: input(inputs::PAUSED),
        stale_threshold: input(inputs::STALE_THRESHOLD_MINUTES),
        max_runner_age: input(inputs::MAX_RUNNER_AGE_MINUTES),
        max_re_enqueue_attempts: input(inputs::MAX_RE_ENQUEUE_ATTEMPTS),
    }
}

/// Names of one function's resources.
struct Ids {
    suffix: &'static str,
    function: &'static str,
    role: &'static str,
    role_description: &'static str,
    log_group: &'static str,
}

const fn ids(handler: Handler) -> Ids {
    match handler {
        Handler::Webhook => Ids {
            suffix: "-webhook",
            function: "WebhookFunction",
            role: "WebhookRole",
            role_description: "What the webhook function may do",
            log_group: "WebhookLogGroup",
        },
        Handler::ScaleUp => Ids {
            suffix: "-scaleup",
            function: "ScaleUpFunction",
            role: "ScaleUpRole",
            role_description: "What the scale-up function may do",
            log_group: "ScaleUpLogGroup",
        },
        Handler::ScaleDown => Ids {
            suffix: "-scaledown",
            function: "ScaleDownFunction",
            role: "ScaleDownRole",
            role_description: "What the scale-down function may do",
            log_group: "ScaleDownLogGroup",
        },
        Handler::Lifecycle => Ids {
            suffix: "-lifecycle",
            function: "LifecycleFunction",
            role: "LifecycleRole",
            role_description: "What the lifecycle function may do",
            log_group: "LifecycleLogGroup",
        },
        Handler::Rebalancer => Ids {
            suffix: "-rebalancer",
            function: "RebalancerFunction",
            role: "RebalancerRole",
            role_description: "What the rebalancer may do",
            log_group: "RebalancerLogGroup",
        },
    }
}
