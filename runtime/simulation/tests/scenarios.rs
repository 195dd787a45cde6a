//! What every scenario of the folder says must hold, holds.

use jit_runners_simulation::scenario::{all, judge};

#[test]
fn every_scenario_of_the_folder_holds() {
    let mut failed = Vec::new();
    for scenario in all().unwrap() {
        let result = judge(&scenario, 1, scenario.seeds.into()).unwrap();
        if !result.holds() {
            failed.push(result.text(&scenario, |seed| {
                format!(
                    "cargo run --release -p jit-runners-simulation --bin simulate -- --scenario {} --trace --seed {seed}",
                    scenario.name
                )
            }));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
