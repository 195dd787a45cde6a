//! What the generator puts into a function's environment is what its handler reads.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use jit_runners_model::{
    Choices, Deployment, LabelMappings,
    contract::{
        Handler,
        environment::{
            Environment, EnvironmentError, LifecycleEnvironment, RebalancerEnvironment, ScaleDownEnvironment,
            ScaleUpEnvironment, VariableProblem, WebhookEnvironment, expected,
        },
    },
    resource::{Function, Resource},
};

fn read(handler: Handler, lookup: impl Fn(&str) -> Option<String>) -> Result<(), EnvironmentError> {
    match handler {
        Handler::Webhook => WebhookEnvironment::read(lookup).map(drop),
        Handler::ScaleUp => ScaleUpEnvironment::read(lookup).map(drop),
        Handler::ScaleDown => ScaleDownEnvironment::read(lookup).map(drop),
        Handler::Lifecycle => LifecycleEnvironment::read(lookup).map(drop),
        Handler::Rebalancer => RebalancerEnvironment::read(lookup).map(drop),
    }
}

fn functions(deployment: &Deployment) -> BTreeMap<Handler, &Function> {
    let functions: BTreeMap<_, _> = deployment
        .resources()
        .iter()
        .filter_map(|node| match &node.resource {
            Resource::Function(function) => Some((function.handler, function)),
            _ => None,
        })
        .collect();
    assert_eq!(functions.keys().copied().collect::<Vec<_>>(), Handler::ALL);
    functions
}

fn deployment() -> Deployment {
    Deployment::new(Choices::default()).unwrap()
}

/// The longest value that each variable can get from a deployment in which nothing is unreasonable.
fn longest_value(variable: &str) -> String {
    let characters = |length: usize| "x".repeat(length);
    let digits = |length: usize| "9".repeat(length);
    match variable {
        "DEPLOYMENT_NAME" => "n".repeat(deployment().longest_name().0),
        "METRICS_NAMESPACE" => format!("JitRunners/{}", "n".repeat(deployment().longest_name().0)),
        // A host name has 253 characters at most.
        "GITHUB_API_URL" => format!("https://{}/api/v3", characters(253)),
        "GITHUB_APP_ID" | "GITHUB_INSTALLATION_ID" => digits(19),
        // The name of a secret has 512 characters at most, and gets a suffix of seven.
        "WEBHOOK_SECRET_ARN" | "PRIVATE_KEY_SECRET_ARN" => {
            format!("arn:aws-us-gov:secretsmanager:ap-southeast-1:123456789012:secret:{}", characters(519))
        }
        "SCALEUP_QUEUE_URL" | "LIFECYCLE_QUEUE_URL" => {
            format!("https://sqs.ap-southeast-1.amazonaws.com.cn/123456789012/{}", characters(80))
        }
        "TABLE_NAME" => characters(64),
        // `Choices` refuses longer ones.
        "LABEL_MAPPINGS" => {
            let entry =
                |index| format!(r#"{{"label":"{index:0>12}","instance_type":"u7inh-32tb.480xlarge"}}"#);
            let entries: Vec<_> = (0..22).map(entry).collect();
            let json = format!("[{}]", entries.join(","));
            format!("{json:bytes$}", bytes = LabelMappings::MOST_BYTES)
        }
        "DEFAULT_INSTANCE_TYPE" => "u7inh-32tb.480xlarge".to_owned(),
        "DEFAULT_AMI" => "ami-0123456789abcdef0".to_owned(),
        "SUBNET_IDS" => vec!["subnet-0123456789abcdef0"; 16].join(","),
        "RUNNER_SECURITY_GROUP_ID" => "sg-0123456789abcdef0".to_owned(),
        "RUNNER_INSTANCE_PROFILE_ARN" => {
            format!("arn:aws-us-gov:iam::123456789012:instance-profile/{}", characters(64))
        }
        "RUNNER_ROLE_ID" => "AROA0123456789ABCDEFG".to_owned(),
        "RUNNER_VERSION" => "99999.99999.99999".to_owned(),
        "RUNNER_CHECKSUMS" => format!("x64={0},arm64={0}", digits(64)),
        "RUNNER_SCOPE" => "organization".to_owned(),
        "RUNNER_GROUP_ID" | "MAX_RUNNERS_PER_REPOSITORY" => u32::MAX.to_string(),
        "MAX_RUNNERS" => digits(5),
        "PAUSED" => "false".to_owned(),
        "STALE_THRESHOLD_MINUTES" | "MAX_RUNNER_AGE_MINUTES" => digits(4),
        "MAX_RE_ENQUEUE_ATTEMPTS" => "10".to_owned(),
        other => panic!("say how long {other} can get"),
    }
}

#[test]
fn a_handler_reads_what_is_declared_for_it_and_nothing_else() {
    let deployment = deployment();
    for (handler, function) in functions(&deployment) {
        let looked_up = RefCell::new(BTreeSet::new());
        let nothing = read(handler, |name| {
            looked_up.borrow_mut().insert(name.to_owned());
            None
        });
        assert!(nothing.is_err());
        let declared: BTreeSet<_> = function.environment.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(looked_up.into_inner(), declared, "{handler}");
        let described: BTreeSet<_> = expected(handler).iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(described, declared, "{handler}");
    }
}

#[test]
fn names_are_declared_once_and_sorted() {
    let deployment = deployment();
    for (handler, function) in functions(&deployment) {
        let names: Vec<_> = function.environment.iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted_by(|earlier, later| earlier < later), "{handler}: {names:?}");
    }
}

#[test]
fn everything_that_is_missing_is_said_at_once() {
    for handler in Handler::ALL {
        let problems = read(handler, |_| None).unwrap_err().problems;
        let missing: BTreeSet<_> = problems
            .iter()
            .map(|problem| match problem {
                VariableProblem::Missing { name, expected } => (*name, *expected),
                VariableProblem::Wrong { name, .. } => panic!("{name} is not there and was read"),
            })
            .collect();
        assert_eq!(missing, expected(handler).into_iter().collect(), "{handler}");
        assert_eq!(missing.len(), problems.len(), "{handler}: something was said twice");
    }
}

#[test]
fn what_is_missing_and_what_is_wrong_is_said_together() {
    let lookup = |name: &str| match name {
        "DEPLOYMENT_NAME" => None,
        "SCALEUP_QUEUE_URL" => Some("jit-runners-scaleup".to_owned()),
        other => Some(longest_value(other)),
    };
    assert_eq!(
        WebhookEnvironment::read(lookup).unwrap_err().to_string(),
        "environment variables: DEPLOYMENT_NAME is not set; expected a letter followed by letters, digits and \
         hyphens, such as `jit-runners`, and not starting with `sg-`; SCALEUP_QUEUE_URL is not the URL of a queue: found 19 characters"
    );
}

/// Each variable in turn: a secret may have got into any of them.
#[test]
fn a_wrong_value_is_not_repeated() {
    let wrong = [
        "s3cret",
        "s3cret/",
        "x64=s3cret,arm64=s3cret",
        "subnet-0a,s3cret",
        "[\"s3cret\"]",
        "{\"s3cret\":1}",
        r#"[{"label":"s3cret","instance_type":"s3cret"}]"#,
        r#"[{"label":"s3cret","instance_type":"t3.small"},{"label":"s3cret","instance_type":"t3.small"}]"#,
    ];
    for handler in Handler::ALL {
        for (variable, _) in expected(handler) {
            let complaints = wrong.into_iter().filter_map(|wrong| {
                let lookup =
                    |name: &str| Some(if name == variable { wrong.to_owned() } else { longest_value(name) });
                read(handler, lookup).err().map(|error| error.to_string())
            });
            let complaints: Vec<_> = complaints.collect();
            for complaint in &complaints {
                assert!(complaint.contains(variable) && !complaint.contains("s3cret"), "{complaint}");
            }
            let takes_any_text = [
                "METRICS_NAMESPACE",
                "TABLE_NAME",
                "RUNNER_SECURITY_GROUP_ID",
                "RUNNER_INSTANCE_PROFILE_ARN",
                "RUNNER_ROLE_ID",
            ];
            assert_eq!(complaints.is_empty(), takes_any_text.contains(&variable), "{variable}");
        }
    }
}

#[test]
fn the_longest_values_can_be_read() {
    for handler in Handler::ALL {
        assert_eq!(read(handler, |name| Some(longest_value(name))), Ok(()), "{handler}");
    }
}

/// Lambda takes 4 KB, measured over all variables of a function as one JSON object, see [`LabelMappings::MOST_BYTES`].
#[test]
fn the_longest_values_fit_into_the_environment() {
    let deployment = deployment();
    for (handler, function) in functions(&deployment) {
        // Quotes, colon and comma, and a backslash before each quote of a value.
        let bytes: usize = function
            .environment
            .iter()
            .map(|(name, _)| {
                let value = longest_value(name);
                name.len() + value.len() + value.matches('"').count() + 6
            })
            .sum();
        assert!(bytes < 4_096, "{handler}: {bytes} bytes");
    }
}
