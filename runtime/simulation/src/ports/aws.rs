//! The ports to AWS: EC2, the queues and the table.

use std::time::Duration;

use jit_runners_model::contract::{
    Handler,
    message::{JobEvent, JobMessage},
    table::{Key, OpenKind},
};
use jit_runners_runtime::{
    port::{
        CommitError, ComputeError, EndInstances, Instance, Launch, LaunchInstances, ListInstances,
        LookAtImages, LookAtInstances, PublishEvents, PublishJobs, Read, ReadError, SendError, Stored, Table,
        Write,
    },
    record::{Image, InstanceId, Item},
};
use serde::Serialize;

use super::{NO_ANSWER, SimPorts, requests};
use crate::{call::call, ec2::InstantFleet, mutation::Mutation, world::QueueName};

impl SimPorts {
    /// `CreateFleet`, which our handlers do not use: see [`crate::ec2::Ec2World::create_fleet`].
    pub(crate) async fn create_fleet(&self, launches: Vec<Launch>) -> Result<InstantFleet, ComputeError> {
        call(&self.world, self.caller, CreateFleet { launches }).await
    }
}

impl LaunchInstances for SimPorts {
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        let launch = launch.clone();
        let launch = match self.mutation() {
            Some(mutation) => mutation.launch(launch),
            None => launch,
        };
        call(&self.world, self.caller, RunInstances { launch }).await
    }
}

impl LookAtImages for SimPorts {
    async fn image(&self, image: &str) -> Result<Image, ComputeError> {
        call(&self.world, self.caller, DescribeImages { image: image.to_owned() }).await
    }
}

impl ListInstances for SimPorts {
    async fn instances(&self) -> Result<Vec<Instance>, ComputeError> {
        call(&self.world, self.caller, DescribeInstances {}).await
    }
}

impl LookAtInstances for SimPorts {
    async fn look_at(&self, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError> {
        call(&self.world, self.caller, DescribeSomeInstances { instances: instances.to_vec() }).await
    }
}

impl EndInstances for SimPorts {
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        if self.mutation() == Some(Mutation::SparedInstances)
            && self.world.borrow().stack.removal_asked_at.is_some()
        {
            return Ok(());
        }
        call(&self.world, self.caller, TerminateInstances { instances: instances.to_vec() }).await
    }
}

requests! {
    RunInstances { launch: Launch } -> Result<Vec<InstanceId>, ComputeError>,
    apply |this, world| world.ec2.run_instances(world.now, &this.launch),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| {
        let Launch { token, pool, count, .. } = &this.launch;
        format!("launches {count} {:?} {} in {} ({token})", pool.market, pool.instance_type.as_str(), pool.subnet)
    },
    done |launched| ids(launched);

    CreateFleet { launches: Vec<Launch> } -> Result<InstantFleet, ComputeError>,
    apply |this, world| world.ec2.create_fleet(world.now, &this.launches),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| {
        let count = this.launches.first().map_or(0, |launch| launch.count);
        format!("launches a fleet of {count} from {} pools", this.launches.len())
    },
    done |fleet| ids(&fleet.instances);

    DescribeImages { image: String } -> Result<Image, ComputeError>,
    apply |this, world| world.ec2.image(world.now, &this.image),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| format!("looks at {}", this.image),
    done |image| image.architecture.clone();

    DescribeInstances {} -> Result<Vec<Instance>, ComputeError>,
    apply |_this, world| world.ec2.instances(world.now),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |_this| "lists instances".to_owned(),
    done |found| format!("{} instances", found.len());

    DescribeSomeInstances { instances: Vec<InstanceId> } -> Result<Vec<Instance>, ComputeError>,
    apply |this, world| world.ec2.look_at(world.now, &this.instances),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| format!("looks at {}", ids(&this.instances)),
    done |found| format!("{} instances", found.len());

    TerminateInstances { instances: Vec<InstanceId> } -> Result<(), ComputeError>,
    apply |this, world| world.ec2.terminate(world.now, &this.instances),
    unanswered ComputeError::Unknown(NO_ANSWER.to_owned()),
    words |this| format!("ends {}", ids(&this.instances)),
    done |_done| "ending".to_owned();
}

fn ids(instances: &[InstanceId]) -> String {
    let ids: Vec<_> = instances.iter().map(InstanceId::as_str).collect();
    ids.join(", ")
}

/// The most messages of one call
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
const MOST_MESSAGES: usize = 10;

impl PublishJobs for SimPorts {
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        if self.mutation() == Some(Mutation::LostPublish) {
            return Ok(());
        }
        let mut failure: Option<SendError> = None;
        for batch in messages.chunks(MOST_MESSAGES) {
            let sent = call(&self.world, self.caller, SendJobs { messages: batch.to_vec() }).await;
            if let Err(Unsent { unsent, reason }) = sent {
                let unsent = unsent.unwrap_or(batch.len());
                failure.get_or_insert(SendError { unsent: 0, reason }).unsent += unsent;
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

impl PublishEvents for SimPorts {
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
        let message = match self.mutation() {
            Some(mutation) => mutation.event(&self.world.borrow(), message),
            None => message,
        };
        let sent = call(&self.world, self.caller, SendEvent { message }).await;
        sent.map_err(|Unsent { unsent, reason }| SendError { unsent: unsent.unwrap_or(1), reason })
    }
}

/// Messages were not sent, as far as the caller knows.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
struct Unsent {
    /// How many; `None` for all, if there was no answer.
    unsent: Option<usize>,
    reason: String,
}

impl Unsent {
    fn silence() -> Self {
        Self { unsent: None, reason: NO_ANSWER.to_owned() }
    }
}

requests! {
    SendJobs { messages: Vec<JobMessage> } -> Result<(), Unsent>,
    apply |this, world| {
        // A call may take a part of its messages
        // (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>).
        let partial = world.faults.queue.partial;
        let is_partial = partial > 0.0 && world.random.chance(partial);
        let mut unsent = 0;
        for message in &this.messages {
            if is_partial && world.random.chance(0.5) {
                unsent += 1;
            } else {
                world.enqueue(QueueName::ScaleUp, body(message));
            }
        }
        if unsent == 0 { Ok(()) } else { Err(Unsent { unsent: Some(unsent), reason: "InternalError".to_owned() }) }
    },
    unanswered Unsent::silence(),
    words |this| {
        let jobs: Vec<_> = this.messages.iter().map(|message| message.job.job_id.to_string()).collect();
        format!("publishes jobs {}", jobs.join(", "))
    },
    done |_done| "sent".to_owned();

    SendEvent { message: JobEvent } -> Result<(), Unsent>,
    apply |this, world| {
        let partial = world.faults.queue.partial;
        if partial > 0.0 && world.random.chance(partial) {
            return Err(Unsent { unsent: Some(1), reason: "ServiceUnavailable".to_owned() });
        }
        world.enqueue(QueueName::Lifecycle, body(&this.message));
        Ok(())
    },
    unanswered Unsent::silence(),
    words |this| format!("publishes an event of job {}: {:?}", this.message.job.job_id, this.message.change),
    done |_done| "sent".to_owned();
}

fn body(message: &impl Serialize) -> String {
    // Messages are plain data, which is always JSON.
    serde_json::to_string(message).unwrap_or_default()
}

impl Table for SimPorts {
    async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>> {
        let key = self.mutation().map_or_else(|| key.clone(), |mutation| mutation.key(key.clone()));
        let mut found = call(&self.world, self.caller, Get { key }).await;
        if let Ok(Some(Stored { item: Item::Fleet(fleet), .. })) = &mut found
            && self.mutation() == Some(Mutation::UnseenStop)
            && self.caller.handler != Handler::ScaleDown
        {
            fleet.lift_stop(self.world.borrow().now + Duration::from_secs(1));
        }
        found
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        call(&self.world, self.caller, Commit { writes }).await
    }

    async fn open_of_label_set(&self, label_set: &str) -> Read<Vec<Stored<Item>>> {
        call(&self.world, self.caller, OpenOfLabelSet { label_set: label_set.to_owned() }).await
    }

    async fn open_of_kind(&self, kind: OpenKind) -> Read<Vec<Stored<Item>>> {
        call(&self.world, self.caller, OpenOfKind { kind }).await
    }
}

requests! {
    Get { key: Key } -> Result<Option<Stored<Item>>, ReadError>,
    apply |this, world| world.table.get(&this.key),
    unanswered ReadError::Unavailable(NO_ANSWER.to_owned()),
    words |this| format!("reads {}", this.key),
    done |found| found.as_ref().map_or_else(|| "nothing there".to_owned(), |found| state(&found.item));

    Commit { writes: Vec<Write> } -> Result<(), CommitError>,
    apply |this, world| world.commit(this.writes),
    unanswered CommitError::Unknown(NO_ANSWER.to_owned()),
    words |this| {
        let writes = this.writes.iter().map(|write| {
            let state = state(&write.item);
            let revision = write.expected.map_or(0, |revision| revision.0);
            format!("{} (was {revision}): {state}", write.key)
        });
        format!("writes {}", writes.collect::<Vec<_>>().join("; "))
    },
    done |_done| "written".to_owned();

    OpenOfLabelSet { label_set: String } -> Result<Vec<Stored<Item>>, ReadError>,
    apply |this, world| world.table.open_of_label_set(world.now, &this.label_set),
    unanswered ReadError::Unavailable(NO_ANSWER.to_owned()),
    words |this| format!("asks what is open of {}", this.label_set),
    done |found| keys(found);

    OpenOfKind { kind: OpenKind } -> Result<Vec<Stored<Item>>, ReadError>,
    apply |this, world| world.table.open_of_kind(world.now, this.kind),
    unanswered ReadError::Unavailable(NO_ANSWER.to_owned()),
    words |this| format!("asks for every open {}", this.kind.as_str()),
    done |found| keys(found);
}

fn keys(found: &[Stored<Item>]) -> String {
    if found.is_empty() {
        return "nothing".to_owned();
    }
    let items: Vec<_> =
        found.iter().map(|found| format!("{} {}", found.item.key(), state(&found.item))).collect();
    items.join(", ")
}

/// Where an item stands, in a few words.
fn state(item: &Item) -> String {
    match item {
        Item::Job(job) if job.in_vain > 0 => format!("{}, {} in vain", job.state.as_str(), job.in_vain),
        Item::Job(job) => job.state.as_str().to_owned(),
        Item::Intent(intent) => {
            format!("{:?}, {} launched, {} to launch", intent.state, intent.launched.len(), intent.unfilled)
        }
        Item::Runner(runner) => runner.state().as_str().to_owned(),
        Item::Fleet(fleet) => format!("{} slots taken", fleet.taken()),
        Item::Repository(visit) => format!("visited at {}", visit.visited_at),
        Item::Lease(lease) => format!("held until {}", lease.until),
        Item::Findings(_) => "what is known of EC2".to_owned(),
        Item::Place(place) => format!("what is known of registrations at {}", place.name),
        Item::Configuration(_) => "a configuration".to_owned(),
        Item::Releases(releases) => {
            format!(
                "runner {} is offered",
                releases.offered.as_ref().map_or("none", |it| it.version.as_str())
            )
        }
    }
}
