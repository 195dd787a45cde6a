//! Whatever a name or a setting holds, it is read or refused; what is read is written and read again.
#![no_main]

use jit_runners_model::{
    DeploymentName, Label, LabelMappings,
    contract::{
        environment::{Environment as _, ScaleUpEnvironment},
        message::Repository,
        runner_release::RunnerChecksums,
    },
};
use jit_runners_runtime::record::RunnerName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(mappings) = LabelMappings::from_json(text) {
        assert_eq!(LabelMappings::from_json(&mappings.to_json()).ok(), Some(mappings));
    }
    if let Ok(checksums) = RunnerChecksums::parse(text) {
        assert_eq!(format!("x64={},arm64={}", checksums.x64, checksums.arm64), text);
    }
    // It stands in a URL as it is.
    if let Ok(repository) = Repository::new(text) {
        assert_eq!(text.matches('/').count(), 1);
        assert!(
            !text.contains(['?', '#', '%', '\\', ':', '@', ' ']) && !text.split('/').any(|part| part == "..")
        );
        assert!(text.starts_with(repository.owner()) && !repository.owner().is_empty());
    }
    if let Ok(label) = Label::new(text.to_lowercase()) {
        assert_eq!(Label::new(label.as_str().to_lowercase()), Ok(label));
    }
    let deployment = DeploymentName::new("jit-runners").expect("a name");
    if let Some(name) = RunnerName::parse(text, &deployment) {
        assert_eq!(name.text(&deployment), text);
    }
    if let Err(error) = ScaleUpEnvironment::read(|_| Some(text.to_owned())) {
        assert!(error.to_string().len() < 3_000, "values are not repeated: {error}");
    }
});
