use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_model::{
    InstanceType,
    contract::{environment::ScaleUpEnvironment, message::Repository, runner_release::RunnerRelease},
};
use jit_runners_runtime::{
    record::{Market, Pool},
    retry::is_image_missing,
    user_data::user_data,
    webhook::WebhookSecret,
};
use jit_runners_simulation::policy::Environments;

use super::*;
use crate::scripted::{Service, run};

const LAUNCHED: &str = r"<RunInstancesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'>
    <requestId>r</requestId><reservationId>r-1</reservationId><instancesSet>
    <item><instanceId>i-1</instanceId></item><item><instanceId>i-2</instanceId></item></instancesSet></RunInstancesResponse>";

const IMAGE: &str = r"<DescribeImagesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'><imagesSet><item>
    <imageId>ami-0a</imageId><imageState>available</imageState><architecture>arm64</architecture></item></imagesSet>
    </DescribeImagesResponse>";

const FOUND: &str = r"<DescribeInstancesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'><reservationSet>
    <item><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>
    <launchTime>2026-01-02T03:04:05.000Z</launchTime><tagSet><item><key>jit-runners:intent</key><value>abc</value></item></tagSet>
    </item></instancesSet></item>
    <item><instancesSet><item><instanceId>i-2</instanceId><instanceState><code>64</code><name>stopping</name></instanceState>
    <stateReason><code>Client.InternalError</code><message>Client.InternalError: Client error on launch</message></stateReason>
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

/// The result of looking at `ami-0a` with this answer.
fn image(status: u16, answer: &'static str) -> (Result<Image, ComputeError>, String) {
    let service = Service::answering(status, answer);
    let launcher = Ec2Launcher::new(Client::new(&service.configuration), Template::new(&environment()));
    let found = run(launcher.image("ami-0a"));
    (found, service.only_request())
}

#[test]
fn single_instances_are_asked_about_by_a_filter_and_once() {
    let service = Service::answering(200, FOUND);
    let deployment = DeploymentName::new("ours").unwrap();
    let instances = Ec2Instances::new(Client::new(&service.configuration), deployment);
    let found = run(instances.look_at(&[InstanceId::new("i-1"), InstanceId::new("i-2")])).unwrap();
    assert_eq!(found.len(), 2);
    let asked = parameters(&service.only_request());
    assert_eq!(
        ["Filter.1.Name", "Filter.1.Value.1", "Filter.1.Value.2"].map(|name| asked[name].as_str()),
        ["instance-id", "i-1", "i-2"]
    );
    let service = Service::answering(
        503,
        "<Response><Errors><Error><Code>Unavailable</Code></Error></Errors></Response>",
    );
    let instances =
        Ec2Instances::new(Client::new(&service.configuration), DeploymentName::new("ours").unwrap());
    assert!(run(instances.look_at(&[InstanceId::new("i-1")])).is_err());
    service.only_request();
}

#[test]
fn an_image_is_asked_about_by_its_id() {
    let (found, asked) = image(200, IMAGE);
    assert_eq!(found, Ok(Image { architecture: "arm64".to_owned() }));
    let asked = parameters(&asked);
    assert_eq!((asked["Action"].as_str(), asked["ImageId.1"].as_str()), ("DescribeImages", "ami-0a"));
}

#[test]
fn an_image_that_is_not_there_or_not_ready_is_missing_whatever_the_answer() {
    let none = "<DescribeImagesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'><imagesSet/></DescribeImagesResponse>";
    let refusal = "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>The image id '[ami-0a]' does not exist</Message></Error></Errors><RequestID>r</RequestID></Response>";
    let pending = Box::leak(IMAGE.replace("available", "pending").into_boxed_str());
    for (status, answer) in [(200, none), (400, refusal), (200, &*pending)] {
        let (found, _) = image(status, answer);
        assert!(found.as_ref().is_err_and(is_image_missing), "{found:?}");
    }
}

#[test]
fn a_question_that_is_not_answered_is_asked_once_and_says_nothing_of_the_image() {
    for (status, answer) in [
        (
            403,
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>",
        ),
        (
            503,
            "<Response><Errors><Error><Code>Unavailable</Code><Message>no</Message></Error></Errors></Response>",
        ),
        (
            200,
            "<DescribeImagesResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'><imagesSet><item><imageId>ami-0a</imageId></item></imagesSet></DescribeImagesResponse>",
        ),
    ] {
        let (found, _) = image(status, answer);
        assert!(found.as_ref().is_err_and(|error| !is_image_missing(error)), "{found:?}");
    }
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
            Instance {
                id: InstanceId::new("i-1"),
                state: InstanceState::Running,
                launched_at,
                intent,
                ended: None
            },
            Instance {
                id: InstanceId::new("i-2"),
                state: InstanceState::Ending,
                launched_at,
                intent: None,
                ended: Some(EndReason::new(
                    "Client.InternalError",
                    "Client.InternalError: Client error on launch"
                )),
            },
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
