//! Hostile files: our own files, damaged at random. For every damage, the check ends with a report, or with an error
//! that has a place, and never panics.
//!
//! A few hundred files, the same in every run. `make fuzz` searches for others, guided by coverage.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jit_runners_check::SourceFile;
use jit_runners_emit::GeneratedFile;
use jit_runners_generator::files;
use jit_runners_model::{Choices, Deployment};
use proptest::{
    collection,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// One damage to a file. Positions are fractions of its length, so that they fit every file.
#[derive(Debug, Clone)]
enum Damage {
    /// The rest of the file is missing.
    Cut { at: u16 },
    /// A part is missing.
    Remove { at: u16, length: u8 },
    /// A part is repeated several times.
    Repeat { at: u16, length: u8, times: u8 },
    /// A part is moved to another position.
    Copy { from: u16, length: u8, to: u16 },
    /// A part is replaced by other text.
    Insert { at: u16, word: u8 },
    /// Bytes that are not valid text.
    Bytes { at: u16, bytes: Vec<u8> },
}

/// Tokens that have a meaning in one of the dialects.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "}",
    "%{",
    "<<EOT\n",
    "\nEOT\n",
    "$${",
    "!Ref ",
    "!Sub ",
    "!GetAtt ",
    "!If ",
    "&a ",
    "*a ",
    "- ",
    ": ",
    "? ",
    "\n",
    "\t",
    "|",
    ">",
    "#",
    "---\n",
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "=",
    "=>",
    "==",
    "&&",
    "||",
    "!",
    "?",
    ":",
    ".",
    "[*]",
    "var.",
    "local.",
    "each.key",
    "count.index",
    "for_each = ",
    "count = ",
    "dynamic ",
    "resource \"a\" \"b\" {\n",
    "jsonencode(",
    "join(",
    "format(\"%s\", ",
    "range(1000000000)",
    "AWS::NoValue",
    "Fn::ForEach",
    "Fn::Transform",
    "\u{feff}",
    "\u{e000}0\u{e001}",
    "é",
    "\\u0000",
    "\\",
];

impl Damage {
    fn apply(&self, text: &mut Vec<u8>) {
        let length = text.len();
        let place = |share: u16| length * usize::from(share) / (usize::from(u16::MAX) + 1);
        let part = |at: u16, wanted: u8| place(at)..(place(at) + usize::from(wanted)).min(length);
        match self {
            Self::Cut { at } => text.truncate(place(*at)),
            Self::Remove { at, length } => drop(text.drain(part(*at, *length))),
            Self::Repeat { at, length, times } => {
                let part = part(*at, *length);
                let repeated = text[part.clone()].repeat(usize::from(*times));
                drop(text.splice(part.end..part.end, repeated));
            }
            Self::Copy { from, length, to } => {
                let copied = text[part(*from, *length)].to_vec();
                drop(text.splice(place(*to)..place(*to), copied));
            }
            Self::Insert { at, word } => {
                let word = WORDS[usize::from(*word) % WORDS.len()];
                drop(text.splice(place(*at)..place(*at), word.bytes()));
            }
            Self::Bytes { at, bytes } => drop(text.splice(place(*at)..place(*at), bytes.iter().copied())),
        }
    }
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let damage = prop_oneof![
        1 => any::<u16>().prop_map(|at| Damage::Cut { at }),
        4 => any::<(u16, u8)>().prop_map(|(at, length)| Damage::Remove { at, length }),
        2 => (any::<u16>(), any::<u8>(), 0..9_u8)
            .prop_map(|(at, length, times)| Damage::Repeat { at, length, times }),
        4 => any::<(u16, u8, u16)>().prop_map(|(from, length, to)| Damage::Copy { from, length, to }),
        8 => any::<(u16, u8)>().prop_map(|(at, word)| Damage::Insert { at, word }),
        1 => (any::<u16>(), collection::vec(any::<u8>(), 1..9))
            .prop_map(|(at, bytes)| Damage::Bytes { at, bytes }),
    ];
    collection::vec(damage, 1..5)
}

/// Runs `judge` on random damages, which are the same in every run.
fn each(judge: impl Fn(&[Damage])) {
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&damages(), |damages| {
        judge(&damages);
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

fn sources() -> (Vec<SourceFile>, SourceFile) {
    let files = files(&Deployment::new(Choices::default()).unwrap());
    let source = |file: &GeneratedFile| SourceFile::new(file.path.as_str(), file.contents.as_bytes());
    let is_module = |file: &&GeneratedFile| {
        file.path.starts_with("terraform/")
            && std::path::Path::new(&file.path).extension() == Some("tf".as_ref())
    };
    let template = files.iter().find(|file| file.path.ends_with("template.yaml")).map(source).unwrap();
    (files.iter().filter(is_module).map(source).collect(), template)
}

fn ends_well(module: &[SourceFile], template: &SourceFile) {
    if let Err(unreadable) = jit_runners_check::check(module, template, None) {
        assert!(!unreadable.lines().is_empty(), "refused without a reason");
    }
}

#[test]
fn damaged_templates_end_in_a_report_or_an_error() {
    let (module, template) = sources();
    // This test does not try the reading of the module, so the module is small.
    let module = &module[..1];
    each(|damages| {
        let mut template = template.clone();
        for damage in damages {
            damage.apply(&mut template.bytes);
        }
        ends_well(module, &template);
    });
}

#[test]
fn damaged_modules_end_in_a_report_or_an_error() {
    let (module, _) = sources();
    let template = SourceFile::new("template.yaml", "Resources: {}\n");
    each(|damages| {
        for file in 0..module.len() {
            let mut module = module.clone();
            for damage in damages {
                damage.apply(&mut module[file].bytes);
            }
            ends_well(&module, &template);
        }
    });
}
