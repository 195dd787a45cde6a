//! Bad files for `check`: it says what is wrong and where, within limits of time and memory, and never calls such files
//! equivalent.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "tests prepare and inspect files")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const QUEUE: &str = "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n";
const TEMPLATE: &str = "\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: jobs
      MaximumMessageSize: 262144
";
/// Much larger than any module or template.
const HUGE: usize = 50 << 20;
/// Starts the command with a limit on its memory, which hostile files could easily exceed. If the shell has no such
/// limit, as on macOS, it starts without.
const MEMORY: &str = "ulimit -v 1500000 2>/dev/null; exec \"$@\"";
/// No test takes seconds. This only keeps a pipeline from hanging.
const PATIENCE: Duration = Duration::from_mins(2);

/// A module and a template that are equivalent, until a test spoils one of them.
struct Pair(tempfile::TempDir);

/// The result of a run.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Pair {
    fn new() -> Self {
        let pair = Self(tempfile::tempdir().expect("a temporary folder"));
        pair.module(QUEUE);
        pair.template(TEMPLATE);
        pair
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("the test's own files")).expect("the test's own files");
        fs::write(path, contents).expect("the test's own files");
    }

    fn module(&self, contents: impl AsRef<[u8]>) {
        self.write("infra/main.tf", contents);
    }

    fn template(&self, contents: impl AsRef<[u8]>) {
        self.write("template.yaml", contents);
    }

    fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
            .expect("the test's own files");
    }

    fn link(&self, to: &str, path: &str) {
        self.remove(path);
        symlink(to, self.path(path)).expect("the test's own files");
    }

    /// A sparse file: it has a size, but no contents on disk.
    fn hollow(&self, path: &str) {
        let file = fs::File::create(self.path(path)).expect("the test's own files");
        file.set_len(HUGE as u64).expect("the test's own files");
    }

    fn check(&self) -> Run {
        let printed = |name| fs::File::create(self.path(name)).expect("the test's own files");
        let mut child = Command::new("sh")
            .args(["-c", MEMORY, "sh", env!("CARGO_BIN_EXE_jit-runners")])
            .args(["check", "--terraform", "infra", "--cloudformation", "template.yaml"])
            .current_dir(self.0.path())
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null())
            .stdout(printed("stdout"))
            .stderr(printed("stderr"))
            .spawn()
            .expect("the command starts");
        let code = wait(&mut child);
        let text = |name| fs::read_to_string(self.path(name)).expect("it prints text");
        Run { code, out: text("stdout"), err: text("stderr") }
    }
}

/// The exit code. `None` if the command was killed, by this test or by a signal.
fn wait(child: &mut Child) -> Option<i32> {
    const STEP: Duration = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return status.code();
        }
        thread::sleep(STEP);
        waited += STEP;
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it can be waited for");
    None
}

impl Run {
    /// The command said why it could not compare the files: each line of its output names a file.
    #[track_caller]
    fn is_refused(&self, what: &str) {
        assert_eq!(self.code, Some(1), "{what}: {self:?}");
        assert_eq!(self.out, "", "{what}");
        assert!(!self.err.contains("panicked") && !self.err.contains("please report"), "{what}: {self:?}");
        let (headline, problems) = self.err.trim_end().split_once('\n').unwrap_or((self.err.trim_end(), ""));
        let problems: Vec<_> = problems.lines().collect();
        if problems.is_empty() {
            // An error of the file system is a single line, and names the file in its own words.
            let names_a_file = headline.contains("infra") || headline.contains("template.yaml");
            assert!(headline.starts_with("error: ") && names_a_file, "{what}: {headline}");
        } else {
            assert!(headline.ends_with("; nothing was compared"), "{what}: {headline}");
        }
        assert!(problems.len() <= 100, "{what}: {} lines", problems.len());
        for problem in problems {
            let names_a_file = problem.starts_with("infra/") || problem.starts_with("template.yaml");
            let names_a_file = names_a_file || (problem.starts_with('(') && problem.ends_with(" more)"));
            assert!(names_a_file, "{what}: {problem}");
            assert!(problem.chars().count() <= 800, "{what}: {problem}");
        }
    }

    /// The command did not call the files equivalent, and ended by itself.
    #[track_caller]
    fn is_no_praise(&self, what: &str) {
        match self.code {
            Some(1) => self.is_refused(what),
            Some(5) => {
                let is_told = self.out.lines().any(|line| line.starts_with("not equivalent: "));
                assert!(is_told && self.err.is_empty(), "{what}: {self:?}");
            }
            _ => panic!("{what}: {self:?}"),
        }
    }
}

/// All refusals, in one text for people to read.
#[derive(Default)]
struct Story(String);

impl Story {
    #[track_caller]
    fn refused(&mut self, what: &str, spoil: impl FnOnce(&Pair)) {
        let pair = Pair::new();
        spoil(&pair);
        let run = pair.check();
        run.is_refused(what);
        let lines: Vec<_> = run.err.lines().collect();
        let shown = if let [first, second, third, .., last] = *lines
            && lines.len() > 6
        {
            format!("{first}\n{second}\n{third}\n...\n{last}\n")
        } else {
            run.err
        };
        writeln!(self.0, "# {what}\n{shown}").expect("memory takes it");
    }

    #[track_caller]
    fn module(&mut self, what: &str, contents: impl AsRef<[u8]>) {
        self.refused(&format!("module: {what}"), |pair| pair.module(contents));
    }

    #[track_caller]
    fn template(&mut self, what: &str, contents: impl AsRef<[u8]>) {
        self.refused(&format!("template: {what}"), |pair| pair.template(contents));
    }

    /// The same statement in a module and in a template.
    #[track_caller]
    fn both(&mut self, what: &str, contents: impl AsRef<[u8]>) {
        self.module(what, &contents);
        self.template(what, &contents);
    }

    #[track_caller]
    fn compare_with_snapshot(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.0.trim_end()));
    }
}

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// `unit`, repeated until the file is huge.
fn huge(unit: &str) -> String {
    unit.repeat(HUGE / unit.len() + 1)
}

/// Anchors, each with ten aliases of the one before.
fn laughs_in_yaml() -> String {
    let mut text = "Laughs:\n  - &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..10 {
        let before = vec![format!("*l{}", level - 1); 10].join(", ");
        writeln!(text, "  - &l{level} [{before}]").expect("memory takes it");
    }
    text + TEMPLATE
}

/// Nested substitutions, each with four copies of the one inside it.
fn laughs_in_substitutions() -> String {
    let mut value = "ha".to_owned();
    for _ in 0..12 {
        value = format!("!Sub [\"${{A}}${{A}}${{A}}${{A}}\", {{A: {value}}}]");
    }
    TEMPLATE.replace("QueueName: jobs", &format!("QueueName: {value}"))
}

/// Locals, each built from the one before.
fn laughs_in_locals(step: &str) -> String {
    let mut text = "locals {\n  l0 = [\"ha\"]\n  t0 = \"ha\"\n".to_owned();
    for level in 1..40 {
        let line = step.replace('<', &(level - 1).to_string()).replace('>', &level.to_string());
        writeln!(text, "  {line}").expect("memory takes it");
    }
    let queue = QUEUE.replace("\"jobs\"\n", "\"${local.t39}${jsonencode(local.l39)}\"\n");
    text + "  t39x = 1\n}\n" + &queue
}

fn nested_loops() -> String {
    let numbers = "[0,1,2,3,4,5,6,7,8,9]";
    let mut value = "\"ha\"".to_owned();
    for level in 0..9 {
        value = format!("[for v{level} in {numbers} : {value}]");
    }
    format!(
        "locals {{\n  laughs = {value}\n}}\n{}",
        QUEUE.replace("\"jobs\"\n", "jsonencode(local.laughs)\n")
    )
}

#[test]
fn a_sound_pair_is_equivalent_and_a_byte_order_mark_means_nothing() {
    for mark in ["", "\u{feff}"] {
        let pair = Pair::new();
        pair.module(format!("{mark}{QUEUE}"));
        pair.template(format!("{mark}{TEMPLATE}"));
        let run = pair.check();
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    }
}

#[test]
fn files_and_folders_that_cannot_be_read() {
    let mut story = Story::default();
    story.refused("no folder", |pair| pair.remove("infra"));
    story.refused("a file where the folder should be", |pair| {
        pair.remove("infra");
        pair.write("infra", QUEUE);
    });
    story.refused("a folder without a module", |pair| {
        pair.remove("infra/main.tf");
        pair.write("infra/README.md", "");
    });
    story.refused("no template", |pair| pair.remove("template.yaml"));
    story.refused("a folder where the template should be", |pair| {
        pair.remove("template.yaml");
        pair.write("template.yaml/template.yaml", TEMPLATE);
    });
    story.refused("a folder called like a file of a module", |pair| {
        pair.write("infra/more.tf/main.tf", QUEUE);
    });
    story.refused("a link to nothing in the module", |pair| pair.link("nowhere.tf", "infra/main.tf"));
    story.refused("a link to nothing instead of the template", |pair| pair.link("nowhere", "template.yaml"));
    story.refused("a pipe in the module", |pair| {
        let made = Command::new("mkfifo").arg(pair.path("infra/pipe.tf")).status().expect("mkfifo starts");
        assert!(made.success());
    });
    story.refused("a device without end in the module", |pair| pair.link("/dev/zero", "infra/main.tf"));
    story.refused("a device without end instead of the template", |pair| {
        pair.link("/dev/zero", "template.yaml");
    });
    story.refused("a module in JSON", |pair| pair.write("infra/more.tf.json", "{}"));
    story.refused("override.tf", |pair| pair.write("infra/override.tf", QUEUE));
    story.refused("an override by its ending", |pair| pair.write("infra/main_override.tf", QUEUE));
    story.refused("an override in JSON", |pair| pair.write("infra/main_override.tf.json", "{}"));
    story.refused("a file that only OpenTofu reads", |pair| pair.write("infra/main.tofu", QUEUE));
    story.refused("hundreds of files", |pair| {
        for index in 0..600 {
            pair.write(&format!("infra/{index}.tf"), "# nothing\n");
        }
    });
    story.refused("hundreds of files, 50 MB together", |pair| {
        for index in 0..400 {
            pair.write(&format!("infra/{index}.tf"), "# a comment\n".repeat(HUGE / 400 / 12 + 1));
        }
    });
    let call = |source: &str| format!("{QUEUE}\nmodule \"more\" {{\n  source = \"{source}\"\n}}\n");
    story.refused("a module below that says the same again", |pair| {
        pair.module(call("./more"));
        pair.write("infra/more/main.tf", QUEUE);
    });
    story.refused("a module below that is not there", |pair| pair.module(call("./more")));
    story.refused("a module below without files", |pair| {
        pair.module(call("./more"));
        pair.write("infra/more/README.md", "");
    });
    story.refused("a module below with a pipe in it", |pair| {
        pair.module(call("./more"));
        pair.write("infra/more/main.tf", QUEUE);
        let made =
            Command::new("mkfifo").arg(pair.path("infra/more/pipe.tf")).status().expect("mkfifo starts");
        assert!(made.success());
    });
    story.refused("a module below that is a device without end", |pair| {
        pair.module(call("./more"));
        pair.write("infra/more/main.tf", "");
        pair.link("/dev/zero", "infra/more/main.tf");
    });
    story.refused("a module that calls itself", |pair| {
        pair.module(call("./more"));
        pair.write("infra/more/main.tf", call("../more"));
    });
    story.refused("a module above the folder", |pair| {
        pair.module(call("../more"));
        pair.write("more/main.tf", QUEUE);
    });
    story.refused("a module from a registry", |pair| pair.module(call("terraform-aws-modules/sqs/aws")));
    story.compare_with_snapshot("bad-input-files");
}

#[test]
fn contents_that_are_no_module_or_no_template() {
    let mut story = Story::default();
    story.template("empty", "");
    story.template("only a comment", "# nothing\n");
    story.refused("both empty", |pair| {
        pair.module("");
        pair.template("");
    });
    story.refused("both without resources", |pair| {
        pair.module("# nothing\n");
        pair.template("Resources: {}\n");
    });
    story.refused("both half", |pair| {
        pair.module(QUEUE.split_at(40).0);
        pair.template(TEMPLATE.split_at(60).0);
    });
    story.module("half", QUEUE.split_at(40).0);
    story.template("half", TEMPLATE.split_at(60).0);
    story.template("half in JSON", r#"{"Resources": {"Jobs": {"Type": "AWS::SQS::Queue", "Prop"#);
    story.module("a template", TEMPLATE);
    story.template("a module", QUEUE);
    story.both("binary", b"\x7fELF\x02\x01\x01\0\0\0\0\0\x90\xff\xfe");
    story.module("not UTF-8", b"resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"caf\xe9\"\n}\n");
    story.template("not UTF-8", b"Resources:\n  Jobs: \"caf\xe9\"\n");
    story.module("UTF-16", utf16(QUEUE));
    story.template("UTF-16", utf16(TEMPLATE));
    story.module("zero bytes between words", QUEUE.replace("name =", "name\0 ="));
    story.template("a zero byte", TEMPLATE.replace("jobs", "jo\0bs"));
    story.refused("module: 50 MB of nothing", |pair| pair.hollow("infra/main.tf"));
    story.refused("template: 50 MB of nothing", |pair| pair.hollow("template.yaml"));
    story.module("50 MB", huge(QUEUE));
    story.template("50 MB", huge(TEMPLATE));
    story.module("brackets inside each other", format!("locals {{\n  a = {}\n}}\n", "[".repeat(100_000)));
    story.template("brackets inside each other", "[".repeat(100_000));
    story.compare_with_snapshot("bad-input-contents");
}

#[test]
fn files_that_mean_more_than_they_say() {
    let mut story = Story::default();
    story.template("a billion laughs", laughs_in_yaml());
    story.template("an alias to itself", format!("Laughs: &a [*a]\n{TEMPLATE}"));
    story.template("an alias to nothing", TEMPLATE.replace("QueueName: jobs", "QueueName: *jobs"));
    story.template("substitutions in each other", laughs_in_substitutions());
    story.module("lists that double", laughs_in_locals("l> = concat(local.l<, local.l<)\n  t> = \"\""));
    story.module("lists in lists", laughs_in_locals("l> = [local.l<, local.l<, local.l<]\n  t> = \"\""));
    story.module("texts that double", laughs_in_locals("t> = \"${local.t<}${local.t<}\"\n  l> = []"));
    story.module("loops in each other", nested_loops());
    story.module("a billion copies", QUEUE.replace("  name", "  count = 1000000000\n  name"));
    story.module("a long range", QUEUE.replace("\"jobs\"\n", "jsonencode(range(1000000000))\n"));
    story.compare_with_snapshot("bad-input-expansions");
}

#[test]
fn circles() {
    let mut story = Story::default();
    story.module("a local that is itself", format!("locals {{\n  a = local.a\n}}\n{QUEUE}"));
    story.module(
        "locals in a circle",
        format!("locals {{\n  a = local.b\n  b = \"${{local.a}}-b\"\n}}\n{QUEUE}"),
    );
    story
        .module("a resource that refers to itself", QUEUE.replace("\"jobs\"\n", "aws_sqs_queue.jobs.name\n"));
    let queue = |label: &str, to: &str| {
        format!(
            "resource \"aws_sqs_queue\" \"{label}\" {{\n  name           = \"{label}\"\n  redrive_policy = jsonencode({{ deadLetterTargetArn = aws_sqs_queue.{to}.arn, maxReceiveCount = 3 }})\n}}\n"
        )
    };
    story
        .module("resources in a circle", format!("{}\n{}", queue("jobs", "failed"), queue("failed", "jobs")));
    let names: Vec<_> = (0..30).map(|index| format!("long_name_of_a_queue_{index}")).collect();
    let ring = names.iter().zip(names.iter().cycle().skip(1)).map(|(name, to)| queue(name, to));
    story.module("many resources in a circle", ring.collect::<String>());
    let waits = |on: &str| QUEUE.replace("  name", &format!("  depends_on = [{on}]\n  name"));
    story.module("a resource that waits for itself", waits("aws_sqs_queue.jobs"));
    story.template(
        "a resource that refers to itself",
        TEMPLATE.replace("QueueName: jobs", "QueueName: !GetAtt Jobs.QueueName"),
    );
    let queue = |id: &str, to: &str| {
        format!(
            "  {id}:\n    Type: AWS::SQS::Queue\n    Properties:\n      RedrivePolicy: {{deadLetterTargetArn: !GetAtt {to}.Arn, maxReceiveCount: 3}}\n"
        )
    };
    story.template(
        "resources in a circle",
        format!("Resources:\n{}{}", queue("Jobs", "Failed"), queue("Failed", "Jobs")),
    );
    story.template(
        "resources that wait for each other",
        TEMPLATE.replace("    Properties", "    DependsOn: Jobs\n    Properties"),
    );
    story.template(
        "conditions in a circle",
        format!("Conditions:\n  A: !Not [!Condition B]\n  B: !Or [!Condition A, !Condition A]\n{TEMPLATE}"),
    );
    story.template(
        "a condition that asks itself by Fn::If",
        format!("Conditions:\n  A: !Equals [!If [A, x, y], x]\n{TEMPLATE}"),
    );
    story.compare_with_snapshot("bad-input-circles");
}

#[test]
fn two_of_one_name() {
    let mut story = Story::default();
    story.module("two resources of one label", format!("{QUEUE}\n{QUEUE}"));
    story.refused("two resources of one label in two files", |pair| pair.write("infra/more.tf", QUEUE));
    story.module("an argument twice", QUEUE.replace("  name", "  name = \"other\"\n  name"));
    story.module("two variables of one name", "variable \"a\" {}\nvariable \"a\" {}\n");
    story.module("a local twice", "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n");
    story.module(
        "two resources of one physical name",
        format!("{QUEUE}\n{}", QUEUE.replace("\"jobs\" {", "\"more\" {")),
    );
    let (_, resource) = TEMPLATE.split_at("Resources:\n".len());
    story.template("two resources of one logical id", format!("{TEMPLATE}{resource}"));
    story.template(
        "two resources of one logical id in JSON",
        r#"{"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}, "Jobs": {"Type": "AWS::SQS::Queue"}}}"#,
    );
    story.template(
        "a property twice",
        TEMPLATE.replace("QueueName: jobs", "QueueName: jobs\n      QueueName: more"),
    );
    story.template(
        "two resources of one physical name",
        format!("{TEMPLATE}{}", resource.replace("Jobs:", "More:")),
    );
    story.template(
        "a parameter and a resource of one name",
        format!("Parameters:\n  Jobs:\n    Type: String\n{TEMPLATE}"),
    );
    story.compare_with_snapshot("bad-input-doubled");
}

#[test]
fn no_part_of_our_module_passes_for_all_of_it() {
    let generated = Path::new(ROOT).join("generated");
    let template =
        fs::read_to_string(generated.join("cloudformation/template.yaml")).expect("it is generated");
    let files: Vec<_> = fs::read_dir(generated.join("terraform"))
        .expect("it is generated")
        .map(|entry| entry.expect("it is generated").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .map(|path| {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (format!("infra/{name}"), fs::read(path).expect("it is generated"))
        })
        .collect();
    let pair = Pair::new();
    pair.remove("infra/main.tf");
    pair.template(&template);
    for (name, contents) in &files {
        pair.write(name, contents);
    }
    assert_eq!(pair.check().code, Some(0));
    for (name, contents) in &files {
        // These two do not change resources or inputs, so an empty file is no difference.
        let may_be_empty = ["infra/versions.tf", "infra/providers.tf"].contains(&name.as_str());
        let lengths: Vec<_> =
            if may_be_empty { vec![contents.len() - 4] } else { cuts(contents.len()).collect() };
        for length in lengths {
            pair.write(name, contents.get(..length).unwrap_or_default());
            pair.check().is_no_praise(&format!("{name}, {length} bytes of it"));
        }
        pair.write(name, contents);
    }
}

#[test]
fn no_part_of_our_template_passes_for_all_of_it() {
    let generated = Path::new(ROOT).join("generated");
    let template = fs::read(generated.join("cloudformation/template.yaml")).expect("it is generated");
    let pair = Pair::new();
    pair.remove("infra");
    symlink(generated.join("terraform"), pair.path("infra")).expect("the test's own files");
    for length in cuts(template.len()) {
        pair.template(template.get(..length).unwrap_or_default());
        pair.check().is_no_praise(&format!("{length} bytes of the template"));
    }
}

/// Lengths to which a file of `length` bytes is cut: about every 500th, at varying places of a line.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    // At the very end, the lost part may be only a line break or a closing bracket, so the last cut removes more.
    (0..length.saturating_sub(20)).step_by(503)
}

#[test]
fn a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    for path in ["infra/main.tf", "infra", "template.yaml"] {
        let pair = Pair::new();
        fs::set_permissions(pair.path(path), fs::Permissions::from_mode(0o000))
            .expect("the test's own files");
        // The superuser can read everything.
        let is_barred = if path == "infra" {
            fs::read_dir(pair.path(path)).is_err()
        } else {
            fs::File::open(pair.path(path)).is_err()
        };
        let run = pair.check();
        fs::set_permissions(pair.path(path), fs::Permissions::from_mode(0o700))
            .expect("the test's own files");
        if is_barred {
            run.is_refused(path);
            assert!(run.err.contains("permission denied"), "{run:?}");
        }
    }
}

/// Systems other than Linux may refuse to create such a file.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_not_passed_over() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let pair = Pair::new();
    fs::write(pair.path("infra").join(OsStr::from_bytes(b"caf\xe9.tf")), QUEUE)
        .expect("the test's own files");
    let run = pair.check();
    run.is_refused("a name in Latin-1");
    assert!(run.err.contains("is not UTF-8"), "{run:?}");
    let pair = Pair::new();
    fs::write(pair.path("infra").join(OsStr::from_bytes(b"caf\xe9.txt")), QUEUE)
        .expect("the test's own files");
    assert_eq!(pair.check().code, Some(0));
}

/// The message of the system contains a number that differs between systems.
#[test]
fn a_link_to_itself() {
    for path in ["infra/main.tf", "template.yaml"] {
        let pair = Pair::new();
        pair.link(path.rsplit('/').next().unwrap_or(path), path);
        pair.check().is_refused(path);
    }
}

/// Terraform accepts this. The template has another text, and the check reports that difference.
#[test]
fn a_zero_byte_in_a_text_of_a_module() {
    let pair = Pair::new();
    pair.module(QUEUE.replace("\"jobs\"\n", "\"jo\0bs\"\n"));
    pair.check().is_no_praise("a zero byte");
}

/// Text that Terraform ignores is not part of the module.
#[test]
fn copies_that_editors_keep_are_no_part_of_the_module() {
    let pair = Pair::new();
    for name in [".main.tf", "main.tf~", "#main.tf#", ".main_override.tf", ".more.tf.json", "more.tf.json~"] {
        pair.write(&format!("infra/{name}"), QUEUE);
    }
    let run = pair.check();
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
}
