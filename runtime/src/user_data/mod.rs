//! User data: the script that an instance runs when it boots. It is the same for all instances of a deployment with
//! the same release of the runner, and holds no secret. The configuration comes through the table.
//!
//! ```
//! use jit_runners_model::{DeploymentName, contract::runner_release::RunnerRelease};
//! use jit_runners_runtime::user_data::{Limits, UserData};
//!
//! let release = RunnerRelease::newest_shipped();
//! let user_data = UserData {
//!     deployment: &DeploymentName::new("ours")?,
//!     table_name: "ours-state",
//!     runner_role_id: "AROAEXAMPLE",
//!     release: &release,
//!     limits: Limits::default(),
//! };
//! let script = user_data.render();
//! assert!(script.starts_with("#!/bin/bash"));
//! assert!(script.contains(release.x64.checksum.as_str()), "an archive of the runner is checked before it is unpacked");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use jit_runners_model::{
    DeploymentName, Seconds,
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
    /// For a runner that updates itself.
    pub update: Seconds,
    /// Between two looks.
    pub look: Seconds,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            configuration: instance::CONFIGURATION_WAIT,
            idle: instance::IDLE_LIMIT,
            update: instance::UPDATE_LIMIT,
            look: instance::LOOK_INTERVAL,
        }
    }
}

/// The user data of a deployment's instances with `release`.
pub fn user_data(settings: &ScaleUpEnvironment, release: &RunnerRelease) -> String {
    let user_data = UserData {
        deployment: &settings.deployment,
        table_name: settings.table_name.as_str(),
        runner_role_id: settings.runner_role_id.as_str(),
        release,
        limits: Limits::default(),
    };
    user_data.render()
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
            update_limit => self.limits.update.get(),
            look_interval => self.limits.look.get(),
        };
        environment.render_str(TEMPLATE, values).expect("the template fits its values")
    }
}

/// `text` as one word of the shell, whatever it contains: between apostrophes, only the next apostrophe is special.
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
    use super::*;

    fn rendered(table_name: &str, runner_role_id: &str) -> String {
        let mut release = RunnerRelease::newest_shipped();
        // The longest address that is believed.
        release.x64.url = format!("https://github.com/{}", "a".repeat(481));
        let user_data = UserData {
            deployment: &DeploymentName::new("jit-runners").unwrap(),
            table_name,
            runner_role_id,
            release: &release,
            limits: Limits::default(),
        };
        assert_eq!(user_data.render(), user_data.render());
        user_data.render()
    }

    #[test]
    fn it_leaves_room_in_what_ec2_takes() {
        let longest = rendered(&"t".repeat(255), &"A".repeat(128));
        assert!(longest.len() < 13 * 1024, "{} bytes", longest.len());
    }

    #[test]
    fn it_follows_the_contracts_limits() {
        let text = rendered("jit-runners-state", "AROAEXAMPLE");
        for line in ["configuration_wait=300", "idle_limit=180", "update_limit=300", "look_interval=2"] {
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
