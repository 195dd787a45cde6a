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
    launches(LaunchClass::NextMarket, "MaxSpotInstanceCountExceeded VcpuLimitExceeded InstanceLimitExceeded");
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
    Refusal { status, message: message.into(), retry_after: None, rate_limit: None, token_age: None }
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
    github(refusal(409, "Already exists - A runner with the name x already exists."), GithubClass::NameTaken);
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
    for message in ["You have exceeded a secondary rate limit", "has reached max limit of 10000 runners"] {
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

#[test]
fn a_launch_has_ended_only_if_ec2_says_so() {
    assert!(have_all_ended(&refused("IdempotentInstanceTerminated")));
    assert!(!have_all_ended(&refused("IdempotentParameterMismatch")));
    assert!(!have_all_ended(&ComputeError::Unknown("time-out".into())));
}

#[test]
fn a_denial_is_one_of_iam_s_two_codes() {
    let said = |code: &str| AccountError::Refused { code: code.into(), message: "no".into() };
    assert!(is_denied(&said("AccessDenied")) && is_denied(&said("AccessDeniedException")));
    assert!(!is_denied(&said("Throttling")) && !is_denied(&AccountError::Unknown("time-out".into())));
}

#[test]
fn an_instance_that_the_account_kept_from_starting_must_be_mended() {
    let fault = |code: &str| is_at_fault(&EndReason::new(code, ""));
    assert!(fault("Client.InternalError") && fault("Client.VolumeLimitExceeded"));
    for code in [
        "Client.InstanceInitiatedShutdown",
        "Client.UserInitiatedShutdown",
        "Server.InternalError",
        "Server.SpotInstanceTermination",
        "",
    ] {
        assert!(!fault(code), "{code}");
    }
}

#[test]
fn neither_a_release_that_nobody_knows_nor_a_missing_right_is_a_failure() {
    let untold = |status, remaining| {
        let rate_limit = Some(RateLimit { limit: 5_000, remaining, reset: NOW });
        is_end_untold(&GithubError::Refused(Refusal { rate_limit, ..refusal(status, "no") }), NOW)
    };
    assert!(untold(404, 9) && untold(403, 9));
    assert!(!untold(403, 0) && !untold(429, 9) && !untold(500, 9) && !untold(401, 9));
    assert!(!is_end_untold(&GithubError::Unknown("silence".to_owned()), NOW));
}
