//! What the check reports about a pair that was written by hand.

use std::path::Path;

use jit_runners_witnesses::cases::Case;

use crate::folder::{Folder, snapshot};

#[test]
fn the_report_of_a_pair_by_hand() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("check/tests/cases/by-hand.md");
    let folder = Folder::new();
    Case::read(&case).unwrap().write_to(folder.0.path()).unwrap();
    for format in ["text", "markdown", "json"] {
        let pair = ["--terraform=terraform", "--cloudformation=template.yaml"];
        let run = folder.run(&[&["check", "--color", "never", "--format", format][..], &pair].concat());
        assert_eq!(run.code, 5, "{run:?}");
        snapshot(&format!("pair-by-hand-{format}"), &run.out);
    }
}
