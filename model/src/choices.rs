//! What is chosen when the files are generated, checked and with defaults.

mod advice;
mod machines;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    contract::{
        Handler, PerHandler,
        runner_release::{ReleaseChoice, RunnerRelease},
    },
    label_mapping::{LabelMapping, LabelMappings},
    name::{
        ApiUrl, Cidr, DeploymentName, InstanceType, KeyArn, Label, PolicyArn, RuleDescription, TagKey,
        TagValue,
    },
    unit::{Mebibytes, RetentionDays, Seconds, Timeout},
};

/// Everything that is decided before a template exists. [`Choices::default`] is what most people need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// The deployment's name where the person who deploys does not give another.
    pub name: DeploymentName,
    /// Tags on what is billed or looked for by its owner, besides our own.
    pub tags: BTreeMap<TagKey, TagValue>,
    /// What the functions are compiled for. Runners follow their image and instance types.
    pub architecture: Architecture,
    /// Size, time limit and log retention of each function.
    pub functions: PerHandler<FunctionChoices>,
    /// Which instance type runs the jobs of a label.
    pub label_mappings: LabelMappings,
    /// The runners.
    pub runners: RunnerChoices,
    /// Bounds what every role of the deployment can do.
    pub permissions_boundary: Option<PolicyArn>,
    /// Encrypts queues, table, log groups and the functions' environment.
    pub kms_key: Option<KeyArn>,
    /// GitHub's REST API.
    pub github_api_url: ApiUrl,
    /// How many requests the API takes.
    pub throttling: Throttling,
    /// Whether there are alarms.
    pub alarms: bool,
    /// Whether there is a dashboard.
    pub dashboard: bool,
}

/// Size, time limit and log retention of one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionChoices {
    /// Its memory.
    pub memory: Mebibytes,
    /// Its time limit.
    pub timeout: Timeout,
    /// How long its log is kept.
    pub log_retention: RetentionDays,
}

/// How many requests the API takes before it answers 429. GitHub does not repeat a webhook that was refused: the rebalancer
/// finds its job in GitHub's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttling {
    /// Requests a second.
    pub rate: u32,
    /// Requests at once, before the rate applies.
    pub burst: u32,
}

/// How runners are registered and limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerChoices {
    /// The instance type where no label is mapped.
    pub default_instance_type: InstanceType,
    /// The release of the Actions runner. One that is pinned here is one whose checksums are known; others are given with
    /// their checksums when deploying.
    pub version: ReleaseChoice,
    /// Instances at the same time, at most: the deployment's cap.
    pub max: u32,
    /// Instances at the same time for one repository, at most. The same as `max` is no cap of its own: it follows the
    /// input that gives `max`.
    pub max_per_repository: u32,
    /// Who may use a runner.
    pub scope: RunnerScope,
    /// The id of the runner group; 1 is the default group.
    pub group: u32,
    /// Where runners may connect to.
    pub egress: Vec<EgressRule>,
}

/// An instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Architecture {
    /// Intel and AMD, 64 bits.
    #[serde(rename = "x86_64")]
    X86_64,
    /// Graviton.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// Every architecture.
    pub const ALL: [Self; 2] = [Self::X86_64, Self::Arm64];

    /// Lambda's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// What container images, Node and Linux call it.
    pub const fn other_names(self) -> &'static [&'static str] {
        match self {
            Self::X86_64 => &["amd64", "x64"],
            Self::Arm64 => &["aarch64"],
        }
    }
}

/// Where a runner is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunnerScope {
    /// With the job's repository.
    Repository,
    /// With the job's organization, so that any of its repositories may take it.
    Organization,
}

impl RunnerScope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Repository, Self::Organization];

    /// Its name in the configuration and in the functions' environment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Organization => "organization",
        }
    }
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 2] = [Self::Tcp, Self::Udp];

    /// EC2's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Lets runners connect to one port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EgressRule {
    /// The protocol.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// The addresses.
    pub cidr: Cidr,
    /// What it is for.
    pub description: RuleDescription,
}

/// A rule between choices that is broken. Rules about a single choice live in its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceProblem {
    /// Which choice, as in the configuration file: `functions.scaleup.timeout`, `tags.Team`.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Choices {
    /// Checks the rules between choices; all that are broken, in the order of the configuration file.
    pub(crate) fn problems(&self) -> Vec<ChoiceProblem> {
        let mut problems = Problems::default();
        self.check_tags(&mut problems);
        self.check_timeouts(&mut problems);
        self.check_label_mappings(&mut problems);
        self.check_architectures(&mut problems);
        self.runners.check(&mut problems);
        self.throttling.check(&mut problems);
        problems.0
    }

    fn check_tags(&self, problems: &mut Problems) {
        for key in self.tags.keys().filter(|key| key.as_str().starts_with("jit-runners:")) {
            problems.add(
                &["tags", key.as_str()],
                "tags that start with `jit-runners:` are set by jit-runners; use another key".to_owned(),
            );
        }
        if self.tags.len() > 40 {
            let found = self.tags.len();
            problems.add(
                &["tags"],
                format!("{found} tags; AWS takes 50 on a resource, and 40 leaves room for ours"),
            );
        }
    }

    fn check_timeouts(&self, problems: &mut Problems) {
        for handler in Handler::ALL {
            let timeout = self.functions.get(handler).timeout.seconds();
            let (longest, why_longest) = handler.longest_timeout();
            let (shortest, why_shortest) = handler.shortest_timeout();
            let message = if timeout > longest {
                format!("{timeout} is longer than {longest}, {why_longest}; give {longest} or less")
            } else if timeout < shortest {
                format!("{timeout} is shorter than {shortest}, {why_shortest}; give {shortest} or more")
            } else {
                continue;
            };
            problems.add(&["functions", handler.name(), "timeout"], message);
        }
    }

    fn check_label_mappings(&self, problems: &mut Problems) {
        for (index, mapping) in self.label_mappings.iter().enumerate() {
            let label = ["label_mappings", &index.to_string(), "label"];
            check_text(problems, &label, mapping.label.as_str());
            if mapping.label.as_str().contains('"') {
                problems.add(
                    &label,
                    format!("`{}` has a quotation mark, for which neither dialect's check of `label_mappings` has room; give a label without", mapping.label),
                );
            }
            let types = &mapping.instance_types;
            for (place, instance_type) in types.iter().enumerate() {
                if types[..place].contains(instance_type) {
                    problems.add(
                        &["label_mappings", &index.to_string(), "instance_types", &place.to_string()],
                        format!("`{instance_type}` is there twice; remove one"),
                    );
                }
            }
        }
        let (bytes, most) = (self.label_mappings.to_json().len(), LabelMappings::MOST_BYTES);
        if bytes > most {
            problems.add(
                &["label_mappings"],
                format!(
                    "{bytes} bytes as JSON; a function's environment has room for {most}, so shorten the lists"
                ),
            );
        }
    }
}

impl Throttling {
    /// Requests a second that an account and region takes together, for all its APIs, and so the most that a stage can
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
    pub const MOST_RATE: u32 = 10_000;
    /// The same at once.
    pub const MOST_BURST: u32 = 5_000;

    fn check(self, problems: &mut Problems) {
        for (key, found, most) in
            [("rate", self.rate, Self::MOST_RATE), ("burst", self.burst, Self::MOST_BURST)]
        {
            if !(1..=most).contains(&found) {
                problems.add(
                    &["throttling", key],
                    format!("{found} is outside 1 to {most}, the most that API Gateway takes in an account"),
                );
            }
        }
    }
}

impl RunnerChoices {
    /// Runners in a group, at most (<https://docs.github.com/en/actions/reference/limits>): no cap is higher.
    pub const MOST_RUNNERS: u32 = 10_000;
    /// Outbound rules of a security group, at most
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>).
    pub const MOST_EGRESS_RULES: usize = 60;

    fn check(&self, problems: &mut Problems) {
        self.check_version(problems);
        let (all, most) = (self.max, Self::MOST_RUNNERS);
        if !(1..=most).contains(&all) {
            problems.add(
                &["runners", "max"],
                format!("{all} is outside 1 to {most}, the most that GitHub takes in a group"),
            );
        }
        let repository = self.max_per_repository;
        if repository == 0 {
            problems.add(
                &["runners", "max_per_repository"],
                "no job would ever get a runner; give 1 or more".to_owned(),
            );
        } else if repository > all && all > 0 {
            problems.add(
                &["runners", "max_per_repository"],
                format!("{repository} is more than all runners together ({all}); give {all} or less, or raise `runners.max`"),
            );
        }
        if self.group == 0 {
            problems.add(
                &["runners", "group"],
                "runner groups are numbered from 1, the default group".to_owned(),
            );
        }
        self.check_egress(problems);
    }

    fn check_version(&self, problems: &mut Problems) {
        let ReleaseChoice::Pinned(version) = &self.version else { return };
        if RunnerRelease::known(version).is_none() {
            let known: Vec<_> = RunnerRelease::shipped().map(|release| release.version.to_string()).collect();
            problems.add(
                &["runners", "version"],
                format!(
                    "the checksums of runner {version} are not known here; give `auto` or one of {}, or give {version} when deploying, with its checksums: as `RunnerVersion` and `RunnerChecksums`, or `runner_version` and `runner_checksums`",
                    known.join(", ")
                ),
            );
        }
    }

    fn check_egress(&self, problems: &mut Problems) {
        let rules = &self.egress;
        if rules.is_empty() {
            problems.add(
                &["runners", "egress"],
                "no rule: runners could not reach GitHub; allow at least tcp 443, or leave `egress` out"
                    .to_owned(),
            );
        } else if !rules.iter().any(EgressRule::is_https) {
            problems.add(
                &["runners", "egress"],
                "no rule for tcp 443: runners could not reach GitHub, nor what AWS holds for them; add one"
                    .to_owned(),
            );
        }
        if rules.len() > Self::MOST_EGRESS_RULES {
            let (found, most) = (rules.len(), Self::MOST_EGRESS_RULES);
            problems.add(&["runners", "egress"], format!("{found} rules; a security group takes {most}"));
        }
        for (index, rule) in rules.iter().enumerate() {
            let path = ["runners", "egress", &index.to_string()];
            if rule.port == 0 {
                problems.add(&path, "port 0 is no port; give 1 to 65535".to_owned());
            }
            check_text(problems, &[path[0], path[1], path[2], "description"], rule.description.as_str());
            let same = |other: &EgressRule| {
                (other.protocol, other.port, &other.cidr) == (rule.protocol, rule.port, &rule.cidr)
            };
            if let Some(first) = rules[..index].iter().position(same) {
                problems.add(&path, format!("the same rule as entry {first} (counted from 0); remove one"));
            }
        }
    }
}

impl EgressRule {
    /// Whether it lets runners use HTTPS, which everything needs: GitHub's API and jobs, the table, packages.
    pub(crate) fn is_https(&self) -> bool {
        self.is_tcp(443)
    }

    /// Whether it lets runners connect to a port.
    pub(crate) fn is_tcp(&self, port: u16) -> bool {
        self.protocol == Protocol::Tcp && self.port == port
    }
}

/// Refuses text that would not mean itself in a template: `{{` begins a dynamic reference there, also inside other text
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>).
fn check_text(problems: &mut Problems, path: &[&str], text: &str) {
    if text.contains("{{") {
        problems.add(path, "`{{` begins a dynamic reference of CloudFormation; write it without".to_owned());
    }
}

#[derive(Default)]
struct Problems(Vec<ChoiceProblem>);

impl Problems {
    fn add(&mut self, path: &[&str], message: String) {
        self.0.push(ChoiceProblem { path: path.iter().map(|&step| step.to_owned()).collect(), message });
    }
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            name: known(DeploymentName::new("jit-runners")),
            tags: BTreeMap::new(),
            architecture: Architecture::X86_64,
            functions: PerHandler {
                webhook: FunctionChoices::sized(256, 8),
                scaleup: FunctionChoices::sized(512, 90),
                // A run takes seconds, and two minutes at most; a removal waits until every instance is gone.
                scaledown: FunctionChoices::sized(256, 540),
                lifecycle: FunctionChoices::sized(256, 30),
                rebalancer: FunctionChoices::sized(256, 50),
            },
            label_mappings: known(LabelMappings::new(
                [
                    // Regions that came after 2018 have no T2.
                    ("nano", "t2.nano", &["t2.nano", "t3.nano"][..]),
                    ("micro", "t2.micro", &["t2.micro", "t3.micro"]),
                    ("small", "t2.small", &["t2.small", "t3.small"]),
                    ("medium", "t3.medium", &[]),
                    ("large", "c5.xlarge", &[]),
                    ("release", "m5.xlarge", &[]),
                ]
                .map(|(label, instance_type, candidates)| LabelMapping {
                    label: known(Label::new(label)),
                    instance_type: known(InstanceType::new(instance_type)),
                    instance_types: candidates.iter().map(|one| known(InstanceType::new(*one))).collect(),
                    ami: None,
                })
                .to_vec(),
            )),
            runners: RunnerChoices::default(),
            permissions_boundary: None,
            kms_key: None,
            github_api_url: known(ApiUrl::new("https://api.github.com")),
            throttling: Throttling::default(),
            alarms: true,
            dashboard: true,
        }
    }
}

impl Default for Throttling {
    /// The largest matrix is 256 jobs, and 256 webhooks at once: three such pushes in the same second fit into a burst, and
    /// five seconds later there is room for as many again. Scale-up starts two launches a second, so a higher rate would
    /// start no job earlier: it would only let a flood cost more.
    fn default() -> Self {
        Self { rate: 200, burst: 1_000 }
    }
}

impl Default for RunnerChoices {
    fn default() -> Self {
        let anywhere = |protocol, port, description: &str| EgressRule {
            protocol,
            port,
            cidr: known(Cidr::new("0.0.0.0/0")),
            description: known(RuleDescription::new(description)),
        };
        Self {
            default_instance_type: known(InstanceType::new("t3.medium")),
            version: ReleaseChoice::Auto,
            max: 100,
            max_per_repository: 100,
            scope: RunnerScope::Repository,
            group: 1,
            egress: vec![
                anywhere(Protocol::Tcp, 443, "HTTPS"),
                anywhere(Protocol::Tcp, 80, "HTTP for package mirrors"),
                anywhere(Protocol::Udp, 53, "DNS"),
            ],
        }
    }
}

impl FunctionChoices {
    fn sized(memory: u32, timeout: u32) -> Self {
        Self {
            memory: known(Mebibytes::new(memory)),
            timeout: known(Timeout::new(Seconds::new(timeout))),
            log_retention: known(RetentionDays::new(14)),
        }
    }
}

/// A value of this file, which a test makes once.
fn known<T, E: std::fmt::Debug>(checked: Result<T, E>) -> T {
    checked.expect("defaults are valid")
}
