//! The world: every service, the instances, and what will happen.

use std::{collections::BTreeMap, fmt, rc::Rc, time::Duration};

use jit_runners_model::{
    choices::Throttling,
    contract::{
        Handler,
        environment::{EnvironmentError, Flag},
    },
};
use jit_runners_runtime::{
    port::{CommitError, Observation, Write},
    record::InstanceId,
    time::Time,
    webhook::{EmptySecret, Request, WebhookSecret},
};

use crate::{
    agent::{Agent, Step},
    api::Api,
    call::{Caller, Sent},
    ec2::{Ec2Event, Ec2Settings, Ec2World},
    engine::EventQueue,
    engine::TaskId,
    fault::{CallFault, Faults, PlannedFaults},
    github::{GithubEvent, GithubSettings, GithubWorld},
    lambda::{Attempt, Invocation, Lambda, LambdaSettings},
    mutation::Mutation,
    operation::Calls,
    policy::Environments,
    queue::{QueueSettings, SimQueue},
    random::Random,
    stack::{Stack, Tool},
    table::{Change, SimTable, TableSettings},
    trace::Trace,
    trace::{ec2_number, github_number},
    trace::{observation_kind, observation_words},
};

/// The secret that signs webhooks. It has no value outside of the simulation.
const SECRET: &str = "the webhooks' secret";

/// Why a world cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Variables are not what the functions expect.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The secret is empty.
    #[error(transparent)]
    Secret(#[from] EmptySecret),
}

/// How a world is made.
#[derive(Debug, Clone)]
pub struct WorldSettings {
    /// All chance follows from it.
    pub seed: u64,
    /// When the run begins.
    pub began: Time,
    /// Whether a story is kept.
    pub with_story: bool,
    /// Variables of the functions that differ from the usual ones.
    pub variables: BTreeMap<String, String>,
    /// What goes wrong with calls, functions and instances.
    pub faults: Faults,
    /// Faults at chosen places.
    pub plan: PlannedFaults,
    /// A mistake that is made on purpose.
    pub mutation: Option<Mutation>,
    /// EC2.
    pub ec2: Ec2Settings,
    /// GitHub.
    pub github: GithubSettings,
    /// The table.
    pub table: TableSettings,
    /// The queue of jobs.
    pub scale_up: QueueSettings,
    /// The queue of events.
    pub lifecycle: QueueSettings,
    /// Lambda.
    pub lambda: LambdaSettings,
    /// How much of the API's rate others leave to us.
    pub throttling: Throttling,
    /// What the functions were deployed with.
    pub tool: Tool,
}

impl WorldSettings {
    /// A quiet world.
    pub fn quiet(seed: u64) -> Self {
        Self {
            seed,
            began: Time::from_millis(1_700_000_000_000),
            with_story: false,
            variables: BTreeMap::new(),
            faults: Faults::default(),
            plan: PlannedFaults::default(),
            mutation: None,
            ec2: Ec2Settings::default(),
            github: GithubSettings::default(),
            table: TableSettings::default(),
            scale_up: QueueSettings::scale_up(),
            lifecycle: QueueSettings::lifecycle(),
            lambda: LambdaSettings::default(),
            throttling: Throttling::default(),
            tool: Tool::default(),
        }
    }
}

/// One of the two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueName {
    /// Jobs for scale-up.
    ScaleUp,
    /// Events for lifecycle.
    Lifecycle,
}

/// Everything that the handlers can reach, and all future events.
pub struct World {
    /// The time.
    pub now: Time,
    /// GitHub.
    pub github: GithubWorld,
    /// EC2.
    pub ec2: Ec2World,
    /// The table.
    pub table: SimTable,
    /// The queue of jobs.
    pub scale_up: SimQueue,
    /// The queue of events.
    pub lifecycle: SimQueue,
    /// What goes wrong with calls, functions and instances from now on.
    pub faults: Faults,
    /// Calls that were made.
    pub calls: Calls,
    /// The functions.
    pub lambda: Lambda,
    /// The webhook's address.
    pub api: Api,
    /// What the functions were deployed with.
    pub stack: Stack,
    /// The programs on the instances.
    pub agents: Vec<Agent>,
    /// What happened in the last step.
    pub happened: Happened,
    /// How often each kind of observation was made.
    pub observed: BTreeMap<&'static str, u64>,
    /// Faults of calls that chance made.
    pub call_faults: BTreeMap<CallFault, u64>,
    /// What happened so far.
    pub trace: Trace,
    /// Messages that were sent to the queues.
    pub messages: u64,
    /// A mistake that is made on purpose.
    pub(crate) mutation: Option<Mutation>,
    /// The messages that the queue of jobs took.
    pub accepted: Vec<String>,
    /// Since when the deployment is paused.
    pub paused_at: Option<Time>,
    /// When it was resumed last.
    pub resumed_at: Time,
    /// Pauses that go on, by how they were begun.
    pauses: BTreeMap<Means, i32>,
    pub(crate) plan: PlannedFaults,
    pub(crate) environments: Rc<Environments>,
    pub(crate) random: Random,
    pub(crate) events: EventQueue<Event>,
    /// The task that runs now dies where it waits next.
    pub(crate) crashes: bool,
    /// Places in `agents`.
    pub(crate) agent_of: BTreeMap<InstanceId, usize>,
    /// Places in `agents`, by runner.
    pub(crate) agent_with: BTreeMap<u64, usize>,
    github_events: Vec<GithubEvent>,
    ec2_events: Vec<Ec2Event>,
}

/// How somebody pauses the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// By its input. The deployment is changed, and running invocations end as they began.
    Input,
    /// In the table.
    Table,
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "a change of the input",
            Self::Table => "a word in the table",
        })
    }
}

/// What happened in one step, for the checks.
#[derive(Debug, Default)]
pub struct Happened {
    /// Items that were written, with what was there before.
    pub changes: Vec<Change>,
    /// What GitHub did; webhooks are not among it.
    pub github: Vec<GithubEvent>,
    /// What happened to instances; notices are not among it.
    pub ec2: Vec<Ec2Event>,
    /// The observations of handlers.
    pub observations: Vec<(Caller, Observation)>,
}

/// Something that will happen.
pub(crate) enum Event {
    /// A request reaches its service.
    Arrive(Rc<dyn Sent>),
    /// An answer reaches its caller.
    Answer(Rc<dyn Sent>),
    /// A caller waits no longer.
    GiveUp(Rc<dyn Sent>),
    /// A task has slept enough.
    Wake(TaskId),
    /// Lambda looks at a queue.
    Poll(QueueName),
    /// An invocation begins.
    Invoke(Box<Invocation>),
    /// Lambda tries once more to begin an invocation.
    Retry(Box<Attempt>),
    /// An invocation reaches its time limit.
    TimeLimit(TaskId),
    /// A schedule ticks, which was due at that time.
    Tick(Handler, Time),
    /// The program on an instance does its next step.
    Agent(usize, Step),
    /// The functions are deleted.
    Gone,
    /// Somebody from outside does something.
    Act(Box<dyn FnOnce(&mut World)>),
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(settings: WorldSettings) -> Result<Self, WorldError> {
        let WorldSettings { seed, began, with_story, variables, .. } = settings;
        let random = Random::new(seed);
        let environments =
            Environments::read(WebhookSecret::new(SECRET)?, |name| variables.get(name).cloned())?;
        let is_paused = environments.scaleup.paused.0;
        let mut world = Self {
            now: began,
            github: GithubWorld::new(settings.github, random.fork("github"), SECRET.as_bytes()),
            ec2: Ec2World::new(settings.ec2, random.fork("ec2")),
            table: SimTable::new(settings.table, random.fork("table")),
            scale_up: SimQueue::new(settings.scale_up, random.fork("scale-up queue")),
            lifecycle: SimQueue::new(settings.lifecycle, random.fork("lifecycle queue")),
            faults: settings.faults,
            calls: Calls::default(),
            lambda: Lambda::new(settings.lambda),
            api: Api::new(settings.throttling),
            stack: Stack::new(settings.tool),
            agents: Vec::new(),
            happened: Happened::default(),
            observed: BTreeMap::new(),
            call_faults: BTreeMap::new(),
            trace: Trace::new(began, with_story),
            messages: 0,
            mutation: settings.mutation,
            accepted: Vec::new(),
            paused_at: is_paused.then_some(began),
            resumed_at: began,
            pauses: if is_paused { [(Means::Input, 1)].into() } else { BTreeMap::new() },
            plan: settings.plan,
            environments: Rc::new(environments),
            random: random.fork("world"),
            events: EventQueue::default(),
            crashes: false,
            agent_of: BTreeMap::new(),
            agent_with: BTreeMap::new(),
            github_events: Vec::new(),
            ec2_events: Vec::new(),
        };
        world.begin_schedules();
        Ok(world)
    }

    /// What the functions are configured with.
    pub fn environments(&self) -> &Environments {
        &self.environments
    }

    /// Pauses the deployment for some time.
    pub fn pause(&mut self, means: Means, lasting: Duration) {
        self.tell(|| format!("{means} pauses the deployment"));
        self.set_paused(means, true);
        self.at(self.now + lasting, move |world| {
            world.tell(|| format!("{means} resumes the deployment"));
            world.set_paused(means, false);
        });
    }

    fn set_paused(&mut self, means: Means, is_paused: bool) {
        let change = if is_paused { 1 } else { -1 };
        let pauses = self.pauses.entry(means).or_default();
        *pauses += change;
        let is_paused = *pauses > 0;
        match means {
            Means::Input => {
                let environments = Rc::make_mut(&mut self.environments);
                environments.lifecycle.paused = Flag(is_paused);
                environments.rebalancer.paused = Flag(is_paused);
                environments.scaleup.paused =
                    Flag(is_paused && self.mutation != Some(Mutation::IgnoredPause));
            }
            Means::Table => {
                let now = self.now;
                let change = self.table.change_fleet(now, |fleet| {
                    if is_paused { fleet.pause_launches(now) } else { fleet.resume_launches() }
                });
                self.happened.changes.push(change);
            }
        }
        let was_paused = self.paused_at.is_some();
        let is_paused = self.pauses.values().any(|pauses| *pauses > 0);
        if is_paused && !was_paused {
            self.paused_at = Some(self.now);
        } else if !is_paused {
            self.paused_at = None;
            self.resumed_at = self.now;
        }
    }

    /// Schedules `act` at `time`.
    pub fn at(&mut self, time: Time, act: impl FnOnce(&mut Self) + 'static) {
        self.events.schedule(time.max(self.now), Event::Act(Box::new(act)));
    }

    /// Stops all faults that have not begun. Late messages still come late, and lost ones stay lost.
    pub fn stop_faults(&mut self) {
        self.faults = Faults::default();
        self.plan = PlannedFaults::default();
        let github = self.github.settings_mut();
        *github = github.without_faults();
        self.ec2.stop_faults();
        self.table.stop_faults();
        self.scale_up.stop_faults();
        self.lifecycle.stop_faults();
        self.lambda.stop_faults();
        self.api.stop_faults();
        self.tell(|| "faults stop");
    }

    /// One of the queues.
    pub const fn queue(&self, name: QueueName) -> &SimQueue {
        match name {
            QueueName::ScaleUp => &self.scale_up,
            QueueName::Lifecycle => &self.lifecycle,
        }
    }

    /// Adds a line to the story, if one is kept.
    pub fn tell<D: fmt::Display>(&mut self, line: impl FnOnce() -> D) {
        self.trace.tell(self.now, line);
    }

    /// Puts a message into a queue.
    pub fn enqueue(&mut self, name: QueueName, body: String) {
        self.messages += 1;
        let (now, number) = (self.now, self.messages);
        self.trace.record(now, 0x500 + name as u64, number);
        let doubled = self.plan.doubled_messages.contains(&number);
        let copy = doubled.then(|| body.clone());
        if name == QueueName::ScaleUp {
            self.accepted.push(body.clone());
        }
        let queue = self.queue_mut(name);
        queue.send(now, body, Duration::ZERO);
        if let Some(copy) = copy {
            queue.send(now, copy, Duration::ZERO);
        }
        self.watch(name);
    }

    /// Somebody posts something to the webhook's address.
    pub fn post(&mut self, mut request: Request) {
        if self.mutation == Some(Mutation::UnsignedWebhooks) {
            let signature = self.environments.secret.sign(request.body());
            let headers = [("x-github-event", "workflow_job"), ("x-hub-signature-256", signature.as_str())];
            request = Request::new(headers, request.body());
        }
        self.receive_request(request);
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Time> {
        [self.events.next_at(), self.github.next_at(), self.ec2.next_at()].into_iter().flatten().min()
    }

    pub(crate) const fn queue_mut(&mut self, name: QueueName) -> &mut SimQueue {
        match name {
            QueueName::ScaleUp => &mut self.scale_up,
            QueueName::Lifecycle => &mut self.lifecycle,
        }
    }

    /// Moves on to `time`, and lets GitHub and EC2 do what is due then. Returns whether they did anything.
    pub(crate) fn advance(&mut self, time: Time) -> bool {
        self.happened.clear();
        self.now = self.now.max(time);
        let mut any = false;
        if self.github.next_at().is_some_and(|at| at <= self.now) {
            any = true;
            let mut events = std::mem::take(&mut self.github_events);
            self.github.advance(self.now, &mut events);
            for event in events.drain(..) {
                self.trace.record(self.now, 0x600, github_number(&event));
                if let GithubEvent::Webhook { headers, body } = event {
                    self.receive_request(Request::new(headers, body));
                } else {
                    self.runner_event(event);
                }
            }
            self.github_events = events;
        }
        if self.ec2.next_at().is_some_and(|at| at <= self.now) {
            any = true;
            let mut events = std::mem::take(&mut self.ec2_events);
            self.ec2.advance(self.now, &mut events);
            for event in events.drain(..) {
                self.trace.record(self.now, 0x700, ec2_number(&event));
                self.instance_event(event);
            }
            self.ec2_events = events;
        }
        any
    }

    /// The first half of the key of each configuration.
    pub(crate) fn role_id(&self) -> &str {
        self.environments.scaleup.runner_role_id.as_str()
    }

    pub(crate) fn commit(&mut self, writes: Vec<Write>) -> Result<(), CommitError> {
        let writes = match self.mutation {
            Some(mutation) => mutation.writes(&self.table, writes),
            None => writes,
        };
        if writes.is_empty() {
            return Ok(());
        }
        let changes = self.table.commit(self.now, writes)?;
        self.happened.changes.extend(changes);
        Ok(())
    }

    pub(crate) fn observe(&mut self, caller: Caller, observation: Observation) {
        *self.observed.entry(observation_kind(&observation)).or_default() += 1;
        self.tell(|| {
            format!("{} {} says: {}", caller.handler, caller.invocation, observation_words(&observation))
        });
        self.happened.observations.push((caller, observation));
    }
}

impl Happened {
    fn clear(&mut self) {
        self.changes.clear();
        self.github.clear();
        self.ec2.clear();
        self.observations.clear();
    }
}
