//! What an instance runs when it boots, as text for `RunInstances`: the same for all instances of a deployment, and
//! without any secret. The configuration comes through the table.

use jit_runners_model::{
    DeploymentName, RunnerVersion, Seconds,
    contract::{
        environment::ScaleUpEnvironment,
        instance,
        runner_release::RunnerRelease,
        table::{self, Key},
    },
};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, syntax::SyntaxConfig};

const TEMPLATE: &str = include_str!("user_data.sh.j2");

/// What the user data of a deployment is made of.
#[derive(Debug, Clone)]
pub struct UserData<'a> {
    /// The deployment, for the log.
    pub deployment: &'a DeploymentName,
    /// The table that the configuration comes through.
    pub table_name: &'a str,
    /// The unique id of the instances' role: the first half of a configuration's key.
    pub runner_role_id: &'a str,
    /// The release of the runner.
    pub release: &'a RunnerRelease,
    /// How long an instance waits.
    pub limits: Limits,
}

/// How long an instance waits. The contract's limits by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For its configuration.
    pub configuration: Seconds,
    /// For a job.
    pub idle: Seconds,
    /// Between two looks.
    pub look: Seconds,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            configuration: instance::CONFIGURATION_WAIT,
            idle: instance::IDLE_LIMIT,
            look: instance::LOOK_INTERVAL,
        }
    }
}

/// Nobody knows what the archives of a release must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "RUNNER_CHECKSUMS is empty, and the checksums of runner {0} are not known here; set the deployment's RunnerChecksums (runner_checksums) to those in https://github.com/actions/runner/releases/tag/v{0}"
)]
pub struct UnknownRelease(RunnerVersion);

/// The user data of a deployment.
pub fn user_data(settings: &ScaleUpEnvironment) -> Result<String, UnknownRelease> {
    let version = &settings.runner_version;
    let given = settings.runner_checksums.0.clone();
    let release = given
        .map(|checksums| RunnerRelease::new(version.clone(), checksums))
        .or_else(|| RunnerRelease::known(version));
    let user_data = UserData {
        deployment: &settings.deployment,
        table_name: settings.table_name.as_str(),
        runner_role_id: settings.runner_role_id.as_str(),
        release: &release.ok_or_else(|| UnknownRelease(version.clone()))?,
        limits: Limits::default(),
    };
    Ok(user_data.render())
}

impl UserData<'_> {
    /// The script. EC2 takes 16 KiB (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html>).
    ///
    /// # Panics
    ///
    /// Never: the template is a part of this program and is rendered by its tests.
    pub fn render(&self) -> String {
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        let mut environment = Environment::new();
        environment.set_syntax(syntax.expect("the usual delimiters"));
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.add_filter("quoted", |text: &str| quoted(text));
        let values = context! {
            deployment => self.deployment.as_str(),
            table_name => self.table_name,
            key_attribute => table::KEY,
            configuration_attribute => table::CONFIGURATION,
            key_start => inside_json(Key::configuration(self.runner_role_id, "").as_str()),
            version => self.release.version.as_str(),
            url_x64 => self.release.x64.url.as_str(),
            url_arm64 => self.release.arm64.url.as_str(),
            checksum_x64 => self.release.x64.checksum.as_str(),
            checksum_arm64 => self.release.arm64.checksum.as_str(),
            user => instance::RUNNER_USER,
            directory => instance::RUNNER_DIRECTORY,
            version_file => instance::RUNNER_VERSION_FILE,
            packages => instance::PACKAGES.join(" "),
            log_prefix => instance::LOG_PREFIX,
            configuration_wait => self.limits.configuration.get(),
            idle_limit => self.limits.idle.get(),
            look_interval => self.limits.look.get(),
        };
        environment.render_str(TEMPLATE, values).expect("the template fits its values")
    }
}

/// `text` as one word of the shell, whatever is in it: nothing is special between apostrophes but the next one.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as it stands between the quotation marks of a JSON string.
fn inside_json(text: &str) -> String {
    let whole = serde_json::Value::from(text).to_string();
    whole.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::{
        environment::GivenChecksums,
        runner_release::{Checksum, RunnerChecksums},
    };

    use super::*;

    fn rendered(table_name: &str, runner_role_id: &str) -> String {
        let user_data = UserData {
            deployment: &DeploymentName::new("jit-runners").unwrap(),
            table_name,
            runner_role_id,
            release: &RunnerRelease::newest_shipped(),
            limits: Limits::default(),
        };
        assert_eq!(user_data.render(), user_data.render());
        user_data.render()
    }

    #[test]
    fn a_release_needs_checksums_given_or_known() {
        let with = |version: &str, given: Option<RunnerChecksums>| {
            let mut settings = crate::sample::scale_up();
            settings.runner_version = RunnerVersion::new(version).unwrap();
            settings.runner_checksums = GivenChecksums(given);
            user_data(&settings)
        };
        assert!(with("2.338.0", None).unwrap().contains("version='2.338.0'"));
        let error = with("9.0.0", None).unwrap_err().to_string();
        assert!(error.contains("runner_checksums") && error.contains("v9.0.0"), "{error}");
        let own = Checksum::new("c".repeat(64)).unwrap();
        let given = with("9.0.0", Some(RunnerChecksums { x64: own.clone(), arm64: own })).unwrap();
        assert!(given.contains(&"c".repeat(64)));
    }

    #[test]
    fn it_leaves_room_in_what_ec2_takes() {
        let longest = rendered(&"t".repeat(255), &"A".repeat(128));
        assert!(longest.len() < 12 * 1024, "{} bytes", longest.len());
    }

    #[test]
    fn it_follows_the_contracts_limits() {
        let text = rendered("jit-runners-state", "AROAEXAMPLE");
        for line in ["configuration_wait=300", "idle_limit=180", "look_interval=2"] {
            assert!(text.lines().any(|it| it == line), "{line}");
        }
    }

    #[test]
    fn a_word_of_the_shell_stays_one() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $(date)"), r"'it'\''s $(date)'");
    }

    #[test]
    fn a_part_of_a_json_string_stays_inside_it() {
        assert_eq!(inside_json("AROAEXAMPLE:"), "AROAEXAMPLE:");
        assert_eq!(inside_json(r#""a\"#), r#"\"a\\"#);
    }
}
