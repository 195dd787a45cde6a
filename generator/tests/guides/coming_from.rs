//! `docs/coming-from.md` names every input, and gives the size of the first plan.

use std::fs;

use jit_runners_model::{Choices, Deployment};
use jit_runners_witnesses::files::{files_with_extension, generated, root};

fn page() -> String {
    fs::read_to_string(root().join("docs/coming-from.md")).unwrap()
}

#[test]
fn every_input_is_named_as_in_both_dialects() {
    let page = page();
    let deployment = Deployment::new(Choices::default()).unwrap();
    for id in deployment.parameters().iter().map(|parameter| parameter.id) {
        let names = format!("`{}`, `{}`", id.cloudformation, id.terraform);
        assert!(page.contains(&names), "docs/coming-from.md does not name {names}");
    }
}

#[test]
fn the_first_plan_makes_every_resource_of_the_module() {
    let files = files_with_extension(&generated("terraform"), "tf").unwrap();
    let resources =
        files.iter().map(|file| fs::read_to_string(file).unwrap().matches("\nresource \"").count());
    let planned = format!("Plan: {} to add,", resources.sum::<usize>());
    assert!(page().contains(&planned), "docs/coming-from.md does not say `{planned}`");
}
