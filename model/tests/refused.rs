//! Choices that do not make a deployment, each with the full list of reasons.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jit_runners_model::{
    Choices, Cidr, Deployment, DeploymentName, ImageId, InstanceType, Label, LabelMapping, LabelMappings,
    RuleDescription, Seconds, TagKey, TagValue, Timeout,
    choices::{EgressRule, Protocol, RunnerChoices, Throttling},
    contract::{Handler, queue, runner_release::ReleaseChoice},
};

/// Asserts that the default choices, after `change`, are refused for exactly these reasons, in this order.
#[track_caller]
fn refused(change: impl FnOnce(&mut Choices), expected: &[&str]) {
    let mut choices = Choices::default();
    change(&mut choices);
    let problems = match Deployment::new(choices) {
        Ok(_) => Vec::new(),
        Err(refused) => refused.to_string().lines().map(str::to_owned).collect(),
    };
    assert_eq!(problems, expected);
}

#[track_caller]
fn accepted(change: impl FnOnce(&mut Choices)) {
    refused(change, &[]);
}

fn set_timeout(choices: &mut Choices, handler: Handler, seconds: u32) {
    choices.functions.get_mut(handler).timeout = Timeout::new(Seconds::new(seconds)).unwrap();
}

fn set_tags(choices: &mut Choices, keys: impl IntoIterator<Item = String>) {
    choices.tags =
        keys.into_iter().map(|key| (TagKey::new(key).unwrap(), TagValue::new("x").unwrap())).collect();
}

fn egress(port: u16, cidr: &str) -> EgressRule {
    EgressRule {
        protocol: Protocol::Tcp,
        port,
        cidr: Cidr::new(cidr).unwrap(),
        description: RuleDescription::new("for a test").unwrap(),
    }
}

/// Mappings whose JSON has `bytes` bytes.
fn mappings_of(bytes: usize) -> LabelMappings {
    let mapping = |label: String| LabelMapping {
        label: Label::new(label).unwrap(),
        instance_type: InstanceType::new("t3.medium").unwrap(),
        instance_types: Vec::new(),
        ami: None,
    };
    let mut mappings: Vec<_> = (0..8).map(|index| mapping(format!("{index:0>120}"))).collect();
    let so_far = LabelMappings::new(mappings.clone()).unwrap().to_json().len();
    let entry = LabelMappings::new(vec![mapping("a".to_owned())]).unwrap().to_json().len() - 2;
    mappings.push(mapping("a".repeat(bytes - so_far - entry)));
    let mappings = LabelMappings::new(mappings).unwrap();
    assert_eq!(mappings.to_json().len(), bytes);
    mappings
}

#[test]
fn the_defaults_are_fine() {
    accepted(|_| {});
}

#[test]
fn tags_in_our_namespace() {
    refused(
        |choices| set_tags(choices, ["Team", "jit-runners:a", "jit-runners:deployment"].map(str::to_owned)),
        &[
            "tags.jit-runners:a: tags that start with `jit-runners:` are set by jit-runners; use another key",
            "tags.jit-runners:deployment: tags that start with `jit-runners:` are set by jit-runners; use another key",
        ],
    );
}

#[test]
fn more_tags_than_a_resource_takes() {
    accepted(|choices| set_tags(choices, (0..40).map(|index| format!("tag{index}"))));
    refused(
        |choices| set_tags(choices, (0..41).map(|index| format!("tag{index}"))),
        &["tags: 41 tags; AWS takes 50 on a resource, and 40 leaves room for ours"],
    );
}

#[test]
fn throttling_that_nobody_gets_through_or_that_no_account_has() {
    accepted(|choices| choices.throttling = Throttling { rate: 10_000, burst: 5_000 });
    accepted(|choices| choices.throttling = Throttling { rate: 1, burst: 1 });
    refused(
        |choices| choices.throttling = Throttling { rate: 0, burst: 5_001 },
        &[
            "throttling.rate: 0 is outside 1 to 10000, the most that API Gateway takes in an account",
            "throttling.burst: 5001 is outside 1 to 5000, the most that API Gateway takes in an account",
        ],
    );
}

/// What AWS advises (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>), for every choice that is
/// accepted.
#[test]
fn queues_hide_messages_for_six_time_limits_and_hand_them_over_five_times() {
    for (handler, visibility, receives) in [
        (Handler::ScaleUp, queue::SCALE_UP_VISIBILITY, queue::SCALE_UP_MAX_RECEIVES),
        (Handler::Lifecycle, queue::LIFECYCLE_VISIBILITY, queue::LIFECYCLE_MAX_RECEIVES),
    ] {
        let (longest, _) = handler.longest_timeout();
        assert!(longest.get() * 6 <= visibility.get(), "{handler}");
        assert!(Choices::default().functions.get(handler).timeout.seconds() <= longest, "{handler}");
        assert!(receives >= 5, "{handler}");
    }
}

#[test]
fn time_limits_that_end_before_anything_is_done() {
    accepted(|choices| {
        for (handler, seconds) in Handler::ALL.into_iter().zip([3, 30, 60, 15, 20]) {
            set_timeout(choices, handler, seconds);
        }
    });
    refused(
        |choices| {
            for (handler, seconds) in Handler::ALL.into_iter().zip([2, 29, 59, 14, 19]) {
                set_timeout(choices, handler, seconds);
            }
        },
        &[
            "functions.webhook.timeout: 2 s is shorter than 3 s, what a cold start takes, with two messages to queue; give 3 s or more",
            "functions.scaleup.timeout: 29 s is shorter than 30 s, what a launch takes, with the registration of its runners; give 30 s or more",
            "functions.scaledown.timeout: 59 s is shorter than 60 s, what the removal of registrations takes, with the end of instances; give 60 s or more",
            "functions.lifecycle.timeout: 14 s is shorter than 15 s, what the removal of a registration takes; give 15 s or more",
            "functions.rebalancer.timeout: 19 s is shorter than 20 s, what a look at a repository takes; give 20 s or more",
        ],
    );
}

#[test]
fn time_limits_that_outlast_what_they_belong_to() {
    accepted(|choices| {
        for (handler, seconds) in Handler::ALL.into_iter().zip([9, 90, 570, 30, 60]) {
            set_timeout(choices, handler, seconds);
        }
    });
    refused(
        |choices| {
            for (handler, seconds) in Handler::ALL.into_iter().zip([10, 91, 571, 31, 61]) {
                set_timeout(choices, handler, seconds);
            }
        },
        &[
            "functions.webhook.timeout: 10 s is longer than 9 s, because GitHub gives a webhook up after 10 s; give 9 s or less",
            "functions.scaleup.timeout: 91 s is longer than 90 s, a sixth of the time for which its queue hides a message; give 90 s or less",
            "functions.scaledown.timeout: 571 s is longer than 570 s, because CloudFormation gives a removal up after 600 s; give 570 s or less",
            "functions.lifecycle.timeout: 31 s is longer than 30 s, a sixth of the time for which its queue hides a message; give 30 s or less",
            "functions.rebalancer.timeout: 61 s is longer than 60 s, the time until its next run; give 60 s or less",
        ],
    );
}

#[test]
fn label_mappings_that_fill_the_environment() {
    accepted(|choices| choices.label_mappings = mappings_of(1_536));
    refused(
        |choices| choices.label_mappings = mappings_of(1_537),
        &[
            "label_mappings: 1537 bytes as JSON; a function's environment has room for 1536, so shorten the lists",
        ],
    );
}

#[test]
fn an_instance_type_that_is_there_twice() {
    refused(
        |choices| {
            let mut mappings: Vec<_> = choices.label_mappings.iter().cloned().collect();
            mappings[1].instance_types =
                ["t3.nano", "t3.micro", "t3.nano"].map(|text| InstanceType::new(text).unwrap()).to_vec();
            choices.label_mappings = LabelMappings::new(mappings).unwrap();
        },
        &["label_mappings.1.instance_types.2: `t3.nano` is there twice; remove one"],
    );
}

#[test]
fn caps_that_leave_no_runner_or_too_many() {
    accepted(|choices| {
        (choices.runners.max, choices.runners.max_per_repository) = (RunnerChoices::MOST_RUNNERS, 1);
    });
    refused(
        |choices| choices.runners.max = 0,
        &[
            "runners.max: no job would ever get a runner; give 1 to 10000, and set the input Paused (paused) to launch nothing for a while",
        ],
    );
    refused(
        |choices| choices.runners.max = 10_001,
        &["runners.max: 10001 is outside 1 to 10000, the most that GitHub takes in a group"],
    );
    refused(
        |choices| choices.runners.max_per_repository = 0,
        &["runners.max_per_repository: no job would ever get a runner; give 1 or more"],
    );
    refused(
        |choices| choices.runners.max = 99,
        &[
            "runners.max_per_repository: 100 is more than all runners together (99); give 99 or less, or raise `runners.max`",
        ],
    );
}

#[test]
fn a_pinned_release_whose_checksums_nobody_knows() {
    for version in ["auto", "2.337.0", "2.338.0"] {
        accepted(|choices| choices.runners.version = ReleaseChoice::new(version).unwrap());
    }
    refused(
        |choices| choices.runners.version = ReleaseChoice::new("2.334.0").unwrap(),
        &[
            "runners.version: the checksums of runner 2.334.0 are not known here; give `auto` or one of 2.338.0, 2.337.0, \
             or give 2.334.0 when deploying, with its checksums: as `RunnerVersion` and `RunnerChecksums`, or \
             `runner_version` and `runner_checksums`",
        ],
    );
}

#[test]
fn a_runner_group_that_does_not_exist() {
    refused(
        |choices| choices.runners.group = 0,
        &["runners.group: runner groups are numbered from 1, the default group"],
    );
}

#[test]
fn runners_that_reach_nothing() {
    refused(
        |choices| choices.runners.egress.clear(),
        &[
            "runners.egress: no rule: runners could not reach GitHub; allow at least tcp 443, or leave `egress` out",
        ],
    );
}

#[test]
fn runners_that_reach_everything_but_github() {
    const REFUSED: &str = "runners.egress: no rule for tcp 443: runners could not reach GitHub, nor what AWS holds for them; add one";
    let over_udp = EgressRule { protocol: Protocol::Udp, ..egress(443, "0.0.0.0/0") };
    refused(
        |choices| choices.runners.egress = vec![egress(80, "0.0.0.0/0"), egress(8443, "::/0")],
        &[REFUSED],
    );
    refused(|choices| choices.runners.egress = vec![over_udp], &[REFUSED]);
    accepted(|choices| choices.runners.egress = vec![egress(443, "10.0.0.0/8")]);
}

#[test]
fn texts_that_a_template_would_resolve() {
    let description = |text: &str| RuleDescription::new(text).unwrap();
    refused(
        |choices| {
            choices.runners.egress[1].description = description("HTTP {{resolve:ssm:x}}");
            let mut mappings: Vec<_> = choices.label_mappings.iter().cloned().collect();
            mappings[2].label = Label::new("{{resolve:ssm:x}}").unwrap();
            choices.label_mappings = LabelMappings::new(mappings).unwrap();
        },
        &[
            "label_mappings.2.label: `{{` begins a dynamic reference of CloudFormation; write it without",
            "runners.egress.1.description: `{{` begins a dynamic reference of CloudFormation; write it without",
        ],
    );
    accepted(|choices| choices.runners.egress[1].description = description("HTTP {a}{b}} $ { {"));
}

/// The mapping of a label to types, in order, and an image.
fn mapping(label: &str, types: &[&str], ami: Option<&str>) -> LabelMapping {
    let types: Vec<_> = types.iter().map(|text| InstanceType::new(*text).unwrap()).collect();
    LabelMapping {
        label: Label::new(label).unwrap(),
        instance_type: types[0].clone(),
        instance_types: if types.len() > 1 { types } else { Vec::new() },
        ami: ami.map(|ami| ImageId::new(ami).unwrap()),
    }
}

#[test]
fn machines_of_two_architectures_that_start_from_one_image() {
    const ARM: &str = "ami-0123456789abcdef0";
    const INTEL: &str = "ami-00000000000000000";
    let map = |choices: &mut Choices, mappings: Vec<LabelMapping>| {
        choices.label_mappings = LabelMappings::new(mappings).unwrap();
    };
    accepted(|choices| map(choices, vec![mapping("arm", &["m7g.large", "c7g.large"], Some(ARM))]));
    accepted(|choices| {
        choices.runners.default_instance_type = InstanceType::new("t4g.medium").unwrap();
        map(choices, vec![mapping("arm", &["a1.large"], None), mapping("intel", &["c5.large"], Some(INTEL))]);
    });
    refused(
        |choices| {
            map(
                choices,
                vec![
                    mapping("arm", &["m7g.large"], None),
                    mapping("fast", &["c5.large", "g5.xlarge", "g5g.xlarge", "im4gn.large"], None),
                ],
            );
        },
        &[
            "label_mappings.0.instance_type: `m7g.large` is arm64 (Graviton), and `t3.medium` is x86_64 \
             (`runners.default_instance_type`); both start from the deployment's image; give the mapping an `ami` of \
             its own, or choose types of one architecture",
            "label_mappings.1.instance_types.2: `g5g.xlarge` is arm64 (Graviton), and `t3.medium` is x86_64 \
             (`runners.default_instance_type`); both start from the deployment's image; give the mapping an `ami` of \
             its own, or choose types of one architecture",
            "label_mappings.1.instance_types.3: `im4gn.large` is arm64 (Graviton), and `t3.medium` is x86_64 \
             (`runners.default_instance_type`); both start from the deployment's image; give the mapping an `ami` of \
             its own, or choose types of one architecture",
        ],
    );
    refused(
        |choices| choices.runners.default_instance_type = InstanceType::new("t4g.medium").unwrap(),
        &[
            "runners.default_instance_type: `t4g.medium` is arm64 (Graviton), and the types in `label_mappings` without an \
             `ami` are x86_64; all of them start from the deployment's image; choose a default of their architecture, or \
             give the mappings an `ami`",
        ],
    );
    refused(
        |choices| {
            map(
                choices,
                vec![
                    mapping("arm", &["m7g.large"], Some(ARM)),
                    mapping("mixed", &["c7g.large", "c7i.large"], Some(ARM)),
                ],
            );
        },
        &["label_mappings.1.instance_types.1: `c7i.large` is x86_64, and `m7g.large` is arm64 (Graviton) \
             (`label_mappings.0.instance_type`); both start from `ami-0123456789abcdef0`; give each architecture its \
             own mapping and `ami`, or choose types of one architecture"],
    );
}

#[test]
fn more_rules_than_a_security_group_takes() {
    let to_ports = |ports: std::ops::RangeInclusive<u16>| ports.map(|port| egress(port, "::/0")).collect();
    accepted(|choices| choices.runners.egress = to_ports(400..=459));
    refused(
        |choices| choices.runners.egress = to_ports(400..=460),
        &["runners.egress: 61 rules; a security group takes 60"],
    );
}

#[test]
fn rules_of_egress_that_say_nothing() {
    refused(
        |choices| {
            choices.runners.egress = vec![
                egress(443, "0.0.0.0/0"),
                egress(0, "0.0.0.0/0"),
                egress(443, "::/0"),
                egress(443, "0.0.0.0/0"),
            ];
        },
        &[
            "runners.egress.1: port 0 is no port; give 1 to 65535",
            "runners.egress.3: the same rule as entry 0 (counted from 0); remove one",
        ],
    );
}

#[test]
fn a_name_that_some_service_would_not_take() {
    let name = |length: usize| DeploymentName::new("n".repeat(length)).unwrap();
    accepted(|choices| choices.name = name(38));
    refused(
        |choices| choices.name = name(39),
        &[
            "name: `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn` has 39 characters; 38 is the most, because the name of \
             RebalancerRole is made from it; shorten it",
        ],
    );
}

#[test]
fn the_longest_name_follows_from_the_resources() {
    let deployment = Deployment::new(Choices::default()).unwrap();
    let (longest, id) = deployment.longest_name();
    // A role's name has 64 characters at most, `-ap-southeast-1-rebalancer` among them.
    assert_eq!((longest, id.logical_id), (64 - 26, "RebalancerRole"));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    refused(
        |choices| {
            choices.name = DeploymentName::new("n".repeat(40)).unwrap();
            set_tags(choices, ["jit-runners:x".to_owned()]);
            set_timeout(choices, Handler::Webhook, 30);
            choices.label_mappings = mappings_of(1_540);
            choices.runners.max = 0;
            choices.runners.max_per_repository = 0;
            choices.runners.group = 0;
            choices.runners.egress = vec![egress(0, "::/0")];
        },
        &[
            "tags.jit-runners:x: tags that start with `jit-runners:` are set by jit-runners; use another key",
            "functions.webhook.timeout: 30 s is longer than 9 s, because GitHub gives a webhook up after 10 s; give 9 s or less",
            "label_mappings: 1540 bytes as JSON; a function's environment has room for 1536, so shorten the lists",
            "runners.max: no job would ever get a runner; give 1 to 10000, and set the input Paused (paused) to launch nothing for a while",
            "runners.max_per_repository: no job would ever get a runner; give 1 or more",
            "runners.group: runner groups are numbered from 1, the default group",
            "runners.egress: no rule for tcp 443: runners could not reach GitHub, nor what AWS holds for them; add one",
            "runners.egress.0: port 0 is no port; give 1 to 65535",
            "name: `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn` has 40 characters; 38 is the most, because the name of \
             RebalancerRole is made from it; shorten it",
        ],
    );
}

#[test]
fn machines_that_run_no_linux() {
    refused(
        |choices| {
            choices.runners.default_instance_type = InstanceType::new("mac2.metal").unwrap();
            choices.label_mappings = LabelMappings::new(vec![LabelMapping {
                label: Label::new("apple").unwrap(),
                instance_type: InstanceType::new("mac1.metal").unwrap(),
                instance_types: Vec::new(),
                ami: None,
            }])
            .unwrap();
        },
        &[
            "runners.default_instance_type: `mac2.metal` is a Mac, on which no Linux runs; choose another type",
            "label_mappings.0.instance_type: `mac1.metal` is a Mac, on which no Linux runs; choose another type",
        ],
    );
}

/// The default of the input has to pass the input's own check, in both dialects.
#[test]
fn a_label_with_a_quotation_mark() {
    refused(
        |choices| {
            choices.label_mappings = LabelMappings::new(vec![LabelMapping {
                label: Label::new("a\"b").unwrap(),
                instance_type: InstanceType::new("t3.small").unwrap(),
                instance_types: Vec::new(),
                ami: None,
            }])
            .unwrap();
        },
        &[
            "label_mappings.0.label: `a\"b` has a quotation mark, for which neither dialect's check of `label_mappings` has room; give a label without",
        ],
    );
}
