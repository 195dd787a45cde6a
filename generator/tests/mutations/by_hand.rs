//! Changes to a pair that was written by hand, of kinds that the model does not have: each must be noticed. The pair states every
//! property of these kinds, and none as it is when nobody states it.

use jit_runners_check::{SourceFile, check};

use super::{Mutation, Tally, module, none_survives, survivors, template};

const MODULE: &str = include_str!("by_hand/main.tf");
const TEMPLATE: &str = include_str!("by_hand/template.json");

/// What changes nothing: what the change is called in its middle, and why.
const SAME: &[(&str, &str)] =
    &[("removed: type = string", "a variable without a type takes any value, and uses it as text here")];

fn mutation(what: String, text: String) -> Mutation {
    let is_default = SAME.iter().any(|(same, _)| what.contains(same));
    Mutation { what, owners: Vec::new(), names: Vec::new(), is_default, text, file: 0 }
}

fn pair(module: &str, template: &str) -> (Vec<SourceFile>, SourceFile) {
    (vec![SourceFile::new("main.tf", module)], SourceFile::new("template.json", template))
}

#[test]
fn the_pair_is_the_same() {
    let (module, template) = pair(MODULE, TEMPLATE);
    let report = check(&module, &template, None).unwrap();
    assert!(report.is_equivalent(), "{:#?}", report.differences);
}

#[test]
fn every_change_of_the_module_is_noticed() {
    let mutations: Vec<_> = module::changes(&[MODULE])
        .into_iter()
        .map(|change| {
            let mut text = MODULE.to_owned();
            text.replace_range(change.span, &change.new);
            mutation(change.what, text)
        })
        .collect();
    let tally = Tally { tried: mutations.len(), ..Tally::default() };
    let wrong = survivors(&mutations, None, &tally, |mutation| pair(&mutation.text, TEMPLATE));
    none_survives("module by hand", &tally, &wrong, 200);
}

#[test]
fn every_change_of_the_template_is_noticed() {
    let whole: serde_json::Value = serde_json::from_str(TEMPLATE).unwrap();
    let mutations: Vec<_> = template::changes(&whole)
        .into_iter()
        .map(|(path, new, done)| {
            let mut changed = whole.clone();
            template::apply(&mut changed, &path, new);
            mutation(format!("{} {done}", path.join("/")), format!("{changed:#}"))
        })
        .collect();
    let tally = Tally { tried: mutations.len(), ..Tally::default() };
    let wrong = survivors(&mutations, None, &tally, |mutation| pair(MODULE, &mutation.text));
    none_survives("template by hand", &tally, &wrong, 200);
}
