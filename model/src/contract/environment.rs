//! The functions' environment variables: declared by the generator, read by the handlers, named once.

use std::{fmt, num::NonZeroU32};

use crate::{
    choices::RunnerScope,
    contract::Handler,
    label_mapping::LabelMappings,
    name::{ApiUrl, DeploymentName, InstanceType, RunnerVersion},
    unit::Seconds,
    value::Text,
};

/// Why a function cannot start: every variable that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentError {
    /// The variables, in the order in which they are declared.
    pub problems: Vec<VariableProblem>,
}

impl std::error::Error for EnvironmentError {}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("environment variables: ")?;
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// What is wrong with one variable. Values are not repeated: they stand in the deployment, and logs are not the
/// place for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableProblem {
    /// It is not set.
    #[error("{name} is not set; expected {expected}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// It does not hold what it should.
    #[error("{name} is not {expected}: {why}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
        /// The reader's complaint.
        why: String,
    },
}

/// The environment of one of the five functions, as its handler reads it.
pub trait Environment: Sized {
    /// Reads every variable through `lookup`, usually the process's environment, and reports all that are missing
    /// or wrong.
    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError>;
}

/// A value that stands in a variable.
trait Variable: Sized {
    const EXPECTED: &'static str;
    fn parse(text: &str) -> Result<Self, String>;
}

macro_rules! variables {
    ($($field:ident = $name:literal),+ $(,)?) => {
        /// Where the value of each variable comes from in a deployment.
        #[derive(Debug, Clone)]
        #[expect(missing_docs, reason = "each field is the variable of the same name, described where it is read")]
        pub struct Sources { $(pub $field: Text,)+ }

        /// Names of variables, by field.
        mod names {
            #![expect(non_upper_case_globals, reason = "each constant is named like the field that it names")]
            $(pub(super) const $field: &str = $name;)+
        }
    };
}

variables! {
    deployment = "DEPLOYMENT_NAME",
    github_api_url = "GITHUB_API_URL",
    github_app_id = "GITHUB_APP_ID",
    github_installation_id = "GITHUB_INSTALLATION_ID",
    webhook_secret_arn = "WEBHOOK_SECRET_ARN",
    private_key_arn = "PRIVATE_KEY_SECRET_ARN",
    scale_up_queue_url = "SCALEUP_QUEUE_URL",
    lifecycle_queue_url = "LIFECYCLE_QUEUE_URL",
    table_name = "TABLE_NAME",
    label_mappings = "LABEL_MAPPINGS",
    default_instance_type = "DEFAULT_INSTANCE_TYPE",
    default_ami = "DEFAULT_AMI",
    subnet_ids = "SUBNET_IDS",
    security_group_id = "RUNNER_SECURITY_GROUP_ID",
    instance_profile_arn = "RUNNER_INSTANCE_PROFILE_ARN",
    runner_role_id = "RUNNER_ROLE_ID",
    runner_version = "RUNNER_VERSION",
    runner_scope = "RUNNER_SCOPE",
    runner_group_id = "RUNNER_GROUP_ID",
    max_runners = "MAX_RUNNERS",
    max_runners_per_repository = "MAX_RUNNERS_PER_REPOSITORY",
    stale_threshold = "STALE_THRESHOLD_MINUTES",
    max_runner_age = "MAX_RUNNER_AGE_MINUTES",
    max_re_enqueue_attempts = "MAX_RE_ENQUEUE_ATTEMPTS",
    metrics_namespace = "METRICS_NAMESPACE",
}

macro_rules! environments {
    ($(
        $(#[$doc:meta])*
        $environment:ident for $handler:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)+ }
    )+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $environment { $($(#[$field_doc])* pub $field: $kind,)+ }

            impl Environment for $environment {
                fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
                    let mut problems = Vec::new();
                    $(let $field = read_one::<$kind>(names::$field, &lookup, &mut problems);)+
                    match ($($field,)+) {
                        ($(Some($field),)+) if problems.is_empty() => Ok(Self { $($field,)+ }),
                        _ => Err(EnvironmentError { problems }),
                    }
                }
            }
        )+

        /// The environment that `handler` reads, sorted by name.
        pub fn declare(handler: Handler, sources: &Sources) -> Vec<(&'static str, Text)> {
            let mut variables: Vec<(&'static str, Text)> = match handler {
                $(Handler::$handler => vec![$((names::$field, sources.$field.clone()),)+],)+
            };
            variables.sort_unstable_by_key(|(name, _)| *name);
            variables
        }

        /// What each variable of `handler` holds, sorted by name.
        pub fn expected(handler: Handler) -> Vec<(&'static str, &'static str)> {
            let mut variables = match handler {
                $(Handler::$handler => vec![$((names::$field, <$kind as Variable>::EXPECTED),)+],)+
            };
            variables.sort_unstable_by_key(|(name, _)| *name);
            variables
        }
    };
}

environments! {
    /// What the webhook function reads.
    WebhookEnvironment for Webhook {
        /// Prefix of every name.
        deployment: DeploymentName,
        /// Where its metrics go.
        metrics_namespace: NonEmpty,
        /// The secret that signs webhooks.
        webhook_secret_arn: SecretArn,
        /// Where jobs go.
        scale_up_queue_url: QueueUrl,
        /// Where events go.
        lifecycle_queue_url: QueueUrl,
    }
    /// What the scale-up function reads.
    ScaleUpEnvironment for ScaleUp {
        /// Prefix of every name, and the value of the tag that makes an instance ours.
        deployment: DeploymentName,
        /// Where its metrics go.
        metrics_namespace: NonEmpty,
        /// GitHub's REST API.
        github_api_url: ApiUrl,
        /// The App.
        github_app_id: Id,
        /// The App's installation.
        github_installation_id: Id,
        /// The App's private key.
        private_key_arn: SecretArn,
        /// The ledger.
        table_name: NonEmpty,
        /// Which machine runs which label.
        label_mappings: LabelMappings,
        /// The machine where no label is mapped.
        default_instance_type: InstanceType,
        /// The image where no label has its own.
        default_ami: AmiId,
        /// Where instances launch.
        subnet_ids: SubnetIds,
        /// What instances may connect to.
        security_group_id: NonEmpty,
        /// Hands instances their role.
        instance_profile_arn: NonEmpty,
        /// The role's unique id: the first half of a configuration's key.
        runner_role_id: NonEmpty,
        /// The release of the Actions runner.
        runner_version: RunnerVersion,
        /// Where runners are registered.
        runner_scope: RunnerScope,
        /// The runner group.
        runner_group_id: Count,
        /// The deployment's cap on instances.
        max_runners: Count,
        /// A repository's cap on instances.
        max_runners_per_repository: Count,
    }
    /// What the scale-down function reads.
    ScaleDownEnvironment for ScaleDown {
        /// The value of the tag that makes an instance ours.
        deployment: DeploymentName,
        /// Where its metrics go.
        metrics_namespace: NonEmpty,
        /// GitHub's REST API.
        github_api_url: ApiUrl,
        /// The App.
        github_app_id: Id,
        /// The App's installation.
        github_installation_id: Id,
        /// The App's private key.
        private_key_arn: SecretArn,
        /// The ledger.
        table_name: NonEmpty,
        /// Where jobs go that are tried again.
        scale_up_queue_url: QueueUrl,
        /// Where runners are registered.
        runner_scope: RunnerScope,
        /// A runner pending for longer is stuck.
        stale_threshold: Minutes,
        /// An instance that is older is terminated.
        max_runner_age: Minutes,
        /// A stuck job is tried again so often.
        max_re_enqueue_attempts: Count,
    }
    /// What the lifecycle function reads.
    LifecycleEnvironment for Lifecycle {
        /// The value of the tag that makes an instance ours.
        deployment: DeploymentName,
        /// Where its metrics go.
        metrics_namespace: NonEmpty,
        /// GitHub's REST API.
        github_api_url: ApiUrl,
        /// The App.
        github_app_id: Id,
        /// The App's installation.
        github_installation_id: Id,
        /// The App's private key.
        private_key_arn: SecretArn,
        /// The ledger.
        table_name: NonEmpty,
        /// Where jobs go whose instance was lost.
        scale_up_queue_url: QueueUrl,
        /// Where runners are registered.
        runner_scope: RunnerScope,
        /// The deployment's cap on instances: deferred jobs are published when one is free.
        max_runners: Count,
        /// A repository's cap on instances.
        max_runners_per_repository: Count,
    }
    /// What the rebalancer reads.
    RebalancerEnvironment for Rebalancer {
        /// Prefix of every name.
        deployment: DeploymentName,
        /// Where its metrics go.
        metrics_namespace: NonEmpty,
        /// GitHub's REST API.
        github_api_url: ApiUrl,
        /// The App.
        github_app_id: Id,
        /// The App's installation.
        github_installation_id: Id,
        /// The App's private key.
        private_key_arn: SecretArn,
        /// The ledger.
        table_name: NonEmpty,
        /// Where jobs go that no runner is coming for.
        scale_up_queue_url: QueueUrl,
        /// The deployment's cap on instances.
        max_runners: Count,
        /// A repository's cap on instances.
        max_runners_per_repository: Count,
    }
}

fn read_one<V: Variable>(
    name: &'static str,
    lookup: &impl Fn(&str) -> Option<String>,
    problems: &mut Vec<VariableProblem>,
) -> Option<V> {
    let Some(text) = lookup(name) else {
        problems.push(VariableProblem::Missing { name, expected: V::EXPECTED });
        return None;
    };
    match V::parse(&text) {
        Ok(value) => Some(value),
        Err(why) => {
            problems.push(VariableProblem::Wrong { name, expected: V::EXPECTED, why });
            None
        }
    }
}

macro_rules! text_variables {
    ($($(#[$doc:meta])* $name:ident: $expected:literal, $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Variable for $name {
            const EXPECTED: &'static str = $expected;
            fn parse(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(format!("found {} characters", text.len())) }
            }
        }
    )+};
}

text_variables! {
    /// Text of at least one character.
    NonEmpty: "a text", |text| !text.is_empty();
    /// The ARN of a secret.
    SecretArn: "the ARN of a Secrets Manager secret",
        |text| text.starts_with("arn:") && text.contains(":secretsmanager:");
    /// The URL of a queue. Emulators of AWS speak plain http.
    QueueUrl: "the URL of a queue", |text| text.starts_with("https://") || text.starts_with("http://");
    /// An image, in any of the forms that EC2 has used.
    AmiId: "an image id", |text| text.starts_with("ami-");
}

/// The ids of subnets, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetIds(Vec<String>);

impl SubnetIds {
    /// The ids, in the order given.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// A number that GitHub uses as an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u64);

/// A number of things, one or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub NonZeroU32);

/// A duration that is given in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes(pub Seconds);

macro_rules! parsed_variables {
    ($($kind:ty: $expected:expr, $parse:expr;)+) => {$(
        impl Variable for $kind {
            const EXPECTED: &'static str = $expected;
            fn parse(text: &str) -> Result<Self, String> {
                let parse: fn(&str) -> Result<Self, String> = $parse;
                parse(text)
            }
        }
    )+};
}

fn said<E: fmt::Display>(error: E) -> String {
    error.to_string()
}

parsed_variables! {
    DeploymentName: Self::EXPECTED, |text| Self::new(text).map_err(said);
    InstanceType: Self::EXPECTED, |text| Self::new(text).map_err(said);
    RunnerVersion: Self::EXPECTED, |text| Self::new(text).map_err(said);
    ApiUrl: Self::EXPECTED, |text| Self::new(text).map_err(said);
    LabelMappings: "a JSON array of label mappings", |text| Self::from_json(text).map_err(said);
    Id: "a number", |text| text.parse().map(Self).map_err(said);
    Count: "a number from 1", |text| text.parse().map(Self).map_err(said);
    Minutes: "a number of minutes, 1 to 525600", |text| match text.parse::<u32>().map_err(said)? {
        minutes @ 1..=525_600 => Ok(Self(Seconds::from_minutes(minutes))),
        other => Err(format!("{other} is out of range")),
    };
    SubnetIds: "subnet ids, separated by commas", |text| {
        let ids: Vec<_> = text.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        match ids.iter().find(|id| !id.starts_with("subnet-")) {
            Some(id) => Err(format!("`{id}` is not a subnet id")),
            None if ids.is_empty() => Err("there is none".to_owned()),
            None => Ok(Self(ids)),
        }
    };
    RunnerScope: "`repository` or `organization`", |text| {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| format!("found `{text}`"))
    };
}
