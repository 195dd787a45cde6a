//! `AWS::ApiGatewayV2`: the HTTP API, what it calls, its routes and its stage.

use jit_runners_model::{
    Json,
    resource::{Api, Attribute, Integration, Route, Stage},
};

use super::{Attributes, Emit, TagShape};
use crate::cloudformation::{
    tree::{Intrinsic, Map, SubPiece},
    value::json_text,
};

impl Emit for Api {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Api";
    const ATTRIBUTES: Attributes = &[(Attribute::Endpoint, "ApiEndpoint")];
    const TAGS: TagShape = TagShape::Map;

    fn properties(&self) -> Map {
        let Self { name, description } = self;
        Map::new().with("Name", name).with("Description", *description).with("ProtocolType", "HTTP")
    }
}

impl Emit for Integration {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Integration";

    fn properties(&self) -> Map {
        let Self { api, function, timeout } = self;
        Map::new()
            .with("ApiId", *api)
            .with("IntegrationType", "AWS_PROXY")
            .with("IntegrationMethod", "POST")
            .with("IntegrationUri", function.arn())
            .with("PayloadFormatVersion", "2.0")
            .with("TimeoutInMillis", timeout.get() * 1_000)
    }
}

impl Emit for Route {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Route";

    fn properties(&self) -> Map {
        let Self { api, route_key, target } = self;
        let target =
            vec![SubPiece::Literal("integrations/".to_owned()), SubPiece::Ref(target.id().logical_id)];
        Map::new()
            .with("ApiId", *api)
            .with("RouteKey", *route_key)
            .with("AuthorizationType", "NONE")
            .with("Target", Intrinsic::Sub(target))
    }
}

impl Emit for Stage {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Stage";
    const TAGS: TagShape = TagShape::Map;

    fn properties(&self) -> Map {
        let Self {
            api,
            stage_name,
            // Its ARN is what the stage asks for.
            access_log: _,
            access_log_arn,
            access_log_format,
            throttling_burst_limit,
            throttling_rate_limit,
        } = self;
        let format =
            access_log_format.iter().map(|(name, variable)| (*name, Json::from(*variable))).collect();
        Map::new()
            .with("ApiId", *api)
            .with("StageName", *stage_name)
            .with("AutoDeploy", true)
            .with(
                "AccessLogSettings",
                Map::new()
                    .with("DestinationArn", access_log_arn)
                    .with("Format", &json_text(&Json::Object(format))),
            )
            .with(
                "DefaultRouteSettings",
                Map::new()
                    .with("ThrottlingBurstLimit", *throttling_burst_limit)
                    .with("ThrottlingRateLimit", *throttling_rate_limit),
            )
    }
}
