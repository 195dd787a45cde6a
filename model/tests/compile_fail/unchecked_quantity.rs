//! A bare number where a checked quantity is expected.

use jit_runners_model::{Mebibytes, Timeout, choices::FunctionChoices, RetentionDays};

fn size(timeout: Timeout, log_retention: RetentionDays) -> FunctionChoices {
    FunctionChoices { memory: 256, timeout, log_retention }
}

fn unchecked() -> Mebibytes {
    Mebibytes(1)
}

fn main() {}
