//! An AWS account in an emulator, and the `ami.*` commands that use it. All tests share one emulator, so each test has
//! its own regions.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use jit_runners_witnesses::{files, process, tools};
use serde_json::Value;
use tempfile::TempDir;

/// The emulator. It ends with this process, because its standard input closes then.
struct Server {
    python: PathBuf,
    endpoint: String,
    _process: Child,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

fn start() -> Option<Server> {
    let server = tools::require("ami.* against an emulator", "moto_server").unwrap()?;
    // The `python3` of a version manager changes the `PATH` of its programs, so this asks for the real one.
    let asked = ["-c", "import sys; print(sys.executable)"];
    let python = process::stdout_of(Command::new(server.with_file_name("python3")).args(asked)).unwrap();
    let python = PathBuf::from(python.trim());
    let mut server = Command::new(&python)
        .arg(stand_in("serve.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let endpoint = format!("http://127.0.0.1:{}", port.trim().parse::<u16>().unwrap());
    Some(Server { python, endpoint, _process: server })
}

/// A person with an account: their tools, and the faults that they meet.
pub(crate) struct Account {
    folder: TempDir,
    server: &'static Server,
    region: &'static str,
}

/// The result of a command.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Ended {
    /// The command succeeded.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.said);
        self.said
    }

    /// The command refused with this message.
    #[track_caller]
    pub(crate) fn refused(self, expected: &str) -> String {
        assert_eq!(self.code, Some(1), "{}", self.said);
        assert!(self.said.contains(expected), "expected `{expected}`: {}", self.said);
        assert!(!self.said.contains("Traceback"), "{}", self.said);
        self.said
    }
}

/// If the tests run in the background, all their processes ignore interrupts. This restores the default, as in a terminal.
const AS_IN_A_TERMINAL: &str = "import os, signal, sys\n\
    signal.signal(signal.SIGINT, signal.SIG_DFL)\n\
    os.execv(sys.argv[1], sys.argv[1:])";

impl Account {
    /// A person who works in this region. `None` if the check was skipped.
    pub(crate) fn new(region: &'static str) -> Option<Self> {
        let aws = tools::require("ami.* against an emulator", "aws").unwrap()?;
        let server = SERVER.get_or_init(start).as_ref()?;
        let account = Self { folder: tempfile::tempdir().unwrap(), server, region };
        fs::create_dir_all(account.path("world")).unwrap();
        account.tool(
            "aws",
            &format!("exec '{}' '{}' \"$@\"", server.python.display(), stand_in("aws.py").display()),
        );
        account.tool("packer", include_str!("stand_in/packer.sh"));
        files::write(&account.path("real-aws"), aws.to_string_lossy().as_bytes()).unwrap();
        Some(account)
    }

    /// Creates resources in the region. Returns their ids by their names.
    pub(crate) fn prepare(&self, mut wanted: Value) -> Value {
        wanted["region"] = self.region.into();
        let mut command = Command::new(&self.server.python);
        command.arg(stand_in("prepare.py")).arg(wanted.to_string()).arg(&self.server.endpoint);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// Makes a call fail in a given way, see `stand_in/aws.py`.
    pub(crate) fn set(&self, name: &str, text: &str) {
        files::write(&self.path("world").join(name), text).unwrap();
    }

    /// Ends that fault.
    pub(crate) fn unset(&self, name: &str) {
        let removed = Command::new("rm").arg(self.path("world").join(name)).status().unwrap();
        assert!(removed.success());
    }

    /// A tool is not installed.
    pub(crate) fn uninstall(&self, tool: &str) {
        assert!(Command::new("rm").arg(self.path("bin").join(tool)).status().unwrap().success());
    }

    /// Runs a command.
    pub(crate) fn ami(&self, arguments: &[&str]) -> Ended {
        self.ami_with(arguments, &[])
    }

    /// Runs a command with these variables; an empty one is unset.
    pub(crate) fn ami_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
        let done = self.command(arguments, variables).output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        Ended { code: done.status.code(), said: String::from_utf8_lossy(&said).into_owned() }
    }

    /// The command, ready to start in its own process group.
    pub(crate) fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(&self.server.python);
        command
            .args(["-c", AS_IN_A_TERMINAL])
            .arg(&self.server.python)
            .arg("-B")
            .arg(files::root().join("packer/ami"))
            .args(arguments)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
            .env("AWS_REGION", self.region)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("NO_PROXY", "127.0.0.1")
            .env("AMI_LOOK_SECONDS", "0.1")
            .env("AMI_WORLD", self.path("world"))
            .env("AMI_REAL_AWS", fs::read_to_string(self.path("real-aws")).unwrap())
            .env("AMI_ENDPOINT", &self.server.endpoint)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .process_group(0);
        for (name, value) in variables {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        command
    }

    /// The calls to AWS and Packer so far that contain this text.
    pub(crate) fn calls(&self, part: &str) -> Vec<String> {
        let calls = fs::read_to_string(self.path("world/calls")).unwrap_or_default();
        calls.lines().filter(|call| call.contains(part)).map(str::to_owned).collect()
    }

    /// Asks the emulator directly, without the stand-in.
    pub(crate) fn ask(&self, region: &str, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.tell(region, arguments)).unwrap()
    }

    /// Calls the emulator directly, without the stand-in.
    pub(crate) fn tell(&self, region: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(fs::read_to_string(self.path("real-aws")).unwrap());
        command
            .args(["--endpoint-url", &self.server.endpoint, "--region", region, "--output", "json"])
            .args(arguments)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("NO_PROXY", "127.0.0.1");
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// This account's images in a region.
    pub(crate) fn images(&self, region: &str) -> Vec<Value> {
        self.ask(region, &["ec2", "describe-images", "--owners", "self"])["Images"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// This account's snapshots in a region with our tag.
    pub(crate) fn snapshots(&self, region: &str) -> Vec<String> {
        let tagged = ["--owner-ids", "self", "--filters", "Name=tag-key,Values=jit-runners:image"];
        let answer = self.ask(region, &[&["ec2", "describe-snapshots"], &tagged[..]].concat());
        let snapshots = answer["Snapshots"].as_array().unwrap().iter();
        snapshots.map(|snapshot| snapshot["SnapshotId"].as_str().unwrap().to_owned()).collect()
    }

    /// A path in the person's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Installs a stand-in. Commands find no other tools of this machine; a stand-in finds the system's tools.
    fn tool(&self, name: &str, does: &str) {
        let file = self.path("bin").join(name);
        files::write(&file, format!("#!/bin/bash\nPATH=/usr/bin:/bin\n{does}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn stand_in(name: &str) -> PathBuf {
    files::root().join("generator/tests/image/stand_in").join(name)
}
