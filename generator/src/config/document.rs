//! The configuration file as it is written: the source of the schema, of `init`'s template, and of the defaults in
//! both. What stands on the fields here, people read in their editor.

use std::collections::BTreeMap;

use jit_runners_model::{
    Choices, Deployment, LabelMapping, Mebibytes, Timeout,
    choices::{Architecture, EgressRule, FunctionChoices, Protocol, RunnerChoices, RunnerScope, Throttling},
    contract::Handler,
};
use jit_runners_yaml::quantity::{Quantity, retentions};
use schemars::JsonSchema;
use serde::Serialize;

/// The deployment that `jit-runners generate` writes. Every key is optional.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "jit-runners.yaml")]
pub(super) struct Document {
    /// Prefix of every resource's name where whoever deploys gives no other: the default of Terraform's
    /// `project_name`, and the stack's name in the examples. A letter, then letters, digits and hyphens.
    #[schemars(regex(pattern = "^[A-Za-z][A-Za-z0-9-]*$"), length(max = longest_name()))]
    name: String,

    /// Tags on the API, queues, table, functions, roles, security group and log groups, at most 40.
    #[schemars(schema_with = "tags", example = example_tags())]
    tags: BTreeMap<String, String>,

    /// What the functions are compiled for: `x86_64` or `arm64`. Runners follow their image and instance types.
    #[schemars(extend("enum" = architectures()))]
    architecture: &'static str,

    /// The five functions, each with its size, its time limit and how long its log is kept.
    functions: Functions,

    /// Which instance type runs the jobs of a label; the first entry whose label a job has wins. One entry is
    /// enough to replace the whole list. Add `instance_types: [c5.xlarge, c6i.xlarge]` for spot candidates in
    /// order of preference, and `ami: ami-...` for an image of its own. The input `LabelMappings` /
    /// `label_mappings` replaces the list when deploying.
    label_mappings: Vec<Mapping>,

    /// The runners: how many, which release, and where they may connect to.
    runners: Runners,

    /// The ARN of an IAM policy that bounds what every role of the deployment can do.
    #[schemars(
        regex(pattern = r"^arn:aws[^:]*:iam:[^:]*:(aws|[0-9]{12}):policy/[A-Za-z0-9_+=,.@/-]+$"),
        example = &"arn:aws:iam::123456789012:policy/boundary"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<String>,

    /// The ARN of a customer-managed KMS key for queues, table, log groups and the functions' environment. Without
    /// one, AWS encrypts with its own keys. The key's policy must let `logs.REGION.amazonaws.com` and
    /// `events.amazonaws.com` use it, or log groups are refused and EC2's events are lost.
    #[schemars(
        regex(pattern = r"^arn:aws[^:]*:kms:[^:]*:(aws|[0-9]{12}):key/[A-Za-z0-9_+=,.@/-]+$"),
        example = &"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key: Option<String>,

    /// GitHub's REST API: `https://api.SUBDOMAIN.ghe.com` of an enterprise with data residency, `https://HOST/api/v3` of a
    /// GitHub Enterprise Server.
    #[schemars(regex(
        pattern = r"^(https://api[.]github[.]com|https://api[.][A-Za-z0-9_-]+[.]ghe[.]com|https://[A-Za-z0-9_-][A-Za-z0-9._-]*(:[0-9]{1,5})?(/[A-Za-z0-9._:-]+)*/api/v3|http://127[.]0[.]0[.]1:[0-9]{1,5}(/[A-Za-z0-9._:-]+)*)$"
    ))]
    github_api_url: String,

    /// How many webhooks the API takes. More is answered 429; GitHub does not repeat these, and their jobs start a
    /// minute or two later, when the rebalancer finds them.
    throttling: Throttled,

    /// Whether there are alarms: on dead letters, failing functions, refused webhooks, stranded jobs and slow starts.
    alarms: bool,

    /// Whether there is a dashboard.
    dashboard: bool,
}

/// The five functions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Functions {
    #[schemars(description = Handler::Webhook.purpose())]
    webhook: Function,
    #[schemars(description = Handler::ScaleUp.purpose())]
    scaleup: Function,
    #[schemars(description = Handler::ScaleDown.purpose())]
    scaledown: Function,
    #[schemars(description = Handler::Lifecycle.purpose())]
    lifecycle: Function,
    #[schemars(description = Handler::Rebalancer.purpose())]
    rebalancer: Function,
}

/// One function.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Function {
    #[schemars(
        description = format!("Its {}. With more memory comes a larger share of a processor.", Mebibytes::expected(Mebibytes::MAX)),
        regex(pattern = "^[1-9][0-9]* (MiB|GiB)$")
    )]
    memory: String,
    #[schemars(
        description = format!(
            "When an invocation is cut off: {}, no longer than a sixth of the time for which its queue hides a message, and over before the next run is due or CloudFormation gives up.",
            Timeout::expected(Timeout::MAX)
        ),
        regex(pattern = "^[1-9][0-9]* (s|min)$")
    )]
    timeout: String,
    /// How long its log is kept, in days: a period that CloudWatch Logs offers, such as 3, 30 or 365 days.
    #[schemars(extend("enum" = retentions()))]
    log_retention: String,
}

/// The machine for one label.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Mapping {
    /// The label of a job, without regard to case.
    #[schemars(regex(pattern = r"^((\{?[^\s,{])+\{?|\{)$"), length(max = 256))]
    label: String,
    /// The instance type, a family and a size.
    #[schemars(regex(pattern = INSTANCE_TYPE))]
    instance_type: String,
    /// Candidates for spot in order of preference; `instance_type` alone when empty.
    #[schemars(inner(regex(pattern = INSTANCE_TYPE)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_types: Option<Vec<String>>,
    /// The image, where it is not the deployment's default one.
    #[schemars(regex(pattern = "^ami-([0-9a-f]{8}|[0-9a-f]{17})$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    ami: Option<String>,
}

/// The runners.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Runners {
    /// The instance type of jobs without a mapped label; the default of the input `DefaultInstanceType` /
    /// `default_instance_type`.
    #[schemars(regex(pattern = INSTANCE_TYPE))]
    default_instance_type: String,
    /// The release of the Actions runner; the default of the input `RunnerVersion` / `runner_version`. `auto` is
    /// the one that GitHub offers; another gets no jobs any more about two months after its successor came out.
    #[schemars(regex(pattern = r"^(auto|[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5})$"))]
    version: String,
    /// Instances at the same time, at most; the default of the input `MaxRunners` / `max_runners`. Jobs beyond it
    /// wait until a runner finishes.
    #[schemars(range(min = 1, max = RunnerChoices::MOST_RUNNERS))]
    max: u32,
    /// Instances at the same time for one repository, at most. The same as `max` unless given.
    #[schemars(range(min = 1, max = RunnerChoices::MOST_RUNNERS))]
    max_per_repository: u32,
    /// Where a runner is registered: `repository` for the job's repository only, or `organization`, so that any of
    /// its repositories may take it.
    #[schemars(extend("enum" = RunnerScope::ALL.map(RunnerScope::as_str)))]
    scope: &'static str,
    /// The id of the runner group, a number; 1 is the default group.
    #[schemars(range(min = 1, max = u32::MAX))]
    group: u32,
    /// Where runners may connect to. One entry is enough to replace the whole list; one must be for tcp 443.
    #[schemars(length(min = 1, max = RunnerChoices::MOST_EGRESS_RULES))]
    egress: Vec<Egress>,
}

/// How many webhooks the API takes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Throttled {
    /// Webhooks a second.
    #[schemars(range(min = 1, max = Throttling::MOST_RATE))]
    rate: u32,
    /// Webhooks at once, before the rate applies.
    #[schemars(range(min = 1, max = Throttling::MOST_BURST))]
    burst: u32,
}

/// Lets runners connect to one port.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Egress {
    /// `tcp` or `udp`.
    #[schemars(extend("enum" = Protocol::ALL.map(Protocol::as_str)))]
    protocol: &'static str,
    /// The port.
    #[schemars(range(min = 1, max = u16::MAX))]
    port: u16,
    /// The addresses, in CIDR notation: `0.0.0.0/0` or `"::/0"`.
    #[schemars(regex(pattern = "^[0-9A-Fa-f.:]+/[0-9]{1,3}$"))]
    cidr: String,
    /// What it is for.
    #[schemars(regex(pattern = r"^[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]*$"), length(max = 255))]
    description: String,
}

const INSTANCE_TYPE: &str = r"^[a-z][a-z0-9-]*[0-9][a-z0-9-]*\.(nano|micro|small|medium|large|([1-9][0-9]*)?xlarge|metal|metal-[0-9]{1,5}xl)$";

/// Punctuation that no tag has. Letters and digits of any script are fine, which patterns cannot say alike
/// everywhere, so what is not fine is listed.
const NOT_IN_TAGS: &str = r##"[^!"#$%&'()*,;<>?\[\]^`{|}~\\\t\n]"##;

fn tags(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "additionalProperties": { "type": "string", "maxLength": 256, "pattern": format!("^{NOT_IN_TAGS}*$") },
        "propertyNames": {
            "maxLength": 128,
            "pattern": format!("^{NOT_IN_TAGS}+$"),
            "not": { "pattern": "^([Aa][Ww][Ss]|jit-runners):" }
        },
        "maxProperties": 40
    })
}

fn example_tags() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([("CostCenter", "1234"), ("Team", "platform")])
}

/// Every name of every architecture, the usual ones first.
fn architectures() -> Vec<&'static str> {
    let others = Architecture::ALL.into_iter().flat_map(|one| one.other_names().iter().copied());
    Architecture::ALL.map(Architecture::as_str).into_iter().chain(others).collect()
}

fn longest_name() -> usize {
    // The defaults are the largest deployment there is: switching things off only takes names away.
    Deployment::new(Choices::default()).map_or(usize::MAX, |deployment| deployment.longest_name().0)
}

impl From<&Choices> for Document {
    fn from(choices: &Choices) -> Self {
        let function = |handler| Function::from(choices.functions.get(handler));
        Self {
            name: choices.name.to_string(),
            tags: choices.tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            architecture: choices.architecture.as_str(),
            functions: Functions {
                webhook: function(Handler::Webhook),
                scaleup: function(Handler::ScaleUp),
                scaledown: function(Handler::ScaleDown),
                lifecycle: function(Handler::Lifecycle),
                rebalancer: function(Handler::Rebalancer),
            },
            label_mappings: choices.label_mappings.iter().map(Mapping::from).collect(),
            runners: Runners::from(&choices.runners),
            permissions_boundary: choices.permissions_boundary.as_ref().map(ToString::to_string),
            kms_key: choices.kms_key.as_ref().map(ToString::to_string),
            github_api_url: choices.github_api_url.to_string(),
            throttling: Throttled { rate: choices.throttling.rate, burst: choices.throttling.burst },
            alarms: choices.alarms,
            dashboard: choices.dashboard,
        }
    }
}

impl From<&FunctionChoices> for Function {
    fn from(choices: &FunctionChoices) -> Self {
        Self {
            memory: choices.memory.written(),
            timeout: choices.timeout.written(),
            log_retention: choices.log_retention.written(),
        }
    }
}

impl From<&LabelMapping> for Mapping {
    fn from(mapping: &LabelMapping) -> Self {
        let LabelMapping { label, instance_type, instance_types, ami } = mapping;
        let candidates: Vec<_> = instance_types.iter().map(ToString::to_string).collect();
        Self {
            label: label.to_string(),
            instance_type: instance_type.to_string(),
            instance_types: (!candidates.is_empty()).then_some(candidates),
            ami: ami.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&RunnerChoices> for Runners {
    fn from(choices: &RunnerChoices) -> Self {
        let egress = |rule: &EgressRule| Egress {
            protocol: rule.protocol.as_str(),
            port: rule.port,
            cidr: rule.cidr.to_string(),
            description: rule.description.to_string(),
        };
        Self {
            default_instance_type: choices.default_instance_type.to_string(),
            version: choices.version.to_string(),
            max: choices.max,
            max_per_repository: choices.max_per_repository,
            scope: choices.scope.as_str(),
            group: choices.group,
            egress: choices.egress.iter().map(egress).collect(),
        }
    }
}
