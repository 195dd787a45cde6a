//! What a failed call means for whoever made it: the classes of EC2's and GitHub's errors.
//!
//! EC2's codes are read from its own list (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>),
//! whose split into client and server errors does not say what to do: a lack of capacity stands among the server errors,
//! and calling again for it only asks the same empty pool.

use std::time::Duration;

use jit_runners_model::InstanceType;

use crate::{
    port::{ComputeError, GithubError, Refusal},
    time::Time,
};

/// What a failed `RunInstances` means for the launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchClass {
    /// This pool cannot give instances now: the next pool.
    NextPool,
    /// The pool's zone, or the whole region, does not have the type: the next pool, and this one rests.
    NoSuchPool,
    /// The account has no spot instances, because it lacks their service-linked role and the caller may not make it: the
    /// other market.
    NoSpot,
    /// The quota of this market is used up: no other pool of the same market helps.
    NextMarket,
    /// The same call with the same token, later. It may have been carried out.
    SameAgain,
    /// The token is spent: the same pool with a new token.
    NewToken,
    /// A person must act: permission, image, parameters, account, or a code that nobody here knows.
    Fatal,
}

/// Whether a failed call may have been carried out none the less, now or in a moment: there was no answer, or EC2 itself
/// failed. What is refused for the caller's sake, or throttled, was not.
pub fn may_be_carried_out(error: &ComputeError) -> bool {
    match error {
        ComputeError::Unknown(_) => true,
        ComputeError::Refused { code, .. } => FAILED_INSIDE.contains(&code.as_str()),
    }
}

/// What a failed `DescribeInstances` or `TerminateInstances` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceClass {
    /// EC2 does not know one of the instances, and therefore did nothing for all of them. That proves nothing: its lists are
    /// late, and an instance that it does not find may run
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>).
    NotFound,
    /// The same call, later.
    Later,
    /// A person must act.
    Fatal,
}

/// What a refusal or a silence of GitHub means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GithubClass {
    /// A limit: nothing was done, and nothing should be asked for so long.
    Wait(Duration),
    /// A 409: a runner has that name. Mostly the answer to an earlier registration was lost.
    NameTaken,
    /// A 422. To a removal: the runner has a job. To a registration, which cannot be busy: its values are refused, and a
    /// person must act.
    Busy,
    /// A 404. To a removal: there is no such runner any more. To a registration: no such repository or runner group, or none
    /// that the App may see, and a person must act.
    Gone,
    /// A 5xx, or no answer: it was done, or not. Again, a little later.
    Again,
    /// A person must act: everything else, and a 403 that is no limit.
    Fatal,
}

/// Nothing to be had from this type in this zone at this price.
const NO_CAPACITY: &[&str] = &[
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientCapacityOnHost",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "UnfulfillableCapacity",
    // The volume that comes with the instance; another zone may have room.
    "InsufficientVolumeCapacity",
    "InsufficientFreeAddressesInSubnet",
    // The spot price is above the on-demand price, which is the most that is offered.
    "SpotMaxPriceTooLow",
];

/// The zone does not have the type, or not in this market. What it says of constraints "currently" can last for months.
const NOT_IN_ZONE: &[&str] = &["Unsupported"];

/// Says that the region does not have the type where its message names the type, as in `Invalid value 't2.nano' for
/// InstanceType`, and anything else otherwise.
const INVALID_VALUE: &[&str] = &["InvalidParameterValue"];

/// The account's one service-linked role for spot is not there, and a boundary or a policy of the organization forbids the
/// caller to make it (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html>).
const NO_SPOT_ROLE: &[&str] = &["AuthFailure.ServiceLinkedRoleCreationNotPermitted"];

/// Quotas that belong to one market: the first to spot, the others to on-demand
/// (<https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html>).
const QUOTA_OF_MARKET: &[&str] =
    &["MaxSpotInstanceCountExceeded", "VcpuLimitExceeded", "InstanceLimitExceeded"];

/// Passing trouble: EC2's own, and the codes of throttling and time-outs that every AWS client knows
/// (<https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html>).
const PASSING: &[&str] = &[
    "RequestLimitExceeded",
    "Unavailable",
    "ServiceUnavailable",
    "InternalError",
    "InternalFailure",
    "ServerInternal",
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestTimeout",
    "RequestTimeoutException",
    // The signature got old on its way; the next call has a new one.
    "RequestExpired",
];

/// Of the passing ones, those that say nothing about how far EC2 came with the call.
const FAILED_INSIDE: &[&str] = &[
    "Unavailable",
    "ServiceUnavailable",
    "InternalError",
    "InternalFailure",
    "ServerInternal",
    "PriorRequestNotComplete",
    "RequestTimeout",
    "RequestTimeoutException",
];

/// A client token that cannot be used again: its instances are gone, or it was used with other values
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>).
const TOKEN_SPENT: &[&str] = &["IdempotentInstanceTerminated", "IdempotentParameterMismatch"];

/// The instance is on its way from one state to another.
const BETWEEN_STATES: &[&str] = &["IncorrectInstanceState", "IncorrectState"];

/// Waited at least, where GitHub names no time for one of its limits
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>).
const UNNAMED_WAIT: Duration = Duration::from_mins(1);

/// Waited at least: GitHub tells times in whole seconds, by its own clock.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Waited at most, whatever an answer says: GitHub's limits are those of an hour. What is waited for is written down for all
/// functions, so one absurd header would otherwise stop them for good.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Whether the same call may go well later: there was no answer, EC2 failed, or the call was throttled.
pub fn is_passing(error: &ComputeError) -> bool {
    match error {
        ComputeError::Unknown(_) => true,
        ComputeError::Refused { code, .. } => PASSING.contains(&code.as_str()),
    }
}

/// What a failed `RunInstances` of `instance_type` means for the launch.
pub fn launch_class(error: &ComputeError, instance_type: &InstanceType) -> LaunchClass {
    match error {
        ComputeError::Unknown(_) => LaunchClass::SameAgain,
        ComputeError::Refused { .. } if is_passing(error) => LaunchClass::SameAgain,
        ComputeError::Refused { code, message } => {
            let one_of = |codes: &[&str]| codes.contains(&code.as_str());
            if one_of(NO_CAPACITY) {
                LaunchClass::NextPool
            } else if one_of(NOT_IN_ZONE) || one_of(INVALID_VALUE) && names(message, instance_type) {
                LaunchClass::NoSuchPool
            } else if one_of(NO_SPOT_ROLE) {
                LaunchClass::NoSpot
            } else if one_of(QUOTA_OF_MARKET) {
                LaunchClass::NextMarket
            } else if one_of(TOKEN_SPENT) {
                LaunchClass::NewToken
            } else {
                LaunchClass::Fatal
            }
        }
    }
}

/// Whether `message` has the type as a word of its own.
fn names(message: &str, instance_type: &InstanceType) -> bool {
    let mut words = message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    words.any(|word| word.trim_end_matches('.') == instance_type.as_str())
}

/// Whether EC2 does not find an image, or not one that is ready; everything else leaves that open
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
pub fn is_image_missing(error: &ComputeError) -> bool {
    matches!(error, ComputeError::Refused { code, .. } if code.starts_with("InvalidAMIID."))
}

/// What a failed `DescribeInstances` or `TerminateInstances` means.
pub fn instance_class(error: &ComputeError) -> InstanceClass {
    match error {
        ComputeError::Unknown(_) => InstanceClass::Later,
        ComputeError::Refused { code, .. } => match code.as_str() {
            "InvalidInstanceID.NotFound" => InstanceClass::NotFound,
            code if PASSING.contains(&code) || BETWEEN_STATES.contains(&code) => InstanceClass::Later,
            _ => InstanceClass::Fatal,
        },
    }
}

/// What a refusal or a silence of GitHub means at `now`.
pub fn github_class(error: &GithubError, now: Time) -> GithubClass {
    let refusal = match error {
        GithubError::Unknown(_) => return GithubClass::Again,
        GithubError::Refused(refusal) => refusal,
    };
    if is_group_full(refusal) {
        return GithubClass::Wait(refusal.retry_after.unwrap_or_default().clamp(UNNAMED_WAIT, LONGEST_WAIT));
    }
    match refusal.status {
        403 | 429 => wait(refusal, now).map_or(GithubClass::Fatal, GithubClass::Wait),
        404 => GithubClass::Gone,
        409 => GithubClass::NameTaken,
        422 => GithubClass::Busy,
        // A request that took too long is as unknown as one without an answer.
        408 | 500..=599 => GithubClass::Again,
        _ => GithubClass::Fatal,
    }
}

/// A runner group has its 10,000 runners
/// (<https://docs.github.com/en/actions/reference/limits>), which GitHub says in words only.
fn is_group_full(refusal: &Refusal) -> bool {
    (400..500).contains(&refusal.status) && refusal.message.contains("has reached max limit of")
}

/// How long a limit asks to wait, in GitHub's order: what `retry-after` says, else until the hour is over if nothing is left
/// of it, else a minute. `None` for a 403 that is a permission
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>).
fn wait(refusal: &Refusal, now: Time) -> Option<Duration> {
    if let Some(wait) = refusal.retry_after {
        return Some(wait.clamp(SHORTEST_WAIT, LONGEST_WAIT));
    }
    if let Some(limit) = refusal.rate_limit.filter(|limit| limit.remaining == 0) {
        return Some(limit.reset.since(now).clamp(SHORTEST_WAIT, LONGEST_WAIT));
    }
    let text = refusal.message.to_ascii_lowercase();
    (refusal.status == 429 || text.contains("rate limit") || text.contains("abuse")).then_some(UNNAMED_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::RateLimit;

    const NOW: Time = Time::from_millis(1_000_000);

    fn refused(code: &str) -> ComputeError {
        saying(code, "no")
    }

    fn saying(code: &str, message: &str) -> ComputeError {
        ComputeError::Refused { code: code.into(), message: message.into() }
    }

    fn class(error: &ComputeError) -> LaunchClass {
        launch_class(error, &InstanceType::new("t2.nano").unwrap())
    }

    #[track_caller]
    fn launches(expected: LaunchClass, codes: &str) {
        for code in codes.split_whitespace() {
            assert_eq!(class(&refused(code)), expected, "{code}");
        }
    }

    #[track_caller]
    fn instances(class: InstanceClass, codes: &str) {
        for code in codes.split_whitespace() {
            assert_eq!(instance_class(&refused(code)), class, "{code}");
        }
    }

    #[test]
    fn a_pool_without_capacity_leads_to_the_next_pool() {
        launches(
            LaunchClass::NextPool,
            "InsufficientInstanceCapacity InsufficientCapacity InsufficientCapacityOnHost InsufficientHostCapacity \
             InsufficientReservedInstanceCapacity UnfulfillableCapacity InsufficientVolumeCapacity \
             InsufficientFreeAddressesInSubnet SpotMaxPriceTooLow",
        );
    }

    #[test]
    fn a_type_that_is_not_there_leads_to_the_next_pool_and_is_told_apart() {
        launches(LaunchClass::NoSuchPool, "Unsupported");
        for (expected, message) in [
            (LaunchClass::NoSuchPool, "Invalid value 't2.nano' for InstanceType."),
            (LaunchClass::NoSuchPool, "The following supplied instance types do not exist: [t2.nano]"),
            (LaunchClass::NoSuchPool, "There is no such type as t2.nano."),
            (LaunchClass::Fatal, "Invalid value 't2.nano-flex' for InstanceType."),
            (LaunchClass::Fatal, "Invalid value 'at2.nano' for InstanceType."),
            (LaunchClass::Fatal, "Value (subnet-0a) for parameter subnetId is invalid."),
            (LaunchClass::Fatal, ""),
        ] {
            assert_eq!(class(&saying("InvalidParameterValue", message)), expected, "{message}");
        }
        assert_eq!(class(&saying("InvalidParameterCombination", "t2.nano")), LaunchClass::Fatal);
    }

    #[test]
    fn without_the_role_of_spot_there_is_the_other_market() {
        launches(LaunchClass::NoSpot, "AuthFailure.ServiceLinkedRoleCreationNotPermitted");
    }

    #[test]
    fn an_image_is_missing_only_if_ec2_says_so() {
        for code in ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed"] {
            assert!(is_image_missing(&refused(code)), "{code}");
        }
        for code in ["UnauthorizedOperation", "RequestLimitExceeded", "InvalidAMIName.Malformed", ""] {
            assert!(!is_image_missing(&refused(code)), "{code}");
        }
        assert!(!is_image_missing(&ComputeError::Unknown("time-out".into())));
    }

    #[test]
    fn a_used_up_quota_leads_to_the_next_market() {
        launches(
            LaunchClass::NextMarket,
            "MaxSpotInstanceCountExceeded VcpuLimitExceeded InstanceLimitExceeded",
        );
    }

    #[test]
    fn passing_trouble_leads_to_the_same_call() {
        let codes = "RequestLimitExceeded Unavailable ServiceUnavailable InternalError InternalFailure ServerInternal \
                     BandwidthLimitExceeded EC2ThrottledException PriorRequestNotComplete RequestThrottled \
                     RequestThrottledException SlowDown Throttling ThrottlingException ThrottledException \
                     TooManyRequestsException RequestTimeout RequestTimeoutException RequestExpired";
        launches(LaunchClass::SameAgain, codes);
        instances(InstanceClass::Later, codes);
        assert_eq!(class(&ComputeError::Unknown("time-out".into())), LaunchClass::SameAgain);
        assert_eq!(instance_class(&ComputeError::Unknown("time-out".into())), InstanceClass::Later);
    }

    #[test]
    fn a_spent_token_leads_to_a_new_one() {
        launches(LaunchClass::NewToken, "IdempotentInstanceTerminated IdempotentParameterMismatch");
    }

    #[test]
    fn what_a_person_must_mend_stops_the_launch() {
        let codes = "UnauthorizedOperation AuthFailure Blocked OptInRequired PendingVerification \
                     InvalidAMIID.NotFound InvalidAMIID.Unavailable InvalidAMIID.Malformed InvalidSubnetID.NotFound \
                     InvalidGroup.NotFound InvalidParameter InvalidParameterValue InvalidParameterCombination \
                     MissingParameter UnknownParameter TagPolicyViolation UnsupportedOperation VolumeLimitExceeded \
                     NeverHeardOf requestlimitexceeded";
        launches(LaunchClass::Fatal, codes);
        instances(InstanceClass::Fatal, codes);
        launches(LaunchClass::Fatal, "InvalidInstanceID.NotFound");
        assert_eq!(class(&refused("")), LaunchClass::Fatal);
    }

    #[test]
    fn an_instance_that_is_not_found_is_no_failure_of_another_kind() {
        instances(InstanceClass::NotFound, "InvalidInstanceID.NotFound");
        instances(InstanceClass::Later, "IncorrectInstanceState IncorrectState");
        instances(
            InstanceClass::Fatal,
            "InvalidInstanceID.Malformed OperationNotPermitted InsufficientInstanceCapacity",
        );
    }

    fn refusal(status: u16, message: &str) -> Refusal {
        Refusal { status, message: message.into(), retry_after: None, rate_limit: None }
    }

    #[track_caller]
    fn github(refusal: Refusal, class: GithubClass) {
        let error = GithubError::Refused(refusal);
        assert_eq!(github_class(&error, NOW), class, "{error:?}");
    }

    const fn wait_for(seconds: u64) -> GithubClass {
        GithubClass::Wait(Duration::from_secs(seconds))
    }

    #[test]
    fn each_status_has_its_class() {
        github(
            refusal(409, "Already exists - A runner with the name x already exists."),
            GithubClass::NameTaken,
        );
        github(refusal(422, "Bad request - Runner \"x\" is still running a job"), GithubClass::Busy);
        github(refusal(404, "Not Found"), GithubClass::Gone);
        for status in [408, 500, 502, 503, 504, 599] {
            github(refusal(status, ""), GithubClass::Again);
        }
        for status in [0, 301, 400, 401, 410, 451, 600] {
            github(refusal(status, ""), GithubClass::Fatal);
        }
        assert_eq!(github_class(&GithubError::Unknown("time-out".into()), NOW), GithubClass::Again);
    }

    #[test]
    fn a_full_group_is_not_a_taken_name() {
        for status in [403, 409, 422] {
            github(
                refusal(status, "Runner group 'default' has reached max limit of 10000 runners"),
                wait_for(60),
            );
        }
        github(refusal(502, "has reached max limit of 10000 runners"), GithubClass::Again);
    }

    #[test]
    fn a_limit_says_how_long_to_wait() {
        for status in [403, 429] {
            let limited = |retry_after: Option<u64>, remaining, reset| Refusal {
                retry_after: retry_after.map(Duration::from_secs),
                rate_limit: Some(RateLimit { limit: 5_000, remaining, reset }),
                ..refusal(status, "You have exceeded a secondary rate limit")
            };
            let reset = NOW + Duration::from_secs(700);
            github(limited(Some(17), 0, reset), wait_for(17));
            github(limited(Some(0), 9, reset), wait_for(1));
            github(limited(None, 0, reset), wait_for(700));
            github(limited(None, 0, NOW - Duration::from_secs(5)), wait_for(1));
            github(limited(None, 9, reset), wait_for(60));
        }
        github(refusal(429, ""), wait_for(60));
    }

    #[test]
    fn no_header_stops_the_functions_for_longer_than_an_hour() {
        let hour = wait_for(3_600);
        for message in ["You have exceeded a secondary rate limit", "has reached max limit of 10000 runners"]
        {
            let retry_after = Some(Duration::from_secs(u64::MAX));
            github(Refusal { retry_after, ..refusal(403, message) }, hour);
        }
        // Such as a time in milliseconds.
        let rate_limit = Some(RateLimit { limit: 5_000, remaining: 0, reset: Time::from_millis(u64::MAX) });
        github(Refusal { rate_limit, ..refusal(429, "") }, hour);
    }

    #[test]
    fn a_403_is_a_permission_unless_it_is_a_limit() {
        let left = Some(RateLimit { limit: 5_000, remaining: 4_000, reset: NOW });
        let permission = refusal(403, "Resource not accessible by integration");
        github(permission.clone(), GithubClass::Fatal);
        github(Refusal { rate_limit: left, ..permission.clone() }, GithubClass::Fatal);
        github(Refusal { retry_after: Some(Duration::from_secs(30)), ..permission }, wait_for(30));
        for text in [
            "You have exceeded a secondary rate limit. Please wait a few minutes.",
            "API rate limit exceeded for installation ID 1",
            "You have triggered an abuse detection mechanism.",
        ] {
            github(Refusal { rate_limit: left, ..refusal(403, text) }, wait_for(60));
        }
    }
}
