//! What each fault does to a call; and that the simulated ports answer as the real ones must.

use std::rc::Rc;

use jit_runners_model::contract::{Handler, message::Repository, table::Key};
use jit_runners_runtime::{
    conformance::{self, Differences},
    message::Message,
    port::{Clock as _, CommitError, Table as _, Write},
    record::{Lease, Rotation},
    time::Time,
};

use super::{Notes, OnMessages, Scripted, SimPorts, Simulator, after, notes, seconds, started};
use crate::{
    engine::LocalFuture,
    fault::{CallFault, CallFaults, PlannedFaults},
    operation::{Operation, Service},
    stack::STACK,
    world::WorldSettings,
};

/// What the caller got, and how long it waited.
type Got = (Result<(), CommitError>, u128);

/// A function that writes one item once, in the rebalancer's first tick.
fn writes_once(got: &Notes<Got>) -> Scripted {
    let got = Rc::clone(got);
    let act = move |ports: SimPorts, _| {
        let got = Rc::clone(&got);
        Box::pin(async move {
            let began = ports.now();
            let lease = Lease { name: "x".to_owned(), until: Time::default(), rotation: Rotation::default() };
            let answer = ports.commit(vec![Write::create(lease)]).await;
            got.borrow_mut().push((answer, ports.now().since(began).as_millis()));
        }) as _
    };
    Scripted { rebalancer: Some(Box::new(act)), ..Scripted::default() }
}

struct Outcome {
    got: Vec<Got>,
    is_written: bool,
    crashed: u64,
}

/// Runs one call with a fault, through the first tick only.
fn outcome(fault: Option<CallFault>) -> Outcome {
    let got = notes();
    let plan = fault.map_or_else(PlannedFaults::default, |fault| PlannedFaults::of_call(1, fault));
    let mut run = started(WorldSettings { plan, ..WorldSettings::quiet(1) }, writes_once(&got));
    while run.world().lambda.of(Handler::Rebalancer).begun < 2 {
        run.step();
    }
    let world = run.world();
    Outcome {
        is_written: world.table.peek(&Key::lease("x")).is_some(),
        crashed: world.lambda.of(Handler::Rebalancer).crashed,
        got: got.take(),
    }
}

#[test]
fn a_call_is_carried_out_and_answered() {
    let Outcome { got, is_written, crashed } = outcome(None);
    assert_eq!((got[0].0.clone(), is_written, crashed), (Ok(()), true, 0));
    assert!((2..=12).contains(&got[0].1), "{} ms", got[0].1);
}

#[test]
fn a_lost_request_is_never_carried_out_and_its_caller_waits_for_long() {
    let Outcome { got, is_written, crashed } = outcome(Some(CallFault::RequestLost));
    assert_eq!((got[0].1, is_written, crashed), (3_000, false, 0));
    assert!(matches!(got[0].0, Err(CommitError::Unknown(_))));
}

#[test]
fn a_call_whose_answer_is_lost_is_carried_out() {
    let Outcome { got, is_written, crashed } = outcome(Some(CallFault::AnswerLost));
    assert_eq!((got[0].1, is_written, crashed), (3_000, true, 0));
    assert!(matches!(got[0].0, Err(CommitError::Unknown(_))));
}

#[test]
fn a_caller_that_dies_before_it_sends_changes_nothing() {
    let Outcome { got, is_written, crashed } = outcome(Some(CallFault::CrashBeforeSending));
    assert_eq!((got.len(), is_written, crashed), (0, false, 1));
}

#[test]
fn a_request_on_its_way_outlives_its_caller() {
    for fault in [CallFault::CrashBeforeApplying, CallFault::CrashAfterApplying] {
        let Outcome { got, is_written, crashed } = outcome(Some(fault));
        assert_eq!((got.len(), is_written, crashed), (0, true, 1), "{fault:?}");
    }
}

#[test]
fn a_caller_dies_before_its_request_arrives_or_when_it_does() {
    let written_at_death = |fault| {
        let settings = WorldSettings { plan: PlannedFaults::of_call(1, fault), ..WorldSettings::quiet(1) };
        let mut run = started(settings, writes_once(&notes()));
        while run.world().lambda.of(Handler::Rebalancer).crashed == 0 {
            assert!(run.step_before(after(seconds(300))).is_some(), "nobody died");
        }
        run.world().table.peek(&Key::lease("x")).is_some()
    };
    assert!(!written_at_death(CallFault::CrashBeforeApplying));
    assert!(written_at_death(CallFault::CrashAfterApplying));
}

#[test]
fn a_late_request_is_carried_out_after_its_caller_has_given_up() {
    let got = notes();
    let plan = PlannedFaults::of_call(1, CallFault::Late);
    let mut run = started(WorldSettings { plan, ..WorldSettings::quiet(1) }, writes_once(&got));
    while got.borrow().is_empty() {
        assert!(run.step_before(after(seconds(300))).is_some(), "nobody got anything");
    }
    assert!(matches!(got.borrow()[0], (Err(CommitError::Unknown(_)), 3_000)));
    assert!(run.world().table.peek(&Key::lease("x")).is_none());
    let given_up_at = run.world().now;
    run.run_until(given_up_at + seconds(7));
    assert!(run.world().table.peek(&Key::lease("x")).is_some());
}

#[test]
fn chance_makes_every_fault() {
    let share = 1.0 / 8.0;
    let table = CallFaults {
        request_lost: share,
        answer_lost: share,
        late: share,
        crash_before_sending: share,
        crash_before_applying: share,
        crash_after_applying: share,
        ..CallFaults::default()
    };
    let mut settings = WorldSettings::quiet(3);
    settings.faults.table = table;
    let mut run = started(settings, writes_once(&notes()));
    run.run_until(after(seconds(5 * 3_600)));
    let world = run.world();
    for fault in CallFault::ALL {
        assert!(world.call_faults.get(&fault).is_some_and(|count| *count > 20), "{fault:?}");
    }
    assert_eq!(world.calls.total(), world.calls.of(Operation::Commit).made);
    assert!(world.calls.most_under_way(Service::Table) < 3, "calls of dead callers end as well");
}

#[test]
fn no_fault_is_made_after_the_world_is_calm() {
    let mut settings = WorldSettings::quiet(3);
    settings.faults.table.request_lost = 1.0;
    let got = notes();
    let mut run = started(settings, writes_once(&got));
    run.world_mut().at(after(seconds(1_800)), super::World::stop_faults);
    run.run_until(after(seconds(3_600)));
    let lost = |got: &Got| matches!(got.0, Err(CommitError::Unknown(_)));
    let got = got.take();
    assert_eq!(got.len(), 60);
    assert!(got[..29].iter().all(lost) && !got[31..].iter().any(lost));
}

#[test]
fn sleep_lasts_until_its_time() {
    let woke = notes();
    let noted = Rc::clone(&woke);
    let act = move |ports: SimPorts, _| {
        let woke = Rc::clone(&noted);
        Box::pin(async move {
            let began = ports.now();
            ports.sleep_until(began + seconds(7)).await;
            woke.borrow_mut().push(ports.now().since(began));
            ports.sleep_until(began).await;
            woke.borrow_mut().push(ports.now().since(began));
        }) as _
    };
    let policy = Scripted { rebalancer: Some(Box::new(act)), ..Scripted::default() };
    let mut run: Simulator<_> = started(WorldSettings::quiet(1), policy);
    run.run_until(after(seconds(70)));
    assert_eq!(*woke.borrow(), [seconds(7), seconds(7)]);
}

const REPOSITORY: &str = "octo-org/cat.food";

/// What the cases find in a quiet world, where a function runs them once.
fn found(cases: impl Fn(SimPorts) -> LocalFuture<Differences> + Clone + 'static) -> Vec<String> {
    let found: Notes<Differences> = notes();
    let told = Rc::clone(&found);
    let act = move |ports: SimPorts, _| {
        let (told, cases) = (Rc::clone(&told), cases.clone());
        Box::pin(async move {
            if told.borrow().is_empty() {
                let differences = cases(ports).await;
                told.borrow_mut().push(differences);
            }
        }) as _
    };
    let scripted = Scripted { rebalancer: Some(Box::new(act)), ..Scripted::default() };
    let mut run = started(WorldSettings::quiet(1), scripted);
    run.world_mut().github.add_repository(&Repository::new(REPOSITORY).unwrap());
    while found.borrow().is_empty() {
        run.step();
    }
    found.borrow()[0].as_slice().to_vec()
}

#[test]
fn the_table_is_one_that_handlers_can_rely_on() {
    assert_eq!(found(|ports| Box::pin(async move { conformance::table(&ports).await })), [""; 0]);
}

#[test]
fn ec2_is_one_that_handlers_can_rely_on() {
    assert_eq!(found(|ports| Box::pin(async move { conformance::compute(&ports).await })), [""; 0]);
}

#[test]
fn iam_and_cloudformation_are_ones_that_handlers_can_rely_on() {
    let cases = |ports: SimPorts| {
        Box::pin(
            async move { conformance::account(&ports, STACK, "CREATE_COMPLETE", "arn:of:another").await },
        ) as _
    };
    assert_eq!(found(cases), [""; 0]);
}

#[test]
fn github_is_one_that_handlers_can_rely_on() {
    let repository = Repository::new(REPOSITORY).unwrap().with_id(1);
    let cases = move |ports: SimPorts| {
        let repository = repository.clone();
        Box::pin(async move { conformance::github(&ports, &repository).await }) as _
    };
    assert_eq!(found(cases), [""; 0]);
}

#[test]
fn queues_are_ones_that_handlers_can_rely_on() {
    let (jobs, events, sent): (Notes<Message>, Notes<Message>, Notes<()>) = (notes(), notes(), notes());
    let take = |into: &Notes<Message>| -> Option<OnMessages> {
        let into = Rc::clone(into);
        Some(Box::new(move |_, messages, _| {
            into.borrow_mut().extend(messages);
            Box::pin(async { Vec::new() })
        }))
    };
    let once = Rc::clone(&sent);
    let publish = move |ports: SimPorts, _| {
        let once = Rc::clone(&once);
        Box::pin(async move {
            if once.borrow().is_empty() {
                once.borrow_mut().push(());
                assert_eq!(conformance::queues(&ports).await.as_slice(), [""; 0]);
            }
        }) as _
    };
    let scripted = Scripted {
        scaleup: take(&jobs),
        lifecycle: take(&events),
        rebalancer: Some(Box::new(publish)),
        ..Scripted::default()
    };
    let mut run = started(WorldSettings::quiet(1), scripted);
    while jobs.borrow().len() < conformance::job_messages().len() || events.borrow().is_empty() {
        run.step();
    }
    let bodies = |notes: &Notes<Message>| notes.borrow().iter().map(|it| it.body.clone()).collect::<Vec<_>>();
    assert_eq!(conformance::received_jobs(&bodies(&jobs)).as_slice(), [""; 0]);
    assert_eq!(conformance::received_events(&bodies(&events)).as_slice(), [""; 0]);
}
