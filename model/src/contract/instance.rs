//! What an instance does with its time, and what stands where on it. Its user data follows this, the handlers count on
//! the limits, and an image with the runner on it is built to fit.

use crate::unit::Seconds;

/// How long an instance waits for its configuration before it ends itself: longer than a job's message needs to come back
/// after scale-up was cut off.
pub const CONFIGURATION_WAIT: Seconds = Seconds::from_minutes(5);
/// How long a runner listens without a job before its instance ends itself. GitHub drops idle just-in-time runners after
/// two to six minutes (<https://github.com/actions/runner/issues/4726>), and a ghost, whose registration is used up, never
/// gets a job (<https://github.com/actions/runner/issues/4617>).
pub const IDLE_LIMIT: Seconds = Seconds::from_minutes(3);
/// How long a runner may update itself, which it does at its start where GitHub tells it to: it downloads a release and starts
/// again, and gets no job meanwhile (<https://github.com/actions/runner/blob/main/src/Runner.Listener/SelfUpdater.cs>).
pub const UPDATE_LIMIT: Seconds = Seconds::from_minutes(5);
/// Time between two looks of an instance: at the table for its configuration, and at its runner. A look that finds nothing
/// costs one unit of writing, since it would delete, and the notice of an interruption is to be looked for each five seconds
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
pub const LOOK_INTERVAL: Seconds = Seconds::new(2);

/// The user that runs the runner and its job. It owns [`RUNNER_DIRECTORY`].
pub const RUNNER_USER: &str = "runner";
/// Where the runner is unpacked.
pub const RUNNER_DIRECTORY: &str = "/opt/actions-runner";
/// An image with everything on it has this file, and in its first line the version of the runner in
/// [`RUNNER_DIRECTORY`], such as `2.338.0`.
pub const RUNNER_VERSION_FILE: &str = "/etc/jit-runners/runner-version";
/// What the runner and the usual jobs need beyond Amazon Linux 2023, as its packages are called: ICU for .NET
/// (<https://github.com/actions/runner/blob/main/docs/start/envlinux.md>), `git` for checkouts, the others for images that
/// are smaller than the usual one.
pub const PACKAGES: &[&str] =
    &["awscli-2", "git", "gzip", "libicu", "procps-ng", "shadow-utils", "tar", "util-linux"];

/// What every line of an instance's user data starts with, in its console's output.
pub const LOG_PREFIX: &str = "jit-runners: ";
