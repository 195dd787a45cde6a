//! `AWS::ApiGatewayV2`.

use super::{
    Arn, ArnPart, ArnScope, Facts, Field, Name, Shape, field, flag, number, object, tags, text, texts,
};
use crate::graph::ResourceAttribute;

pub(super) const API: Facts = Facts {
    cloudformation_type: "AWS::ApiGatewayV2::Api",
    identity: &["Name"],
    reference: Some(ResourceAttribute::Id),
    attributes: &[("ApiEndpoint", ResourceAttribute::Endpoint), ("ApiId", ResourceAttribute::Id)],
    // The service makes the id.
    name: Some(Name { property: "Name", is_id: false }),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    arn: Some(Arn {
        service: "apigateway",
        scope: ArnScope::RegionOnly,
        name: &[ArnPart::Literal("/apis/"), ArnPart::Id],
    }),
    attaches: false,
    off: &[],
    fields: &[
        text("Name"),
        text("Description"),
        text("ProtocolType"),
        text("RouteSelectionExpression"),
        text("ApiKeySelectionExpression"),
        text("Version"),
        text("IpAddressType"),
        flag("DisableExecuteApiEndpoint"),
        object(
            "CorsConfiguration",
            &[
                flag("AllowCredentials"),
                texts("AllowHeaders"),
                texts("AllowMethods"),
                texts("AllowOrigins"),
                texts("ExposeHeaders"),
                number("MaxAge"),
            ],
        ),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const INTEGRATION: Facts = Facts {
    cloudformation_type: "AWS::ApiGatewayV2::Integration",
    identity: &["ApiId", "IntegrationUri"],
    reference: Some(ResourceAttribute::Id),
    attributes: &[("IntegrationId", ResourceAttribute::Id)],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("ApiId"),
        text("Description"),
        text("IntegrationType"),
        text("IntegrationMethod"),
        text("IntegrationUri"),
        text("IntegrationSubtype"),
        text("CredentialsArn"),
        text("ConnectionType"),
        text("ConnectionId"),
        text("PayloadFormatVersion"),
        text("PassthroughBehavior"),
        number("TimeoutInMillis"),
        field("RequestParameters", Shape::MapOf(&Shape::Text)),
        text("DeletionPolicy"),
    ],
};

pub(super) const ROUTE: Facts = Facts {
    cloudformation_type: "AWS::ApiGatewayV2::Route",
    identity: &["ApiId", "RouteKey"],
    reference: Some(ResourceAttribute::Id),
    attributes: &[("RouteId", ResourceAttribute::Id)],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("ApiId"),
        text("RouteKey"),
        text("Target"),
        text("AuthorizationType"),
        text("AuthorizerId"),
        texts("AuthorizationScopes"),
        flag("ApiKeyRequired"),
        text("OperationName"),
        text("DeletionPolicy"),
    ],
};

const ROUTE_SETTINGS: &[Field] = &[
    flag("DataTraceEnabled"),
    flag("DetailedMetricsEnabled"),
    text("LoggingLevel"),
    number("ThrottlingBurstLimit"),
    number("ThrottlingRateLimit"),
];

pub(super) const STAGE: Facts = Facts {
    cloudformation_type: "AWS::ApiGatewayV2::Stage",
    identity: &["ApiId", "StageName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[],
    name: Some(Name { property: "StageName", is_id: true }),
    arn: None,
    attaches: true,
    off: &[],
    fields: &[
        text("ApiId"),
        text("StageName"),
        text("Description"),
        flag("AutoDeploy"),
        text("DeploymentId"),
        object("AccessLogSettings", &[text("DestinationArn"), field("Format", Shape::MaybeDocument)]),
        object("DefaultRouteSettings", ROUTE_SETTINGS),
        field("RouteSettings", Shape::MapOf(&Shape::Object(ROUTE_SETTINGS))),
        field("StageVariables", Shape::MapOf(&Shape::Text)),
        text("DeletionPolicy"),
        tags(),
    ],
};
