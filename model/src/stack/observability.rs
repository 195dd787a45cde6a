//! What people look at, and what wakes them: metric filters, alarms, dashboard.

use super::{Functions, ingress::Ingress, inputs, named, named_in_region, state::Queues};
use crate::{
    Ref,
    choices::Choices,
    contract::{Handler, log_line, metric, runner_release},
    deployment::{Concern, DeploymentBuilder},
    resource::{
        Alarm, Api, Comparison, Dashboard, Metric, MetricFilter, MissingData, Queue, Statistic, Widget,
    },
    unit::Seconds,
};

const MINUTE: Seconds = Seconds::from_minutes(1);
const FIVE_MINUTES: Seconds = Seconds::from_minutes(5);
const FIFTEEN_MINUTES: Seconds = Seconds::from_minutes(15);

pub(super) fn add(
    builder: &mut DeploymentBuilder,
    choices: &Choices,
    functions: &Functions,
    queues: &Queues,
    ingress: &Ingress,
) {
    builder.concern(Concern::Observability);
    metric_filters(builder, functions, ingress);
    if choices.alarms {
        queue_alarms(builder, queues);
        function_alarms(builder, functions, &ingress.api);
        refused_alarm(builder, &ingress.api);
        job_alarms(builder);
        release_alarm(builder);
    }
    if choices.dashboard {
        dashboard(builder, functions, queues, &ingress.api);
    }
}

/// Functions report their own metrics. Filters count what they cannot: that the rebalancer came to its end, and what
/// the API's own log says.
fn metric_filters(builder: &mut DeploymentBuilder, functions: &Functions, ingress: &Ingress) {
    let filter = |filter_name, log_group, filter_pattern, metric_name| MetricFilter {
        filter_name,
        log_group,
        filter_pattern,
        metric_namespace: metric::namespace(),
        metric_name,
    };
    builder.add(
        "RebalancerTicksFilter",
        "rebalancer_ticks",
        filter(
            "ticks",
            *functions.log_groups.get(Handler::Rebalancer),
            log_line::TICK_COMPLETE_FILTER,
            metric::REBALANCER_TICKS,
        ),
    );
    builder.add(
        "RefusedWebhooksFilter",
        "refused_webhooks",
        filter("refused", ingress.access_log, log_line::REFUSED_WEBHOOK_FILTER, metric::REFUSED_WEBHOOKS),
    );
}

fn queue_alarms(builder: &mut DeploymentBuilder, queues: &Queues) {
    let not_empty = |name, queue, alarm_description| Alarm {
        alarm_name: named(name),
        alarm_description,
        metric: visible(queue),
        statistic: Statistic::Maximum,
        period: MINUTE,
        evaluation_periods: 1,
        comparison: Comparison::GreaterThan,
        threshold: 0,
        missing_data: MissingData::NotBreaching,
        topic: inputs::ALARM_TOPIC_ARN,
    };
    builder.add(
        "ScaleUpDeadLettersAlarm",
        "scaleup_dead_letters",
        not_empty(
            "-scaleup-dead-letters",
            &queues.scale_up_dlq,
            "Jobs that scale-up could not serve in five tries. Read its log, mend the cause, redrive the queue.",
        ),
    );
    builder.add(
        "LifecycleDeadLettersAlarm",
        "lifecycle_dead_letters",
        not_empty(
            "-lifecycle-dead-letters",
            &queues.lifecycle_dlq,
            "Events that lifecycle could not process in five tries. Read its log, mend the cause, redrive the queue.",
        ),
    );
}

fn function_alarms(builder: &mut DeploymentBuilder, functions: &Functions, api: &Ref<Api>) {
    for handler in Handler::ALL {
        let (logical_id, label, suffix, alarm_description) = match handler {
            Handler::Webhook => (
                "WebhookErrorsAlarm",
                "webhook_errors",
                "-webhook-errors",
                "The webhook function keeps failing: jobs start late. Read its log.",
            ),
            Handler::ScaleUp => (
                "ScaleUpErrorsAlarm",
                "scaleup_errors",
                "-scaleup-errors",
                "The scale-up function keeps failing: jobs stay queued. Read its log.",
            ),
            Handler::ScaleDown => (
                "ScaleDownErrorsAlarm",
                "scaledown_errors",
                "-scaledown-errors",
                "The scale-down function keeps failing: stuck runners stay and cost money. Read its log.",
            ),
            Handler::Lifecycle => (
                "LifecycleErrorsAlarm",
                "lifecycle_errors",
                "-lifecycle-errors",
                "The lifecycle function keeps failing: ended jobs and lost instances go unnoticed. Read its log.",
            ),
            Handler::Rebalancer => (
                "RebalancerErrorsAlarm",
                "rebalancer_errors",
                "-rebalancer-errors",
                "The rebalancer keeps failing: lost webhooks are not made good. Read its log.",
            ),
        };
        builder.add(
            logical_id,
            label,
            Alarm {
                alarm_name: named(suffix),
                alarm_description,
                // An answer of 500 is no failed invocation, and a throttled one never starts: the API counts both.
                metric: match handler {
                    Handler::Webhook => of_api(api, "5xx"),
                    Handler::ScaleUp | Handler::ScaleDown | Handler::Lifecycle | Handler::Rebalancer => {
                        of_function(functions, handler, "Errors")
                    }
                },
                statistic: Statistic::Sum,
                period: FIVE_MINUTES,
                // One failure is retried or made good by the next run; two periods in a row are not chance.
                evaluation_periods: 2,
                comparison: Comparison::GreaterThan,
                threshold: 0,
                missing_data: MissingData::NotBreaching,
                topic: inputs::ALARM_TOPIC_ARN,
            },
        );
    }
}

/// Requests that the API or the function refuses: a secret that GitHub and the function do not share, more webhooks than
/// the API takes, or somebody who tries the address. Each job is three webhooks, so two jobs in a quarter of an hour are
/// enough to notice; a scanner that comes by once does not come back for the second one.
fn refused_alarm(builder: &mut DeploymentBuilder, api: &Ref<Api>) {
    builder.add(
        "WebhookRefusedAlarm",
        "webhook_refused",
        Alarm {
            alarm_name: named("-webhook-refused"),
            alarm_description: "Webhooks are refused: a wrong secret (401), or too many at once (429). The access log has each one's status.",
            metric: of_api(api, "4xx"),
            statistic: Statistic::Sum,
            period: FIFTEEN_MINUTES,
            evaluation_periods: 2,
            comparison: Comparison::GreaterThan,
            threshold: 5,
            missing_data: MissingData::NotBreaching,
            topic: inputs::ALARM_TOPIC_ARN,
        },
    );
}

fn job_alarms(builder: &mut DeploymentBuilder) {
    builder.add(
        "StrandedJobsAlarm",
        "stranded_jobs",
        Alarm {
            alarm_name: named("-stranded-jobs"),
            alarm_description: "For five minutes no runner has been coming for queued jobs. Look for capacity, quotas and permissions in scale-up's log.",
            metric: our(metric::STRANDED_JOBS),
            statistic: Statistic::Maximum,
            period: MINUTE,
            evaluation_periods: 5,
            comparison: Comparison::GreaterThan,
            threshold: 0,
            missing_data: MissingData::NotBreaching,
            topic: inputs::ALARM_TOPIC_ARN,
        },
    );
    builder.add(
        "TimeToStartAlarm",
        "time_to_start",
        Alarm {
            alarm_name: named("-time-to-start"),
            alarm_description: "One job in ten waits longer than five minutes. Look for fallbacks, throttling and slow boots.",
            metric: our(metric::TIME_TO_START),
            statistic: Statistic::P90,
            period: FIVE_MINUTES,
            evaluation_periods: 3,
            comparison: Comparison::GreaterThan,
            threshold: 300,
            missing_data: MissingData::NotBreaching,
            topic: inputs::ALARM_TOPIC_ARN,
        },
    );
    builder.add(
        "RebalancerSilentAlarm",
        "rebalancer_silent",
        Alarm {
            alarm_name: named("-rebalancer-silent"),
            alarm_description: "The rebalancer has not finished a tick for ten minutes. Look at its schedule and its log. (Right after the first deployment there are none yet.)",
            metric: our(metric::REBALANCER_TICKS),
            statistic: Statistic::Sum,
            period: FIVE_MINUTES,
            evaluation_periods: 2,
            comparison: Comparison::LessThan,
            threshold: 1,
            missing_data: MissingData::Breaching,
            topic: inputs::ALARM_TOPIC_ARN,
        },
    );
}

fn release_alarm(builder: &mut DeploymentBuilder) {
    builder.add(
        "ReleaseEndsAlarm",
        "release_ends",
        Alarm {
            alarm_name: named("-release-ends"),
            alarm_description: "GitHub soon gives no jobs to the runner's release any more. Give a newer RunnerVersion, or auto; if it is auto, read the log of the rebalancer.",
            metric: our(metric::RELEASE_DAYS_LEFT),
            // A release that was replaced meanwhile ends nothing.
            statistic: Statistic::Maximum,
            period: FIVE_MINUTES,
            evaluation_periods: 1,
            comparison: Comparison::LessThanOrEqual,
            threshold: runner_release::ALARMED_DAYS,
            missing_data: MissingData::NotBreaching,
            topic: inputs::ALARM_TOPIC_ARN,
        },
    );
}

fn dashboard(builder: &mut DeploymentBuilder, functions: &Functions, queues: &Queues, api: &Ref<Api>) {
    let graph = |title, statistic, metrics| Widget { title, metrics, statistic, period: FIVE_MINUTES };
    let all_functions = |name| Handler::ALL.map(|handler| of_function(functions, handler, name)).to_vec();
    builder.add(
        "Dashboard",
        "main",
        Dashboard {
            dashboard_name: named_in_region(""),
            widgets: vec![
                graph("Time to start in seconds (p90)", Statistic::P90, vec![our(metric::TIME_TO_START)]),
                graph(
                    "Gap and stranded jobs",
                    Statistic::Maximum,
                    vec![our(metric::GAP), our(metric::STRANDED_JOBS)],
                ),
                graph(
                    "Jobs, launches, fallbacks",
                    Statistic::Sum,
                    vec![our(metric::JOBS_QUEUED), our(metric::LAUNCHES), our(metric::FALLBACKS)],
                ),
                graph(
                    "Messages waiting",
                    Statistic::Maximum,
                    [&queues.scale_up, &queues.scale_up_dlq, &queues.lifecycle, &queues.lifecycle_dlq]
                        .map(visible)
                        .to_vec(),
                ),
                graph("Failed invocations", Statistic::Sum, all_functions("Errors")),
                graph("Duration in ms (p90)", Statistic::P90, all_functions("Duration")),
                graph(
                    "Webhooks, refused and failed",
                    Statistic::Sum,
                    ["Count", "4xx", "5xx"].map(|name| of_api(api, name)).to_vec(),
                ),
                graph(
                    "Ticks of the rebalancer, refused signatures",
                    Statistic::Sum,
                    vec![our(metric::REBALANCER_TICKS), our(metric::REFUSED_WEBHOOKS)],
                ),
            ],
        },
    );
}

fn our(name: &'static str) -> Metric {
    Metric { namespace: metric::namespace(), name, dimensions: Vec::new() }
}

fn visible(queue: &Ref<Queue>) -> Metric {
    Metric {
        namespace: "AWS/SQS".into(),
        name: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", queue.name().into())],
    }
}

/// A metric of the HTTP API (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>).
fn of_api(api: &Ref<Api>, name: &'static str) -> Metric {
    Metric { namespace: "AWS/ApiGateway".into(), name, dimensions: vec![("ApiId", api.api_id().into())] }
}

fn of_function(functions: &Functions, handler: Handler, name: &'static str) -> Metric {
    Metric {
        namespace: "AWS/Lambda".into(),
        name,
        dimensions: vec![("FunctionName", functions.function(handler).name().into())],
    }
}
