//! The model stays what it is: data, without I/O, a dialect or an SDK.

use std::process::Command;

/// What the model may be made of: data structures, errors, digests.
const ALLOWED: [&str; 4] = ["serde", "serde_json", "sha2", "thiserror"];

#[test]
fn the_model_depends_on_data_structures_only() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo answers in JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let dependencies = |package: &str| -> Vec<&str> {
        let package = packages.iter().find(|one| one["name"] == package).expect("a package of the workspace");
        let all = package["dependencies"].as_array().expect("its dependencies");
        all.iter().filter(|one| one["kind"].is_null()).filter_map(|one| one["name"].as_str()).collect()
    };
    assert_eq!(dependencies("jit-runners-model"), ALLOWED);
    // Arrows point one way, and the check shares the model with the emitters, but nothing else. The reader of YAML files is
    // shared by the check, by what reads `jit-runners.yaml`, and by the simulation; nothing that ships to Lambda has it.
    for (package, ours) in [
        ("jit-runners-yaml", &["jit-runners-model"][..]),
        ("jit-runners-emit", &["jit-runners-model"]),
        ("jit-runners-check", &["jit-runners-model", "jit-runners-yaml"]),
        (
            "jit-runners-generator",
            &["jit-runners-check", "jit-runners-emit", "jit-runners-model", "jit-runners-yaml"],
        ),
        ("jit-runners-runtime", &["jit-runners-model"]),
    ] {
        let mut found = dependencies(package);
        found.retain(|name| name.starts_with("jit-runners-"));
        assert_eq!(found, ours, "{package}");
    }
    // Nothing that ships depends on the simulation, nor on what reads command lines.
    for package in ["jit-runners-runtime", "jit-runners-functions"] {
        assert!(!dependencies(package).contains(&"jit-runners-simulation"), "{package}");
        assert!(!dependencies(package).contains(&"clap"), "{package}");
    }
}
