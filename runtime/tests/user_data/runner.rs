//! The runner: how it starts, and how it is watched.

use crate::machine::{Machine, VERSION};

#[test]
fn it_starts_as_its_own_user_with_a_clean_environment() {
    let ended = Machine::with_runner(VERSION, "").boot();
    assert!(
        ended.calls.iter().any(|call| call == "setpriv --reuid=runner --regid=1234 --init-groups ./run.sh"),
        "{:#?}",
        ended.calls
    );
    let environment = ended.machine().world("environment").unwrap();
    let mut names: Vec<_> = environment.lines().filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    let expected = [
        "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE",
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "PWD",
        "SHELL",
        "SHLVL",
        "USER",
        "_",
    ];
    assert_eq!(names, expected);
}

#[test]
fn its_jobs_can_be_interrupted() {
    let ended = Machine::with_runner(VERSION, "").boot();
    let ignored = ended.machine().world("ignored-signals").unwrap();
    let ignored = u64::from_str_radix(ignored.trim_start_matches("SigIgn:").trim(), 16).unwrap();
    // SIGINT and SIGQUIT, which a shell without job control ignores in the background.
    assert_eq!(ignored & 0b110, 0);
}

#[test]
fn one_without_a_job_is_ended() {
    let ended = Machine::with_runner(VERSION, "while :; do sleep 1; done").that_is_not_idle().boot();
    ended.says("stops the runner: no job for 3 seconds");
    assert!(ended.has_started() && ended.runner_is_gone());
    assert_eq!(ended.count("shutdown -h now"), 1);
}

#[test]
fn one_that_cannot_be_stopped_is_killed() {
    let ended = Machine::with_runner(VERSION, "trap '' TERM INT; while :; do sleep 1; done")
        .that_is_not_idle()
        .boot();
    assert!(ended.has_started() && ended.runner_is_gone());
    assert_eq!(ended.count("shutdown -h now"), 1);
}

#[test]
fn one_with_a_job_is_left_alone() {
    // The job takes longer than the idle limit, and the runner does not end at once with its job.
    let job = format!("{} {}", works(4), passes(1));
    let ended = Machine::with_runner(VERSION, &job).that_is_not_idle().boot();
    ended.says("the runner has a job").says("the runner ended with code 0");
}

#[test]
fn one_that_lives_on_after_its_job_is_ended() {
    let job = ": >\"$world/worker\"; sleep 1; sleep 1; rm \"$world/worker\"; while :; do sleep 1; done";
    let ended = Machine::with_runner(VERSION, job).that_is_not_idle().boot();
    ended.says("the runner has a job").says("stops the runner: no job for 3 seconds");
    assert!(ended.runner_is_gone());
}

#[test]
fn one_that_crashes_ends_the_instance() {
    let ended = Machine::with_runner(VERSION, "kill -SEGV $$").boot();
    ended.says("the runner ended with code 139");
    assert_eq!(ended.count("shutdown -h now"), 1);
}

#[test]
fn a_release_that_github_refuses_is_said() {
    let said = "echo 'An error occured: Runner version v2.338.0 is deprecated and cannot receive messages.'";
    for does in [said, "exit 7"] {
        let ended = Machine::with_runner(VERSION, does).boot();
        ended.says(
            "RUNNER VERSION DEPRECATED: GitHub gives no jobs to 2.338.0 any more; set RunnerVersion to auto",
        );
    }
    assert!(!Machine::with_runner(VERSION, "").boot().output.contains("DEPRECATED"));
}

/// What the runner says when it updates itself, in two parts with a pause between them
/// (<https://github.com/actions/runner/blob/main/src/Runner.Listener/SelfUpdater.cs>,
/// <https://github.com/actions/runner/blob/main/src/Misc/layoutroot/run-helper.sh.template>).
const UPDATE_BEGINS: &str =
    "echo 'Runner update in progress, do not shutdown runner.'; echo 'Downloading 2.999.0 runner';";
const UPDATE_ENDS: &str = "echo 'Runner will exit shortly for update, should be back online within 10 seconds.'; \
    echo 'Runner update process finished.'; \
    echo 'Runner listener exit because of updating, re-launch runner after successful update';";

#[test]
fn one_that_updates_itself_is_not_idle() {
    // Twice the idle limit, both during the update and until the runner listens again.
    let update = format!("{UPDATE_BEGINS} {} {UPDATE_ENDS} {}", passes(6), passes(6));
    let listens_and_works = format!("echo 'Listening for Jobs'; {} {}", works(1), passes(1));
    let ended =
        Machine::with_runner(VERSION, &format!("{update} {listens_and_works}")).that_is_not_idle().boot();
    ended.says("the runner has a job").says("the runner ended with code 0");
    assert!(!ended.output.contains("stops the runner"), "{}", ended.output);
}

#[test]
fn one_that_has_updated_itself_is_idle_like_any_other() {
    for ends in [UPDATE_ENDS, "echo 'Runner update process finished.';"] {
        let listens = if ends == UPDATE_ENDS { "echo 'Listening for Jobs';" } else { "" };
        let run = format!("{UPDATE_BEGINS} sleep 1; {ends} {listens} while :; do sleep 1; done");
        let ended = Machine::with_runner(VERSION, &run).that_is_not_idle().boot();
        ended.says("stops the runner: no job for 3 seconds");
        assert!(ended.runner_is_gone());
    }
}

#[test]
fn one_that_never_ends_its_update_is_ended() {
    let run = format!("{UPDATE_BEGINS} while :; do sleep 1; done");
    let ended = Machine::with_runner(VERSION, &run).that_is_not_idle().that_updates_fast().boot();
    ended.says("stops the runner: no job for 3 seconds");
    assert!(ended.runner_is_gone());
}

#[test]
fn an_interruption_ends_it_before_it_gets_a_job() {
    let ended = {
        let machine = Machine::with_runner(VERSION, ": >\"$world/notice\"; while :; do sleep 1; done");
        machine.boot()
    };
    ended.says("stops the runner: the instance will be interrupted");
    assert!(ended.runner_is_gone());
}

#[test]
fn an_interruption_leaves_its_job_alone() {
    let job = format!(": >\"$world/notice\"; {}", passes(1));
    let job = format!(
        ": >\"$world/worker\"; until [[ -e $world/seen ]]; do sleep 1; done; {job} rm \"$world/worker\"; {}",
        passes(1)
    );
    let running = Machine::with_runner(VERSION, &job).start();
    running.wait_until_said("the runner has a job");
    running.machine().set("seen", "");
    running.end().says("the runner ended with code 0");
}

/// Some seconds pass.
fn passes(seconds: u8) -> String {
    format!("SECONDS=0; until ((SECONDS > {seconds})); do sleep 1; done;")
}

/// A job takes some seconds.
fn works(seconds: u8) -> String {
    format!(": >\"$world/worker\"; {} rm \"$world/worker\";", passes(seconds))
}
