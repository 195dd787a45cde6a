//! API Gateway's HTTP APIs.

use super::{
    super::Rule,
    Default,
    Literal::{Flag, Number, Text},
    When, fill_in, provider, service,
};
use crate::graph::{Graph, Kind};

pub(in super::super) const RULE: Rule = Rule {
    name: "defaults of API Gateway",
    says: "An HTTP API has what API Gateway, or the Terraform provider, gives it when nobody says.",
    source: API,
    apply,
};

const API: &str = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html";
const SELECTION: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html";
const INTEGRATION: &str =
    "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html";
const INTEGRATION_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/apigatewayv2_integration.html.markdown";
const ROUTE: &str = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html";
const STAGE: &str = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html";
/// Where the block is there, the provider sends 0 for a limit that is not, and 0 lets no request through.
const STAGE_PROVIDER: &str = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/apigatewayv2/stage.go";

pub(super) const DEFAULTS: &[Default] = &[
    service(Kind::Api, "RouteSelectionExpression", Text("$request.method $request.path"), SELECTION)
        .when(When::Is("ProtocolType", "HTTP")),
    service(Kind::Api, "ApiKeySelectionExpression", Text("$request.header.x-api-key"), SELECTION),
    service(Kind::Api, "DisableExecuteApiEndpoint", Flag(false), API),
    service(Kind::Api, "IpAddressType", Text("ipv4"), API),
    service(Kind::Api, "CorsConfiguration?.AllowCredentials", Flag(false), API),
    service(Kind::Api, "CorsConfiguration?.MaxAge", Number(0), API),
    service(Kind::Integration, "ConnectionType", Text("INTERNET"), INTEGRATION),
    service(Kind::Integration, "TimeoutInMillis", Number(30_000), INTEGRATION),
    // A template must state the version.
    provider(Kind::Integration, "PayloadFormatVersion", Text("1.0"), INTEGRATION_PROVIDER),
    // Lambda is always invoked by POST.
    service(Kind::Integration, "IntegrationMethod", Text("POST"), INTEGRATION)
        .when(When::Is("IntegrationType", "AWS_PROXY")),
    service(Kind::Route, "AuthorizationType", Text("NONE"), ROUTE),
    service(Kind::Route, "ApiKeyRequired", Flag(false), ROUTE),
    service(Kind::Stage, "AutoDeploy", Flag(false), STAGE),
    provider(Kind::Stage, "DefaultRouteSettings?.ThrottlingBurstLimit", Number(0), STAGE_PROVIDER),
    provider(Kind::Stage, "DefaultRouteSettings?.ThrottlingRateLimit", Number(0), STAGE_PROVIDER),
    provider(Kind::Stage, "RouteSettings?.*.ThrottlingBurstLimit", Number(0), STAGE_PROVIDER),
    provider(Kind::Stage, "RouteSettings?.*.ThrottlingRateLimit", Number(0), STAGE_PROVIDER),
    service(Kind::Stage, "DefaultRouteSettings.DetailedMetricsEnabled", Flag(false), STAGE),
    service(Kind::Stage, "DefaultRouteSettings.DataTraceEnabled", Flag(false), STAGE),
    service(Kind::Stage, "RouteSettings?.*.DetailedMetricsEnabled", Flag(false), STAGE),
    service(Kind::Stage, "RouteSettings?.*.DataTraceEnabled", Flag(false), STAGE),
];

fn apply(graph: &mut Graph) {
    fill_in(graph, DEFAULTS, RULE.name);
}
