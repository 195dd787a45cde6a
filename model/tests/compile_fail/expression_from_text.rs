//! An expression that is spelt out instead of taken from an input or a resource.

use jit_runners_model::{Expr, Text};

fn spelt_out() -> Text {
    Text::from(Expr::Parameter("${aws_sqs_queue.scaleup.arn}"))
}

fn main() {}
