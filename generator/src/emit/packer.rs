//! What the runner image must agree on with the stack, as values of the image's variables: `packer build` takes them
//! with `-var-file`. The template in `packer/` declares these variables without defaults, so nothing else can slip in.

use hcl_edit::expr::Expression;
use jit_runners_model::{
    Deployment, RunnerVersion,
    contract::{
        instance::{PACKAGES, RUNNER_DIRECTORY, RUNNER_USER, RUNNER_VERSION_FILE},
        runner_release::RunnerRelease,
    },
};

use super::{
    NOTICE,
    terraform::{
        print::print,
        tree::{Contents, attribute, commented, list, literal, object},
    },
};
use crate::GeneratedFile;

/// Where it stands in the output folder.
const PATH: &str = "packer/stack.pkrvars.hcl";

/// The values of the variables.
pub(super) fn file(deployment: &Deployment) -> GeneratedFile {
    let runners = &deployment.choices().runners;
    let architecture = commented(
        attribute("architecture", literal(runners.default_instance_type.architecture().as_str())),
        &format!("\nOf {}, which runs jobs without a label of their own.", runners.default_instance_type),
    );
    let packages = commented(
        attribute("packages", list(PACKAGES.iter().map(|package| literal(package)))),
        "\nWithout them user data would install them at each boot.",
    );
    let contents = Contents::new()
        .set_literal("runner_version", runners.version.as_str())
        .set_some("runner_checksums", checksums(&runners.version))
        .set_literal("runner_user", RUNNER_USER)
        .set_literal("runner_directory", RUNNER_DIRECTORY)
        .set_literal("runner_version_file", RUNNER_VERSION_FILE)
        .structure(architecture)
        .structure(packages);
    let title = "What the image and the stack must agree on: `make ami.build` hands it to Packer.";
    let body = print(contents.into_body());
    GeneratedFile { path: PATH.to_owned(), contents: format!("# {NOTICE}\n#\n# {title}\n\n{body}") }
}

/// Nothing for a release that is not known here; Packer then asks for it.
fn checksums(version: &RunnerVersion) -> Option<Expression> {
    let known = RunnerRelease::known(version)?;
    let (x64, arm64) = (&known.x64.checksum, &known.arm64.checksum);
    Some(object([("x86_64", literal(x64.as_str())), ("arm64", literal(arm64.as_str()))]))
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{Choices, InstanceType, LabelMappings};

    use super::*;

    fn text(change: impl FnOnce(&mut Choices)) -> String {
        let mut choices = Choices::default();
        change(&mut choices);
        file(&Deployment::new(choices).unwrap()).contents
    }

    #[test]
    fn the_architecture_is_that_of_the_instances() {
        assert!(text(|_| {}).contains("architecture = \"x86_64\""));
        let graviton = text(|choices| {
            choices.runners.default_instance_type = InstanceType::new("t4g.medium").unwrap();
            choices.label_mappings = LabelMappings::default();
        });
        assert!(graviton.contains("architecture = \"arm64\""), "{graviton}");
    }

    #[test]
    fn the_checksums_of_an_unknown_release_are_left_to_whoever_builds() {
        assert!(text(|_| {}).contains("runner_checksums"));
        let newer = text(|choices| choices.runners.version = RunnerVersion::new("9.0.0").unwrap());
        assert!(newer.contains("\"9.0.0\"") && !newer.contains("runner_checksums"), "{newer}");
    }
}
