//! The simulated ports answer as the real ones have to.

use std::rc::Rc;

use jit_runners_model::contract::message::Repository;
use jit_runners_runtime::{
    batch::Message,
    conformance::{self, Differences, queue},
};

use super::{Notes, OnMessages, Scripted, SimPorts, notes, started};
use crate::{executor::LocalFuture, stack::STACK, world::WorldSettings};

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
    let repository = Repository::new(REPOSITORY).unwrap();
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
                assert_eq!(queue::publish(&ports).await.as_slice(), [""; 0]);
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
    while jobs.borrow().len() < queue::jobs().len() || events.borrow().is_empty() {
        run.step();
    }
    let bodies = |notes: &Notes<Message>| notes.borrow().iter().map(|it| it.body.clone()).collect::<Vec<_>>();
    assert_eq!(queue::received_jobs(&bodies(&jobs)).as_slice(), [""; 0]);
    assert_eq!(queue::received_events(&bodies(&events)).as_slice(), [""; 0]);
}
