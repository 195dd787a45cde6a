//! AWS's query protocol: a signed form, answered in XML
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html>).

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector as _, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use http::{Method, Request, StatusCode, header};
use jit_runners_runtime::port::AccountError;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{clock::now, cloud::Cloud};

/// A call that takes longer has no answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A service that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// The same in all regions of a partition.
    Iam,
    /// One in each region.
    CloudFormation,
}

/// Where a service answers, and for which region a request to it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// The address, without a path.
    pub(super) address: String,
    /// The region.
    pub(super) region: String,
}

impl Service {
    /// Its name in signatures and, in capitals, in the names of variables.
    const fn name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::CloudFormation => "cloudformation",
        }
    }

    /// The version of its API.
    const fn version(self) -> &'static str {
        match self {
            Self::Iam => "2010-05-08",
            Self::CloudFormation => "2010-05-15",
        }
    }

    /// Its endpoint for a function in `region` (<https://docs.aws.amazon.com/general/latest/gr/iam-service.html>,
    /// <https://docs.aws.amazon.com/general/latest/gr/cfn.html>).
    pub(super) fn endpoint(self, region: &str) -> Endpoint {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let (host, region) = match self {
            Self::Iam if region.starts_with("us-gov-") => ("iam.us-gov".to_owned(), "us-gov-west-1"),
            Self::Iam if region.starts_with("cn-") => ("iam.cn-north-1".to_owned(), "cn-north-1"),
            Self::Iam => ("iam".to_owned(), "us-east-1"),
            Self::CloudFormation => (format!("cloudformation.{region}"), region),
        };
        Endpoint { address: format!("https://{host}.{domain}"), region: region.to_owned() }
    }
}

/// Whoever asks.
pub(super) struct Caller {
    region: String,
    credentials: Option<SharedCredentialsProvider>,
    connector: Connector,
    endpoints: [Option<String>; 2],
}

impl fmt::Debug for Caller {
    /// Without credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Caller {
    pub(super) fn new(cloud: &Cloud) -> Self {
        let endpoint = |service: Service| cloud.endpoint_of(service.name());
        Self {
            region: cloud.region(),
            credentials: cloud.credentials(),
            connector: connector(),
            endpoints: [Service::Iam, Service::CloudFormation].map(endpoint),
        }
    }

    pub(super) const fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Calls `action`; every answer other than success is a refusal.
    pub(super) async fn call(
        &self,
        service: Service,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Xml, AccountError> {
        let mut form = format!("Action={action}&Version={}", service.version());
        for (name, value) in parameters {
            form.extend(["&", name, "="].into_iter().chain(utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
        let request = self.signed(service, form).await?;
        let (status, body) = exchange(&self.connector, request).await?;
        let answer = Xml(body);
        if status.is_success() {
            return Ok(answer);
        }
        let error = |name| answer.text(&["Error", name]).or_else(|| answer.text(&["Errors", "Error", name]));
        Err(match error("Code") {
            Some(code) => AccountError::Refused { code, message: error("Message").unwrap_or_default() },
            None => AccountError::Unknown(format!("status {} without an error code", status.as_u16())),
        })
    }

    async fn signed(&self, service: Service, form: String) -> Result<HttpRequest, AccountError> {
        let unsigned = |what: &str| AccountError::Unknown(format!("the request cannot be signed: {what}"));
        let provider = self.credentials.as_ref().ok_or_else(|| unsigned("no credentials"))?;
        let identity = provider.provide_credentials().await.map_err(|_| unsigned("no credentials"))?.into();
        let mut endpoint = service.endpoint(&self.region);
        if let Some(address) = &self.endpoints[service as usize] {
            address.trim_end_matches('/').clone_into(&mut endpoint.address);
        }
        let url = format!("{}/", endpoint.address);
        let host = endpoint.address.split_once("://").map_or("", |(_, host)| host);
        let time: SystemTime = UNIX_EPOCH + Duration::from_millis(now().as_millis());
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&endpoint.region)
            .name(service.name())
            .time(time)
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| unsigned("a value is missing"))?
            .into();
        let headers = [("host", host), ("content-type", FORM)];
        let body = SignableBody::Bytes(form.as_bytes());
        let signable = SignableRequest::new("POST", &url, headers.into_iter(), body);
        let signable = signable.map_err(|_| unsigned("its address"))?;
        let (instructions, _) =
            sign(signable, &parameters).map_err(|_| unsigned("its signature"))?.into_parts();
        let mut request =
            Request::builder().method(Method::POST).uri(&url).header(header::CONTENT_TYPE, FORM);
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        let request = request.body(SdkBody::from(form)).map_err(|_| unsigned("its headers"))?;
        HttpRequest::try_from(request).map_err(|_| unsigned("its parts"))
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A separate connection pool: only one function makes these calls, and rarely.
pub(super) fn connector() -> Connector {
    Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}

/// Sends a request, and waits for the whole answer. Errors do not contain the address, which may be a secret.
pub(super) async fn exchange(
    connector: &Connector,
    request: HttpRequest,
) -> Result<(StatusCode, String), AccountError> {
    let unknown = |what: &str| AccountError::Unknown(what.to_owned());
    let exchange = async {
        let response = connector.call(request).await.map_err(|error| {
            unknown(if error.is_timeout() { "the connection timed out" } else { "the connection failed" })
        })?;
        let status = StatusCode::from_u16(response.status().as_u16());
        let status = status.map_err(|_| unknown("a status that is none"))?;
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|_| unknown("the answer broke off"))?.into_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    };
    let answer = tokio::time::timeout(TIMEOUT, exchange).await;
    answer.unwrap_or_else(|_| Err(AccountError::Unknown(format!("nothing came in {} s", TIMEOUT.as_secs()))))
}

/// An answer in XML.
#[derive(Debug)]
pub(super) struct Xml(pub(super) String);

impl Xml {
    /// The text of the first element at `path` below the root.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        let mut document = Document::new(&self.0);
        find(&mut document.root_element().ok()?, path)
    }
}

fn find(element: &mut ScopedDecoder<'_, '_>, path: &[&str]) -> Option<String> {
    let (name, rest) = path.split_first()?;
    while let Some(mut inner) = element.next_tag() {
        if inner.start_el().local() != *name {
            continue;
        }
        let found = if rest.is_empty() {
            try_data(&mut inner).ok().map(|text| text.trim().to_owned())
        } else {
            find(&mut inner, rest)
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
