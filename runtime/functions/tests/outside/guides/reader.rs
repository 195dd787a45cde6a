//! A reader who runs the commands of guides: a checkout with generated files and packages, tools, and a shell.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::PathBuf,
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};
use jit_runners_witnesses::{files, terraform, tools};
use tempfile::TempDir;

use super::{
    guide::{Block, BlockLocation, Guide, Kind},
    output, redrive,
    shell::Shell,
};
use crate::{
    end_to_end::{doubles::TestDoubles, packages, services::Services},
    listener::Listener,
};

/// The tools that the commands need, besides those of every system.
const TOOLS: [&str; 5] = ["aws", "curl", "jq", "openssl", "terraform"];

/// The reader.
pub(crate) struct Reader {
    shell: Shell,
    /// The folder in which the shell starts.
    pub(crate) checkout: PathBuf,
    values: BTreeMap<String, String>,
    done: BTreeSet<BlockLocation>,
    commands: usize,
    /// The home folder of the reader, which is removed with the value.
    _home: TempDir,
    _redrive: Listener,
}

impl Reader {
    /// A reader whose machine uses the test doubles instead of AWS and GitHub. `None` if the check was skipped.
    pub(crate) fn at(check: &str, doubles: &TestDoubles) -> Result<Option<Self>> {
        let packages = packages::folder()?;
        let redrive = redrive::start(Services::new(doubles.emulator.endpoint()))?;
        let home = TempDir::with_prefix("jit-runners-reader-")?;
        let (checkout, bin) = (home.path().join("jit-runners"), home.path().join("bin"));
        fs::create_dir_all(&checkout)?;
        fs::create_dir_all(&bin)?;
        let mut found = BTreeMap::new();
        for tool in TOOLS {
            let Some(path) = tools::require(check, tool)? else { return Ok(None) };
            found.insert(tool, path);
        }
        symlink(packages, checkout.join("bin"))?;
        symlink(files::root().join("tools"), checkout.join("tools"))?;
        doubles.generate(&checkout)?;
        let program = |name: &str| found.get(name).map(|path| path.display().to_string()).unwrap_or_default();
        let stand_ins = [
            ("aws", aws(&program("aws"), &doubles.ec2.endpoint(), &redrive.endpoint())),
            ("gh", gh(&doubles.github.url(), &doubles.github.operator())),
            ("cargo", cargo()),
        ];
        for (name, script) in stand_ins {
            let file = bin.join(name);
            files::write(&file, script)?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
        }
        // DNS does not know the emulator's APIs.
        let port = doubles.emulator.port();
        files::write(&home.path().join(".curlrc"), format!("connect-to = \"::127.0.0.1:{port}\"\n"))?;

        let mut bash = Command::new("bash");
        doubles.emulator.configure(&mut bash);
        terraform::quieten(&mut bash);
        // The guides say how to set the region.
        bash.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION");
        for question in ["apply", "destroy"] {
            bash.env(format!("TF_CLI_ARGS_{question}"), "-auto-approve");
        }
        if let Some(plugins) = terraform::plugin_folder() {
            bash.env("TF_CLI_ARGS_init", format!("-plugin-dir={}", plugins.display()));
        }
        bash.env("PATH", tools::path_after(&[&bin])?).env("HOME", home.path()).current_dir(&checkout);
        let shell = Shell::start(bash)?;
        let (values, done) = (BTreeMap::new(), BTreeSet::new());
        Ok(Some(Self { shell, checkout, values, done, commands: 0, _home: home, _redrive: redrive }))
    }

    /// Sets one of the reader's own values.
    pub(crate) fn has(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Runs commands that are in no guide.
    pub(crate) fn types(&mut self, commands: &str) -> Result<String> {
        self.shell.run(commands)
    }

    /// The value of a variable of the shell.
    pub(crate) fn variable(&mut self, name: &str) -> Result<String> {
        Ok(self.types(&format!("printf '%s\\n' \"${name}\"\n"))?.trim().to_owned())
    }

    /// Runs all commands under a heading, and compares their output with the guide.
    pub(crate) fn follow(&mut self, guide: &Guide, section: &str) -> Result<()> {
        self.follow_those(guide, section, |block| block.is_in(section))
    }

    /// The same, without the commands under further headings below that one.
    pub(crate) fn follow_own(&mut self, guide: &Guide, section: &str) -> Result<()> {
        self.follow_those(guide, section, |block| block.sections.last().is_some_and(|title| title == section))
    }

    /// Runs the first block of commands under a heading, before the reader must do something.
    pub(crate) fn follow_first(&mut self, guide: &Guide, section: &str) -> Result<()> {
        let first = guide.blocks.iter().find(|block| block.is_in(section)).map(|block| &block.place);
        self.follow_those(guide, section, |block| Some(&block.place) == first)
    }

    /// Runs the commands under a heading that have not run yet.
    pub(crate) fn follow_rest(&mut self, guide: &Guide, section: &str) -> Result<()> {
        let done = self.done.clone();
        self.follow_those(guide, section, |block| block.is_in(section) && !done.contains(&block.place))
    }

    fn follow_those(&mut self, guide: &Guide, section: &str, which: impl Fn(&Block) -> bool) -> Result<()> {
        let (mut printed, mut nobody_ran) = (None, false);
        let mut blocks = guide.blocks.iter().filter(|block| which(block)).peekable();
        ensure!(blocks.peek().is_some(), "{} has no commands under `{section}`", guide.path);
        for block in blocks {
            let before = printed.take();
            let place = || block.place.to_string();
            match &block.kind {
                Kind::Commands => printed = Some(self.shell.run(&block.text).with_context(place)?),
                Kind::Values => {
                    let own = self.own(&block.text).with_context(place)?;
                    self.shell.run(&own).with_context(place)?;
                }
                Kind::Output if nobody_ran => {}
                Kind::Output => {
                    let printed: String = before.with_context(|| format!("{}: nothing was run", place()))?;
                    output::expect(&block.text, &printed).with_context(place)?;
                }
                Kind::Elsewhere(_) | Kind::NotRun(_) => {}
            }
            nobody_ran = matches!(block.kind, Kind::Elsewhere(_) | Kind::NotRun(_));
            self.done.insert(block.place.clone());
            if matches!(block.kind, Kind::Commands | Kind::Values) {
                self.commands += block.commands();
            }
        }
        Ok(())
    }

    /// Checks that all sections but these were followed. Returns the number of commands so far.
    pub(crate) fn has_followed(&self, guide: &Guide, all_but: &[&str]) -> Result<usize> {
        for section in all_but {
            ensure!(guide.has(section), "{} has no commands under `{section}`", guide.path);
        }
        let left = guide.blocks.iter().filter(|block| {
            !self.done.contains(&block.place) && !all_but.iter().any(|section| block.is_in(section))
        });
        let mut places = String::new();
        for block in left {
            let _ = write!(places, " {}", block.place);
        }
        ensure!(places.is_empty(), "not followed:{places}");
        Ok(self.commands)
    }

    /// The assignments of a block with the test's values.
    fn own(&self, text: &str) -> Result<String> {
        let mut own = String::new();
        for line in text.lines() {
            let assignment = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, _)) = assignment.split_once('=') else { bail!("no assignment: {line}") };
            let value = self.values.get(name).with_context(|| format!("no value for {name}"))?;
            let export = if assignment == line { "" } else { "export " };
            let _ = writeln!(own, "{export}{name}='{}'", value.replace('\'', r"'\''"));
        }
        Ok(own)
    }
}

/// The real AWS CLI. Its calls about EC2's instances, and calls that the emulator does not know, go to stand-ins.
fn aws(program: &str, ec2: &str, redrive: &str) -> String {
    format!(
        r#"#!/usr/bin/env bash
endpoint=$AWS_ENDPOINT_URL
case "$1 $2" in
  "ec2 describe-instances" | "ec2 get-console-output" | "ec2 terminate-instances") endpoint={ec2} ;;
  "sqs start-message-move-task") endpoint={redrive} ;;
esac
# Version 1 does not read parameters of a file, as version 2 does.
arguments=()
for argument; do
  case $argument in
    file://parameters.json)
      while read -r parameter; do arguments+=("$parameter"); done \
        < <(jq -r '.[] | "\(.ParameterKey)=\(.ParameterValue)"' "${{argument#file://}}") ;;
    *) arguments+=("$argument") ;;
  esac
done
# Nor does it apply AWS_ENDPOINT_URL to SQS, whose old host name it keeps; the option holds.
exec '{program}' --endpoint-url "$endpoint" "${{arguments[@]}}"
"#
    )
}

/// The part of GitHub's CLI that the guides need.
fn gh(github: &str, token: &str) -> String {
    format!(
        r#"#!/usr/bin/env bash
set -euo pipefail
[[ $1 == api ]] || {{ echo "a stand-in that knows only: gh api" >&2; exit 2; }}
shift
method=GET filter=. path=
while (($#)); do
  case $1 in
    --method | -X) method=$2; shift ;;
    --jq | -q) filter=$2; shift ;;
    *) path=$1 ;;
  esac
  shift
done
answer=$(curl -q -fsS --noproxy '*' -X "$method" -H 'Authorization: Bearer {token}' "{github}/$path")
[[ -z $answer ]] || jq -r "$filter" <<< "$answer"
"#
    )
}

/// Runs the repository's generator in the reader's checkout, as the user who runs the tests.
fn cargo() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test asks how it is run; it is no function with settings"
    )]
    let home = std::env::var("HOME").unwrap_or_default();
    let manifest = files::root().join("Cargo.toml");
    format!(
        "#!/usr/bin/env bash\nHOME='{home}' exec '{}' \"$1\" --quiet --manifest-path '{}' \"${{@:2}}\"\n",
        env!("CARGO"),
        manifest.display(),
    )
}
