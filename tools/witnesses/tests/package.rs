//! `tools/package.py`: the same programs give the same packages, and what Lambda could not run is refused.
//!
//! The programs are ELF headers with the names that such a program holds; the functions themselves are packed by
//! `make lambda.zip`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use jit_runners_witnesses::{
    files,
    process::{Finished, run},
    tools,
};
use tempfile::TempDir;

const FUNCTIONS: [&str; 5] = ["webhook", "scaleup", "scaledown", "lifecycle", "rebalancer"];
const X86_64: u16 = 62;
const ARM64: u16 = 183;

#[test]
fn the_same_programs_give_the_same_bytes() {
    let (programs, out) = (programs(), TempDir::new().unwrap());
    let (one, other) = (out.path().join("one"), out.path().join("deeper/other"));
    let Some(first) = pack(programs.path(), &one) else { return };
    first.stdout_if_successful().unwrap();
    // Neither who may do what, nor when it was built, is part of a package.
    for function in FUNCTIONS {
        let program = programs.path().join(function);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).unwrap();
        let long_ago = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
        fs::File::options().write(true).open(&program).unwrap().set_times(long_ago).unwrap();
    }
    pack(programs.path(), &other).unwrap().stdout_if_successful().unwrap();
    for function in FUNCTIONS {
        let name = format!("{function}.zip");
        assert_eq!(fs::read(one.join(&name)).unwrap(), fs::read(other.join(&name)).unwrap(), "{name}");
    }
}

#[test]
fn a_package_holds_one_executable_bootstrap() {
    let (programs, out) = (programs(), TempDir::new().unwrap());
    let Some(packed) = pack(programs.path(), out.path()) else { return };
    packed.stdout_if_successful().unwrap();
    assert_eq!(files_of(out.path()).len(), FUNCTIONS.len());
    for function in FUNCTIONS {
        let list = "import sys, zipfile\n\
                    for entry in zipfile.ZipFile(sys.argv[1]).infolist():\n    \
                    print(entry.filename, entry.create_system, oct(entry.external_attr >> 16), entry.file_size)";
        let file = out.path().join(format!("{function}.zip"));
        let listed = run(Command::new("python3").args(["-c", list]).arg(file)).unwrap();
        let size = fs::metadata(programs.path().join(function)).unwrap().len();
        assert_eq!(listed.stdout_if_successful().unwrap(), format!("bootstrap 3 0o100755 {size}\n"));
    }
}

#[test]
fn what_lambda_could_not_run_is_refused() {
    refused(program(ARM64, &["GLIBC_2.34"]), "webhook: is not for x86_64 (ELF machine 183)");
    refused(
        program(X86_64, &["GLIBC_2.4", "GLIBC_2.35"]),
        "webhook: needs glibc 2.35; Amazon Linux 2023 has 2.34",
    );
    refused(program(X86_64, &["GLIBC_2.100"]), "webhook: needs glibc 2.100; Amazon Linux 2023 has 2.34");
    refused(program(X86_64, &["GLIBC_ABI_DT_RELR"]), "webhook: needs GLIBC_ABI_DT_RELR of glibc");
    refused(b"#!/bin/sh\n".to_vec(), "webhook: is no ELF program");
    refused(Vec::new(), "webhook: is no ELF program");
}

#[test]
fn missing_programs_are_named() {
    let (programs, out) = (programs_of(&FUNCTIONS[..2]), TempDir::new().unwrap());
    let Some(packed) = pack(programs.path(), out.path()) else { return };
    assert!(!packed.status.success());
    for (line, function) in packed.stderr.lines().zip(&FUNCTIONS[2..]) {
        assert!(line.ends_with(&format!("{function}: No such file or directory")), "{}", packed.report());
    }
    assert_eq!(packed.stderr.lines().count(), 3, "{}", packed.report());
    assert_eq!(files_of(out.path()), [""; 0]);
}

#[test]
fn nothing_is_left_when_not_all_can_be_written() {
    let (programs, out) = (programs(), TempDir::new().unwrap());
    let Some(python) = tools::require("packages of the functions", "python3").unwrap() else { return };
    // The last one does not fit where the others do.
    let noise =
        std::iter::successors(Some(1_u32), |x| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    let mut large = program(X86_64, &["GLIBC_2.34"]);
    large.extend(noise.take(1 << 16).map(|x| x.to_be_bytes()[0]));
    files::write(&programs.path().join("rebalancer"), large).unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", r#"ulimit -f 16; exec "$@""#, "bash"]).arg(python);
    let packed = run(arguments(&mut command, programs.path(), out.path())).unwrap();
    assert!(!packed.status.success());
    let complaint = format!("the packages cannot be written to {}: File too large\n", out.path().display());
    assert_eq!(packed.stderr, complaint);
    assert_eq!(files_of(out.path()), [""; 0]);
}

/// Packs `webhook` among four others; nothing is written, and the one complaint is `why`.
#[track_caller]
fn refused(webhook: Vec<u8>, why: &str) {
    let (programs, out) = (programs(), TempDir::new().unwrap());
    files::write(&programs.path().join("webhook"), webhook).unwrap();
    let Some(packed) = pack(programs.path(), out.path()) else { return };
    assert!(!packed.status.success());
    let complaint = packed.stderr.trim_end();
    assert!(complaint.ends_with(why) && complaint.lines().count() == 1, "{}", packed.report());
    assert_eq!(files_of(out.path()), [""; 0]);
}

/// Five programs that Lambda could load.
fn programs() -> TempDir {
    programs_of(&FUNCTIONS)
}

fn programs_of(functions: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for function in functions {
        let content = program(X86_64, &["GLIBC_2.2.5", "GLIBC_2.34", function]);
        files::write(&folder.path().join(function), content).unwrap();
    }
    folder
}

/// An ELF header for a machine, and names as a table of strings holds them.
fn program(machine: u16, names: &[&str]) -> Vec<u8> {
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(18, 0);
    program.extend(machine.to_le_bytes());
    program.resize(64, 0);
    for name in names {
        program.extend(name.bytes());
        program.push(0);
    }
    program
}

/// `None` without Python: the check is skipped.
fn pack(programs: &Path, out: &Path) -> Option<Finished> {
    let python = tools::require("packages of the functions", "python3").unwrap()?;
    Some(run(arguments(&mut Command::new(python), programs, out)).unwrap())
}

fn arguments<'a>(command: &'a mut Command, programs: &Path, out: &Path) -> &'a mut Command {
    command
        .arg(files::root().join("tools/package.py"))
        .args([programs, out])
        .args(["--architecture", "x86_64"])
}

/// The names in a folder, hidden ones too.
fn files_of(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
