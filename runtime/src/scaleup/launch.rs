//! Carries out one launch: calls EC2 until its slots are filled or every pool was tried.
//!
//! Each call is stored before it is made, with its own client token. Whoever takes the launch over makes the same
//! call and gets the same instances.

use std::time::Duration;

use jit_runners_model::contract::{environment::ScaleUpEnvironment, table::Key};

use super::{
    decide::{LAUNCH_TIME, LaunchTask},
    findings::{claim, note, note_offered},
    pool::{Pools, refusal},
};
use crate::{
    port::{
        Clock, ComputeError, Launch, LaunchInstances, Observation, Observe, ReadError, Stored, Table, Write,
    },
    record::{
        Call, Caps, Findings, Fleet, InstanceId, Intent, IntentState, LATE_LAUNCH, Market, Pool, Refused,
        Runner,
    },
    release::NoRelease,
    retry::{LaunchClass, have_all_ended, launch_class, may_be_carried_out},
    store::{self, StoreError, Transaction, change_fleet},
    time::Time,
};

/// How often a call without an answer is made.
const SAME_AGAIN: u32 = 5;
/// For so long after the fleet was read, and a call was reserved in it, it need not be read again. Whoever ends the
/// deployment looks for instances long after that.
const JUST_READ: Duration = Duration::from_millis(500);

/// How far a launch came.
#[derive(Debug)]
pub(super) struct Launched {
    /// The launch, as stored.
    pub intent: Stored<Intent>,
    /// The runners of this call, as stored.
    pub runners: Vec<Stored<Runner>>,
    /// When these runners may be registered, if there are any.
    pub register_at: Option<Time>,
    /// Slots that no pool could fill.
    pub missing: u32,
}

/// Why a launch stopped before its end. Another invocation can take it over.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// Another invocation holds or has abandoned it.
    #[error("another invocation took the launch over")]
    Lost,
    /// The invocation ends before the next step can be done.
    #[error("no time is left for the next step")]
    OutOfTime,
    /// A service does not answer.
    #[error("{0}")]
    Unavailable(String),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Lost,
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

impl From<NoRelease> for Stopped {
    fn from(error: NoRelease) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// What the result of a call means for the launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Instances were launched.
    Filled(Vec<InstanceId>),
    /// The pool has nothing.
    NextPool,
    /// No pool of this market has anything.
    NextMarket,
    /// The token is used up.
    NewToken,
    /// No pool will do.
    GiveUp,
    /// Refused, but an earlier try of the same call got no answer and may still be carried out. Instances that it
    /// makes keep their slots until scale-down finds and terminates them.
    Doubtful,
}

/// The launch after a call, with its next call if slots are left and there is another pool.
pub(super) fn after(mut intent: Intent, step: Step, pools: &Pools, now: Time) -> (Intent, Given) {
    let Some(call) = intent.call.take() else { return (intent, Given::default()) };
    let index = usize::try_from(intent.tried).unwrap_or(usize::MAX);
    let next = match step {
        Step::Filled(instances) => {
            intent.unfilled = intent.unfilled.saturating_sub(number(instances.len()));
            intent.launched.extend(instances);
            Some(index + 1)
        }
        Step::NextPool => Some(index + 1),
        Step::NextMarket => pools.other_market(index, call.pool.market),
        Step::NewToken => Some(index),
        Step::GiveUp => None,
        Step::Doubtful => {
            intent.state = IntentState::Abandoned;
            intent.since = now;
            let missing = intent.unfilled;
            return (intent, Given { back: 0, missing });
        }
    };
    let pool = next.and_then(|next| pools.next(next));
    let mut missing = 0;
    if intent.unfilled > 0 {
        match pool {
            Some((tried, pool)) => {
                intent.tried = tried;
                intent.called_at = now;
                intent.call = Some(Call {
                    pool: pool.clone(),
                    image: call.image,
                    count: intent.unfilled,
                    attempt: call.attempt + 1,
                });
            }
            None => missing = std::mem::take(&mut intent.unfilled),
        }
    }
    (intent, Given { back: missing, missing })
}

/// Slots that a call left empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// Given back to the fleet.
    pub back: u32,
    /// Not to be filled by this launch.
    pub missing: u32,
}

/// What a launch may ask for.
struct Offer<'a> {
    settings: &'a ScaleUpEnvironment,
    findings: Findings,
    pools: Pools,
}

impl<'a> Offer<'a> {
    fn new(settings: &'a ScaleUpEnvironment, intent: &Intent, findings: &Findings, now: Time) -> Self {
        Self { settings, findings: findings.clone(), pools: Pools::of(settings, intent, findings, now) }
    }

    /// Whether `call` may be made. A pool that is asked as a last resort is asked by one launch, which tells the
    /// others the result.
    async fn claim(&mut self, ports: &(impl Table + Clock), intent: &Intent, call: &Call) -> bool {
        if !self.pools.is_last_resort(intent.tried) {
            return true;
        }
        let refused = refusal(&self.findings, &call.pool, ports.now());
        let Err(newer) = claim(ports, &refused, &self.findings).await else { return true };
        *self = Self::new(self.settings, intent, &newer, ports.now());
        false
    }
}

/// Calls EC2 until every slot is filled or given back.
pub(super) async fn launch<P: Table + LaunchInstances + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    task: &LaunchTask,
    findings: &Findings,
    deadline: Time,
) -> Result<Launched, Stopped> {
    let mut intent = task.intent.clone();
    let mut at = task.launch_at;
    let mut runners = Vec::new();
    let mut missing = 0;
    let mut register_at = None;
    // The invocation that held the launch before may have got instances for this call.
    let (mut same_again, mut doubtful, mut claimed) = (0, task.resumed, task.resumed);
    let mut offer = Offer::new(settings, &intent.item, findings, ports.now());
    let caps = Caps::new(settings.max_runners, settings.max_runners_per_repository, settings.paused);
    // When the fleet was found to launch something.
    let mut launching_at = (!task.resumed).then_some(intent.item.called_at);
    while let Some(call) = intent.item.call.clone() {
        if at.max(ports.now()) + LAUNCH_TIME > deadline {
            return Err(Stopped::OutOfTime);
        }
        ports.sleep_until(at).await;
        let is_just_read = launching_at.take().is_some_and(|at| ports.now() < at + JUST_READ);
        let is_stopped = !is_just_read && store::fleet(ports).await?.item.no_launches(caps).is_some();
        if !is_stopped && ports.now() > at + LATE_LAUNCH {
            at = promise(ports, &intent, call.count).await?;
            continue;
        }
        claimed = claimed || (!is_stopped && offer.claim(ports, &intent.item, &call).await);
        let step = if is_stopped {
            // Since the decision, somebody has paused the deployment, or begun to remove it.
            if doubtful { Step::Doubtful } else { Step::GiveUp }
        } else if claimed {
            match ports.run_instances(&request(&intent.item, &call)).await {
                Ok(instances) => {
                    ports.observe(Observation::Launched {
                        intent: intent.item.id.clone(),
                        pool: call.pool.clone(),
                        instances: instances.len(),
                        fallbacks: intent.item.tried,
                    });
                    note_offered(ports, &offer.findings, &call.pool).await;
                    Step::Filled(instances)
                }
                Err(error) => match refused(ports, &intent.item, &call, &offer.findings, &error).await {
                    Some(_) if doubtful && !have_all_ended(&error) => Step::Doubtful,
                    Some(step) => step,
                    None if same_again == SAME_AGAIN => {
                        return Err(Stopped::Unavailable(error.to_string()));
                    }
                    None => {
                        doubtful |= may_be_carried_out(&error);
                        same_again += 1;
                        ports.sleep_until(ports.now() + Duration::from_millis(500 << same_again)).await;
                        at = promise(ports, &intent, call.count).await?;
                        continue;
                    }
                },
            }
        } else {
            Step::NextPool
        };
        (same_again, doubtful, claimed) = (0, false, false);
        let new: Vec<_> = match &step {
            Step::Filled(instances) => new_runners(&intent.item, instances, ports.now()),
            _ => Vec::new(),
        };
        let (next, given) = after(intent.item.clone(), step, &offer.pools, ports.now());
        missing += given.missing;
        let mut launch_at = at;
        let registrations = number(runners.len() + new.len());
        let creates = new.iter().map(|runner| Write::create(runner.clone())).collect();
        let called_at = ports.now();
        intent = save(ports, &intent, next, creates, |fleet, next| {
            launching_at = fleet.no_launches(caps).is_none().then_some(called_at);
            fleet.give_back(&next.repository, given.back);
            match &next.call {
                Some(call) => launch_at = fleet.reserve_launch(call.count, ports.now()),
                None if registrations > 0 => {
                    register_at = Some(fleet.reserve_registrations(registrations, ports.now()));
                }
                None => {}
            }
        })
        .await?;
        at = launch_at;
        runners.extend(new.into_iter().map(|item| Stored { revision: None, item }.committed()));
    }
    Ok(Launched { intent, runners, register_at, missing })
}

/// Stores `next` in place of `intent`, which this invocation holds, together with `writes` and a change of the fleet.
pub(super) async fn save<P: Table + Clock>(
    ports: &P,
    intent: &Stored<Intent>,
    next: Intent,
    writes: Vec<Write>,
    mut change: impl FnMut(&mut Fleet, &Intent),
) -> Result<Stored<Intent>, Stopped> {
    let next = Stored { revision: intent.revision, item: next };
    let id = intent.item.id.as_str();
    let is_held = async || {
        let found = store::get::<Intent>(ports, &Key::intent(id)).await?;
        Ok(found.is_some_and(|found| found.revision == intent.revision))
    };
    store::transact_while(ports, id, is_held, async |_| {
        let read = store::fleet(ports).await?;
        let mut fleet = read.clone();
        change(&mut fleet.item, &next.item);
        let mut all = writes.clone();
        all.push(next.write());
        if fleet != read {
            all.push(fleet.write());
        }
        Ok(Transaction::Write(all, ()))
    })
    .await?;
    Ok(next.committed())
}

/// Reserves a call again; returns when it may be made.
async fn promise<P: Table + Clock>(ports: &P, intent: &Stored<Intent>, count: u32) -> Result<Time, Stopped> {
    let salt = intent.item.id.as_str();
    Ok(change_fleet(ports, salt, |fleet| fleet.reserve_launch(count, ports.now())).await?)
}

/// What a refusal means; `None` to make the same call again. A refusal that will last is noted.
async fn refused(
    ports: &(impl Table + Clock + Observe),
    intent: &Intent,
    call: &Call,
    findings: &Findings,
    error: &ComputeError,
) -> Option<Step> {
    let pool = call.pool.clone();
    let step = match launch_class(error, &pool.instance_type) {
        LaunchClass::SameAgain => return None,
        LaunchClass::NewToken => Step::NewToken,
        LaunchClass::NextPool => {
            note_offered(ports, findings, &pool).await;
            ports.observe(no_capacity(pool, error));
            Step::NextPool
        }
        LaunchClass::NextMarket => {
            ports.observe(no_capacity(pool, error));
            Step::NextMarket
        }
        LaunchClass::NoSuchPool => {
            ports.observe(Observation::NotOffered { pool: pool.clone(), error: error.to_string() });
            note(ports, Refused::Pool(pool)).await;
            Step::NextPool
        }
        LaunchClass::NoSpot if pool.market == Market::Spot => {
            ports.observe(Observation::NoSpot { error: error.to_string() });
            note(ports, Refused::Spot).await;
            Step::NextMarket
        }
        LaunchClass::NoSpot | LaunchClass::Fatal => {
            ports.observe(Observation::LaunchFailed { intent: intent.id.clone(), reason: error.to_string() });
            Step::GiveUp
        }
    };
    Some(step)
}

fn no_capacity(pool: Pool, error: &ComputeError) -> Observation {
    let code = match error {
        ComputeError::Refused { code, .. } => code.clone(),
        ComputeError::Unknown(reason) => reason.clone(),
    };
    Observation::NoCapacity { pool, code }
}

fn request(intent: &Intent, call: &Call) -> Launch {
    Launch {
        token: intent.token(call),
        pool: call.pool.clone(),
        image: call.image.clone(),
        release: intent.release.clone(),
        count: call.count,
        intent: intent.id.clone(),
        repository: intent.repository.clone(),
        labels: intent.labels.clone(),
    }
}

fn new_runners(intent: &Intent, instances: &[InstanceId], now: Time) -> Vec<Runner> {
    instances
        .iter()
        .filter(|instance| !intent.launched.contains(instance))
        .map(|instance| {
            Runner::launched(
                instance.clone(),
                intent.id.clone(),
                intent.repository.clone(),
                intent.labels.clone(),
                now,
            )
        })
        .collect()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
