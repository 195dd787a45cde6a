//! Terraform's own checks of the module: its format, its types, and its tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use hcl_edit::structure::Body;

use crate::support::outputs::Output;
use jit_runners_witnesses::terraform::{self, Terraform};
use jit_runners_witnesses::{files, process, tools};

#[test]
fn is_a_fixed_point_of_terraform_fmt() -> Result<()> {
    let Some(program) = tools::require("terraform fmt", "terraform")? else { return Ok(()) };
    for output in Output::all()? {
        let folder = output.path("terraform");
        files::files_with_extension(&folder, "tf")?;
        process::stdout_of(terraform::command(&program, &folder).args([
            "fmt",
            "-check",
            "-diff",
            "-recursive",
        ]))
        .context(output.name)?;
    }
    Ok(())
}

#[test]
fn is_valid_and_passes_its_own_tests() -> Result<()> {
    for output in Output::all()? {
        let name = &output.name;
        let folder = output.path("terraform");
        let Some(module) = Terraform::prepare("terraform validate and test", &folder, None)? else {
            return Ok(());
        };

        let verdict = module.json(&["validate", "-json"])?;
        // A deprecation is a warning here, and an error in the provider's next version.
        ensure!(verdict["error_count"] == 0 && verdict["warning_count"] == 0, "{name}: {verdict:#}");

        files::files_with_extension(&folder, "hcl")?;
        let report = module.stdout(&["test"]).with_context(|| name.clone())?;
        ensure!(report.contains("Success!"), "{name}: {report}");
    }
    Ok(())
}

/// People copy the example, so it must name every required variable, and no unknown one.
#[test]
fn example_of_the_variables_fits_the_module() -> Result<()> {
    for output in Output::all()? {
        example_fits(&output.path("terraform")).context(output.name)?;
    }
    Ok(())
}

fn example_fits(folder: &Path) -> Result<()> {
    let mut required = BTreeSet::new();
    let mut declared = BTreeSet::new();
    for file in files::files_with_extension(folder, "tf")? {
        for variable in body(&file)?.get_blocks("variable") {
            let Some(name) = variable.labels.first().map(|label| label.as_str().to_owned()) else { continue };
            if variable.body.get_attribute("default").is_none() {
                required.insert(name.clone());
            }
            declared.insert(name);
        }
    }
    let example = body(&folder.join("terraform.tfvars.example"))?;
    let named: BTreeSet<_> =
        example.attributes().map(|attribute| attribute.key.as_str().to_owned()).collect();
    ensure!(required.is_subset(&named), "not in the example: {:?}", required.difference(&named));
    ensure!(named.is_subset(&declared), "no such variable: {:?}", named.difference(&declared));
    Ok(())
}

fn body(file: &Path) -> Result<Body> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    text.parse().with_context(|| file.display().to_string())
}
