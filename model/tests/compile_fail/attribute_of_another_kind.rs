//! A URL of something that has none.

use jit_runners_model::{Expr, Ref, resource::LogGroup};

fn url(group: &Ref<LogGroup>) -> Expr {
    group.url()
}

fn main() {}
