//! A link that was not handed out for a resource that exists.

use jit_runners_model::{
    Ref,
    resource::{Queue, ResourceId},
};

fn forge() -> Ref<Queue> {
    Ref::new(ResourceId { logical_id: "NoSuchQueue", label: "none" })
}

fn main() {}
