//! `aws_apigatewayv2_*`: the HTTP API, what it calls, its routes and its stage.

use jit_runners_model::{
    Text,
    resource::{Api, Attribute, Integration, Kind, ResourceId, Route, Stage},
};

use super::{Emit, Emitted, Mocked};
use crate::terraform::{
    tree::{Contents, TemplatePart, literal, object, template},
    value::{attribute_of, expression, jsonencode, text},
};

impl Emit for Api {
    const TYPE: &'static str = "aws_apigatewayv2_api";
    const MOCKED: Mocked = &[(Attribute::Endpoint, "https://mock.execute-api.us-east-1.amazonaws.com")];

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { name, description } = self;
        Contents::new()
            .set("name", text(name))
            .set_literal("description", description)
            .set_literal("protocol_type", "HTTP")
            .into()
    }
}

impl Emit for Integration {
    const TYPE: &'static str = "aws_apigatewayv2_integration";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { api, function, timeout } = self;
        Contents::new()
            .set("api_id", expression(&api.api_id()))
            .set_literal("integration_type", "AWS_PROXY")
            .set_literal("integration_method", "POST")
            .set("integration_uri", expression(&function.arn()))
            .set_literal("payload_format_version", "2.0")
            .set("timeout_milliseconds", timeout.get() * 1_000)
            .into()
    }
}

impl Emit for Route {
    const TYPE: &'static str = "aws_apigatewayv2_route";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self { api, route_key, target } = self;
        let target = attribute_of(Kind::Integration, target.id(), Attribute::Id);
        Contents::new()
            .set("api_id", expression(&api.api_id()))
            .set_literal("route_key", route_key)
            // The function checks each request's signature.
            .set_literal("authorization_type", "NONE")
            .set("target", template([TemplatePart::Literal("integrations/"), TemplatePart::Value(target)]))
            .into()
    }
}

impl Emit for Stage {
    const TYPE: &'static str = "aws_apigatewayv2_stage";

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self {
            api,
            stage_name,
            // The ARN below is made from its name.
            access_log: _,
            access_log_arn,
            access_log_format,
            throttling_burst_limit,
            throttling_rate_limit,
        } = self;
        let format =
            object(access_log_format.iter().map(|(name, value)| (*name, text(&Text::literal(*value)))));
        Contents::new()
            .set("api_id", expression(&api.api_id()))
            .set("name", literal(stage_name))
            .set("auto_deploy", true)
            .block(
                "access_log_settings",
                Contents::new()
                    .set("destination_arn", text(access_log_arn))
                    .set("format", jsonencode(format)),
            )
            .block(
                "default_route_settings",
                Contents::new()
                    .set("throttling_burst_limit", *throttling_burst_limit)
                    .set("throttling_rate_limit", *throttling_rate_limit),
            )
            .into()
    }
}
