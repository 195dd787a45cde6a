//! `CloudFormation`'s schemas, checked by cfn-lint, and one limit that cfn-lint does not know.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::support::findings::{self, Finding};
use crate::support::outputs::Output;
use jit_runners_witnesses::{files, process, tools};

/// `aws cloudformation deploy` needs a bucket for a larger body.
const MOST_BYTES: u64 = 51_200;

/// No error and no warning. Informational findings, which cfn-lint gives only on request, are fixed or justified.
#[test]
fn has_no_finding_and_its_advice_is_justified() -> Result<()> {
    let Some(program) = tools::require("cfn-lint", "cfn-lint")? else { return Ok(()) };
    for output in Output::all()? {
        for template in files::files_with_extension(&output.path("cloudformation"), "yaml")? {
            process::stdout_of(Command::new(&program).arg("--template").arg(&template))
                .with_context(|| output.name.clone())?;
        }
    }
    let mut advice = BTreeSet::new();
    for template in files::files_with_extension(&files::generated("cloudformation"), "yaml")? {
        let asked = process::run(
            Command::new(&program)
                .args(["--include-checks", "I", "--format", "json", "--template"])
                .arg(&template),
        )?;
        let answer: Value = serde_json::from_str(&asked.stdout).with_context(|| asked.report())?;
        let answer = answer.as_array().with_context(|| asked.report())?;
        ensure!(answer.iter().all(|one| one["Level"] == "Informational"), "{}", asked.report());
        advice.extend(answer.iter().map(finding));
    }
    findings::must_be_justified("cfn-lint", &advice.into_iter().collect::<Vec<_>>())
}

fn finding(one: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Finding {
        check: text(&one["Rule"]["Id"]),
        resource: text(&one["Location"]["Path"][1]),
        title: text(&one["Rule"]["ShortDescription"]),
    }
}

#[test]
fn can_be_passed_as_a_body() -> Result<()> {
    for output in Output::all()? {
        for template in files::files_with_extension(&output.path("cloudformation"), "yaml")? {
            let bytes = fs::metadata(&template)?.len();
            eprintln!("template of {}: {bytes} of {MOST_BYTES} bytes", output.name);
            let page = fs::read_to_string(output.path("cloudformation/README.md"))?;
            let takes_a_bucket = page.contains("--s3-bucket");
            ensure!(
                takes_a_bucket == (bytes > MOST_BYTES),
                "the template of {} has {bytes} bytes, and its page {} of a bucket",
                output.name,
                if takes_a_bucket { "speaks" } else { "does not speak" }
            );
            ensure!(output.name != "shipped" || !takes_a_bucket, "the shipped template has {bytes} bytes");
        }
    }
    Ok(())
}
