//! Decides what is to be done with each runner, launch and instance, and about which of them GitHub is asked in which
//! run: pure.

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::{
    schedule::SCALE_DOWN_RATE,
    table::{JobState, RunnerState},
};

use crate::{
    port::{Instance, RegistrationTarget},
    record::{InstanceId, Intent, IntentState, Job, Runner, longest_open},
    time::{Time, duration},
};

/// EC2 may take this long to show a new instance. Until then, a missing one proves nothing
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>).
pub(crate) const APPEARS_WITHIN: Duration = Duration::from_mins(5);
/// A launch that nobody took over within this time is abandoned. An abandoned launch makes no more instances after
/// this time, because no request of a function lives longer.
pub(crate) const LAUNCH_ENDS_WITHIN: Duration = Duration::from_mins(5);
/// Registrations under other names are looked for only after this time, when no invocation can still be registering
/// the runner.
const REGISTERED_WITHIN: Duration = Duration::from_mins(3);
/// How many are asked about in one run. Each is a request to GitHub.
const IN_ONE_RUN: usize = 10;

/// The limits of a deployment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// A runner that is pending for longer is stuck.
    pub stale: Duration,
    /// An instance that is older is terminated.
    pub age: Duration,
}

/// What is to be done with a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunnerDecision {
    /// Nothing.
    Leave,
    /// Its instance has ended, and that is not stored yet.
    Ended,
    /// It is over the maximum age: terminate it, busy or not.
    TooOld,
    /// It never became ready: terminate it, unless it has a job.
    Stale,
    /// Its job is over and its instance still runs.
    Terminate,
    /// Its instance is gone; whether a registration is left is not known.
    RemoveRegistrations,
    /// It was open for longer than anything can be: close its record. What is left of it has no owner any more, and is
    /// removed for that.
    Close,
    /// No event has said how its job ended, and its instance is gone or it has had the job for long.
    AskForJob,
}

/// Decides about `runner`. `instance` is what EC2 shows of it, `instances_known` says whether EC2 answered at all.
pub(super) fn decide_runner(
    runner: &Runner,
    instance: Option<&Instance>,
    instances_known: bool,
    limits: Limits,
    now: Time,
) -> RunnerDecision {
    let age = now.since(runner.launched_at);
    if age > longest_open::RUNNER {
        return RunnerDecision::Close;
    }
    let unfinished = runner.job.is_some() && !runner.job_done;
    if runner.instance_gone {
        return if unfinished {
            RunnerDecision::AskForJob
        } else if !runner.registration_gone && age > REGISTERED_WITHIN {
            RunnerDecision::RemoveRegistrations
        } else {
            RunnerDecision::Leave
        };
    }
    let gone = match instance {
        Some(instance) => !instance.state.is_live(),
        None => instances_known && age > APPEARS_WITHIN,
    };
    if gone {
        return RunnerDecision::Ended;
    }
    if age > limits.age {
        return RunnerDecision::TooOld;
    }
    match runner.state() {
        RunnerState::Pending if age > limits.stale => RunnerDecision::Stale,
        RunnerState::Running if age > limits.stale => RunnerDecision::AskForJob,
        // It had got a job before it was given up, and nobody else asks about that.
        RunnerState::Failed if runner.ends_itself && unfinished && age > limits.stale => {
            RunnerDecision::AskForJob
        }
        RunnerState::Failed if runner.ends_itself => RunnerDecision::Leave,
        RunnerState::Pending | RunnerState::Running => RunnerDecision::Leave,
        RunnerState::Failed | RunnerState::Completed => RunnerDecision::Terminate,
    }
}

/// What is to be done with a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IntentDecision {
    /// Nothing.
    Leave,
    /// Give it up.
    Abandon,
    /// It can make no more instances: give its slots back.
    Close,
}

/// Decides about `intent`. `live` is how many of its instances EC2 shows that have no record.
pub(super) fn decide_intent(
    intent: &Intent,
    live: usize,
    instances_known: bool,
    now: Time,
) -> IntentDecision {
    match intent.state {
        IntentState::Open if intent.held_until + LAUNCH_ENDS_WITHIN < now => IntentDecision::Abandon,
        IntentState::Abandoned if instances_known && live == 0 && intent.since + LAUNCH_ENDS_WITHIN < now => {
            IntentDecision::Close
        }
        // EC2 has not answered for days. An instance that still appears has no owner, and is ended for that.
        IntentState::Abandoned if intent.since + longest_open::INTENT < now => IntentDecision::Close,
        IntentState::Open | IntentState::Abandoned | IntentState::Closed => IntentDecision::Leave,
    }
}

/// Running instances without an open record, old enough that a record should exist.
pub(super) fn suspects<'a>(
    instances: &'a [Instance],
    runners: &BTreeMap<InstanceId, &Runner>,
    now: Time,
) -> Vec<&'a Instance> {
    instances
        .iter()
        .filter(|instance| instance.state.is_live())
        .filter(|instance| !runners.contains_key(&instance.id))
        .filter(|instance| now.since(instance.launched_at) > APPEARS_WITHIN)
        .collect()
}

/// Rotates through those that could be asked about, so that each is asked about in some run.
#[derive(Debug)]
pub(super) struct Rotation {
    first: usize,
    of: usize,
    next: usize,
}

/// Whether GitHub is asked about an open job, because nobody has heard of it for long and nobody else asks. `has_runner` says
/// that one of our runners has it: then it is asked about with the runner.
pub(super) fn is_asked_about(job: &Job, has_runner: bool, limits: Limits, now: Time) -> bool {
    let nobody_else_asks = match job.state {
        JobState::Running => !has_runner,
        // Nobody launches for a held job. For one that waits, scale-up asks only when a slot is free, which may take
        // hours, and the metric of stranded jobs counts it until then.
        JobState::Queued => job.is_held() || job.may_be_launched_for(now),
        JobState::Completed => false,
    };
    let heard_at = job.queued_at.max(job.held_at.unwrap_or_default()).max(job.seen_at.unwrap_or_default());
    nobody_else_asks && now.since(heard_at) > limits.stale
}

/// The number of the run at `now`. From one to the next it grows by one.
pub(super) fn run_number(now: Time) -> usize {
    let period = u64::try_from(duration(SCALE_DOWN_RATE).as_millis()).unwrap_or(1);
    usize::try_from(now.as_millis() / period).unwrap_or(0)
}

impl Rotation {
    /// The rotation through `of` candidates, as it is at `now`.
    pub(super) fn new(of: usize, now: Time) -> Self {
        Self { first: if of == 0 { 0 } else { run_number(now) * IN_ONE_RUN % of }, of, next: 0 }
    }

    /// Whether the next one may ask.
    pub(super) fn takes_next(&mut self) -> bool {
        let place = self.next;
        self.next += 1;
        (place + self.of - self.first) % self.of.max(1) < IN_ONE_RUN
    }
}

/// If GitHub gives no clear answer at one place so often in a row, a run asks nothing more there: what fails for ever at one
/// place must not take the time of the others.
const MOST_UNCLEAR: u32 = 3;

/// How clearly GitHub answered about registrations in one run.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// How often in a row an answer was unclear, by place.
    unclear: BTreeMap<RegistrationTarget, u32>,
}

impl Answers {
    /// Whether GitHub may be asked about a registration at `target`.
    pub(super) fn may_ask(&self, target: &RegistrationTarget) -> bool {
        self.unclear.get(target).is_none_or(|times| *times < MOST_UNCLEAR)
    }

    /// Notes an answer.
    pub(super) fn note(&mut self, target: &RegistrationTarget, is_clear: bool) {
        let times = self.unclear.entry(target.clone()).or_default();
        *times = if is_clear { 0 } else { *times + 1 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        port::InstanceState,
        sample::{NOW, busy, instance, intent, job, listening, minutes},
    };

    const LIMITS: Limits = Limits { stale: Duration::from_mins(10), age: Duration::from_hours(6) };

    fn task(runner: &Runner, instance: Option<&Instance>) -> RunnerDecision {
        decide_runner(runner, instance, true, LIMITS, NOW)
    }

    #[test]
    fn a_runner_is_judged_by_its_age_and_its_instance() {
        let shown = instance(1);
        let ending = Instance { state: InstanceState::Ending, ..instance(1) };
        let terminated = Instance { state: InstanceState::Terminated, ..instance(1) };
        let aged = |runner: Runner, age| Runner { launched_at: NOW - age, ..runner };
        let given_up = Runner { given_up: true, ends_itself: true, ..busy(1) };
        for (runner, instance, expected) in [
            (listening(1), Some(&shown), RunnerDecision::Leave),
            (listening(1), None, RunnerDecision::Leave),
            (listening(1), Some(&ending), RunnerDecision::Ended),
            (listening(1), Some(&terminated), RunnerDecision::Ended),
            (aged(listening(1), minutes(6)), None, RunnerDecision::Ended),
            (aged(listening(1), minutes(11)), Some(&shown), RunnerDecision::Stale),
            (aged(given_up.clone(), minutes(9)), Some(&shown), RunnerDecision::Leave),
            (aged(given_up, minutes(11)), Some(&shown), RunnerDecision::AskForJob),
            (aged(busy(1), minutes(9)), Some(&shown), RunnerDecision::Leave),
            (aged(busy(1), minutes(11)), Some(&shown), RunnerDecision::AskForJob),
            (aged(busy(1), minutes(361)), Some(&shown), RunnerDecision::TooOld),
            (Runner { job_done: true, ..busy(1) }, Some(&shown), RunnerDecision::Terminate),
            (Runner { instance_gone: true, ..busy(1) }, None, RunnerDecision::AskForJob),
        ] {
            assert_eq!(task(&runner, instance), expected, "{runner:?} {instance:?}");
        }
    }

    #[test]
    fn an_instance_that_is_not_shown_has_ended_only_if_ec2_answered() {
        let old = Runner { launched_at: NOW - minutes(6), ..listening(1) };
        assert_eq!(decide_runner(&old, None, false, LIMITS, NOW), RunnerDecision::Leave);
    }

    #[test]
    fn a_launch_is_given_up_when_everybody_left_it_and_closed_when_nothing_came_of_it() {
        let left = |ago| Intent { held_until: NOW - ago, ..intent(1, 1) };
        assert_eq!(decide_intent(&left(minutes(4)), 0, true, NOW), IntentDecision::Leave);
        assert_eq!(decide_intent(&left(minutes(6)), 0, true, NOW), IntentDecision::Abandon);
        let given_up = Intent { state: IntentState::Abandoned, since: NOW - minutes(6), ..intent(1, 1) };
        assert_eq!(decide_intent(&given_up, 0, true, NOW), IntentDecision::Close);
        assert_eq!(decide_intent(&given_up, 1, true, NOW), IntentDecision::Leave, "an instance still lives");
        assert_eq!(decide_intent(&given_up, 0, false, NOW), IntentDecision::Leave, "EC2 did not answer");
    }

    #[test]
    fn a_job_is_asked_about_that_nobody_else_asks_about() {
        let old = Job { queued_at: NOW - minutes(11), ..job(1) };
        let asked = |job: &Job, has_runner| is_asked_about(job, has_runner, LIMITS, NOW);
        assert!(asked(&old, false), "its end may have been lost while no slot is free");
        assert!(!asked(&Job { queued_at: NOW - minutes(9), ..old.clone() }, false), "it is young");
        assert!(
            !asked(&Job { seen_at: Some(NOW - minutes(9)), ..old.clone() }, false),
            "GitHub has just answered"
        );
        assert!(!asked(&Job { not_before: Some(NOW + minutes(1)), ..old.clone() }, false), "it rests");
        let mut held = old.clone();
        held.hold(NOW - minutes(11));
        assert!(asked(&held, false));
        let running = Job { state: JobState::Running, ..old.clone() };
        assert_eq!((asked(&running, false), asked(&running, true)), (true, false));
        assert!(!asked(&Job { state: JobState::Completed, ..old }, false));
    }

    #[test]
    fn everybody_gets_a_turn_and_few_at_once() {
        for of in [0, 1, 9, 10, 11, 37, 100] {
            let mut asked = vec![0; of];
            let runs = u32::try_from(of.div_ceil(IN_ONE_RUN)).unwrap();
            for run in 0..runs {
                let mut rotation = Rotation::new(of, Time::default() + duration(SCALE_DOWN_RATE) * run);
                let some: Vec<_> = (0..of).filter(|_| rotation.takes_next()).collect();
                assert!(some.len() <= IN_ONE_RUN, "{of}: {some:?}");
                for place in some {
                    asked[place] += 1;
                }
            }
            assert!(asked.iter().all(|count| *count > 0), "{of}: {asked:?}");
        }
    }

    #[test]
    fn a_place_without_clear_answers_is_left_alone_and_no_other() {
        let place = |name: &str| RegistrationTarget::Organization(name.to_owned());
        let mut answers = Answers::default();
        for is_clear in [false, false, true, false, false] {
            answers.note(&place("silent"), is_clear);
            assert!(answers.may_ask(&place("silent")), "not often enough in a row");
        }
        answers.note(&place("silent"), false);
        assert!(!answers.may_ask(&place("silent")) && answers.may_ask(&place("other")));
    }
}
