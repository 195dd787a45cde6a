//! A builder in a folder: the scripts run with this folder as their root. Their `PATH` has only stand-ins and a few
//! harmless tools. Their downloads and the checksums are made up.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use jit_runners_model::{
    RunnerVersion,
    choices::Architecture,
    contract::instance::{PACKAGES, RUNNER_DIRECTORY, RUNNER_USER, RUNNER_VERSION_FILE},
};
use jit_runners_witnesses::{files, tools};
use regex_lite::Regex;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::{
    downloads::{Download, downloads},
    template::Template,
};

/// The release that the stack deploys.
pub(crate) const VERSION: &str = "2.338.0";

/// Real tools that are harmless.
const TOOLS: [&str; 21] = [
    "awk",
    "bash",
    "cat",
    "chmod",
    "cp",
    "cut",
    "dirname",
    "env",
    "find",
    "grep",
    "gzip",
    "install",
    "ln",
    "mkdir",
    "mktemp",
    "rm",
    "sha256sum",
    "tar",
    "truncate",
    "tr",
    "xz",
];
/// Programs of packages: each prints a version.
const PACKAGED: [&str; 15] = [
    "aws",
    "bzip2",
    "cmake",
    "g++",
    "gcc",
    "git",
    "jq",
    "make",
    "python3.13",
    "rsync",
    "unzip",
    "wget",
    "zip",
    "zstd",
    "usermod",
];
/// Stand-ins for all other commands of the scripts. `$world` holds what the test has prepared.
const STAND_INS: [(&str, &str); 13] = [
    ("chown", ""),
    ("cloud-init", ""),
    ("curl", include_str!("stand_in/curl.sh")),
    ("dnf", "if fails dnf; then exit 1; fi"),
    ("docker", include_str!("stand_in/docker.sh")),
    ("getent", "[[ -e $world/user ]]"),
    ("journalctl", ""),
    ("rpm", include_str!("stand_in/rpm.sh")),
    ("runuser", "while [[ $1 != -- ]]; do shift; done; shift; exec \"$@\""),
    ("sleep", ""),
    ("stat", "if [[ -e $world/owner ]]; then cat \"$world/owner\"; else echo runner; fi"),
    ("systemctl", "[[ $1 != is-enabled || ! -e $world/docker-disabled ]]"),
    ("useradd", ": >\"$world/user\""),
];

/// A builder.
pub(crate) struct Machine {
    folder: TempDir,
    architecture: Architecture,
}

/// The result of a script.
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    pub(crate) said: String,
}

impl Machine {
    /// A new builder. `None` if the check was skipped, because this machine cannot unpack the archive of Node.
    pub(crate) fn new(architecture: Architecture) -> Option<Self> {
        tools::require("provisioning scripts of the image", "xz").unwrap()?;
        let machine = Self { folder: tempfile::tempdir().unwrap(), architecture };
        for part in ["bin", "root/etc", "root/root", "root/var/log", "root/home/ec2-user", "world/downloads"]
        {
            fs::create_dir_all(machine.path(part)).unwrap();
        }
        for tool in TOOLS {
            symlink(
                tools::find(tool).unwrap_or_else(|| panic!("`{tool}` is not there")),
                machine.path("bin").join(tool),
            )
            .unwrap();
        }
        for name in PACKAGED {
            machine.script(&format!("bin/{name}"), &format!("echo '{name} 1.0'"));
        }
        for (name, does) in STAND_INS {
            machine.script(&format!("bin/{name}"), does);
        }
        machine.write("root/etc/system-release", "Amazon Linux release 2023.0\n");
        machine.write("root/etc/machine-id", "0123456789abcdef\n");
        machine.write("root/var/log/messages", "of the builder\n");
        machine.write("root/home/ec2-user/.bash_history", "of the builder\n");
        machine.prepare_downloads();
        Some(machine)
    }

    /// Runs all scripts of the template up to and including `last`. All but the last must succeed.
    pub(crate) fn run_to(&self, last: &str) -> Ran {
        for script in Template::of_the_repository().scripts() {
            let ran = self.run(&script);
            if script.ends_with(last) {
                return ran;
            }
            assert!(ran.succeeded, "{script}: {}", ran.said);
        }
        panic!("the template runs no {last}")
    }

    /// Runs one script.
    pub(crate) fn run(&self, script: &str) -> Ran {
        let output = Command::new("/bin/bash")
            .arg(self.path(script))
            .env_clear()
            .envs(self.environment())
            .env("PATH", self.path("bin"))
            .env("TMPDIR", self.path("world"))
            .env("JIT_RUNNERS_ROOT", self.path("root"))
            .env("JIT_RUNNERS_PROVISION", self.path("provision"))
            .env(
                "JIT_RUNNERS_PATH",
                env::join_paths([self.path("root/usr/local/bin"), self.path("bin")]).unwrap(),
            )
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        Ran { succeeded: output.status.success(), said: String::from_utf8_lossy(&said).into_owned() }
    }

    /// The variables that the template passes to scripts, with the values of the stack.
    fn environment(&self) -> Vec<(String, String)> {
        let archive = self.path("world/downloads").join(self.runner_archive());
        let value = |name: &str| match name {
            "ARCHITECTURE" => self.architecture.as_str().to_owned(),
            "PACKAGES" => PACKAGES.join(" "),
            "RUNNER_VERSION" => VERSION.to_owned(),
            "RUNNER_SHA256" => digest(&fs::read(&archive).unwrap()),
            "RUNNER_USER" => RUNNER_USER.to_owned(),
            "RUNNER_DIRECTORY" => RUNNER_DIRECTORY.to_owned(),
            "RUNNER_VERSION_FILE" => RUNNER_VERSION_FILE.to_owned(),
            _ => panic!("the template has a variable {name}, and this test has no value for it"),
        };
        let names = Regex::new(r#""([A-Z][A-Z0-9_]+)=\$\{"#).unwrap();
        let code = Template::of_the_repository().code();
        let names: BTreeSet<_> = names.captures_iter(&code).map(|found| found[1].to_owned()).collect();
        names.into_iter().map(|name| (name.clone(), value(&name))).collect()
    }

    /// Makes up an archive or a program for every download, and writes its checksum into the list.
    fn prepare_downloads(&self) {
        let provision = files::root().join("packer/provision");
        files::copy_folder(&provision, &self.path("provision")).unwrap();
        let mut list = fs::read_to_string(provision.join("downloads.txt")).unwrap();
        for download in downloads() {
            if download.architecture == self.architecture.as_str() {
                let made = self.make_up(&download);
                list = list.replace(&download.checksum, &digest(&made));
            }
        }
        self.write("provision/downloads.txt", &list);
        let version = RunnerVersion::new(VERSION).unwrap();
        let listener = says(&version.to_string());
        self.archive(
            &self.runner_archive(),
            &[("bin/Runner.Listener", &listener), ("run.sh", "#!/bin/bash\n")],
        );
    }

    fn make_up(&self, download: &Download) -> Vec<u8> {
        let Download { name, version, .. } = download;
        let short = if self.architecture == Architecture::Arm64 { "arm64" } else { "amd64" };
        let text = says(&format!("{name} v{version}"));
        let folder = download.file().replace(".tar.xz", "");
        match name.as_str() {
            "helm" => self.archive(download.file(), &[(&format!("linux-{short}/helm"), &text)]),
            "gh" => self.archive(download.file(), &[(&format!("gh_{version}_linux_{short}/bin/gh"), &text)]),
            "git-lfs" => self.archive(download.file(), &[(&format!("git-lfs-{version}/git-lfs"), &text)]),
            "go" => self.archive(download.file(), &[("go/bin/go", &text), ("go/bin/gofmt", &text)]),
            "node" => {
                let programs = ["node", "npm", "npx"].map(|name| format!("{folder}/bin/{name}"));
                self.archive(
                    download.file(),
                    &programs.each_ref().map(|program| (program.as_str(), text.as_str())),
                );
            }
            _ => self.write(&format!("world/downloads/{}", download.file()), &text),
        }
        fs::read(self.path("world/downloads").join(download.file())).unwrap()
    }

    fn archive(&self, name: &str, programs: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        for (program, text) in programs {
            let file = folder.path().join(program);
            files::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let archive = Command::new("tar")
            .args(["--create", "--auto-compress", "--file"])
            .arg(self.path("world/downloads").join(name))
            .arg("--directory")
            .arg(folder.path())
            .args(fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()))
            .status();
        assert!(archive.unwrap().success());
    }

    /// The archive of the runner for this architecture.
    pub(crate) fn runner_archive(&self) -> String {
        let short = if self.architecture == Architecture::Arm64 { "arm64" } else { "x64" };
        format!("actions-runner-linux-{short}-{VERSION}.tar.gz")
    }

    /// Prepares a file that the stand-ins read.
    pub(crate) fn set(&self, name: &str, text: &str) {
        self.write(&format!("world/{name}"), text);
    }

    /// Replaces a program by another one, or removes it.
    pub(crate) fn replace_program(&self, name: &str, says_now: Option<&str>) {
        for place in ["root/usr/local/bin", "bin", "root/usr/local/lib/docker/cli-plugins"] {
            let file = self.path(place).join(name);
            if file.is_symlink() || file.is_file() {
                // Writing through a link would change the file that must stay.
                assert!(Command::new("rm").arg(&file).status().unwrap().success());
                if let Some(said) = says_now {
                    self.write(&format!("{place}/{name}"), &says(said));
                    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
                }
            }
        }
    }

    /// A file of the image.
    pub(crate) fn file(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path("root").join(name.trim_start_matches('/'))).ok()
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("world/calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// A path in the machine's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, does: &str) {
        let preamble = include_str!("stand_in/preamble.sh")
            .replace("WORLD", &self.path("world").to_string_lossy())
            .replace("ROOT", &self.path("root").to_string_lossy());
        self.write(name, &format!("#!/bin/bash\n{preamble}\n{does}\n"));
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn write(&self, name: &str, text: &str) {
        files::write(&self.path(name), text).unwrap();
    }
}

/// A program that prints a text.
fn says(text: &str) -> String {
    format!("#!/bin/bash\necho '{text}'\n")
}

/// A SHA-256 in hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let digits: Vec<_> = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Whether a file is executable.
pub(crate) fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|file| file.permissions().mode() & 0o111 != 0)
}
