//! `AWS::ApiGatewayV2`: the API, what it calls, its route and its stage.

use super::{Describe, FieldValue, Fields, Function, LogGroup, Ref, attributes};
use crate::{unit::Seconds, value::Text};

/// An HTTP API (<https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its name, at most 128 characters.
    pub name: Text,
    /// What it is for.
    pub description: &'static str,
}

impl Describe for Api {
    const IS_TAGGED: bool = true;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        Some((&self.name, 128))
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { name, description } = self;
        vec![("name", name.into()), ("description", (*description).into())]
    }
}

attributes! {
    Api {
        /// The API's id.
        api_id: Id,
        /// `https://<id>.execute-api.<region>.amazonaws.com`.
        endpoint: Endpoint,
    }
}

/// An HTTP API's call of a function with payload format 2.0 (`AWS::ApiGatewayV2::Integration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The API.
    pub api: Ref<Api>,
    /// The function.
    pub function: Ref<Function>,
    /// When the caller is told that the function did not answer: 50 ms to 30 s.
    pub timeout: Seconds,
}

impl Describe for Integration {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "Hands requests to the webhook function"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { api, function, timeout } = self;
        vec![("api", api.into()), ("function", function.into()), ("timeout_seconds", timeout.get().into())]
    }
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

impl Describe for Route {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "The one path that is answered"
    }

    fn fields(&self) -> Fields<'_> {
        let Self { api, route_key, target } = self;
        vec![("api", api.into()), ("route_key", (*route_key).into()), ("target", target.into())]
    }
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

impl Describe for Stage {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        "The deployed API, with its access log and limits"
    }

    fn fields(&self) -> Fields<'_> {
        let Self {
            api,
            stage_name,
            access_log,
            access_log_arn,
            access_log_format,
            throttling_burst_limit,
            throttling_rate_limit,
        } = self;
        vec![
            ("api", api.into()),
            ("stage_name", (*stage_name).into()),
            ("access_log", access_log.into()),
            ("access_log_arn", access_log_arn.into()),
            ("access_log_format", FieldValue::pairs(access_log_format)),
            ("throttling_burst_limit", (*throttling_burst_limit).into()),
            ("throttling_rate_limit", (*throttling_rate_limit).into()),
        ]
    }
}
