//! `AWS::ApiGatewayV2`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html>).

use jit_runners_model::resource::{Api, Integration, Route, Stage};

use super::converter::{Converter, entries};
use crate::graph::{Properties, ResourceAttribute, Symbol, SymbolicText};

impl Converter {
    pub(super) fn api(&self, api: &Api) -> Properties {
        let Api { name, description } = api;
        entries([
            ("Name", self.text(name)),
            ("Description", self.held(*description)),
            ("ProtocolType", self.held("HTTP")),
        ])
    }

    pub(super) fn integration(&self, integration: &Integration) -> Properties {
        let Integration { api, function, timeout } = integration;
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("IntegrationType", self.held("AWS_PROXY")),
            // A function is always invoked by POST, whatever the request was.
            ("IntegrationMethod", self.held("POST")),
            ("IntegrationUri", self.attribute(function, ResourceAttribute::Arn)),
            ("PayloadFormatVersion", self.held("2.0")),
            ("TimeoutInMillis", self.held(timeout.get().saturating_mul(1_000))),
        ])
    }

    pub(super) fn route(&self, route: &Route) -> Properties {
        let Route { api, route_key, target } = route;
        let mut integration = SymbolicText::literal("integrations/");
        integration.push_symbol(Symbol::attribute(target.id().logical_id, ResourceAttribute::Id));
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("RouteKey", self.held(*route_key)),
            // Webhooks carry a signature, which the function checks.
            ("AuthorizationType", self.held("NONE")),
            ("Target", self.held(integration)),
        ])
    }

    pub(super) fn stage(&self, stage: &Stage) -> Properties {
        let Stage {
            api,
            stage_name,
            // The ARN names the group, too.
            access_log: _,
            access_log_arn,
            access_log_format,
            throttling_burst_limit,
            throttling_rate_limit,
        } = stage;
        let format = access_log_format.iter().map(|(name, value)| ((*name).to_owned(), self.held(*value)));
        let format = self.held(format.collect::<Properties>());
        entries([
            ("ApiId", self.attribute(api, ResourceAttribute::Id)),
            ("StageName", self.held(*stage_name)),
            ("AutoDeploy", self.held(true)),
            (
                "AccessLogSettings",
                self.map([("DestinationArn", self.text(access_log_arn)), ("Format", self.json(format))]),
            ),
            (
                "DefaultRouteSettings",
                self.map([
                    ("ThrottlingBurstLimit", self.held(*throttling_burst_limit)),
                    ("ThrottlingRateLimit", self.held(*throttling_rate_limit)),
                ]),
            ),
        ])
    }
}
