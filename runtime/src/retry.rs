//! What a failed call means for its caller. All codes of EC2, IAM and GitHub are interpreted here; handlers know none
//! of them.
//!
//! EC2's codes are taken from its list
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>), whose division into client and
//! server errors does not say what to do: a lack of capacity is among the server errors, and the same call would only
//! ask the same empty pool again.
//!
//! ```
//! use jit_runners_model::InstanceType;
//! use jit_runners_runtime::{port::ComputeError, retry::{LaunchClass, launch_class}};
//!
//! let instance_type = InstanceType::new("c5.large")?;
//! let refused = |code: &str| ComputeError::Refused { code: code.to_owned(), message: String::new() };
//! let class = |error| launch_class(&error, &instance_type);
//! assert_eq!(class(refused("InsufficientInstanceCapacity")), LaunchClass::NextPool);
//! assert_eq!(class(refused("RequestLimitExceeded")), LaunchClass::SameAgain);
//! // Nobody knows whether a call without an answer was carried out. The same token is safe.
//! assert_eq!(class(ComputeError::Unknown("timed out".to_owned())), LaunchClass::SameAgain);
//! assert_eq!(class(refused("UnauthorizedOperation")), LaunchClass::Fatal);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::Duration;

use jit_runners_model::InstanceType;

use crate::{
    port::{AccountError, ComputeError, GithubError, Refusal},
    record::EndReason,
    time::Time,
};

/// What a failed `RunInstances` means for the launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchClass {
    /// This pool has no instances now: try the next pool.
    NextPool,
    /// The pool's zone, or the whole region, does not have the type: try the next pool, and let this one rest.
    NoSuchPool,
    /// The account cannot have spot instances, because it lacks their service-linked role and the caller may not
    /// create it: try the other market.
    NoSpot,
    /// The quota of this market is used up: try the other market.
    NextMarket,
    /// Make the same call with the same token, later. It may have been carried out.
    SameAgain,
    /// The token cannot be used again: try the same pool with a new token.
    NewToken,
    /// A person must act: permission, image, parameters, account, or an unknown code.
    Fatal,
}

/// Whether a failed call may have been carried out, or may be carried out soon: there was no answer, or EC2 itself
/// failed. A call that was throttled, or refused because of the caller, was not.
pub fn may_be_carried_out(error: &ComputeError) -> bool {
    match error {
        ComputeError::Unknown(_) => true,
        ComputeError::Refused { code, .. } => FAILED_INSIDE.contains(&code.as_str()),
    }
}

/// What a failed `DescribeInstances` or `TerminateInstances` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceClass {
    /// EC2 does not know one of the instances, and therefore did nothing for any of them. That proves nothing: its
    /// lists may be late, and an instance that it does not find may run
    /// (<https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>).
    NotFound,
    /// The same call, later.
    Later,
    /// A person must act.
    Fatal,
}

/// What a refusal or a missing answer of GitHub means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GithubClass {
    /// A rate limit: nothing was done, and no request should be made for this long.
    Wait(Duration),
    /// A 409: a runner has that name. Usually, the answer to an earlier registration was lost.
    NameTaken,
    /// A 422. For a removal: the runner has a job. For a registration: its values are refused, and a person must act.
    Busy,
    /// A 404. For a removal: there is no such runner any more. For a registration: there is no such repository or
    /// runner group, or the App may not see it, and a person must act.
    Gone,
    /// A 5xx, or no answer: the request was carried out, or not. Or a 403 for a token that GitHub has just issued. Try
    /// again a little later.
    Again,
    /// A person must act: everything else, including a 403 that is not a rate limit.
    Fatal,
}

/// There is no capacity for this type in this zone at this price.
const NO_CAPACITY: &[&str] = &[
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientCapacityOnHost",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "UnfulfillableCapacity",
    // For the instance's volume. Another zone may have capacity.
    "InsufficientVolumeCapacity",
    "InsufficientFreeAddressesInSubnet",
    // The spot price is above the on-demand price, which is the maximum price.
    "SpotMaxPriceTooLow",
];

/// The zone does not have the type, or not in this market. What the message calls a "current" constraint can last for
/// months.
const NOT_IN_ZONE: &[&str] = &["Unsupported"];

/// If its message names the type, as in `Invalid value 't2.nano' for InstanceType`, the region does not have the
/// type. Otherwise it can mean anything.
const INVALID_VALUE: &[&str] = &["InvalidParameterValue"];

/// The account does not have the service-linked role for spot, and a boundary or a policy of the organization forbids
/// the caller to create it
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html>).
const NO_SPOT_ROLE: &[&str] = &["AuthFailure.ServiceLinkedRoleCreationNotPermitted"];

/// Quotas that belong to one market: the first to spot, the others to on-demand
/// (<https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html>).
const QUOTA_OF_MARKET: &[&str] =
    &["MaxSpotInstanceCountExceeded", "VcpuLimitExceeded", "InstanceLimitExceeded"];

/// Errors that pass: EC2's own failures, and the codes for throttling and time-outs that every AWS client knows
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
    // The signature expired on its way. The next call has a new one.
    "RequestExpired",
];

/// Those of the passing errors after which the call may have been carried out.
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
const TOKEN_SPENT: &[&str] = &[INSTANCES_ENDED, "IdempotentParameterMismatch"];

/// All instances of a client token have ended.
const INSTANCES_ENDED: &str = "IdempotentInstanceTerminated";

/// Reasons of ends that somebody asked for: the instance itself, one of the functions, or a person.
const WISHED_ENDS: &[&str] = &["Client.InstanceInitiatedShutdown", "Client.UserInitiatedShutdown"];

/// IAM's codes for a missing permission.
const DENIED: &[&str] = &["AccessDenied", "AccessDeniedException"];

/// The instance is between two states.
const BETWEEN_STATES: &[&str] = &["IncorrectInstanceState", "IncorrectState"];

/// The shortest wait for a rate limit for which GitHub names no time
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>).
const UNNAMED_WAIT: Duration = Duration::from_mins(1);

/// The shortest wait: GitHub gives times in whole seconds, by its own clock.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// GitHub answers some requests with 403 for seconds after it has issued a token, before all its servers know it
/// (<https://github.com/octokit/auth-app.js/issues/589>).
const YOUNG_TOKEN: Duration = Duration::from_secs(10);

/// The longest wait, whatever an answer says: GitHub's limits are per hour. All functions share the stored wait, so a
/// single absurd header could otherwise stop them for ever.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Whether the same call may succeed later: there was no answer, EC2 failed, or the call was throttled.
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

/// Whether `message` contains the type as a separate word.
fn names(message: &str, instance_type: &InstanceType) -> bool {
    let mut words = message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    words.any(|word| word.trim_end_matches('.') == instance_type.as_str())
}

/// Whether EC2 finds no such image, or one that is not ready. Other errors leave that open
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
pub fn is_image_missing(error: &ComputeError) -> bool {
    matches!(error, ComputeError::Refused { code, .. } if code.starts_with("InvalidAMIID."))
}

/// Whether EC2 says that all instances of a launch's token have ended, so that the call makes no more of them.
pub fn have_all_ended(error: &ComputeError) -> bool {
    matches!(error, ComputeError::Refused { code, .. } if code == INSTANCES_ENDED)
}

/// Whether people must fix the reason of an instance's end, such as a key that may not be used: it lies in the
/// account, and nobody asked for the end
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>).
pub fn is_at_fault(reason: &EndReason) -> bool {
    reason.code.starts_with("Client.") && !WISHED_ENDS.contains(&reason.code.as_str())
}

/// Whether IAM says that the caller lacks a permission.
pub fn is_denied(error: &AccountError) -> bool {
    matches!(error, AccountError::Refused { code, .. } if DENIED.contains(&code.as_str()))
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

/// What a refusal or a missing answer of GitHub means at `now`.
pub fn github_class(error: &GithubError, now: Time) -> GithubClass {
    let refusal = match error {
        GithubError::Unknown(_) => return GithubClass::Again,
        GithubError::Refused(refusal) => refusal,
    };
    if is_group_full(refusal) {
        return GithubClass::Wait(refusal.retry_after.unwrap_or_default().clamp(UNNAMED_WAIT, LONGEST_WAIT));
    }
    match refusal.status {
        403 | 429 => match wait(refusal, now) {
            Some(wait) => GithubClass::Wait(wait),
            None if refusal.token_age.is_some_and(|age| age < YOUNG_TOKEN) => GithubClass::Again,
            None => GithubClass::Fatal,
        },
        404 => GithubClass::Gone,
        409 => GithubClass::NameTaken,
        422 => GithubClass::Busy,
        // Whether a request that took too long was carried out is unknown, as without an answer.
        408 | 500..=599 => GithubClass::Again,
        _ => GithubClass::Fatal,
    }
}

/// Whether it is normal that GitHub does not say how long a release gets jobs. It has no end for very old releases.
/// Servers that lack the endpoint answer with 404 as well, and those where the App may not ask with 403.
pub fn is_end_untold(error: &GithubError, now: Time) -> bool {
    match error {
        GithubError::Refused(refusal) => {
            matches!(refusal.status, 403 | 404) && !matches!(github_class(error, now), GithubClass::Wait(_))
        }
        GithubError::Unknown(_) => false,
    }
}

/// Whether a runner group has reached its 10,000 runners (<https://docs.github.com/en/actions/reference/limits>),
/// which GitHub says only in the message.
fn is_group_full(refusal: &Refusal) -> bool {
    (400..500).contains(&refusal.status) && refusal.message.contains("has reached max limit of")
}

/// How long to wait for a rate limit, in GitHub's order: as `retry-after` says; else until the limit is reset, if
/// nothing is left of it; else a minute. `None` for a 403 that means a missing permission
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
mod tests;
