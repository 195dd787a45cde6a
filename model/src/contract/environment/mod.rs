//! The functions' environment variables: declared by the generator, read by the handlers, named once.
//!
//! ```
//! use jit_runners_model::contract::environment::{Environment, VariableProblem, WebhookEnvironment};
//!
//! let refused = WebhookEnvironment::read(|_| None).unwrap_err();
//! assert!(matches!(refused.problems[0], VariableProblem::Missing { name: "DEPLOYMENT_NAME", .. }));
//! ```

mod variable;

use std::fmt;

use self::variable::Variable;
pub use self::variable::{
    AmiId, Count, Flag, GivenChecksums, Id, Minutes, NonEmpty, QueueUrl, SecretArn, SubnetIds,
};
use crate::{
    choices::RunnerScope,
    contract::{Handler, runner_release::ReleaseChoice},
    label_mapping::LabelMappings,
    name::{ApiUrl, DeploymentName, InstanceType},
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
    runner_checksums = "RUNNER_CHECKSUMS",
    runner_scope = "RUNNER_SCOPE",
    runner_group_id = "RUNNER_GROUP_ID",
    max_runners = "MAX_RUNNERS",
    max_runners_per_repository = "MAX_RUNNERS_PER_REPOSITORY",
    paused = "PAUSED",
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
        /// The installation of the App whose jobs are served.
        github_installation_id: Id,
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
        runner_version: ReleaseChoice,
        /// What its archives must be, where it is pinned and no release that is known here.
        runner_checksums: GivenChecksums,
        /// Where runners are registered.
        runner_scope: RunnerScope,
        /// The runner group.
        runner_group_id: Count,
        /// The deployment's cap on instances.
        max_runners: Count,
        /// A repository's cap on instances.
        max_runners_per_repository: Count,
        /// Whether nothing is launched for now.
        paused: Flag,
        /// How often a stuck job is tried again.
        max_re_enqueue_attempts: Count,
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
        /// How often a stuck job is tried again.
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
        /// Whether nothing is launched for now.
        paused: Flag,
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
        /// The release of the Actions runner.
        runner_version: ReleaseChoice,
        /// Where runners are registered.
        runner_scope: RunnerScope,
        /// The deployment's cap on instances.
        max_runners: Count,
        /// A repository's cap on instances.
        max_runners_per_repository: Count,
        /// Whether nothing is launched for now.
        paused: Flag,
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
