//! The built command: exit codes, what it prints, and what it leaves on disk.
#![expect(clippy::disallowed_methods, reason = "tests prepare and inspect files")]

mod by_hand;
mod configuration;
mod folder;
mod guests;

use std::{fs, process::Command};

use folder::{Folder, TEMPLATE, snapshot};

#[test]
fn generating_twice_changes_nothing() {
    let folder = Folder::new();
    let first = folder.run(&["generate"]);
    assert_eq!((first.code, first.err.as_str()), (0, ""), "{first:?}");
    snapshot("generate-first", &first.out);
    let before = folder.tree();
    let second = folder.run(&["generate"]);
    assert_eq!((second.code, second.err.as_str()), (0, ""), "{second:?}");
    snapshot("generate-second", &second.out);
    assert_eq!(folder.tree(), before);
}

#[test]
fn a_hand_edited_file_is_reported_and_kept() {
    let folder = Folder::new();
    folder.run(&["generate"]);
    let generated = folder.read(TEMPLATE);
    let edited = generated.replacen("Resources:", "# mine\nResources:", 1);
    assert_ne!(edited, generated);
    folder.write(TEMPLATE, &edited);
    let check = folder.run(&["generate", "--check"]);
    assert_eq!(check.code, 4, "{check:?}");
    assert!(check.out.starts_with(&format!("stale     {TEMPLATE} (edited by hand)\n")), "{check:?}");
    folder.write(&format!("{TEMPLATE}.orig"), "older");
    let run = folder.run(&["generate"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.err.starts_with(&format!(
            "warning: {TEMPLATE} was edited by hand; a copy of it is kept beside it\n--- {TEMPLATE}\n+++"
        )),
        "{run:?}"
    );
    assert!(run.err.contains("\n-# mine\n"), "{run:?}");
    assert!(run.out.contains(&format!("kept      {TEMPLATE}.orig.2 (was {TEMPLATE})\n")), "{run:?}");
    assert_eq!(folder.read(TEMPLATE), generated);
    assert_eq!(folder.read(&format!("{TEMPLATE}.orig")), "older");
    assert_eq!(folder.read(&format!("{TEMPLATE}.orig.2")), edited);
    let again = folder.run(&["generate"]);
    assert_eq!((again.code, again.err.as_str()), (0, ""), "{again:?}");
}

#[test]
fn what_people_see_of_stale_and_of_edited_files() {
    let folder = Folder::new();
    folder.run(&["generate"]);
    let versions = "generated/terraform/versions.tf";
    folder.write(versions, folder.read(versions) + "# mine\n");
    fs::remove_file(folder.path("generated/terraform/outputs.tf")).unwrap();
    snapshot("generate-check-stale", &folder.run(&["generate", "--check"]).out);
    let run = folder.run(&["generate"]);
    snapshot("generate-edited-by-hand", &format!("{}\n{}", run.err, run.out));
}

#[test]
fn a_template_that_cannot_be_passed_directly_is_reported() {
    let folder = Folder::new();
    let tags: Vec<_> = (0..40).map(|index| format!("  tag-{index}: {}", "x".repeat(200))).collect();
    folder.write("jit-runners.yaml", format!("tags:\n{}\n", tags.join("\n")));
    let run = folder.run(&["generate"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("and CloudFormation takes 51200 directly; add `--s3-bucket BUCKET`"), "{run:?}");
    assert!(folder.read("generated/cloudformation/README.md").contains("--s3-bucket"));
}

#[test]
fn check_writes_nothing_and_says_what_to_run() {
    let folder = Folder::new();
    let run = folder.run(&["generate", "--check"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert_eq!(folder.tree().len(), 0);
    folder.run(&["generate"]);
    let fresh = folder.run(&["generate", "--check"]);
    assert_eq!(fresh.code, 0, "{fresh:?}");
    assert!(fresh.out.starts_with("fresh: "), "{fresh:?}");

    folder.write("other.yaml", "functions:\n  webhook: {memory: 512 MiB}\n");
    let before = folder.tree();
    let stale = folder.run(&["generate", "--check", "--config", "other.yaml"]);
    assert_eq!(stale.code, 4, "{stale:?}");
    assert_eq!(folder.tree(), before);
    assert!(stale.out.contains(&format!("stale     {TEMPLATE}\n--- {TEMPLATE}\n")), "{stale:?}");
    assert!(stale.out.contains("\n-   MemorySize: 256\n+   MemorySize: 512\n"), "{stale:?}");
    assert!(stale.out.ends_with("differ; run: cargo run generate --config other.yaml\n"), "{stale:?}");
}

#[test]
fn a_closed_pipe_changes_neither_what_is_done_nor_the_exit_code() {
    let folder = Folder::new();
    assert_eq!(folder.run_unheard(&["generate", "--check"]), 4);
    assert_eq!(folder.run_unheard(&["generate"]), 0);
    assert_eq!(folder.run_unheard(&["generate", "--check"]), 0);
    let generated = folder.read(TEMPLATE);
    folder.write(TEMPLATE, "# mine\n");
    assert_eq!(folder.run_unheard(&["generate", "--check"]), 4);
    assert_eq!(folder.run_unheard(&["generate"]), 0);
    assert_eq!(folder.read(TEMPLATE), generated);
    assert_eq!(folder.read(&format!("{TEMPLATE}.orig")), "# mine\n");
    assert_eq!(folder.run_unheard(&["init"]), 0);
    assert!(folder.path("jit-runners.yaml").exists());
    for arguments in [&["show", "model"][..], &["schema"], &["completions", "bash"], &["--help"]] {
        assert_eq!(folder.run_unheard(arguments), 0, "{arguments:?}");
    }
    assert_eq!(folder.run_unheard(&["init"]), 1);
    assert_eq!(folder.run_unheard(&["compare"]), 2);
}

#[test]
fn the_command_that_check_prints_makes_it_fresh() {
    let folder = Folder::new();
    folder.write("my config.yaml", "name: ci\n");
    let check = ["generate", "--check", "--config", "my config.yaml", "--out", "it's here"];
    let stale = folder.run(&check);
    let expected = r"; run: cargo run generate --config 'my config.yaml' --out 'it'\''s here'";
    assert!(stale.out.trim_end().ends_with(expected), "{stale:?}");
    folder.run(&["generate", "--config", "my config.yaml", "--out", "it's here"]);
    assert_eq!(folder.run(&check).code, 0);
}

#[test]
fn files_of_other_people_are_left_alone() {
    let folder = Folder::new();
    folder.run(&["generate"]);
    folder
        .write("generated/terraform/terraform.tfvars", "mine")
        .write("generated/terraform/.terraform/plugin", "binary")
        .write("generated/notes.txt", "mine");
    folder.write("jit-runners.yaml", "alarms: false\n");
    let run = folder.run(&["generate"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    assert!(run.out.contains("replaced"), "{run:?}");
    assert_eq!(folder.read("generated/terraform/terraform.tfvars"), "mine");
    assert_eq!(folder.read("generated/terraform/.terraform/plugin"), "binary");
    assert_eq!(folder.read("generated/notes.txt"), "mine");
}

#[test]
fn leftovers_of_an_earlier_run_are_removed() {
    let folder = Folder::new();
    folder.run(&["generate"]);
    // As if an earlier version had also written this file.
    let manifest = folder.read("generated/.manifest.json");
    let digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let more = manifest.replacen("{\n    ", &format!("{{\n    \"terraform/old.tf\": \"{digest}\",\n    "), 1);
    assert_ne!(more, manifest);
    folder.write("generated/.manifest.json", more).write("generated/terraform/old.tf", "x");
    let check = folder.run(&["generate", "--check"]);
    assert!(check.out.contains("leftover  generated/terraform/old.tf\n"), "{check:?}");
    let run = folder.run(&["generate"]);
    assert!(run.out.contains("removed   generated/terraform/old.tf\n"), "{run:?}");
    assert!(!folder.path("generated/terraform/old.tf").exists());
    assert_eq!(folder.read("generated/.manifest.json"), manifest);
}

#[test]
fn nothing_is_written_when_the_configuration_is_wrong() {
    let folder = Folder::new();
    folder.run(&["generate"]);
    folder.write(
        "jit-runners.yaml",
        "name: other\nfunctions:\n  webhook: {memory: 256 s}\n  scaleup: {timeout: 3 min}\n",
    );
    let before = folder.tree();
    for command in
        [&["generate"][..], &["generate", "--check"], &["show", "model"], &["generate", "--out", "new"]]
    {
        let run = folder.run(command);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert_eq!(
            run.err,
            "error: 2 problems in the configuration; nothing was done
jit-runners.yaml:3:21: functions.webhook.memory: found `256 s`, whose unit does not fit; expected memory in MiB or GiB, from 128 MiB to 10240 MiB; write `256 MiB`
jit-runners.yaml:4:22: functions.scaleup.timeout: 180 s is longer than 90 s, a sixth of the time for which its queue hides a message; give 90 s or less
"
        );
    }
    assert_eq!(folder.tree(), before);
}

#[test]
fn unreadable_configurations() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder.yaml")).unwrap();
    folder
        .write("latin1.yaml", b"name: ci\n# \xe9\n")
        .write("binary.yaml", b"\x7fELF\0\x01")
        .write("huge.yaml", vec![b'#'; 2 << 20]);
    let mut report = String::new();
    for file in ["missing.yaml", "folder.yaml", "latin1.yaml", "binary.yaml", "huge.yaml", "latin1.yaml/x"] {
        let run = folder.run(&["generate", "--config", file]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        report.push_str(&run.err);
    }
    snapshot("unreadable-configurations", &report);
    assert!(!folder.path("generated").exists());
    // If the usual file cannot be read, it must not count as missing.
    fs::create_dir(folder.path("jit-runners.yaml")).unwrap();
    assert_eq!(folder.run(&["generate"]).code, 1);
    assert!(!folder.path("generated").exists());
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_not_an_absent_configuration() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("nowhere", folder.path("jit-runners.yaml")).unwrap();
    let run = folder.run(&["generate"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!folder.path("generated").exists());
}

#[test]
fn output_folders_that_cannot_be() {
    let folder = Folder::new();
    folder.write("file", "mine");
    fs::create_dir_all(folder.path("blocked/cloudformation/template.yaml")).unwrap();
    folder
        .write("damaged/.manifest.json", "{")
        .write("outside/.manifest.json", "{\"files\": {\"../file\": \"00\"}}");
    let before = folder.tree();
    let mut report = String::new();
    for out in ["file", "file/out", "blocked", "damaged", "outside"] {
        let run = folder.run(&["generate", "--out", out]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        report.push_str(&run.err);
    }
    snapshot("output-folders-that-cannot-be", &report);
    assert_eq!(folder.tree(), before);
}

#[test]
fn an_output_folder_can_be_spelled_in_odd_ways() {
    let folder = Folder::new();
    let name = folder.0.path().file_name().unwrap().to_str().unwrap().to_owned();
    let odd = format!("..//{name}/q/../z");
    let run = folder.run(&["generate", "--out", &odd]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    assert!(!folder.path("q").exists());
    assert_eq!(folder.run(&["generate", "--check", "--out", "z/."]).code, 0);
    // The command reads the existing file, so that it does not overwrite an unknown one.
    folder.write("z/cloudformation/template.yaml", "mine");
    let run = folder.run(&["generate", "--out", &odd]);
    assert!(run.err.contains("template.yaml was edited by hand"), "{run:?}");
    assert_eq!(folder.read("z/cloudformation/template.yaml.orig"), "mine");
}

#[cfg(unix)]
#[test]
fn an_output_folder_without_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    fs::create_dir(folder.path("out")).unwrap();
    fs::set_permissions(folder.path("out"), fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser can write everywhere except in /proc.
    let out = if fs::write(folder.path("out/probe"), "").is_ok() { "/proc/jit-runners" } else { "out" };
    let run = folder.run(&["generate", "--out", out]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.starts_with(&format!("error: cannot write {out}")), "{run:?}");
}

#[test]
fn init_writes_a_file_that_changes_nothing() {
    let folder = Folder::new();
    let plain = folder.run(&["show", "model"]).out;
    let run = folder.run(&["init"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    snapshot("init", &run.out);
    assert_eq!(folder.run(&["show", "model"]).out, plain);
    assert_eq!(folder.read("jit-runners.schema.json"), folder.run(&["schema"]).out);
    assert!(
        folder
            .read("jit-runners.yaml")
            .starts_with("# yaml-language-server: $schema=jit-runners.schema.json\n")
    );
}

#[test]
fn init_overwrites_only_by_force() {
    let folder = Folder::new();
    folder.write("sub/my.yaml", "name: mine\n").write("sub/jit-runners.schema.json", "{}");
    let before = folder.tree();
    let run = folder.run(&["init", "--config", "sub/my.yaml"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert_eq!(
        run.err,
        "error: sub/jit-runners.schema.json and sub/my.yaml are already there; --force overwrites\n"
    );
    assert_eq!(folder.tree(), before);
    assert_eq!(folder.run(&["init", "--config", "sub/my.yaml", "--force"]).code, 0);
    assert_ne!(folder.read("sub/my.yaml"), "name: mine\n");
    // A second configuration may share the schema.
    assert_eq!(folder.run(&["init", "--config", "sub/other.yaml"]).code, 0);
}

#[test]
fn init_writes_both_files_or_none() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("jit-runners.yaml/full")).unwrap();
    let before = folder.tree();
    let mut report = String::new();
    for arguments in [
        &["init", "--force"][..],
        &["init", "--config", "nowhere/my.yaml"],
        &["init", "--config", "jit-runners.schema.json"],
        &["init", "--config", "./jit-runners.schema.json", "--force"],
    ] {
        let run = folder.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        report.push_str(&run.err);
    }
    snapshot("init-refused", &report);
    assert_eq!(folder.tree(), before);
}

#[cfg(unix)]
#[test]
fn init_writes_through_links() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.write("sub/real.yaml", "name: mine\n");
    symlink("sub/real.yaml", folder.path("jit-runners.yaml")).unwrap();
    assert_eq!(folder.run(&["init"]).code, 1);
    assert_eq!(folder.run(&["init", "--force"]).code, 0);
    assert!(folder.path("jit-runners.yaml").is_symlink());
    assert!(folder.read("sub/real.yaml").starts_with("# yaml-language-server"));

    symlink("jit-runners.schema.json", folder.path("schema.yaml")).unwrap();
    symlink("nothing", folder.path("dangling.yaml")).unwrap();
    let schema = folder.read("jit-runners.schema.json");
    for (config, told) in [("schema.yaml", "is where the schema goes"), ("dangling.yaml", "is not there")] {
        let run = folder.run(&["init", "--force", "--config", config]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains(told), "{run:?}");
    }
    assert_eq!(folder.read("jit-runners.schema.json"), schema);
    assert!(!folder.path("nothing").exists());
}

#[test]
fn the_command_that_init_prints_reads_what_it_wrote() {
    let folder = Folder::new();
    let run = folder.run(&["init", "--config", "staging.yaml"]);
    assert!(run.out.ends_with("then run: cargo run generate --config staging.yaml\n"), "{run:?}");
}

#[test]
fn show_prints_every_view() {
    let folder = Folder::new();
    for what in ["model", "terraform", "cloudformation"] {
        let json = folder.run(&["show", what]);
        assert_eq!(json.code, 0, "{json:?}");
        assert!(serde_json::from_str::<serde_json::Value>(&json.out).is_ok(), "{}", json.out);
        assert_eq!(folder.run(&["show", what, "--format", "json"]).out, json.out);
        let mermaid = folder.run(&["show", what, "--format", "mermaid"]);
        assert_eq!(mermaid.code, 0, "{mermaid:?}");
        assert!(mermaid.out.starts_with("flowchart ") && mermaid.out.ends_with('\n'), "{}", mermaid.out);
    }
    assert_eq!(folder.tree().len(), 0);
}

#[test]
fn a_configuration_reaches_every_view() {
    let folder = Folder::new();
    folder.write("jit-runners.yaml", "runners: {version: 2.337.0}\n");
    for what in ["model", "terraform", "cloudformation"] {
        assert!(folder.run(&["show", what]).out.contains("2.337.0"), "{what}");
    }
}

#[test]
fn wrong_usage_is_two() {
    let folder = Folder::new();
    for arguments in [
        &[][..],
        &["compare"],
        &["generate", "--what"],
        &["show"],
        &["show", "model", "--format", "xml"],
        &["completions", "cmd"],
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 2, "{run:?}");
    }
    assert_eq!(folder.run(&["--help"]).code, 0);
    assert_eq!(folder.run(&["--version"]).code, 0);
}

#[test]
fn completions_for_every_shell() {
    let folder = Folder::new();
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let run = folder.run(&["completions", shell]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
        snapshot(&format!("completions-{shell}"), &run.out);
    }
}

#[cfg(unix)]
#[test]
fn bash_completes_what_there_is() {
    let folder = Folder::new();
    let run = folder.run(&["completions", "bash"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    folder.write("script", run.out);
    let completed = |words: &[&str]| {
        let ask = "source ./script && COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) && \
                   \"$(complete -p \"$1\" | grep -o -- '-F [^ ]*' | cut -c 4-)\" \"$1\" \"${@: -1}\" \"${@: -2:1}\" && \
                   printf '%s ' \"${COMPREPLY[@]}\"";
        let output = Command::new("bash")
            .args(["--norc", "-c", ask, "bash"])
            .args(words)
            .current_dir(folder.0.path())
            .output()
            .expect("bash starts");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).expect("it prints text")
    };
    assert_eq!(completed(&["jit-runners", "gen"]), "generate ");
    assert_eq!(completed(&["jit-runners", "generate", "--c"]), "--config --check --color ");
    assert_eq!(completed(&["jit-runners", "show", "cl"]), "cloudformation ");
    assert_eq!(completed(&["jit-runners", "show", "model", "--format", ""]), "json mermaid ");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = Folder::new();
    let of = |when: &str| folder.run(&["generate", "--check", "--color", when]).out.contains('\u{1b}');
    assert!(!of("auto") && !of("never") && of("always"));
}
