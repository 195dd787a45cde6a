use jit_runners_model::contract::table::label_set_key;

use super::*;
use crate::{
    port::{GithubJobStatus, RegistrationTarget},
    record::{Concerns, InstanceId, Item, Market, Runner},
    sample::{
        DEADLINE, NOW, asked, closed, deployment, first, group, intent, job, left, listening, newer, pool,
        repository, seconds, served, usual_labels,
    },
};

fn target() -> RegistrationTarget {
    RegistrationTarget::Repository(repository())
}

/// A place where a registration has succeeded.
fn proven() -> Stored<Place> {
    let mut place = Place::new(&target());
    place.registered("any", NOW - seconds(60));
    first(place)
}

/// A place where GitHub refused `ago`.
fn refused(concerns: Concerns<'_>, ago: Duration) -> Stored<Place> {
    let mut place = Place::new(&target());
    place.refused(concerns, 403, "no", NOW - ago);
    first(place)
}

fn facts(ids: &[u64], group: Group) -> Facts {
    Facts {
        repository: repository(),
        labels: usual_labels(),
        asked: ids.iter().map(|id| asked(*id)).collect(),
        group,
        fleet: Stored::absent(),
        seen: BTreeMap::new(),
        unanswered: BTreeSet::new(),
        place: Stored { revision: None, item: Place::new(&target()) },
        label_set: label_set_key(&repository(), &usual_labels()),
        release: RunnerRelease::newest_shipped(),
        deployment: deployment(),
        caps: Caps { total: 20, per_repository: 20 },
        budget: 3,
        now: NOW,
        deadline: DEADLINE,
    }
}

fn decided(facts: &Facts) -> Decision {
    decide(facts, |_| Ok(FirstCall { tried: 0, pool: pool(0, Market::Spot), image: "ami-1".to_owned() }))
}

#[track_caller]
fn launches(decision: &Decision, counts: &[u32]) {
    let found: Vec<_> = decision.tasks.iter().map(|task| task.intent.item.unfilled).collect();
    assert_eq!(found, counts);
}

#[test]
fn a_new_job_its_launch_and_the_fleet_are_written_together() {
    let decision = decided(&facts(&[1], Group::default()));
    launches(&decision, &[1]);
    let kinds: Vec<_> = decision.writes.iter().map(|write| &write.item).collect();
    assert!(
        matches!(kinds[..], [Item::Intent(_), Item::Job(_), Item::Place(_), Item::Fleet(_)]),
        "{kinds:?}"
    );
    assert_eq!(decision.recorded.len(), 1);
}

#[test]
fn the_same_message_again_changes_nothing() {
    let decision = decided(&facts(&[1], group([served(1).into(), intent(1, 1).into()])));
    assert!(decision.writes.is_empty() && decision.tasks.is_empty());
}

#[test]
fn ten_jobs_are_one_launch_of_ten() {
    let ids: Vec<_> = (1..=10).collect();
    launches(&decided(&Facts { place: proven(), ..facts(&ids, Group::default()) }), &[10]);
}

#[test]
fn a_registration_is_tried_before_many_instances_are_launched_at_a_new_place() {
    let four = decided(&facts(&[1, 2, 3, 4], Group::default()));
    launches(&four, &[4]);
    let place = |decision: &Decision| {
        decision.writes.iter().find_map(|write| match &write.item {
            Item::Place(place) => Some(Stored { revision: None, item: place.clone() }.committed()),
            _ => None,
        })
    };
    let being_proven = place(&four).expect("the launch is noted at its place");
    let more = decided(&Facts { place: being_proven, ..facts(&[5], Group::default()) });
    launches(&more, &[]);
    assert!(
        more.awaits_proof && more.try_registration.is_none(),
        "what came of the first launch is known soon"
    );
    assert_eq!(more.recorded.len(), 1, "the job is in the ledger all the same");
    let five = decided(&facts(&[1, 2, 3, 4, 5], Group::default()));
    launches(&five, &[]);
    assert!(five.try_registration.is_some() && five.deferred.is_empty());
    assert_eq!(five.recorded.len(), 5, "the jobs are in the ledger all the same");
}

#[test]
fn where_github_refuses_nothing_is_launched_and_no_slot_taken() {
    let place = refused(Concerns::Everything, seconds(10));
    let again_at = place.item.refusal("any").map(|it| it.again_at);
    let decision = decided(&Facts { place, ..facts(&[1, 2], Group::default()) });
    launches(&decision, &[]);
    assert_eq!(
        (decision.deferred.as_slice(), decision.try_registration),
        (&[(Deferral::Refused, 2)][..], None)
    );
    let waits = |write: &Write| matches!(&write.item, Item::Job(job) if job.not_before == again_at);
    assert!(decision.writes.len() == 2 && decision.writes.iter().all(waits), "{:?}", decision.writes);
}

#[test]
fn one_invocation_tries_again_when_the_rest_is_over() {
    let place = refused(Concerns::Everything, Duration::from_mins(2));
    let decision = decided(&Facts { place, ..facts(&[1], Group::default()) });
    launches(&decision, &[]);
    assert!(decision.try_registration.is_some());
    let claimed = decision.writes.iter().find_map(|write| match &write.item {
        Item::Place(place) => place.refusal("any").map(|refusal| refusal.again_at),
        _ => None,
    });
    assert!(claimed.is_some_and(|again_at| again_at > NOW), "all others wait");
}

#[test]
fn a_refusal_of_other_labels_concerns_no_job() {
    let place = refused(Concerns::LabelSet("other"), seconds(10));
    launches(&decided(&Facts { place, ..facts(&[1], Group::default()) }), &[1]);
}

#[test]
fn what_the_caps_have_no_room_for_is_recorded_and_waits() {
    let mut facts = facts(&[1, 2, 3], Group::default());
    facts.caps = Caps { total: 20, per_repository: 2 };
    let decision = decided(&facts);
    launches(&decision, &[2]);
    assert_eq!((decision.recorded.len(), decision.deferred), (3, vec![(Deferral::Slots, 1)]));
}

#[test]
fn a_paused_deployment_records_jobs_and_launches_nothing() {
    let paused_in_the_table = || {
        let mut fleet = Fleet::default();
        fleet.pause_launches(NOW);
        Stored { revision: None, item: fleet }
    };
    let paused_by_its_input = Caps { total: 0, per_repository: 0 };
    let usual = facts(&[1, 2], Group::default());
    // One that has used up its budget waits for somebody to resume, as all others do.
    let at = NOW - Duration::from_mins(30);
    let tired = Job { in_vain: 4, in_vain_at: vec![at; 4], ..served(1) };
    for paused in [
        Facts { caps: paused_by_its_input, ..usual.clone() },
        Facts { fleet: paused_in_the_table(), ..usual.clone() },
        Facts { fleet: paused_in_the_table(), ..facts(&[1, 2], group([tired.into()])) },
        // No registration is tried, either.
        Facts {
            fleet: paused_in_the_table(),
            place: refused(Concerns::Everything, Duration::from_mins(2)),
            ..usual
        },
    ] {
        let decision = decided(&paused);
        launches(&decision, &[]);
        assert_eq!(decision.no_launches, Some(NoLaunches::Paused));
        assert_eq!(decision.deferred, vec![(Deferral::Slots, 2)]);
        assert!(decision.stranded.is_empty() && decision.try_registration.is_none());
        assert!(!decision.recorded.is_empty(), "jobs are recorded");
    }
}

#[test]
fn a_runner_that_listens_without_a_job_is_enough() {
    let decision = decided(&facts(&[1], group([listening(9).into()])));
    launches(&decision, &[]);
    assert_eq!(decision.recorded.len(), 1, "the job is in the ledger all the same");
}

#[test]
fn a_launch_that_was_left_is_taken_over_with_the_same_call() {
    let left = left(1, 1);
    let decision = decided(&facts(&[1], group([served(1).into(), left.clone().into()])));
    launches(&decision, &[1]);
    let task = &decision.tasks[0];
    assert!(task.resumed && task.intent.item.call == left.call && task.intent.item.id == left.id);
    assert_eq!(task.intent.item.held_until, DEADLINE);
}

#[test]
fn a_new_launch_has_the_release_in_force_and_one_that_is_made_again_the_one_it_had() {
    let mut facts = facts(&[1], Group::default());
    facts.release = newer();
    assert_eq!(decided(&facts).tasks[0].intent.item.release, newer());
    facts.group = group([served(1).into(), left(1, 1).into()]);
    let decision = decided(&facts);
    let again = &decision.tasks[0].intent.item;
    assert_eq!((decision.tasks[0].resumed, &again.release), (true, &left(1, 1).release));
    assert_ne!(again.release, newer());
}

#[test]
fn a_launch_begins_with_the_first_pool_that_may_be_asked() {
    let third = FirstCall { tried: 2, pool: pool(2, Market::Spot), image: "ami-1".to_owned() };
    let decision = decide(&facts(&[1], Group::default()), |_| Ok(third.clone()));
    let intent = &decision.tasks[0].intent.item;
    assert_eq!((intent.tried, &intent.call.as_ref().unwrap().pool), (2, &third.pool));
}

#[test]
fn jobs_that_nothing_can_be_launched_for_are_recorded_and_wait() {
    let why = Unlaunchable::NoImage { image: "ami-1".to_owned() };
    let decision = decide(&facts(&[1, 2], Group::default()), |_| Err(why.clone()));
    launches(&decision, &[]);
    assert_eq!(decision.refused, Some((2, why, UNLAUNCHABLE_RETRY)));
    let waits = |write: &Write| match &write.item {
        Item::Job(job) => job.not_before == Some(NOW + UNLAUNCHABLE_RETRY) && job.launches == 0,
        _ => false,
    };
    assert!(decision.writes.len() == 2 && decision.writes.iter().all(waits), "{:?}", decision.writes);
}

#[test]
fn an_index_that_shows_the_launch_and_not_its_job_is_not_believed() {
    let decision = decided(&facts(&[1], group([Intent { jobs: Vec::new(), ..left(1, 0) }.into()])));
    assert!(decision.contradicted);
}

#[test]
fn a_job_that_github_says_is_over_is_closed_and_not_launched_for() {
    let mut facts = facts(&[1], group([job(1).into()]));
    facts.seen.insert(asked(1).job, Some(at_github(GithubJobStatus::Completed)));
    let decision = decided(&facts);
    launches(&decision, &[]);
    assert!(decision.writes.iter().any(|write| matches!(&write.item, Item::Job(job) if !job.is_open())));
}

fn at_github(status: GithubJobStatus) -> GithubJob {
    GithubJob {
        job: asked(1).job,
        labels: usual_labels(),
        status,
        queued_at: NOW,
        runner_name: None,
        runner_id: None,
    }
}

/// The job as it is written.
fn written(decision: &Decision) -> Job {
    let mut jobs = decision.writes.iter().filter_map(|write| match &write.item {
        Item::Job(job) => Some(job.clone()),
        _ => None,
    });
    jobs.next().expect("the job is written")
}

#[test]
fn a_job_that_github_does_not_know_rests_and_stays_open() {
    let mut facts = facts(&[1], group([job(1).into()]));
    facts.seen.insert(asked(1).job, None);
    let decision = decided(&facts);
    launches(&decision, &[]);
    let job = written(&decision);
    assert!(job.is_open() && job.not_before > Some(NOW) && job.absence.is_some());
}

#[test]
fn nothing_is_launched_for_an_old_job_of_which_nobody_knows_anything() {
    let mut facts = facts(&[1], Group::default());
    facts.unanswered.insert(asked(1).job);
    let decision = decided(&facts);
    launches(&decision, &[]);
    assert_eq!(written(&decision).not_before, Some(NOW + UNANSWERED_RETRY));
}

#[test]
fn a_webhook_that_is_older_than_the_hold_lets_no_job_through() {
    let at = NOW - Duration::from_mins(5);
    let mut held = Job { in_vain: 2, in_vain_at: vec![at; 2], ..job(1) };
    held.hold(NOW - seconds(5));
    let message = JobMessage { received_at: NOW.as_millis(), ..asked(1) };
    let found = GithubJob {
        job: message.job.clone(),
        labels: usual_labels(),
        status: GithubJobStatus::Held,
        queued_at: NOW,
        runner_name: None,
        runner_id: None,
    };
    let seen = [(message.job.clone(), Some(found))].into();
    let decision = decided(&Facts { asked: vec![message], seen, ..facts(&[], group([held.into()])) });
    launches(&decision, &[]);
    assert!(written(&decision).is_held());
    assert_eq!(written(&decision).in_vain, 2, "what was in vain still counts");
}

#[test]
fn a_held_job_is_launched_for_once_it_is_queued_again() {
    let mut held = job(1);
    held.hold(NOW - seconds(5));
    let group = group([held.into()]);
    let asked = |received_at: Time| {
        let message = JobMessage { received_at: received_at.as_millis(), ..asked(1) };
        decided(&Facts { asked: vec![message], ..facts(&[], group.clone()) })
    };
    launches(&asked(Time::default()), &[]);
    launches(&asked(NOW - seconds(6)), &[]);
    launches(&asked(NOW - seconds(4)), &[1]);
}

#[test]
fn a_job_learns_the_new_name_of_its_repository() {
    let named = |name: &str| JobRef { repository: Repository::new(name).unwrap().with_id(5), ..asked(1).job };
    let known = Job { job: named("o/old"), ..job(1) };
    let message = JobMessage { job: named("o/new"), received_at: 1, ..asked(1) };
    let repository = message.job.repository.clone();
    let facts = Facts { asked: vec![message], repository, ..facts(&[], group([known.into()])) };
    assert_eq!(written(&decided(&facts)).job.repository.as_str(), "o/new");
}

#[test]
fn a_job_rests_when_its_budget_is_used_up_and_its_last_launch_came_to_nothing() {
    let instance = InstanceId::new("i-1");
    let closed = Intent { state: IntentState::Closed, launched: vec![instance.clone()], ..intent(1, 0) };
    let lost = Runner {
        instance_gone: true,
        ..Runner::launched(instance, closed.id.clone(), repository(), usual_labels(), NOW)
    };
    let at = NOW - Duration::from_mins(30);
    let tired = Job { in_vain: 3, in_vain_at: vec![at, at, at], ..served(1) };
    let rest =
        decided(&facts(&[1], group([tired.clone().into(), closed.clone().into(), lost.clone().into()])));
    launches(&rest, &[]);
    assert_eq!(rest.stranded.len(), 1);
    let fresh = Job { in_vain: 2, in_vain_at: vec![at, at], ..served(1) };
    launches(&decided(&facts(&[1], group([fresh.into(), closed.clone().into(), lost.clone().into()]))), &[1]);
    let taken = Runner { job: Some(asked(2).job), ..lost };
    launches(&decided(&facts(&[1], group([tired.into(), closed.into(), taken.into()]))), &[1]);
}

#[test]
fn whether_a_launch_was_in_vain_is_not_known_before_its_runner_has_come() {
    let made = Intent { launched: vec![listening(1).instance], ..closed(1) };
    let at = NOW - Duration::from_mins(30);
    let asked_while_it_comes = |in_vain_at: Vec<Time>| {
        let in_vain = number(in_vain_at.len());
        let tired = Job { in_vain, in_vain_at, ..served(1) };
        // The runner may take the other job, which nobody asks for.
        let decision = decided(&facts(
            &[1],
            group([tired.into(), job(2).into(), made.clone().into(), listening(1).into()]),
        ));
        launches(&decision, &[]);
        (decision.stranded.len(), decision.writes.len())
    };
    assert_eq!(asked_while_it_comes(vec![at; 3]), (0, 0), "it does not rest yet");
    assert_eq!(asked_while_it_comes(vec![at; 4]), (1, 1), "it rests because of the launches before");
}

#[test]
fn nothing_is_launched_that_could_not_be_registered_in_time() {
    let mut facts = facts(&[1], Group::default());
    let mut fleet = Fleet::default();
    fleet.pause(DEADLINE);
    facts.fleet = first(fleet);
    let decision = decided(&facts);
    launches(&decision, &[]);
    assert_eq!(decision.deferred, [(Deferral::Registrations, 1)]);
}

#[test]
fn jobs_that_wait_for_slots_are_not_those_that_wait_for_github() {
    let mut facts = Facts { place: proven(), ..facts(&[1, 2, 3, 4, 5], Group::default()) };
    facts.caps = Caps { total: 20, per_repository: 3 };
    let mut fleet = Fleet::default();
    // Room for one more registration until the deadline.
    while fleet.earliest_registration(2, NOW) + LAUNCH_TIME <= DEADLINE {
        fleet.reserve_registrations(1, NOW);
    }
    facts.fleet = first(fleet);
    let decision = decided(&facts);
    launches(&decision, &[1]);
    assert_eq!(decision.deferred, [(Deferral::Slots, 2), (Deferral::Registrations, 2)]);
}
