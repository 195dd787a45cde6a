//! API Gateway: the HTTP API, what it calls, its routes and its stage.

use jit_runners_model::{
    Choices, Expr,
    policy::Statement,
    resource::{Api, Integration, Route, Stage},
    text,
};

use super::{Grant, Grants, allow, cloudwatch::access_log};
use crate::deployer::PolicyArea;

impl Grants for Api {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis()]
    }
}

impl Grants for Integration {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis()]
    }
}

impl Grants for Route {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis()]
    }
}

impl Grants for Stage {
    fn grants(&self, _: &Choices) -> Vec<Grant> {
        vec![apis(), access_log()]
    }
}

/// The ids in their addresses are only known once they are there.
fn apis() -> Grant {
    let at = |path: &'static str| text!["arn:", Expr::Partition, ":apigateway:", Expr::Region, "::", path];
    let statement = allow(
        "Apis",
        "the HTTP API with its route and its stage; their ids are not known in advance, so this is for all HTTP APIs",
        &[
            "apigateway:DELETE",
            "apigateway:GET",
            "apigateway:PATCH",
            "apigateway:POST",
            "apigateway:PUT",
            "apigateway:TagResource",
            "apigateway:UntagResource",
        ],
        at("/apis"),
    );
    (
        PolicyArea::Services,
        Statement { resources: vec![at("/apis"), at("/apis/*"), at("/tags/*")], ..statement },
    )
}
