//! `aws_apigatewayv2_*`.

use super::super::argument::{
    Argument, Becomes, ResourceSchema, as_is, block, id, outside, property, provided, read, region, tags,
    tags_all,
};
use crate::graph::{Address, Kind, ResourceAttribute, Symbol, SymbolicText, symbolic_text};

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_apigatewayv2_api",
        becomes: Becomes::Node(Kind::Api),
        arguments: API,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_apigatewayv2_integration",
        becomes: Becomes::Node(Kind::Integration),
        arguments: INTEGRATION,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_apigatewayv2_route",
        becomes: Becomes::Node(Kind::Route),
        arguments: ROUTE,
        finish: as_is,
    },
    ResourceSchema {
        name: "aws_apigatewayv2_stage",
        becomes: Becomes::Node(Kind::Stage),
        arguments: STAGE,
        finish: as_is,
    },
];

const API: &[Argument] = &[
    property("name", "Name"),
    property("description", "Description"),
    property("protocol_type", "ProtocolType"),
    property("route_selection_expression", "RouteSelectionExpression"),
    property("api_key_selection_expression", "ApiKeySelectionExpression"),
    property("version", "Version"),
    property("ip_address_type", "IpAddressType"),
    property("disable_execute_api_endpoint", "DisableExecuteApiEndpoint"),
    block(
        "cors_configuration",
        "CorsConfiguration",
        &[
            property("allow_credentials", "AllowCredentials"),
            property("allow_headers", "AllowHeaders"),
            property("allow_methods", "AllowMethods"),
            property("allow_origins", "AllowOrigins"),
            property("expose_headers", "ExposeHeaders"),
            property("max_age", "MaxAge"),
        ],
    ),
    tags(),
    tags_all(),
    region(),
    id(ResourceAttribute::Id),
    provided("api_endpoint").or(ResourceAttribute::Endpoint),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    provided("arn").or_text(|api| {
        symbolic_text![
            "arn:",
            Symbol::Partition,
            ":apigateway:",
            Symbol::Region,
            "::/apis/",
            Symbol::attribute(Address::clone(api), ResourceAttribute::Id),
        ]
    }),
    provided("execution_arn").or_text(execution_arn),
    outside("body"),
    outside("credentials_arn"),
    outside("fail_on_warnings"),
    outside("route_key"),
    outside("target"),
];

/// `arn:<partition>:execute-api:<region>:<account>:<id>`, where the id of a stage in this text is that of its API,
/// a slash, and its name.
fn execution_arn(of: &Address) -> SymbolicText {
    symbolic_text![
        "arn:",
        Symbol::Partition,
        ":execute-api:",
        Symbol::Region,
        ":",
        Symbol::AccountId,
        ":",
        Symbol::attribute(Address::clone(of), ResourceAttribute::Id),
    ]
}

const INTEGRATION: &[Argument] = &[
    property("api_id", "ApiId"),
    property("description", "Description"),
    property("integration_type", "IntegrationType"),
    property("integration_method", "IntegrationMethod"),
    property("integration_uri", "IntegrationUri"),
    property("integration_subtype", "IntegrationSubtype"),
    property("credentials_arn", "CredentialsArn"),
    property("connection_type", "ConnectionType"),
    property("connection_id", "ConnectionId"),
    property("payload_format_version", "PayloadFormatVersion"),
    property("passthrough_behavior", "PassthroughBehavior"),
    property("timeout_milliseconds", "TimeoutInMillis"),
    property("request_parameters", "RequestParameters"),
    region(),
    id(ResourceAttribute::Id),
    provided("integration_response_selection_expression"),
    outside("content_handling_strategy"),
    outside("request_templates"),
    outside("response_parameters"),
    outside("template_selection_expression"),
    outside("tls_config"),
];

const ROUTE: &[Argument] = &[
    property("api_id", "ApiId"),
    property("route_key", "RouteKey"),
    property("target", "Target"),
    property("authorization_type", "AuthorizationType"),
    property("authorizer_id", "AuthorizerId"),
    property("authorization_scopes", "AuthorizationScopes"),
    property("api_key_required", "ApiKeyRequired"),
    property("operation_name", "OperationName"),
    region(),
    id(ResourceAttribute::Id),
    outside("model_selection_expression"),
    outside("request_models"),
    outside("request_parameter"),
    outside("route_response_selection_expression"),
];

const ROUTE_SETTINGS: &[Argument] = &[
    property("data_trace_enabled", "DataTraceEnabled"),
    property("detailed_metrics_enabled", "DetailedMetricsEnabled"),
    property("logging_level", "LoggingLevel"),
    property("throttling_burst_limit", "ThrottlingBurstLimit"),
    property("throttling_rate_limit", "ThrottlingRateLimit"),
];

const STAGE: &[Argument] = &[
    property("api_id", "ApiId"),
    property("name", "StageName"),
    property("description", "Description"),
    property("auto_deploy", "AutoDeploy"),
    property("deployment_id", "DeploymentId"),
    block(
        "access_log_settings",
        "AccessLogSettings",
        &[property("destination_arn", "DestinationArn"), property("format", "Format")],
    ),
    block("default_route_settings", "DefaultRouteSettings", ROUTE_SETTINGS),
    read("route_settings", |stage, held| {
        if let Some(by_route) = stage.by_name("route_settings", "route_key", ROUTE_SETTINGS, held) {
            stage.put("RouteSettings", by_route);
        }
    }),
    property("stage_variables", "StageVariables"),
    tags(),
    tags_all(),
    region(),
    id(ResourceAttribute::Name),
    // The stage's ARN has the API's id in it, which is not known where a reference is read.
    provided("arn"),
    provided("execution_arn").or_text(execution_arn),
    provided("invoke_url").or(ResourceAttribute::Endpoint),
    outside("client_certificate_id"),
];
