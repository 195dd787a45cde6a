//! The program on an instance: it reads its configuration, runs the runner, and ends the instance.

use std::{sync::Arc, time::Duration};

use jit_runners_model::contract::{instance, table::Key};
use jit_runners_runtime::{
    record::{InstanceId, Item},
    time::{Time, duration},
};

use crate::{
    ec2::Ec2Event,
    github::GithubEvent,
    table::Change,
    world::{Event, World},
};

/// Time between two looks at the table.
const LOOK: Duration = Duration::from_secs(3);
/// The time between two looks at a runner that was just given a job.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// The time from the runner's exit until the instance begins to end.
const WIND_DOWN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(4));
/// The time from the configuration until the runner listens.
const RUNNER_START: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(8));

/// The program on an instance.
#[derive(Debug)]
pub struct Agent {
    /// The instance.
    pub instance: InstanceId,
    /// What it is doing.
    pub stage: Stage,
    /// The runner that it listens as.
    pub runner: Option<u64>,
    key: Key,
}

/// What the program on an instance is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Waits for its configuration until then.
    Waits(Time),
    /// Starts the runner.
    Starts,
    /// The runner waits for a job.
    Listens,
    /// The runner has a job.
    Works,
    /// The runner has ended; the instance is about to end.
    WindsDown,
    /// It hangs. Nothing will happen here any more.
    Hangs,
    /// The instance has ended.
    Ended,
}

/// What comes next for the program on an instance.
#[derive(Debug)]
pub(crate) enum Step {
    /// It looks for its configuration.
    Look,
    /// The runner starts to listen with this configuration.
    Connect(String),
    /// The runner has listened for so long that it gives up.
    Idle,
    /// It sees the notice of an interruption.
    Notice,
    /// It ends the instance.
    ShutDown,
}

impl World {
    /// Something happened to an instance.
    pub(crate) fn instance_event(&mut self, event: Ec2Event) {
        match &event {
            Ec2Event::Booted { instance } => {
                self.tell(|| format!("{instance} is up"));
                self.boot(instance.clone());
            }
            Ec2Event::Interrupting { instance } => {
                self.tell(|| format!("{instance} will be interrupted"));
                if let Some(index) = self.agent_of.get(instance).copied() {
                    // It looks every five seconds
                    // (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
                    let wait = self.random.between(Duration::ZERO, Duration::from_secs(5));
                    self.step_later(index, wait, Step::Notice);
                }
            }
            Ec2Event::Ended { instance, cause } => {
                self.tell(|| format!("{instance} ends: {cause:?}"));
                if let Some(agent) = self.agent_of.get(instance).and_then(|index| self.agents.get_mut(*index))
                {
                    agent.stage = Stage::Ended;
                    if let Some(runner) = agent.runner {
                        self.github.machine_lost(self.now, runner);
                    }
                }
            }
            Ec2Event::Notice { .. } => {}
        }
        match event {
            Ec2Event::Notice { body } => self.enqueue(super::world::QueueName::Lifecycle, body),
            other => self.happened.ec2.push(other),
        }
    }

    /// Something happened to a runner.
    pub(crate) fn runner_event(&mut self, event: GithubEvent) {
        let (runner, stage) = match &event {
            GithubEvent::JobStarted { runner_id, job } => {
                self.tell(|| format!("runner {runner_id} starts job {}", job.job_id));
                (*runner_id, Some(Stage::Works))
            }
            GithubEvent::JobEnded { runner_id, job } => {
                self.tell(|| format!("runner {runner_id} has done job {}", job.job_id));
                (*runner_id, None)
            }
            GithubEvent::Dropped { runner_id } => {
                self.tell(|| format!("runner {runner_id} is told that it is not registered any more"));
                (*runner_id, None)
            }
            GithubEvent::Ghosted { runner_id } => {
                self.tell(|| format!("runner {runner_id} is a ghost"));
                (*runner_id, Some(Stage::Listens))
            }
            GithubEvent::Webhook { .. } => return,
        };
        self.happened.github.push(event);
        let Some(index) = self.agent_with.get(&runner).copied() else { return };
        let Some(agent) = self.agents.get_mut(index) else { return };
        if matches!(agent.stage, Stage::Listens | Stage::Works) {
            match stage {
                Some(stage) => agent.stage = stage,
                None => self.wind_down(index),
            }
        }
    }

    /// The program on an instance does its next step.
    pub(crate) fn step_agent(&mut self, index: usize, step: Step) {
        let Some(agent) = self.agents.get(index) else { return };
        match (step, agent.stage.clone()) {
            (Step::Look, Stage::Waits(until)) => self.look(index, until),
            (Step::Connect(encoded), Stage::Starts) => self.connect(index, &encoded),
            (Step::Idle, Stage::Listens) => self.stop_listening(index, "no job came"),
            (Step::Notice, Stage::Listens) => self.stop_listening(index, "the instance will be interrupted"),
            (Step::Notice, Stage::Waits(_) | Stage::Starts) => self.wind_down(index),
            (Step::ShutDown, Stage::WindsDown) => {
                let instance = agent.instance.clone();
                self.ec2.shut_down(self.now, &instance);
            }
            _ => {}
        }
    }

    fn boot(&mut self, instance: InstanceId) {
        let key = Key::configuration(self.role_id(), instance.as_str());
        let index = self.agents.len();
        self.agent_of.insert(instance.clone(), index);
        let hangs = self.faults.machines.silent;
        let hangs = hangs > 0.0 && self.random.chance(hangs);
        let until = self.now + duration(instance::CONFIGURATION_WAIT);
        let stage = if hangs { Stage::Hangs } else { Stage::Waits(until) };
        self.agents.push(Agent { instance, stage, runner: None, key });
        if !hangs {
            self.step_later(index, Duration::from_millis(100), Step::Look);
        }
    }

    fn look(&mut self, index: usize, until: Time) {
        let Some(agent) = self.agents.get(index) else { return };
        let faults = self.faults.machines;
        let found = if faults.unreadable > 0.0 && self.random.chance(faults.unreadable) {
            None
        } else {
            self.table.take(self.now, &agent.key).ok().flatten()
        };
        if let Some(before) = &found {
            self.happened.changes.push(Change { before: Some(Arc::clone(before)), after: None });
        }
        let instance = &agent.instance;
        match found.as_deref().map(|stored| &stored.item) {
            Some(Item::Configuration(configuration)) => {
                if faults.configuration_lost > 0.0 && self.random.chance(faults.configuration_lost) {
                    self.trace.tell(self.now, || {
                        format!("the answer with the configuration of {instance} is lost")
                    });
                    self.step_later(index, LOOK, Step::Look);
                    return;
                }
                self.trace.tell(self.now, || format!("{instance} has its configuration"));
                let encoded = configuration.encoded.clone();
                if let Some(agent) = self.agents.get_mut(index) {
                    agent.stage = Stage::Starts;
                }
                let wait = self.random.between(RUNNER_START.0, RUNNER_START.1);
                self.step_later(index, wait, Step::Connect(encoded));
            }
            _ if self.now >= until => {
                self.trace.tell(self.now, || format!("no configuration came for {instance}"));
                self.wind_down(index);
            }
            _ => self.step_later(index, LOOK, Step::Look),
        }
    }

    fn connect(&mut self, index: usize, encoded: &str) {
        let crash = self.faults.machines.runner_crash;
        let crashes = crash > 0.0 && self.random.chance(crash);
        let Some(agent) = self.agents.get_mut(index) else { return };
        let instance = &agent.instance;
        if crashes {
            self.trace.tell(self.now, || format!("the runner on {instance} dies"));
            self.wind_down(index);
            return;
        }
        let release = self.ec2.machine(instance).map(|machine| &machine.release);
        if let Some(release) = release.filter(|release| self.github.turns_away(release)) {
            self.trace.tell(self.now, || format!("runner {release} on {instance} is deprecated"));
            self.wind_down(index);
            return;
        }
        match self.github.connect(self.now, encoded) {
            Ok(runner) => {
                self.trace.tell(self.now, || format!("{instance} listens as runner {runner}"));
                agent.stage = Stage::Listens;
                agent.runner = Some(runner);
                self.agent_with.insert(runner, index);
                self.step_later(index, duration(instance::IDLE_LIMIT), Step::Idle);
            }
            Err(error) => {
                self.trace.tell(self.now, || format!("the runner on {instance} cannot listen: {error}"));
                self.wind_down(index);
            }
        }
    }

    /// Ends the runner, unless it was just given a job. Then it is checked again whether it still has that job.
    fn stop_listening(&mut self, index: usize, why: &str) {
        let Some(agent) = self.agents.get(index) else { return };
        let Some(runner) = agent.runner else { return };
        if self.github.stop_listening(self.now, runner) {
            let instance = &agent.instance;
            self.trace.tell(self.now, || format!("runner {runner} on {instance} stops: {why}"));
            self.wind_down(index);
        } else {
            self.step_later(index, LOOK_AGAIN, Step::Idle);
        }
    }

    fn wind_down(&mut self, index: usize) {
        let hangs = self.faults.machines.never_ends;
        let hangs = hangs > 0.0 && self.random.chance(hangs);
        if let Some(agent) = self.agents.get_mut(index) {
            agent.stage = if hangs { Stage::Hangs } else { Stage::WindsDown };
        }
        let wait = self.random.between(WIND_DOWN.0, WIND_DOWN.1);
        self.step_later(index, wait, Step::ShutDown);
    }

    fn step_later(&mut self, index: usize, wait: Duration, step: Step) {
        self.events.schedule(self.now + wait, Event::Agent(index, step));
    }
}
