//! What is chosen when the files are generated, checked and with defaults.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment, choices::RunnerChoices};
//!
//! let runners = RunnerChoices { group: 7, ..RunnerChoices::default() };
//! let choices = Choices { runners, ..Choices::default() };
//! assert!(Deployment::new(choices.clone()).is_ok());
//! // Only organizations have runner groups.
//! assert_eq!(choices.advice()[0].path, ["runners", "group"]);
//! ```

mod advice;
mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    contract::{PerHandler, runner_release::ReleaseChoice},
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
    /// Tags on resources that are billed or that people search by owner, in addition to our own.
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
