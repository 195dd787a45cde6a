//! Faults of calls, functions and instances.

use jit_runners_yaml::{
    Section,
    reader::{Number, Time},
};

use crate::fault::{CallFaults, Faults, FunctionFaults, MachineFaults};

/// All of them.
pub(super) fn faults(section: &mut Section<'_, '_>, faults: &mut Faults) {
    for (key, about, target) in [
        ("table", "Calls of the table.", &mut faults.table),
        ("compute", "Calls of EC2.", &mut faults.compute),
        ("github", "Calls of GitHub.", &mut faults.github),
        ("queue", "Messages that are sent.", &mut faults.queue),
        ("account", "Calls of IAM and CloudFormation.", &mut faults.account),
    ] {
        section.inside(key, about, |section| calls(section, target));
    }
    section.inside("functions", "The functions.", |section| functions(section, &mut faults.functions));
    section.inside("machines", "The instances.", |section| machines(section, &mut faults.machines));
}

fn calls(section: &mut Section<'_, '_>, faults: &mut CallFaults) {
    let chance = &Number::CHANCE;
    section.set("request_lost", "The request never arrives.", chance, &mut faults.request_lost);
    section.set(
        "answer_lost",
        "The call is carried out, and its answer is lost.",
        chance,
        &mut faults.answer_lost,
    );
    section.set("late", "The request arrives after the caller has given up.", chance, &mut faults.late);
    section.set("slow", "The call takes seconds.", chance, &mut faults.slow);
    section.set(
        "crash_before_sending",
        "The caller dies before it sends the request.",
        chance,
        &mut faults.crash_before_sending,
    );
    section.set(
        "crash_before_applying",
        "The caller dies while the request is on its way.",
        chance,
        &mut faults.crash_before_applying,
    );
    section.set(
        "crash_after_applying",
        "The caller dies while the answer is on its way.",
        chance,
        &mut faults.crash_after_applying,
    );
    section.set("partial", "A batch of messages is taken in part.", chance, &mut faults.partial);
}

fn functions(section: &mut Section<'_, '_>, faults: &mut FunctionFaults) {
    let chance = &Number::CHANCE;
    section.set("stillborn", "An invocation dies before it does anything.", chance, &mut faults.stillborn);
    section.set("slow_start", "A cold start takes seconds.", chance, &mut faults.slow_start);
    section.set("tick_missed", "A schedule's tick does not come.", chance, &mut faults.tick_missed);
    section.set("tick_doubled", "A schedule's tick comes twice.", chance, &mut faults.tick_doubled);
    section.set("tick_jitter", "The longest delay of a tick.", &Time, &mut faults.tick_jitter);
    section.set(
        "deletion_lost",
        "Messages that were handled are not deleted, and come again.",
        chance,
        &mut faults.deletion_lost,
    );
}

fn machines(section: &mut Section<'_, '_>, faults: &mut MachineFaults) {
    let chance = &Number::CHANCE;
    section.set("silent", "Our program does not start.", chance, &mut faults.silent);
    section.set("unreadable", "One read of the configuration fails.", chance, &mut faults.unreadable);
    section.set(
        "configuration_lost",
        "The configuration is read and deleted, and the answer is lost.",
        chance,
        &mut faults.configuration_lost,
    );
    section.set("runner_crash", "The runner dies before it listens.", chance, &mut faults.runner_crash);
    section.set("never_ends", "The instance fails to end itself.", chance, &mut faults.never_ends);
}
