//! The HTTP API, what it calls, its routes and its stage.

use jit_runners_model::{
    Json,
    resource::{Api, Integration, Route, Stage},
};

use crate::cloudformation::{
    tree::{Intrinsic, Map, SubPiece},
    value::json_text,
};

pub(super) fn api(api: &Api) -> Map {
    let Api { name, description } = api;
    Map::new().with("Name", name).with("Description", *description).with("ProtocolType", "HTTP")
}

pub(super) fn integration(integration: &Integration) -> Map {
    let Integration { api, function, timeout } = integration;
    Map::new()
        .with("ApiId", *api)
        .with("IntegrationType", "AWS_PROXY")
        .with("IntegrationMethod", "POST")
        .with("IntegrationUri", function.arn())
        .with("PayloadFormatVersion", "2.0")
        .with("TimeoutInMillis", timeout.get() * 1_000)
}

pub(super) fn route(route: &Route) -> Map {
    let Route { api, route_key, target } = route;
    let target = vec![SubPiece::Literal("integrations/".to_owned()), SubPiece::Ref(target.id().logical_id)];
    Map::new()
        .with("ApiId", *api)
        .with("RouteKey", *route_key)
        .with("AuthorizationType", "NONE")
        .with("Target", Intrinsic::Sub(target))
}

pub(super) fn stage(stage: &Stage) -> Map {
    let Stage {
        api,
        stage_name,
        // Its ARN is what the stage asks for.
        access_log: _,
        access_log_arn,
        access_log_format,
        throttling_burst_limit,
        throttling_rate_limit,
    } = stage;
    let format = access_log_format.iter().map(|(name, variable)| (*name, Json::from(*variable))).collect();
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
