//! Inputs of the deployment. Their names stand in users' scripts and never change.

use crate::{
    choices::{Choices, RunnerChoices},
    contract::{
        Handler,
        runner_release::{ReleaseChoice, RunnerRelease},
    },
    name::InstanceType,
    parameter::{
        DefaultValue, Parameter, ParameterGroup as Group, ParameterId, ParameterType as Type, Pattern,
    },
    requirement::{Demand, Fact, Requirement, Word},
};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $cloudformation:literal / $terraform:literal;)+) => {
        $($(#[$doc])* pub const $name: ParameterId =
            ParameterId { cloudformation: $cloudformation, terraform: $terraform };)+
    };
}

ids! {
    /// The GitHub App.
    GITHUB_APP_ID = "GitHubAppId" / "github_app_id";
    /// The App's installation.
    GITHUB_INSTALLATION_ID = "GitHubInstallationId" / "github_installation_id";
    /// The secret that signs webhooks.
    WEBHOOK_SECRET_ARN = "WebhookSecretArn" / "webhook_secret_arn";
    /// The App's private key.
    PRIVATE_KEY_ARN = "PrivateKeySecretArn" / "private_key_arn";
    /// Where the packages are.
    LAMBDA_S3_BUCKET = "LambdaS3Bucket" / "lambda_s3_bucket";
    /// Package of the webhook function.
    WEBHOOK_S3_KEY = "WebhookLambdaS3Key" / "webhook_lambda_s3_key";
    /// Package of the scale-up function.
    SCALE_UP_S3_KEY = "ScaleUpLambdaS3Key" / "scaleup_lambda_s3_key";
    /// Package of the scale-down function.
    SCALE_DOWN_S3_KEY = "ScaleDownLambdaS3Key" / "scaledown_lambda_s3_key";
    /// Package of the lifecycle function.
    LIFECYCLE_S3_KEY = "LifecycleLambdaS3Key" / "lifecycle_lambda_s3_key";
    /// Package of the rebalancer.
    REBALANCER_S3_KEY = "RebalancerLambdaS3Key" / "rebalancer_lambda_s3_key";
    /// Where runners launch.
    VPC_ID = "VpcId" / "vpc_id";
    /// Where in the VPC they launch.
    SUBNET_IDS = "SubnetIds" / "subnet_ids";
    /// The image of runners.
    DEFAULT_AMI = "DefaultAMI" / "default_ami";
    /// The instance type where no label is mapped.
    DEFAULT_INSTANCE_TYPE = "DefaultInstanceType" / "default_instance_type";
    /// Which machine runs which label.
    LABEL_MAPPINGS = "LabelMappings" / "label_mappings";
    /// The release of the Actions runner.
    RUNNER_VERSION = "RunnerVersion" / "runner_version";
    /// What the release's archives must be.
    RUNNER_CHECKSUMS = "RunnerChecksums" / "runner_checksums";
    /// The cap on instances.
    MAX_RUNNERS = "MaxRunners" / "max_runners";
    /// Whether nothing is launched for now.
    PAUSED = "Paused" / "paused";
    /// A runner pending for longer is stuck.
    STALE_THRESHOLD_MINUTES = "StaleThresholdMinutes" / "stale_threshold_minutes";
    /// An older instance is terminated.
    MAX_RUNNER_AGE_MINUTES = "MaxRunnerAgeMinutes" / "max_runner_age_minutes";
    /// How often a stuck job is tried again.
    MAX_RE_ENQUEUE_ATTEMPTS = "MaxReEnqueueAttempts" / "max_re_enqueue_attempts";
    /// Whom alarms tell.
    ALARM_TOPIC_ARN = "AlarmTopicArn" / "alarm_topic_arn";
}

/// The input that names a function's package.
pub const fn package_key(handler: Handler) -> ParameterId {
    match handler {
        Handler::Webhook => WEBHOOK_S3_KEY,
        Handler::ScaleUp => SCALE_UP_S3_KEY,
        Handler::ScaleDown => SCALE_DOWN_S3_KEY,
        Handler::Lifecycle => LIFECYCLE_S3_KEY,
        Handler::Rebalancer => REBALANCER_S3_KEY,
    }
}

/// The choice, as in the configuration file, that an input's default is.
pub fn chosen_default(input: ParameterId) -> Option<&'static str> {
    match input {
        LABEL_MAPPINGS => Some("label_mappings"),
        DEFAULT_INSTANCE_TYPE => Some("runners.default_instance_type"),
        RUNNER_VERSION => Some("runners.version"),
        MAX_RUNNERS => Some("runners.max"),
        _ => None,
    }
}

const NUMERIC: Type = text(Pattern::new("^[1-9][0-9]{0,18}$"));
const SECRET_ARN: Type = text(Pattern::new(
    "^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$",
));
const SECRET_ARN_EXPECTED: &str = "the full ARN of a secret, with its suffix of six characters";
/// S3 itself refuses keys of more than 1,024 bytes.
const S3_KEY: Type = text(Pattern::new("^[^/].*[.]zip$"));
const S3_KEY_EXPECTED: &str = "the key of a .zip, without a leading slash";

const fn text(pattern: Pattern) -> Type {
    Type::Text { pattern, longest: None }
}

/// Every input, with defaults from `choices`.
pub(crate) fn parameters(choices: &Choices) -> Vec<Parameter> {
    let mut parameters = github();
    parameters.extend(packages());
    parameters.extend(network());
    parameters.extend(runners(choices));
    parameters.extend(lifetime());
    parameters.extend(alarms(choices));
    parameters
}

const fn required(
    id: ParameterId,
    group: Group,
    kind: Type,
    description: &'static str,
    expected: &'static str,
    example: &'static str,
) -> Parameter {
    Parameter { id, group, description, kind, expected, default: None, example }
}

fn github() -> Vec<Parameter> {
    vec![
        required(
            GITHUB_APP_ID,
            Group::GitHub,
            NUMERIC,
            "The GitHub App's id, from the App's settings page.",
            "a number",
            "123456",
        ),
        required(
            GITHUB_INSTALLATION_ID,
            Group::GitHub,
            NUMERIC,
            "The id of the App's installation, the last part of its page's address.",
            "a number",
            "7890123",
        ),
        required(
            WEBHOOK_SECRET_ARN,
            Group::GitHub,
            SECRET_ARN,
            "The Secrets Manager secret that holds the App's webhook secret.",
            SECRET_ARN_EXPECTED,
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:jit-runners/webhook-secret-AbCdEf",
        ),
        required(
            PRIVATE_KEY_ARN,
            Group::GitHub,
            SECRET_ARN,
            "The Secrets Manager secret that holds the App's private key (PEM).",
            SECRET_ARN_EXPECTED,
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:jit-runners/private-key-GhIjKl",
        ),
    ]
}

fn packages() -> Vec<Parameter> {
    let key = |handler, description, example| {
        required(package_key(handler), Group::Packages, S3_KEY, description, S3_KEY_EXPECTED, example)
    };
    vec![
        required(
            LAMBDA_S3_BUCKET,
            Group::Packages,
            text(Pattern::new("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")),
            "The S3 bucket, in the deployment's region, that holds the functions' packages.",
            "the name of a bucket, without s3://",
            "my-lambda-packages",
        ),
        key(Handler::Webhook, "Key of the webhook function's package.", "v1.0.0/webhook.zip"),
        key(Handler::ScaleUp, "Key of the scale-up function's package.", "v1.0.0/scaleup.zip"),
        key(Handler::ScaleDown, "Key of the scale-down function's package.", "v1.0.0/scaledown.zip"),
        key(Handler::Lifecycle, "Key of the lifecycle function's package.", "v1.0.0/lifecycle.zip"),
        key(Handler::Rebalancer, "Key of the rebalancer's package.", "v1.0.0/rebalancer.zip"),
    ]
}

fn network() -> Vec<Parameter> {
    vec![
        required(
            VPC_ID,
            Group::Network,
            Type::VpcId,
            "The VPC in which runners launch.",
            "the id of a VPC, vpc-...",
            "vpc-0123456789abcdef0",
        ),
        required(
            SUBNET_IDS,
            Group::Network,
            Type::SubnetIds,
            "The subnets in which runners launch, with a way out to the internet; best private, in several zones.",
            "ids of subnets, subnet-...",
            "subnet-0123456789abcdef0,subnet-0fedcba9876543210",
        ),
        required(
            DEFAULT_AMI,
            Group::Network,
            Type::ImageId,
            "The image of runners: Amazon Linux 2023, or one built on it, in the deployment's region.",
            "the id of an image, ami-...",
            "ami-0123456789abcdef0",
        ),
    ]
}

fn runners(choices: &Choices) -> Vec<Parameter> {
    let defaulted = |id, kind, description, expected, default, example| Parameter {
        id,
        group: Group::Runners,
        description,
        kind,
        expected,
        default: Some(default),
        example,
    };
    vec![
        defaulted(
            LABEL_MAPPINGS,
            Type::LabelMappings,
            "JSON array that maps a job's label to an instance type, with optional spot candidates (instance_types) and image (ami).",
            "a JSON array of objects with label and instance_type",
            DefaultValue::Text(choices.label_mappings.to_json()),
            "[{\"label\":\"large\",\"instance_type\":\"c5.xlarge\",\"instance_types\":[\"c5.xlarge\",\"c6i.xlarge\"]}]",
        ),
        defaulted(
            DEFAULT_INSTANCE_TYPE,
            text(InstanceType::PATTERN),
            "The instance type of jobs without a mapped label.",
            "an instance type such as t3.medium",
            DefaultValue::Text(choices.runners.default_instance_type.to_string()),
            "t3.large",
        ),
        defaulted(
            RUNNER_VERSION,
            text(Pattern::new("^(auto|[0-9]{1,5}[.][0-9]{1,5}[.][0-9]{1,5})$")),
            "The release of the Actions runner. auto is the one that GitHub offers; another gets no jobs any more about two months after its successor came out.",
            "auto, or three numbers such as 2.338.0",
            DefaultValue::Text(choices.runners.version.to_string()),
            "2.338.0",
        ),
        defaulted(
            RUNNER_CHECKSUMS,
            text(Pattern::new("^(x64=[0-9a-f]{64},arm64=[0-9a-f]{64})?$")),
            "SHA-256 of the two archives of a release to stay with, from its notes; empty for auto, and where they are known.",
            "x64=<64 hexadecimal digits>,arm64=<64 hexadecimal digits>, or nothing",
            DefaultValue::Text(String::new()),
            "x64=af4b794c1bc41d73d40535e3fe092a39f9679cd8d965954c2aca25a05ca41d32,arm64=628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b",
        ),
        defaulted(
            MAX_RUNNERS,
            Type::Integer { min: 1, max: RunnerChoices::MOST_RUNNERS },
            "Instances at the same time, at most. Jobs beyond it wait until a runner finishes.",
            "a whole number, 1 to 10000; to launch nothing, pause the deployment",
            DefaultValue::Integer(choices.runners.max),
            "100",
        ),
        defaulted(
            PAUSED,
            Type::Flag,
            "Whether nothing is launched for now. Jobs are recorded, and start once it is false again.",
            "true or false",
            DefaultValue::Flag(false),
            "true",
        ),
    ]
}

fn lifetime() -> Vec<Parameter> {
    let minutes = |id, min, max, description, expected, default, example| Parameter {
        id,
        group: Group::Lifetime,
        description,
        kind: Type::Integer { min, max },
        expected,
        default: Some(DefaultValue::Integer(default)),
        example,
    };
    vec![
        minutes(
            STALE_THRESHOLD_MINUTES,
            1,
            1_440,
            "A runner that is pending for longer than this many minutes is replaced.",
            "a whole number of minutes, 1 to 1440",
            10,
            "10",
        ),
        minutes(
            MAX_RUNNER_AGE_MINUTES,
            1,
            // GitHub ends a job on a self-hosted runner after five days.
            7_200,
            "An instance older than this many minutes is terminated, whatever it does.",
            "a whole number of minutes, 1 to 7200",
            360,
            "360",
        ),
        minutes(
            MAX_RE_ENQUEUE_ATTEMPTS,
            1,
            10,
            "How often the job of a stale runner is tried again before it is given up.",
            "a whole number, 1 to 10",
            3,
            "3",
        ),
    ]
}

fn alarms(choices: &Choices) -> Option<Parameter> {
    choices.alarms.then(|| Parameter {
        id: ALARM_TOPIC_ARN,
        group: Group::Notifications,
        description: "The SNS topic that alarms notify; empty for none.",
        kind: text(Pattern::new("^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+)?$")),
        expected: "the ARN of an SNS topic, or nothing",
        default: Some(DefaultValue::Text(String::new())),
        example: "arn:aws:sns:us-east-1:123456789012:alerts",
    })
}

/// Every rule across the inputs.
pub(crate) fn requirements() -> Vec<Requirement> {
    vec![known_release(), one_architecture()]
}

/// A runner is only installed from an archive whose checksum is known.
fn known_release() -> Requirement {
    let shipped = RunnerRelease::shipped().map(|release| release.version.to_string());
    let known: Vec<_> = std::iter::once(ReleaseChoice::AUTO.to_owned()).chain(shipped).collect();
    let words: [Word; 4] = [
        RUNNER_VERSION.into(),
        " needs ".into(),
        RUNNER_CHECKSUMS.into(),
        format!(", unless it is one of {}.", known.join(", ")).into(),
    ];
    Requirement {
        name: "RunnerChecksumsAreKnown",
        demand: Demand::AnyOf(vec![Fact::OneOf(RUNNER_VERSION, known), Fact::IsSet(RUNNER_CHECKSUMS)]),
        message: words.into(),
        broken_by: vec![(RUNNER_VERSION, "2.999.0"), (RUNNER_CHECKSUMS, "")],
    }
}

/// One image has one architecture.
fn one_architecture() -> Requirement {
    let words: [Word; 6] = [
        DEFAULT_INSTANCE_TYPE.into(),
        " and the types in ".into(),
        LABEL_MAPPINGS.into(),
        " without an ami of their own start from ".into(),
        DEFAULT_AMI.into(),
        ", so all must be of one architecture, x86_64 or Graviton: give mappings of the other one an ami."
            .into(),
    ];
    Requirement {
        name: "OneImageHasOneArchitecture",
        demand: Demand::OneArchitecture { default: DEFAULT_INSTANCE_TYPE, mappings: LABEL_MAPPINGS },
        message: words.into(),
        broken_by: vec![
            (DEFAULT_INSTANCE_TYPE, "t3.medium"),
            (LABEL_MAPPINGS, r#"[{"label":"arm","instance_type":"m7g.large"}]"#),
        ],
    }
}
