//! `AWS::ApiGatewayV2`: the API, its route and its stage. The integration stands with the function.

use super::{Integration, LogGroup};
use crate::{reference::Ref, value::Text};

/// An HTTP API (<https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its name, at most 128 characters.
    pub name: Text,
    /// What it is for.
    pub description: &'static str,
}

/// Which requests go where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The API.
    pub api: Ref<Api>,
    /// Method and path, for example `POST /webhook`.
    pub route_key: &'static str,
    /// Where they go.
    pub target: Ref<Integration>,
}

/// The deployed API, at the root of its address, deployed again by itself whenever a route changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The API.
    pub api: Ref<Api>,
    /// `$default`: no stage name in the address.
    pub stage_name: &'static str,
    /// Where requests are logged.
    pub access_log: Ref<LogGroup>,
    /// The ARN of that log group, without `:*`.
    pub access_log_arn: Text,
    /// What is logged of a request: names of the JSON object and `$context` variables.
    pub access_log_format: Vec<(&'static str, &'static str)>,
    /// Requests at once before the rate applies.
    pub throttling_burst_limit: u32,
    /// Requests per second.
    pub throttling_rate_limit: u32,
}
