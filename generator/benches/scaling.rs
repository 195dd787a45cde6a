//! How the time of `generate` grows with the model: 5, 50, 200 and 1,000 functions with all that belongs to them.
//!
//! `cargo bench -p jit-runners-generator`

use jit_runners_generator::files;
use jit_runners_model::{Choices, Deployment};

fn main() {
    divan::main();
}

const COPIES: [usize; 4] = [1, 10, 40, 200];

fn deployment(copies: usize) -> Deployment {
    Deployment::repeated(Choices::default(), copies).expect("the default choices make a deployment")
}

#[divan::bench(args = COPIES, max_time = 10)]
fn model(copies: usize) -> Deployment {
    deployment(copies)
}

#[divan::bench(args = COPIES, max_time = 10)]
fn emit(bencher: divan::Bencher<'_, '_>, copies: usize) {
    let deployment = deployment(copies);
    bencher.bench(|| files(&deployment));
}
