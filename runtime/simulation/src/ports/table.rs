//! The table.

use jit_runners_model::contract::{
    Handler,
    table::{Key, OpenKind},
};
use jit_runners_runtime::{
    port::{CommitError, Read, ReadError, Stored, Table, Write},
    record::Item,
};

use super::{NO_ANSWER, SimPorts, requests};
use crate::{call::call, mutation::Mutation};

impl Table for SimPorts {
    async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>> {
        let mut found = call(&self.world, self.caller, Get { key: key.clone() }).await;
        if let Ok(Some(Stored { item: Item::Fleet(fleet), .. })) = &mut found
            && self.mutation() == Some(Mutation::UnseenStop)
            && self.caller.handler != Handler::ScaleDown
        {
            fleet.lift_stop();
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
        Item::Job(job) => job.state.as_str().to_owned(),
        Item::Intent(intent) => {
            format!("{:?}, {} launched, {} to launch", intent.state, intent.launched.len(), intent.unfilled)
        }
        Item::Runner(runner) => runner.state().as_str().to_owned(),
        Item::Fleet(fleet) => format!("{} slots taken", fleet.taken()),
        Item::Repository(visit) => format!("visited at {}", visit.visited_at),
        Item::Lease(lease) => format!("held until {}", lease.until),
        Item::Findings(_) => "what is known of EC2".to_owned(),
        Item::Configuration(_) => "a configuration".to_owned(),
        Item::Releases(releases) => {
            format!(
                "runner {} is offered",
                releases.offered.as_ref().map_or("none", |it| it.version.as_str())
            )
        }
    }
}
