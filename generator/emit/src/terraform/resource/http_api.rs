//! The HTTP API: API, integration, route, stage.

use jit_runners_model::{
    Text,
    resource::{Api, Attribute, Integration, Kind, Route, Stage},
};

use super::Emitted;
use crate::terraform::{
    tree::{Contents, TemplatePart, literal, object, template},
    value::{attribute_of, expression, jsonencode, text},
};

pub(super) fn api(api: &Api) -> Emitted {
    let Api { name, description } = api;
    Contents::new()
        .set("name", text(name))
        .set_literal("description", description)
        .set_literal("protocol_type", "HTTP")
        .into()
}

pub(super) fn integration(integration: &Integration) -> Emitted {
    let Integration { api, function, timeout } = integration;
    Contents::new()
        .set("api_id", expression(&api.api_id()))
        .set_literal("integration_type", "AWS_PROXY")
        .set_literal("integration_method", "POST")
        .set("integration_uri", expression(&function.arn()))
        .set_literal("payload_format_version", "2.0")
        .set("timeout_milliseconds", timeout.get() * 1_000)
        .into()
}

pub(super) fn route(route: &Route) -> Emitted {
    let Route { api, route_key, target } = route;
    let target = attribute_of(Kind::Integration, target.id(), Attribute::Id);
    Contents::new()
        .set("api_id", expression(&api.api_id()))
        .set_literal("route_key", route_key)
        // The function checks each request's signature.
        .set_literal("authorization_type", "NONE")
        .set("target", template([TemplatePart::Literal("integrations/"), TemplatePart::Value(target)]))
        .into()
}

pub(super) fn stage(stage: &Stage) -> Emitted {
    let Stage {
        api,
        stage_name,
        // The ARN below is made from its name.
        access_log: _,
        access_log_arn,
        access_log_format,
        throttling_burst_limit,
        throttling_rate_limit,
    } = stage;
    let format = object(access_log_format.iter().map(|(name, value)| (*name, text(&Text::literal(*value)))));
    Contents::new()
        .set("api_id", expression(&api.api_id()))
        .set("name", literal(stage_name))
        .set("auto_deploy", true)
        .block(
            "access_log_settings",
            Contents::new().set("destination_arn", text(access_log_arn)).set("format", jsonencode(format)),
        )
        .block(
            "default_route_settings",
            Contents::new()
                .set("throttling_burst_limit", *throttling_burst_limit)
                .set("throttling_rate_limit", *throttling_rate_limit),
        )
        .into()
}
