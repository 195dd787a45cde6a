//! The answer to CloudFormation (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>), and the
//! address that it is sent to.
//!
//! CloudFormation waits for an answer at an S3 address that is signed for one request. Whoever knows the address can
//! answer in our place, so it is a secret. Only addresses of AWS are answered.

use std::fmt;

use serde::Serialize;

/// Bytes of an answer, at most.
const LONGEST: usize = 4_096;
/// What stands for the end of a reason that is too long.
const CUT: &str = "...";
/// The names of the buckets in which AWS takes answers, up to the region
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html>).
const BUCKET: &str = "cloudformation-custom-resource-response-";
/// Host names of an emulator on the same machine.
const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What CloudFormation is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// Whether it was done.
    pub status: Status,
    /// Why not. Operators read it beside the resource.
    pub reason: String,
    /// The same in every answer. If it changed, CloudFormation would delete the resource with the old id.
    pub physical_resource_id: String,
    /// As in the request.
    pub stack_id: String,
    /// As in the request.
    pub request_id: String,
    /// As in the request.
    pub logical_resource_id: String,
}

/// Whether something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It was done.
    Success,
    /// It was not.
    Failed,
}

impl Answer {
    /// The JSON for CloudFormation. A reason that is too long is cut at its end.
    pub fn body(&self) -> String {
        let mut answer = self.clone();
        loop {
            // Plain data, which is always JSON.
            let body = serde_json::to_string(&answer).unwrap_or_default();
            let over = body.len().saturating_sub(LONGEST);
            let Some(kept) =
                answer.reason.strip_suffix(CUT).or(Some(&answer.reason)).filter(|it| !it.is_empty())
            else {
                return body;
            };
            if over == 0 {
                return body;
            }
            // A character takes at least as many bytes in JSON as in the text, so this never cuts too much at once.
            let keep = kept.len().saturating_sub(over.div_ceil(6).max(1));
            let keep = (0..=keep).rev().find(|at| kept.is_char_boundary(*at)).unwrap_or(0);
            let kept = kept.get(..keep).unwrap_or_default();
            answer.reason = if kept.is_empty() { String::new() } else { format!("{kept}{CUT}") };
        }
    }
}

/// Where an answer goes. A secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AnswerAddress(String);

/// An address that is not answered. The error does not repeat it, because it may be somebody else's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ResponseURL is no address at which CloudFormation waits for answers")]
pub struct NotAws;

impl AnswerAddress {
    /// Accepts an address of AWS, or one of the emulator whose endpoint is given.
    pub fn parse(text: &str, emulator: Option<&str>) -> Result<Self, NotAws> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let of_aws = || host_of(text, "https://").is_some_and(is_of_aws);
        // Only hosts are compared, because the services of an emulator may have different ports.
        let of_emulator = || {
            let endpoint = emulator.and_then(|endpoint| host_of(endpoint, "http://"))?;
            let host = host_of(text, "http://")?;
            let (host, endpoint) = (without_port(host)?, without_port(endpoint)?);
            let is_here = |host: &str| THIS_MACHINE.contains(&host);
            Some(host == endpoint || is_here(host) && is_here(endpoint))
        };
        (is_plain && (of_aws() || of_emulator() == Some(true))).then(|| Self(text.to_owned())).ok_or(NotAws)
    }

    /// The address, for whoever sends the answer.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AnswerAddress {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerAddress(..)")
    }
}

/// What stands between the scheme and the path. It never equals a known host if it contains a user or a backslash.
fn host_of<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(..end)
}

fn without_port(host: &str) -> Option<&str> {
    match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(host)
        }
        _ => Some(host),
    }
}

/// Whether `host` is the bucket of a region, by S3's old global name or by a name of that region. Only AWS owns
/// buckets that are named after their own region.
fn is_of_aws(host: &str) -> bool {
    let parts = || {
        let (region, rest) = host.strip_prefix(BUCKET)?.split_once('.')?;
        let place = rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn"))?;
        Some((region, place))
    };
    let Some((region, place)) = parts() else { return false };
    let is_name =
        !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let of_region = ["s3.dualstack.", "s3.", "s3-"]
        .iter()
        .find_map(|service| place.strip_prefix(service))
        .is_some_and(|with_dashes| with_dashes.replace('-', "") == region);
    is_name && (place == "s3" || of_region)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn failed(reason: &str) -> Answer {
        Answer {
            status: Status::Failed,
            reason: reason.to_owned(),
            physical_resource_id: "ours".to_owned(),
            stack_id: "arn:aws:cloudformation:eu-west-1:123456789012:stack/ours/1".to_owned(),
            request_id: "r-1".to_owned(),
            logical_resource_id: "Runners".to_owned(),
        }
    }

    proptest! {
        #[test]
        fn an_answer_is_json_and_short_enough_whatever_the_reason(
            reason in prop_oneof![any::<String>(), "[\\PC\u{0}\"]{0,2000}", "x{4000,9000}", "[\u{0}\u{1f600}]{500,3000}"],
        ) {
            let body = failed(&reason).body();
            prop_assert!(body.len() <= LONGEST, "{}", body.len());
            let read: Value = serde_json::from_str(&body).unwrap();
            let told = read["Reason"].as_str().unwrap();
            let whole = told == reason;
            prop_assert!(whole || reason.starts_with(told.trim_end_matches('.')));
            prop_assert!(whole || body.len() > LONGEST - 32, "{} of {LONGEST} are used", body.len());
        }
    }

    const ENDPOINT: Option<&str> = Some("http://127.0.0.1:4566");

    #[test]
    fn every_form_that_aws_uses_is_taken() {
        for host in [
            "cloudformation-custom-resource-response-useast1.s3.amazonaws.com",
            "cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com",
            "cloudformation-custom-resource-response-uswest2.s3-us-west-2.amazonaws.com",
            "cloudformation-custom-resource-response-euwest1.s3.dualstack.eu-west-1.amazonaws.com",
            "cloudformation-custom-resource-response-usgovwest1.s3.us-gov-west-1.amazonaws.com",
            "cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn",
        ] {
            let url =
                format!("https://{host}/arn%3Aaws%3Acloudformation%3Aus-east-1/x%7Cy?X-Amz-Signature=0a");
            assert_eq!(AnswerAddress::parse(&url, None).unwrap().expose(), url);
            assert_eq!(
                AnswerAddress::parse(&url.replace("https", "http"), ENDPOINT),
                Err(NotAws),
                "without TLS"
            );
        }
    }

    #[test]
    fn nobody_else_is_answered() {
        let bucket = "cloudformation-custom-resource-response-useast1";
        for text in [
            "",
            "https://",
            "https://example.com/x",
            "http://localhost:4566/x",
            "https://localhost/x",
            &format!("https://{bucket}.s3.amazonaws.com.example.com/x"),
            &format!("https://{bucket}.s3.amazonaws.com@example.com/x"),
            &format!("https://user@{bucket}.s3.amazonaws.com/x"),
            &format!("https://{bucket}.s3.amazonaws.com:8443/x"),
            &format!("https://{bucket}.s3.amazonaws.com\\@example.com/x"),
            &format!("https://example.com/{bucket}.s3.amazonaws.com"),
            &format!("https://example.com?{bucket}.s3.amazonaws.com"),
            &format!("https://example.com#{bucket}.s3.amazonaws.com"),
            &format!("https://{bucket}.example.s3.amazonaws.com/x"),
            &format!("https://{bucket}.s3-website.us-east-1.amazonaws.com/x"),
            &format!("https://{bucket}.s3.eu-west-1.amazonaws.com/x"),
            &format!("https://{bucket}.s3.amazonaws.com/x\r\nHost: example.com"),
            &format!("https://{bucket}.s3.amazonaws.com/x y"),
            &format!(" https://{bucket}.s3.amazonaws.com/x"),
            &format!("ftp://{bucket}.s3.amazonaws.com/x"),
            "https://cloudformation-custom-resource-response-.s3.amazonaws.com/x",
            "https://cloudformation-custom-resource-response-mine-too.s3.amazonaws.com/x",
            "https://mine.s3.us-east-1.amazonaws.com/x",
        ] {
            assert_eq!(AnswerAddress::parse(text, None), Err(NotAws), "{text}");
        }
    }

    #[test]
    fn an_emulator_is_answered_where_its_services_are() {
        let taken = |text, endpoint| AnswerAddress::parse(text, endpoint).is_ok();
        assert!(taken("http://127.0.0.1:4566/x", ENDPOINT));
        assert!(taken("http://localhost:4567/x", ENDPOINT), "another name and port of the same machine");
        assert!(taken("http://emulator:4566/x", Some("http://emulator:4000")));
        for (text, endpoint) in [
            ("http://emulator:4566/x", ENDPOINT),
            ("http://localhost:4566/x", Some("http://emulator:4000")),
            ("http://localhost:4566/x", Some("https://localhost:4566")),
            ("http://localhost:4566@example.com/x", ENDPOINT),
            ("http://localhost:/x", ENDPOINT),
            ("http://example.com/x", ENDPOINT),
            ("http://localhost/x", Some("")),
        ] {
            assert!(!taken(text, endpoint), "{text} {endpoint:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in any::<String>(), endpoint in any::<Option<String>>()) {
            let _ = AnswerAddress::parse(&text, endpoint.as_deref());
            let _ = AnswerAddress::parse(&format!("http://{text}"), endpoint.as_deref());
            let _ = AnswerAddress::parse(&format!("https://{BUCKET}{text}"), endpoint.as_deref());
        }
    }
}
