//! A role where a queue is expected.

use jit_runners_model::{
    Ref,
    resource::{EventSourceMapping, Function, Role},
};

fn feed(role: Ref<Role>, function: Ref<Function>) -> EventSourceMapping {
    EventSourceMapping { event_source: role, function, batch_size: 10, maximum_concurrency: 5 }
}

fn main() {}
