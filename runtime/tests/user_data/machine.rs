//! An instance in a folder: the user data runs with this folder as its root, and its `PATH` has only stand-ins and a
//! few harmless tools.

use std::{
    env,
    fmt::Write as _,
    fs::{self, File, Permissions},
    io::Write as _,
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        process::CommandExt as _,
    },
    path::PathBuf,
    process::{Command, Stdio},
};

use jit_runners_model::{
    DeploymentName, RunnerVersion, Seconds,
    contract::{
        instance,
        runner_release::{Checksum, RunnerChecksums, RunnerRelease},
    },
};
use jit_runners_runtime::user_data::{Limits, UserData};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::running::{Ended, Running};

/// The release that is deployed.
pub(crate) const VERSION: &str = "2.338.0";
/// A name that would break a careless script.
pub(crate) const TABLE: &str = "it's \"odd\" $(touch /tmp/odd) `date` \\ ${HOME} -table";
/// The instance.
pub(crate) const INSTANCE: &str = "i-0abc";
/// Where it is.
pub(crate) const REGION: &str = "eu-central-1";
/// Of the instances' role.
pub(crate) const ROLE_ID: &str = "AROAEXAMPLE";

/// Tools that do no harm, as they are.
const TOOLS: [&str; 13] = [
    "bash",
    "cat",
    "chmod",
    "cp",
    "dirname",
    "env",
    "grep",
    "gzip",
    "mkdir",
    "rm",
    "sha256sum",
    "tar",
    "timeout",
];
/// Stand-ins for everything else that the user data calls. `$world` holds what the test has prepared.
const STAND_INS: [(&str, &str); 14] = [
    ("aws", include_str!("stand_in/aws.sh")),
    ("chown", ""),
    ("curl", include_str!("stand_in/curl.sh")),
    ("dd", "fails dd && exit 1; while [[ $1 != of=* ]]; do shift; done; : >\"${1#of=}\""),
    ("dnf", "if [[ -e $world/dnf-hangs ]]; then exec /bin/sleep 60; fi; fails dnf && exit 1; exit 0"),
    ("getent", "[[ -e $world/user ]] || exit 2; echo runner:x:1234:1234::/home/runner:/bin/bash"),
    ("mkswap", "fails mkswap && exit 1; exit 0"),
    ("pgrep", "[[ -e $world/worker ]]"),
    ("setpriv", "while [[ $1 == --* ]]; do shift; done; exec \"$@\""),
    ("shutdown", "[[ ! -e $world/shutdown-refused ]]"),
    ("sleep", "exec /bin/sleep 0.05"),
    ("swapon", "fails swapon && exit 1; exit 0"),
    ("uname", "cat \"$world/machine\""),
    ("useradd", ": >\"$world/user\""),
];

/// An instance before its boot.
pub(crate) struct Machine {
    folder: TempDir,
    limits: Limits,
    secret: String,
    table: &'static str,
}

impl Machine {
    /// An instance of Amazon Linux, whose configuration is there, and whose runner does `run`. It says `Listening for
    /// Jobs` before that.
    pub(crate) fn stock(run: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // No other test has this text, so the test can search the command lines of all processes for it.
        let digest = Sha256::digest(folder.path().as_os_str().as_encoded_bytes());
        let secret = format!("eyJ{}==", hex(&digest));
        let machine = Self {
            folder,
            limits: Limits {
                configuration: Seconds::new(30),
                idle: Seconds::new(30),
                update: Seconds::new(30),
                look: Seconds::new(1),
            },
            secret,
            table: TABLE,
        };
        for part in ["bin", "root/proc", "world", "archive/bin"] {
            fs::create_dir_all(machine.path(part)).unwrap();
        }
        for tool in TOOLS {
            symlink(tool_path(tool), machine.path("bin").join(tool)).unwrap();
        }
        for (name, does) in STAND_INS {
            machine.script(&format!("bin/{name}"), does);
        }
        machine.set("machine", "x86_64").set("configuration", &machine.secret);
        let listens = include_str!("stand_in/run.sh");
        machine.script("archive/run.sh", &format!("{listens}\n{run}"));
        machine.write("archive/bin/Runner.Listener", "");
        let archive = Command::new("tar")
            .args(["--create", "--gzip", "--file"])
            .arg(machine.path("world/archive"))
            .arg("--directory")
            .arg(machine.path("archive"))
            .args(["bin", "run.sh"])
            .status();
        assert!(archive.unwrap().success());
        machine
    }

    /// An instance of an image with this release of the runner on it.
    pub(crate) fn with_runner(version: &str, run: &str) -> Self {
        let machine = Self::stock(run);
        machine.set("user", "");
        machine.write(&format!("root{}", instance::RUNNER_VERSION_FILE), &format!("{version}\n"));
        let directory = format!("root{}", instance::RUNNER_DIRECTORY);
        machine.write(&format!("{directory}/.env"), "of the image");
        machine.write(&format!("{directory}/bin/of-the-image"), "");
        fs::copy(machine.path("archive/run.sh"), machine.path(&directory).join("run.sh")).unwrap();
        machine
    }

    /// An instance that does not wait long for its configuration.
    pub(crate) fn that_gives_up(mut self) -> Self {
        self.limits.configuration = Seconds::new(2);
        self
    }

    /// An instance that does not wait long for a job.
    pub(crate) fn that_is_not_idle(mut self) -> Self {
        self.limits.idle = Seconds::new(3);
        self
    }

    /// An instance that does not wait long for an update of the runner.
    pub(crate) fn that_updates_fast(mut self) -> Self {
        self.limits.update = Seconds::new(2);
        self
    }

    /// Another table.
    pub(crate) fn with_table(self, table: &'static str) -> Self {
        Self { table, ..self }
    }

    /// Uses AWS's own command line, in this environment.
    pub(crate) fn use_real_aws(&self, client: &Command) {
        let mut script = format!("real='{}'\n", client.get_program().to_string_lossy());
        for (name, value) in client.get_envs().filter_map(|(name, value)| Some((name, value?))) {
            writeln!(script, "export {}='{}'", name.to_string_lossy(), value.to_string_lossy()).unwrap();
        }
        self.script("bin/aws", &format!("{script}exec \"$real\" \"$@\"\n"));
    }

    /// Prepares a file of the world around the instance.
    pub(crate) fn set(&self, name: &str, text: &str) -> &Self {
        self.write(&format!("world/{name}"), text);
        self
    }

    /// The configuration does not come.
    pub(crate) fn without_configuration(&self) -> &Self {
        self.set("configuration", "None")
    }

    /// Whether the configuration is still in the table.
    pub(crate) fn has_configuration(&self) -> bool {
        self.world("configuration").is_some_and(|it| it == self.secret)
    }

    /// Memory and swap that the kernel shows, in KiB.
    pub(crate) fn with_memory(self, memory: &str, swap: &str) -> Self {
        let text = format!("MemTotal:         {memory} kB\nMemFree:  1 kB\nSwapTotal:       {swap} kB\n");
        self.write("root/proc/meminfo", &text);
        self
    }

    /// The image claims to have a runner, and has none.
    pub(crate) fn remove_runner(&self) {
        let runner =
            self.path("root").join(instance::RUNNER_DIRECTORY.trim_start_matches('/')).join("run.sh");
        fs::set_permissions(runner, Permissions::from_mode(0o644)).unwrap();
    }

    /// A file of the world around the instance.
    pub(crate) fn world(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path("world").join(name)).ok()
    }

    /// A file on the instance.
    pub(crate) fn file(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path("root").join(name.trim_start_matches('/'))).ok()
    }

    /// Whether a file is on the instance.
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.path("root").join(name).exists()
    }

    /// The configuration.
    pub(crate) fn configuration(&self) -> &str {
        &self.secret
    }

    /// The digest of the configuration.
    pub(crate) fn configuration_digest(&self) -> String {
        hex(&Sha256::digest(&self.secret))
    }

    /// Boots the instance and follows it to its end.
    pub(crate) fn boot(self) -> Ended {
        self.start().end()
    }

    /// Boots the instance.
    pub(crate) fn start(self) -> Running {
        self.start_with(|_| {})
    }

    /// Boots the instance, after a change to the world that its user data does not know.
    pub(crate) fn start_with(self, change: impl FnOnce(&Self)) -> Running {
        self.write("user-data", &self.user_data(self.table));
        change(&self);
        let output = File::create(self.path("output")).unwrap();
        // The process that runs the tests may ignore signals, and a shell cannot change that.
        let process = Command::new("/usr/bin/env")
            .args(["--default-signal", "/bin/bash"])
            .arg(self.path("user-data"))
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("JIT_RUNNERS_ROOT", self.path("root"))
            .env("AWS_SECRET_ACCESS_KEY", "what a runner must not inherit")
            .current_dir(self.path("root"))
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .process_group(0)
            .spawn()
            .unwrap();
        Running::new(self, process)
    }

    /// The user data, with short limits.
    pub(crate) fn user_data(&self, table_name: &str) -> String {
        let archive = fs::read(self.path("world/archive")).unwrap();
        let right = Checksum::new(hex(&Sha256::digest(archive))).unwrap();
        let wrong = Checksum::new("0".repeat(64)).unwrap();
        // The checksum of the other architecture never matches.
        let checksums = if self.world("machine").is_some_and(|it| it.contains("aarch64")) {
            RunnerChecksums { x64: wrong, arm64: right }
        } else {
            RunnerChecksums { x64: right, arm64: wrong }
        };
        let user_data = UserData {
            deployment: &DeploymentName::new("jit-runners").unwrap(),
            table_name,
            runner_role_id: ROLE_ID,
            release: &RunnerRelease::new(RunnerVersion::new(VERSION).unwrap(), checksums),
            limits: self.limits,
        };
        user_data.render()
    }

    fn script(&self, name: &str, does: &str) {
        let world = self.path("world");
        let preamble = include_str!("stand_in/preamble.sh")
            .replace("WORLD", &world.to_string_lossy())
            .replace("INSTANCE", INSTANCE)
            .replace("REGION", REGION);
        self.write(name, &format!("#!/bin/bash\n{preamble}\n{does}\n"));
        fs::set_permissions(self.path(name), Permissions::from_mode(0o755)).unwrap();
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// A part of the instance's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What was called so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.world("calls").unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Files with the configuration, other than the table.
    pub(crate) fn files_with_configuration(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else if entry.file_type().unwrap().is_file()
                    && entry.path() != self.path("world/configuration")
                    && contains(&fs::read(entry.path()).unwrap(), self.secret.as_bytes())
                {
                    found.push(entry.path());
                }
            }
        }
        found
    }
}

fn tool_path(tool: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(tool))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{tool}` is not there"))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}
