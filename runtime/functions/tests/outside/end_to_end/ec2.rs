//! EC2's API on this machine. Behind EC2's query protocol and the deployed policies is the simulated EC2, which keeps
//! client tokens, counts and partial fulfilment.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufReader, Read as _},
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_functions::clock::now;
use jit_runners_model::{
    InstanceType, Label,
    contract::{message::Repository, runner_release::RunnerRelease},
};
use jit_runners_runtime::{
    port::{ComputeError, Launch},
    record::{InstanceId, IntentId, Market, Pool},
    time::Time,
};
use jit_runners_simulation::{
    ec2::{Ec2Event, Ec2Settings, Ec2World, interruption_warning},
    random::Random,
};

use super::{
    fixture::within,
    guard::Guard,
    job::REPOSITORY,
    recorder::Call,
    wire::{Parameters, filters, form, found, images_set, is_for, launch, launched, listed, state_name},
};
use crate::{
    connection::{self, Reply},
    listener::Listener,
};

/// How much older an instance appears after a test has aged it.
const AGE: Duration = Duration::from_mins(30);
/// The longest time for which a launch waits for a token of the rate limit.
const TIMEOUT: Duration = Duration::from_secs(5);

struct State {
    world: Ec2World,
    guard: Option<Guard>,
    /// Whether everything is allowed while there is no guard.
    is_open: bool,
    /// Every call and its parameters, like those that the recorder keeps for other services.
    calls: Vec<(Call, Parameters)>,
    /// Instances that appear older than they are.
    aged: Vec<InstanceId>,
    /// The console output of instances, by id.
    consoles: BTreeMap<String, String>,
    /// The error codes for the next launches.
    refusals: VecDeque<&'static str>,
    /// Whether the next launch is executed, but its answer is lost.
    loses_answer: bool,
    notices: Vec<String>,
}

/// A running stand-in. It stops when the value is dropped.
pub(crate) struct StandIn {
    listener: Listener,
    state: Arc<Mutex<State>>,
}

impl StandIn {
    /// A stand-in that refuses everybody until it has a guard.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(false)
    }

    /// A stand-in that allows everything.
    pub(crate) fn unguarded() -> Result<Self> {
        Self::start_with(true)
    }

    fn start_with(is_open: bool) -> Result<Self> {
        let state = Arc::new(Mutex::new(State {
            world: Ec2World::new(Ec2Settings::default(), Random::new(1)),
            guard: None,
            is_open,
            calls: Vec::new(),
            aged: Vec::new(),
            consoles: BTreeMap::new(),
            refusals: VecDeque::new(),
            loses_answer: false,
            notices: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let listener = Listener::start(move |stream| serve(stream, &shared))?;
        Ok(Self { listener, state })
    }

    /// The address of the stand-in.
    pub(crate) fn endpoint(&self) -> String {
        self.listener.endpoint()
    }

    /// Admits only callers that the guard knows. Before this call it admits nobody.
    pub(crate) fn guard(&self, guard: Guard) {
        self.state().guard = Some(guard);
    }

    /// Changes the guard.
    pub(crate) fn change_guard(&self, change: impl FnOnce(&mut Guard)) {
        self.state().guard.as_mut().map(change);
    }

    /// The first launch for a label: the time of the call, and its parameters.
    pub(crate) fn launch_for(&self, label: &str) -> Option<(Time, Parameters)> {
        let state = self.state();
        let (call, parameters) = state.calls.iter().find(|(_, parameters)| is_for(parameters, label))?;
        Some((call.at, parameters.clone()))
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.iter().map(|(call, _)| call.clone()).collect()
    }

    /// The owner of the access key.
    pub(crate) fn name_of(&self, access_key: &str) -> Option<String> {
        self.state().guard.as_ref()?.name_of(access_key).map(str::to_owned)
    }

    /// Live instances that were launched for a label.
    pub(crate) fn live(&self, label: &str) -> Vec<InstanceId> {
        let mut launched = self.launched(label);
        launched.retain(|instance| self.is_live(instance));
        launched
    }

    /// All instances that were launched for a label.
    pub(crate) fn launched(&self, label: &str) -> Vec<InstanceId> {
        let state = self.state();
        let launched = |token: &String| {
            let mut calls = state.calls.iter().map(|(_, parameters)| parameters);
            calls.any(|call| call.get("ClientToken") == Some(token) && is_for(call, label))
        };
        let machines = state.world.machines().iter();
        let machines = machines.filter(|machine| launched(&machine.token));
        machines.map(|machine| machine.id.clone()).collect()
    }

    /// All live instances.
    pub(crate) fn all_live(&self) -> Vec<InstanceId> {
        let state = self.state();
        let machines = state.world.machines().iter().filter(|machine| machine.is_live());
        machines.map(|machine| machine.id.clone()).collect()
    }

    /// Whether all instances are terminated.
    pub(crate) fn has_terminated_all(&self) -> bool {
        let mut state = self.state();
        state.advance();
        state.world.machines().iter().all(|machine| machine.is_terminated(now()))
    }

    /// Whether an instance is live.
    pub(crate) fn is_live(&self, instance: &InstanceId) -> bool {
        self.state().world.is_live(instance)
    }

    /// Launches an instance with the deployment's tags, of which no record exists.
    pub(crate) fn launch_orphan(&self) -> Result<InstanceId> {
        let launch = Launch {
            token: format!("orphan-{}", now()),
            pool: Pool {
                instance_type: InstanceType::new("t2.small")?,
                subnet: "subnet-0a".to_owned(),
                market: Market::OnDemand,
            },
            image: "ami-0a".to_owned(),
            release: RunnerRelease::newest_shipped(),
            count: 1,
            intent: IntentId::from("nobody".to_owned()),
            repository: Repository::new(REPOSITORY)?,
            labels: [Label::new("orphan")?].into(),
        };
        // Waits until the rate limit of launches allows it.
        let mut instances = within(TIMEOUT, "an orphan is launched", || {
            Ok(self.state().world.run_instances(now(), &launch).ok())
        })?;
        instances.pop().context("no orphan")
    }

    /// Makes an instance appear older than it is.
    pub(crate) fn age(&self, instance: &InstanceId) {
        self.state().aged.push(instance.clone());
    }

    /// Adds text to the console of an instance.
    pub(crate) fn says(&self, instance: &InstanceId, text: &str) {
        self.state().consoles.entry(instance.to_string()).or_default().push_str(text);
    }

    /// The instance shuts itself down.
    pub(crate) fn shut_down(&self, instance: &InstanceId) {
        self.state().world.shut_down(now(), instance);
    }

    /// Sends a spot interruption warning for the instance.
    pub(crate) fn warn(&self, instance: &InstanceId) {
        let event = interruption_warning(1, now(), instance);
        self.state().notices.push(event);
    }

    /// The next launch is refused.
    pub(crate) fn refuse_next(&self, code: &'static str) {
        self.state().refusals.push_back(code);
    }

    /// The next launch is executed, but its answer is lost.
    pub(crate) fn lose_next_answer(&self) {
        self.state().loses_answer = true;
    }

    /// Whether the answer of a launch is still to be lost.
    pub(crate) fn will_lose_answer(&self) -> bool {
        self.state().loses_answer
    }

    /// Events for EventBridge since the last call.
    pub(crate) fn notices(&self) -> Vec<String> {
        let mut state = self.state();
        state.advance();
        std::mem::take(&mut state.notices)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn advance(&mut self) {
        let mut events = Vec::new();
        self.world.advance(now(), &mut events);
        self.notices.extend(events.into_iter().filter_map(|event| match event {
            Ec2Event::Notice { body } => Some(body),
            Ec2Event::Booted { .. } | Ec2Event::Interrupting { .. } | Ec2Event::Ended { .. } => None,
        }));
    }

    fn answer(&mut self, access_key: &str, parameters: &Parameters) -> Reply {
        self.advance();
        let action = parameters.get("Action").map_or("", String::as_str);
        let mut call = Call {
            at: now(),
            access_key: access_key.to_owned(),
            name: format!("EC2 {action}"),
            refused: None,
        };
        let refusal = match self.guard.as_ref().map(|guard| guard.refuses(access_key, parameters)) {
            Some(Ok(None)) => None,
            Some(Ok(Some(asked))) => {
                call.refused = Some(asked.action.to_owned());
                Some(refused("UnauthorizedOperation", format!("not allowed: {asked:?}")))
            }
            Some(Err(error)) => Some(refused("AuthFailure", format!("{error:#}"))),
            None if self.is_open => None,
            None => Some(refused("AuthFailure", "nobody is known yet".to_owned())),
        };
        self.calls.push((call, parameters.clone()));
        match refusal.map_or_else(|| self.carry_out(action, parameters), Err) {
            Ok(inside) => {
                let space = "http://ec2.amazonaws.com/doc/2016-11-15/";
                let body = format!(
                    "<{action}Response xmlns=\"{space}\"><requestId>r</requestId>{inside}</{action}Response>"
                );
                Reply::new(200, body)
            }
            Err(ComputeError::Refused { code, message }) => {
                let status = if code == "UnauthorizedOperation" { 403 } else { 400 };
                let error =
                    format!("<Error><Code>{code}</Code><Message>{}</Message></Error>", escaped(&message));
                Reply::new(
                    status,
                    format!("<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"),
                )
            }
            Err(ComputeError::Unknown(reason)) => Reply::new(503, reason),
        }
    }

    fn carry_out(&mut self, action: &str, parameters: &Parameters) -> Result<String, ComputeError> {
        match action {
            "RunInstances" => {
                if let Some(code) = self.refusals.pop_front() {
                    return Err(refused(code, "as a test wants it".to_owned()));
                }
                let launch = launch(parameters)
                    .map_err(|error| refused("InvalidParameterValue", format!("{error:#}")))?;
                self.world.run_instances(now(), &launch).map(|instances| launched(&instances))
            }
            "DescribeInstances" => {
                let mut instances = self.world.instances(now())?;
                for instance in instances.iter_mut().filter(|instance| self.aged.contains(&instance.id)) {
                    instance.launched_at = instance.launched_at - AGE;
                }
                for (name, values) in filters(parameters) {
                    match name.as_str() {
                        // All instances of the stand-in belong to one deployment.
                        "tag:jit-runners:deployment"
                            if values.iter().any(|value| value == super::fixture::NAME) => {}
                        // They have no other tag.
                        name if name.starts_with("tag:") => instances.clear(),
                        "instance-id" => {
                            instances.retain(|instance| values.iter().any(|it| it == instance.id.as_str()));
                        }
                        "instance-state-name" => {
                            instances
                                .retain(|instance| values.iter().any(|it| it == state_name(instance.state)));
                        }
                        _ => {
                            return Err(refused(
                                "InvalidParameterValue",
                                format!("the filter {name} {values:?}"),
                            ));
                        }
                    }
                }
                Ok(found(&instances))
            }
            "DescribeImages" => {
                let ids = listed(parameters, "ImageId");
                let images: Result<Vec<_>, _> =
                    ids.iter().map(|id| Ok((id, self.world.image(now(), id)?))).collect();
                Ok(images_set(&images?))
            }
            "TerminateInstances" => {
                let ids: Vec<_> = listed(parameters, "InstanceId").into_iter().map(InstanceId::new).collect();
                self.world.terminate(now(), &ids).map(|()| "<instancesSet/>".to_owned())
            }
            "GetConsoleOutput" => {
                let instance = parameters.get("InstanceId").map_or("", String::as_str);
                let said = self.consoles.get(instance).map_or("", String::as_str);
                Ok(format!(
                    "<instanceId>{instance}</instanceId><output>{}</output>",
                    BASE64_STANDARD.encode(said)
                ))
            }
            _ => Err(refused("InvalidAction", action.to_owned())),
        }
    }
}

fn refused(code: &str, message: String) -> ComputeError {
    ComputeError::Refused { code: code.to_owned(), message }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream, state: &Mutex<State>) {
    let Ok(clone) = stream.try_clone() else { return };
    let mut reader = BufReader::new(clone);
    while let Ok(Some(request)) = connection::read(&mut reader) {
        let parameters = form(&request.body);
        let reply = lock(state).answer(request.access_key(), &parameters);
        if parameters.get("Action").is_some_and(|action| action == "RunInstances") && lock(state).loses_answer
        {
            lock(state).loses_answer = false;
            // Until the client gives up.
            let _ = reader.read(&mut [0]);
            return;
        }
        if reply.send(stream, true).is_err() {
            return;
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
