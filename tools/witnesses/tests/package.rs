//! `tools/package.py`: the same program gives the same packages, and a program that Lambda cannot run is refused.
//!
//! The programs are ELF headers with symbol names. `make lambda.zip` packs the real program.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

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
fn the_same_program_gives_the_same_bytes_in_each_package() {
    let out = TempDir::new().unwrap();
    let program = good(out.path());
    let (one, other) = (out.path().join("one"), out.path().join("deeper/other"));
    let Some(first) = pack(&program, &one) else { return };
    first.stdout_if_successful().unwrap();
    // A package contains neither the file's permissions nor its time.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).unwrap();
    let long_ago = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    fs::File::options().write(true).open(&program).unwrap().set_times(long_ago).unwrap();
    pack(&program, &other).unwrap().stdout_if_successful().unwrap();
    let read = |folder: &Path, function: &str| fs::read(folder.join(format!("{function}.zip"))).unwrap();
    for function in FUNCTIONS {
        assert_eq!(read(&one, function), read(&one, FUNCTIONS[0]), "{function}");
        assert_eq!(read(&one, function), read(&other, function), "{function}");
    }
}

#[test]
fn a_package_holds_one_executable_bootstrap() {
    let (folder, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let program = good(folder.path());
    let Some(packed) = pack(&program, out.path()) else { return };
    packed.stdout_if_successful().unwrap();
    assert_eq!(files_of(out.path()).len(), FUNCTIONS.len());
    let size = fs::metadata(&program).unwrap().len();
    for function in FUNCTIONS {
        let list = "import sys, zipfile\n\
                    for entry in zipfile.ZipFile(sys.argv[1]).infolist():\n    \
                    print(entry.filename, entry.create_system, oct(entry.external_attr >> 16), entry.file_size)";
        let file = out.path().join(format!("{function}.zip"));
        let listed = run(Command::new("python3").args(["-c", list]).arg(file)).unwrap();
        assert_eq!(listed.stdout_if_successful().unwrap(), format!("bootstrap 3 0o100755 {size}\n"));
    }
}

#[test]
fn what_lambda_could_not_run_is_refused() {
    refused(program(ARM64, &["GLIBC_2.34"]), "program: is not for x86_64 (ELF machine 183)");
    refused(
        program(X86_64, &["GLIBC_2.4", "GLIBC_2.35"]),
        "program: needs glibc 2.35; Amazon Linux 2023 has 2.34",
    );
    refused(program(X86_64, &["GLIBC_2.100"]), "program: needs glibc 2.100; Amazon Linux 2023 has 2.34");
    refused(program(X86_64, &["GLIBC_ABI_DT_RELR"]), "program: needs GLIBC_ABI_DT_RELR of glibc");
    refused(b"#!/bin/sh\n".to_vec(), "program: is no ELF program");
    refused(Vec::new(), "program: is no ELF program");
}

#[test]
fn a_missing_program_is_named() {
    let out = TempDir::new().unwrap();
    let missing = out.path().join("program");
    let Some(packed) = pack(&missing, out.path()) else { return };
    assert!(!packed.status.success());
    assert_eq!(packed.stderr, format!("{}: No such file or directory\n", missing.display()));
    assert_eq!(files_of(out.path()), [""; 0]);
}

#[test]
fn nothing_is_left_when_not_all_can_be_written() {
    let (folder, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let Some(python) = tools::require("packages of the functions", "python3").unwrap() else { return };
    let noise =
        std::iter::successors(Some(1_u32), |x| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    let mut large = program(X86_64, &["GLIBC_2.34"]);
    large.extend(noise.take(1 << 16).map(|x| x.to_be_bytes()[0]));
    let program = folder.path().join("program");
    files::write(&program, large).unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", r#"ulimit -f 16; exec "$@""#, "bash"]).arg(python);
    let packed = run(arguments(&mut command, &program, out.path())).unwrap();
    assert!(!packed.status.success());
    let complaint = format!("the packages cannot be written to {}: File too large\n", out.path().display());
    assert_eq!(packed.stderr, complaint);
    assert_eq!(files_of(out.path()), [""; 0]);
}

/// Packs a program. Nothing is written, and the only message is `why`.
#[track_caller]
fn refused(content: Vec<u8>, why: &str) {
    let (folder, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let program = folder.path().join("program");
    files::write(&program, content).unwrap();
    let Some(packed) = pack(&program, out.path()) else { return };
    assert!(!packed.status.success());
    let complaint = packed.stderr.trim_end();
    assert!(complaint.ends_with(why) && complaint.lines().count() == 1, "{}", packed.report());
    assert_eq!(files_of(out.path()), [""; 0]);
}

/// Writes a program that Lambda can load into a folder.
fn good(folder: &Path) -> PathBuf {
    let file = folder.join("program");
    files::write(&file, program(X86_64, &["GLIBC_2.2.5", "GLIBC_2.34"])).unwrap();
    file
}

/// An ELF header for a machine, and names in the form of a string table.
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

/// `None` if Python is missing and the check was skipped.
fn pack(program: &Path, out: &Path) -> Option<Finished> {
    let python = tools::require("packages of the functions", "python3").unwrap()?;
    Some(run(arguments(&mut Command::new(python), program, out)).unwrap())
}

fn arguments<'a>(command: &'a mut Command, program: &Path, out: &Path) -> &'a mut Command {
    command
        .arg(files::root().join("tools/package.py"))
        .args([program, out])
        .args(["--architecture", "x86_64"])
}

/// The names in a folder, including hidden ones.
fn files_of(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
