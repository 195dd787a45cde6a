//! The policies for whoever deploys, with the placeholders replaced by a deployment's values.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use jit_runners_witnesses::emulator::REGION;
use jit_runners_witnesses::files;

/// The values of the placeholders.
pub(crate) struct Values<'a> {
    pub(crate) account: &'a str,
    pub(crate) name: &'a str,
    pub(crate) vpc: &'a str,
    pub(crate) bucket: &'a str,
}

/// Each shipped policy by its name, as it is uploaded.
pub(crate) fn policies(values: &Values<'_>) -> Result<Vec<(String, String)>> {
    let words = [
        ("PARTITION", "aws"),
        ("REGION", REGION),
        ("ACCOUNT", values.account),
        ("<name>", values.name),
        ("<VpcId>", values.vpc),
        ("<LambdaS3Bucket>", values.bucket),
    ];
    let mut policies = Vec::new();
    for file in files::files_with_extension(&files::generated("deployer"), "json")? {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let text = words.iter().fold(text, |text, (word, value)| text.replace(word, value));
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        policies.push((name, text));
    }
    ensure!(!policies.is_empty(), "there are no policies");
    Ok(policies)
}
