//! What the runner image must agree on with the stack, as values of the image's variables: `packer build` takes them
//! with `-var-file`. The template in `packer/` declares these variables without defaults, so nothing else can slip in.

use hcl_edit::expr::Expression;
use jit_runners_model::{
    Deployment,
    contract::{
        instance::{PACKAGES, RUNNER_DIRECTORY, RUNNER_USER, RUNNER_VERSION_FILE},
        runner_release::{Archive, ReleaseChoice, RunnerRelease},
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
    let release = release(&runners.version);
    let contents = Contents::new()
        .set_literal("runner_version", release.version.as_str())
        .set("runner_checksums", checksums(&release))
        .set_literal("runner_user", RUNNER_USER)
        .set_literal("runner_directory", RUNNER_DIRECTORY)
        .set_literal("runner_version_file", RUNNER_VERSION_FILE)
        .structure(architecture)
        .structure(packages);
    let title = "What the image and the stack must agree on: `make ami.build` hands it to Packer.";
    let body = print(contents.into_body());
    GeneratedFile { path: PATH.to_owned(), contents: format!("# {NOTICE}\n#\n# {title}\n\n{body}") }
}

/// The release on the image: an image cannot follow what GitHub offers, so with `auto` it has the newest one that is known here,
/// and its instances fetch another where another is in force.
fn release(choice: &ReleaseChoice) -> RunnerRelease {
    let pinned = match choice {
        ReleaseChoice::Auto => None,
        // A valid deployment pins no other.
        ReleaseChoice::Pinned(version) => RunnerRelease::known(version),
    };
    pinned.unwrap_or_else(RunnerRelease::newest_shipped)
}

fn checksums(release: &RunnerRelease) -> Expression {
    let of = |archive: &Archive| literal(archive.checksum.as_str());
    object([("x86_64", of(&release.x64)), ("arm64", of(&release.arm64))])
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
    fn the_release_is_the_pinned_one_or_the_newest_that_is_known() {
        let RunnerRelease { version, arm64, .. } = RunnerRelease::newest_shipped();
        let auto = text(|_| {});
        assert!(auto.contains(&format!("\"{version}\"")) && auto.contains(arm64.checksum.as_str()), "{auto}");
        let pinned = text(|choices| choices.runners.version = ReleaseChoice::new("2.337.0").unwrap());
        assert!(pinned.contains("\"2.337.0\"") && pinned.contains("70920811a4f8ad43"), "{pinned}");
    }
}
