//! A link that is put together from its parts.

use jit_runners_model::{
    Ref,
    resource::{Queue, ResourceId},
};

fn forge(id: ResourceId) -> Ref<Queue> {
    Ref { id, kind: std::marker::PhantomData }
}

fn main() {}
