use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_model::{
    InstanceType,
    contract::{environment::ScaleUpEnvironment, message::Repository, runner_release::RunnerRelease},
};
use jit_runners_runtime::{
    record::{Market, Pool},
    simulation::policy::Environments,
    user_data::user_data,
    webhook::WebhookSecret,
};

use super::*;
use crate::scripted::{Service, run};

const LAUNCHED: &str = r"<RunInstancesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'>
    <requestId>r</requestId><reservationId>r-1</reservationId><instancesSet>
    <item><instanceId>i-1</instanceId></item><item><instanceId>i-2</instanceId></item></instancesSet></RunInstancesResponse>";

const FOUND: &str = r"<DescribeInstancesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'><reservationSet>
    <item><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>
    <launchTime>2026-01-02T03:04:05.000Z</launchTime><tagSet><item><key>jit-runners:intent</key><value>abc</value></item></tagSet>
    </item></instancesSet></item>
    <item><instancesSet><item><instanceId>i-2</instanceId><instanceState><code>64</code><name>stopping</name></instanceState>
    <launchTime>2026-01-02T03:04:05.000Z</launchTime></item></instancesSet></item></reservationSet></DescribeInstancesResponse>";

fn environment() -> ScaleUpEnvironment {
    let ours = |name: &str| match name {
        "DEPLOYMENT_NAME" => Some("ours".to_owned()),
        "RUNNER_INSTANCE_PROFILE_ARN" => Some("arn:aws:iam::123456789012:instance-profile/runner".to_owned()),
        _ => None,
    };
    Environments::read(WebhookSecret::new("unused").unwrap(), ours).unwrap().scaleup
}

fn launch(market: Market) -> Launch {
    Launch {
        token: "abc-1".to_owned(),
        pool: Pool {
            instance_type: InstanceType::new("c5.large").unwrap(),
            subnet: "subnet-0b".to_owned(),
            market,
        },
        image: "ami-0a".to_owned(),
        release: RunnerRelease::newest_shipped(),
        count: 3,
        intent: IntentId::from("abc".to_owned()),
        repository: Repository::new("o/r").unwrap(),
        labels: ["linux", "self-hosted"].map(|label| jit_runners_model::Label::new(label).unwrap()).into(),
    }
}

/// The parameters of the request that a launch makes.
fn asked(market: Market) -> BTreeMap<String, String> {
    let service = Service::answering(200, LAUNCHED);
    let launcher = Ec2Launcher::new(Client::new(&service.configuration), Template::new(&environment()));
    let instances = run(launcher.run_instances(&launch(market))).unwrap();
    assert_eq!(instances, [InstanceId::new("i-1"), InstanceId::new("i-2")]);
    parameters(&service.only_request())
}

/// A form, decoded as far as its values here need it.
fn parameters(form: &str) -> BTreeMap<String, String> {
    let plain =
        |text: &str| text.replace("%3A", ":").replace("%2F", "/").replace("%20", " ").replace("%3D", "=");
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), plain(value)))
        .collect()
}

#[test]
fn a_launch_is_one_call_with_all_that_an_instance_needs() {
    let asked = asked(Market::Spot);
    let expected = [
        ("Action", "RunInstances"),
        ("ClientToken", "abc-1"),
        ("ImageId", "ami-0a"),
        ("InstanceType", "c5.large"),
        ("SubnetId", "subnet-0b"),
        ("SecurityGroupId.1", "sg-0a"),
        ("IamInstanceProfile.Arn", "arn:aws:iam::123456789012:instance-profile/runner"),
        ("MinCount", "1"),
        ("MaxCount", "3"),
        ("MetadataOptions.HttpTokens", "required"),
        ("MetadataOptions.HttpPutResponseHopLimit", "1"),
        ("InstanceInitiatedShutdownBehavior", "terminate"),
        ("InstanceMarketOptions.MarketType", "spot"),
        ("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time"),
        ("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", "terminate"),
    ];
    for (name, value) in expected {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    let expected = user_data(&environment(), &launch(Market::Spot).release);
    assert_eq!(asked["UserData"], BASE64_STANDARD.encode(expected).replace('+', "%2B"));
}

#[test]
fn everything_that_a_launch_creates_is_tagged() {
    let asked = asked(Market::Spot);
    let resources: Vec<_> =
        (1..=4).map(|number| asked[&format!("TagSpecification.{number}.ResourceType")].as_str()).collect();
    assert_eq!(resources, ["instance", "volume", "network-interface", "spot-instances-request"]);
    let tags: BTreeMap<_, _> = (1..=5)
        .map(|number| {
            let part = |part: &str| asked[&format!("TagSpecification.1.Tag.{number}.{part}")].as_str();
            (part("Key"), part("Value"))
        })
        .collect();
    let expected = [
        ("Name", "ours-runner"),
        ("jit-runners:deployment", "ours"),
        ("jit-runners:intent", "abc"),
        ("jit-runners:labels", "linux self-hosted"),
        ("jit-runners:repository", "o/r"),
    ];
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn on_demand_asks_for_no_market() {
    let asked = asked(Market::OnDemand);
    assert!(!asked.keys().any(|name| name.starts_with("InstanceMarketOptions")));
    assert!(!asked.values().any(|value| value == "spot-instances-request"));
}

#[test]
fn instances_are_found_by_the_deployments_tag() {
    let service = Service::answering(200, FOUND);
    let deployment = DeploymentName::new("ours").unwrap();
    let instances = Ec2Instances::new(Client::new(&service.configuration), deployment);
    let found = run(instances.instances()).unwrap();
    let launched_at = Time::from_millis(1_767_323_045_000);
    let intent = Some(IntentId::from("abc".to_owned()));
    assert_eq!(
        found,
        [
            Instance { id: InstanceId::new("i-1"), state: InstanceState::Running, launched_at, intent },
            Instance { id: InstanceId::new("i-2"), state: InstanceState::Ending, launched_at, intent: None },
        ]
    );
    let asked = parameters(&service.only_request());
    assert_eq!(
        (asked["Filter.1.Name"].as_str(), asked["Filter.1.Value.1"].as_str()),
        ("tag:jit-runners:deployment", "ours")
    );
}

#[test]
fn a_refusal_keeps_ec2s_code_and_what_is_no_answer_is_unknown() {
    let refused = |status, body: &'static str| {
        let service = Service::answering(status, body);
        let template = Template::new(&environment());
        let launcher = Ec2Launcher::new(Client::new(&service.configuration), template);
        run(launcher.run_instances(&launch(Market::Spot))).unwrap_err()
    };
    let body = "<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>none</Message></Error></Errors></Response>";
    let expected =
        ComputeError::Refused { code: "InsufficientInstanceCapacity".to_owned(), message: "none".to_owned() };
    assert_eq!(refused(500, body), expected, "a 500 of EC2's is asked once: the handlers know what it means");
    assert!(matches!(refused(503, "<html/>"), ComputeError::Unknown(_)));
    assert!(matches!(refused(200, "no XML"), ComputeError::Unknown(_)));
}
