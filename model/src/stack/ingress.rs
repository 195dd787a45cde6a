//! The HTTP API: `POST /webhook`, and nothing else.

use super::{Functions, encryption, named};
use crate::{
    Ref,
    choices::Choices,
    contract::{Handler, arn},
    deployment::{Concern, DeploymentBuilder},
    policy::Service,
    resource::{Api, Integration, LogGroup, Permission, Route, Stage},
    text,
    unit::Seconds,
    value::Expr,
};

/// The path that GitHub posts to.
pub(super) const PATH: &str = "/webhook";

pub(super) struct Ingress {
    pub(super) api: Ref<Api>,
    pub(super) access_log: Ref<LogGroup>,
}

pub(super) fn add(builder: &mut DeploymentBuilder, choices: &Choices, functions: &Functions) -> Ingress {
    builder.concern(Concern::Ingress);
    let webhook = *functions.function(Handler::Webhook);
    let api = builder.add(
        "WebhookApi",
        "webhook",
        Api { name: named("-webhook"), description: "Receives webhooks of the GitHub App" },
    );
    let integration = builder.add(
        "WebhookIntegration",
        "webhook",
        // GitHub stops waiting after 10 s.
        Integration { api, function: webhook, timeout: Seconds::new(10) },
    );
    builder.add("WebhookRoute", "webhook", Route { api, route_key: "POST /webhook", target: integration });
    let access_log = builder.add(
        "AccessLogGroup",
        "access",
        LogGroup {
            // Under this prefix the service's permission to write is not counted against the account's ten policies:
            // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
            log_group_name: text!["/aws/vendedlogs/", Expr::DeploymentName, "-access"],
            retention: choices.functions.webhook.log_retention,
            encryption: encryption(choices),
        },
    );
    builder.add(
        "WebhookStage",
        "default",
        Stage {
            api,
            stage_name: "$default",
            access_log,
            access_log_arn: arn("logs", &text!["log-group:", access_log.name()]),
            access_log_format: vec![
                ("requestId", "$context.requestId"),
                ("ip", "$context.identity.sourceIp"),
                ("time", "$context.requestTime"),
                ("route", "$context.routeKey"),
                ("status", "$context.status"),
                ("latency", "$context.responseLatency"),
                ("error", "$context.integrationErrorMessage"),
            ],
            throttling_burst_limit: choices.throttling.burst,
            throttling_rate_limit: choices.throttling.rate,
        },
    );
    builder.add(
        "WebhookPermission",
        "webhook",
        Permission {
            function: webhook,
            service: Service::ApiGateway,
            source_arn: arn("execute-api", &text![api.api_id(), "/*/POST", PATH]),
        },
    );
    Ingress { api, access_log }
}
