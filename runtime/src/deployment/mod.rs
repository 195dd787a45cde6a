//! The deployment's own resource. It is created last and deleted first, so it prepares the deployment and removes
//! what it launched.
//!
//! CloudFormation or Terraform sends the requests. Both try again after a failure, and each step can be repeated
//! without harm.
//!
//! ```
//! use jit_runners_runtime::deployment::{Action, Event, Request};
//!
//! let event = |text| serde_json::from_str::<Event>(text).map(|event| event.request(None));
//! assert_eq!(event(r#"{ "tf": { "action": "delete" } }"#)?, Ok(Some(Request::Terraform(Action::Delete))));
//! // Whatever is no request is a tick of the schedule.
//! assert_eq!(event(r#"{ "detail-type": "Scheduled Event" }"#)?, Ok(None));
//! // What looks like a request, and is not wholly one, is refused.
//! assert!(event(r#"{ "RequestType": "Delete" }"#)?.is_err());
//! # Ok::<(), serde_json::Error>(())
//! ```

mod decide;
mod end;
mod event;
mod request;

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use jit_runners_model::contract::environment::ScaleDownEnvironment;

use self::decide::{Decision, decide, lifts_stop};
use crate::{
    port::{
        AccountError, Answer, AnswerStack, Clock, ComputeError, EndInstances, Github, ListInstances,
        Observation, Observe, SpotRole, Stacks, Table,
    },
    record::{InstanceId, Refused},
    retry::is_denied,
    store::{self, StoreError, change_findings, change_fleet},
    time::Time,
};

pub use self::{
    event::{Event, NotARequest},
    request::{Action, Request, StackRequest},
};

/// The time of an invocation that is kept for the answer and its retries. In a short invocation it is a fifth.
const ANSWER_TIME: Duration = Duration::from_secs(25);
/// How long a call is retried when a service does not answer, or refuses what a new role will soon be allowed to do
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>).
const RETRIED_FOR: Duration = Duration::from_secs(40);
/// Instances that a reason names.
const NAMED: usize = 10;
/// The first pause; the next ones double.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Why a request was not carried out. Whoever deploys reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// Instances still shut down.
    #[error("{} still shut down; delete again", named(.0))]
    StillEnding(Vec<InstanceId>),
    /// EC2 does not end instances.
    #[error("{} cannot be ended: {error}; mend that, and delete again", named(.instances))]
    Refused {
        /// Which.
        instances: Vec<InstanceId>,
        /// What it says.
        error: ComputeError,
    },
    /// A launch may still come to instances.
    #[error("a launch from before the removal may still come to instances for {} s; delete again", .0.as_secs())]
    Launching(Duration),
    /// A service does not answer.
    #[error("{0}; nothing else was done. Delete again")]
    NotEnded(String),
    /// It is not known whether the deployment is being removed.
    #[error(
        "CloudFormation does not say whether the stack is being removed ({0}), so nothing was ended; delete again"
    )]
    NoStatus(AccountError),
    /// The same, where launches are stopped and should perhaps be allowed again.
    #[error(
        "a removal has stopped launches, and CloudFormation does not say whether it goes on ({0}), so they were not \
         allowed again; deploy again"
    )]
    MayBeRemoved(AccountError),
    /// A service that a deployment needs does not answer.
    #[error("the deployment was not prepared: {0}; deploy again")]
    NotPrepared(String),
    /// Time ran out unexpectedly.
    #[error("time ran out; try again")]
    OutOfTime,
    /// Something else was asked for.
    #[error("RequestType is none of Create, Update and Delete")]
    Unknown,
    /// It was done, or not, and CloudFormation was not told.
    #[error("CloudFormation was not answered: {0}")]
    NotAnswered(AccountError),
}

fn named(all: &[InstanceId]) -> String {
    let names: Vec<_> = all.iter().take(NAMED).map(InstanceId::as_str).collect();
    let more = all.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// The ports that this needs.
pub trait Ports:
    Table + ListInstances + EndInstances + Github + SpotRole + Stacks + AnswerStack + Clock + Observe
{
}

impl<P> Ports for P where
    P: Table + ListInstances + EndInstances + Github + SpotRole + Stacks + AnswerStack + Clock + Observe
{
}

/// Carries out `request`. CloudFormation is answered before `deadline` in any case. The error is for Terraform and
/// for the log.
pub async fn deployment<P: Ports>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    request: &Request,
    deadline: Time,
) -> Result<(), Unfinished> {
    let answer_time = ANSWER_TIME.min(deadline.since(ports.now()) / 5);
    let work = carry_out(ports, settings, request, deadline - answer_time * 2);
    let done = before(ports, deadline - answer_time, work).await.unwrap_or(Err(Unfinished::OutOfTime));
    if let Err(error) = &done {
        ports.observe(Observation::Failed {
            what: "what whoever deploys asked for was not done",
            error: error.to_string(),
        });
    }
    let Request::Stack(request) = request else { return done };
    answer(ports, request, &request.answer(settings.deployment.as_str(), done), deadline).await
}

/// Answers CloudFormation.
pub async fn answer<P: AnswerStack + Clock + Observe>(
    ports: &P,
    request: &StackRequest,
    answer: &Answer,
    deadline: Time,
) -> Result<(), Unfinished> {
    // Lambda ends an invocation at its deadline.
    let until = deadline - Duration::from_secs(1);
    let tried = retried(ports, until, || ports.answer(&request.address, answer));
    let told = before(ports, until, tried).await;
    let told = told.unwrap_or_else(|| Err(AccountError::Unknown("time ran out".to_owned())));
    told.map_err(|error| {
        ports.observe(Observation::Failed {
            what: "CloudFormation was not answered",
            error: error.to_string(),
        });
        Unfinished::NotAnswered(error)
    })
}

async fn carry_out<P: Ports>(
    ports: &P,
    settings: &ScaleDownEnvironment,
    request: &Request,
    deadline: Time,
) -> Result<(), Unfinished> {
    let began = ports.now();
    let action = match request {
        Request::Stack(request) => request.action.ok_or(Unfinished::Unknown)?,
        Request::Terraform(action) => *action,
    };
    let status = match request {
        Request::Stack(request) if action == Action::Delete => {
            Some(stack_status(ports, request, deadline).await.map_err(Unfinished::NoStatus)?)
        }
        Request::Stack(_) | Request::Terraform(_) => None,
    };
    match decide(action, status.as_deref()) {
        Decision::Prepare => prepare(ports, request, began, deadline).await,
        Decision::End => end::end(ports, settings, deadline).await,
        Decision::Leave => {
            ports.observe(Observation::NothingEnded { stack: status.unwrap_or_default() });
            Ok(())
        }
    }
}

async fn stack_status<P: Ports>(
    ports: &P,
    request: &StackRequest,
    deadline: Time,
) -> Result<String, AccountError> {
    let until = deadline.min(ports.now() + RETRIED_FOR);
    retried(ports, until, || ports.stack_status(&request.stack)).await
}

/// Makes sure that EC2 Spot's service-linked role exists, and allows launches if a removal that was not finished has stopped them before
/// `began`. What was stopped later, a removal has stopped that overtook this request.
async fn prepare<P: Ports>(
    ports: &P,
    request: &Request,
    began: Time,
    deadline: Time,
) -> Result<(), Unfinished> {
    let until = deadline.min(ports.now() + RETRIED_FOR);
    match retried(ports, until, || ports.make_sure_of_spot_role()).await {
        Ok(()) => {}
        // The role may exist although this function may not create it. If not, instances are launched on demand.
        Err(error) if is_denied(&error) => {
            ports.observe(Observation::Failed {
                what: "EC2 Spot's own role cannot be made sure of; without it everything is launched on demand",
                error: error.to_string(),
            });
        }
        Err(error) => return Err(Unfinished::NotPrepared(format!("EC2 Spot's own role: {error}"))),
    }
    let until = deadline.min(ports.now() + RETRIED_FOR);
    // Somebody may have created the role since it was missed.
    drop(change_findings(ports, "prepare", |findings| findings.forget(&Refused::Spot)).await);
    let fleet = retried(ports, until, || store::fleet(ports))
        .await
        .map_err(|error| Unfinished::NotPrepared(error.to_string()))?;
    if fleet.item.is_stopped() {
        let status = match request {
            Request::Stack(request) => {
                let asked = stack_status(ports, request, deadline).await;
                Some(asked.map_err(Unfinished::MayBeRemoved)?)
            }
            Request::Terraform(_) => None,
        };
        if lifts_stop(status.as_deref()) {
            let until = deadline.min(ports.now() + RETRIED_FOR);
            let lift = || change_fleet(ports, "prepare", |fleet| fleet.lift_stop(began));
            retried(ports, until, lift)
                .await
                .map_err(|error: StoreError| Unfinished::NotPrepared(error.to_string()))?;
        }
    }
    ports.observe(Observation::Prepared);
    Ok(())
}

/// Repeats `act` until it succeeds, or until there is no time for another try; then returns the last error.
pub(super) async fn retried<T, E, F: Future<Output = Result<T, E>>>(
    clock: &impl Clock,
    until: Time,
    mut act: impl FnMut() -> F,
) -> Result<T, E> {
    let mut pause = FIRST_PAUSE;
    loop {
        match act().await {
            Err(_) if clock.now() + pause < until => {
                clock.sleep_until(clock.now() + pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            done => return done,
        }
    }
}

/// The result of `work`, if it ends before `time`. Otherwise `work` is dropped.
async fn before<T>(clock: &impl Clock, time: Time, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut alarm = pin!(clock.sleep_until(time));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
    })
    .await
}
