//! How the time of `generate` grows with the model: 5, 50, 200 and 1,000 functions with all that belongs to them; and how
//! long the proof of one deployment takes.
//!
//! `cargo bench -p jit-runners-generator`

use std::path::Path;

use jit_runners_check::{SourceFile, check};
use jit_runners_emit::GeneratedFile;
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

/// Whether both dialects, and the model, say the same. Copies bear one name, which the check refuses.
#[divan::bench(max_time = 10)]
fn prove(bencher: divan::Bencher<'_, '_>) {
    let deployment = deployment(1);
    let files = files(&deployment);
    let sources = |extension: &str| -> Vec<SourceFile> {
        let has_it = |file: &&GeneratedFile| Path::new(&file.path).extension() == Some(extension.as_ref());
        let source = |file: &GeneratedFile| SourceFile::new(file.path.as_str(), file.contents.as_bytes());
        files.iter().filter(has_it).map(source).collect()
    };
    let (module, templates) = (sources("tf"), sources("yaml"));
    bencher.bench(|| check(&module, &templates[0], Some(&deployment)).expect("our own files are understood"));
}
