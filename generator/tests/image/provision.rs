//! The provisioning scripts, run in the template's order.

use jit_runners_model::{choices::Architecture, contract::instance};

use crate::{
    downloads::downloads,
    machine::{Machine, VERSION, digest, is_program},
};

/// A machine after all scripts up to `last` ran, and the output of that script.
fn ran_to(last: &str) -> Option<(Machine, crate::machine::Ran)> {
    let machine = Machine::new(Architecture::X86_64)?;
    let ran = machine.run_to(last);
    Some((machine, ran))
}

#[test]
fn an_image_has_what_user_data_looks_for() {
    for architecture in Architecture::ALL {
        let Some(machine) = Machine::new(architecture) else { return };
        let ran = machine.run_to("80-verify.sh");
        assert!(ran.succeeded, "{}", ran.said);
        // `runtime/src/user_data/user_data.sh.j2` reads it like this.
        let marker = machine.file(instance::RUNNER_VERSION_FILE).unwrap();
        assert_eq!(marker.lines().next(), Some(VERSION));
        let directory = machine.path("root").join(instance::RUNNER_DIRECTORY.trim_start_matches('/'));
        assert!(is_program(&directory.join("run.sh")));
        let calls = machine.calls();
        assert!(
            calls.iter().any(|call| call.starts_with("useradd") && call.ends_with(" runner")),
            "{calls:?}"
        );
        assert!(calls.iter().any(|call| call.contains("--groups docker runner")), "{calls:?}");
        assert!(calls.contains(&format!("chown --recursive runner: {}", directory.display())), "{calls:?}");
    }
}

#[test]
fn what_user_data_would_install_is_installed_and_signatures_are_checked() {
    let Some((machine, ran)) = ran_to("10-system.sh") else { return };
    assert!(ran.succeeded, "{}", ran.said);
    let calls = machine.calls();
    let call = calls.iter().find(|call| call.starts_with("dnf")).unwrap();
    for package in instance::PACKAGES {
        assert!(call.split(' ').any(|word| word == *package), "{package}: {call}");
    }
    assert!(call.contains("--setopt=*.gpgcheck=1"), "{call}");
}

#[test]
fn everything_that_is_fetched_can_be_run() {
    let Some((machine, _)) = ran_to("50-runner.sh") else { return };
    let programs = "usr/local/bin/";
    for name in ["node", "npm", "npx", "go", "gofmt", "kubectl", "yq", "helm", "gh", "git-lfs"] {
        assert!(is_program(&machine.path("root").join(programs).join(name)), "{name}");
    }
    for plugin in ["compose", "buildx"] {
        let file = format!("usr/local/lib/docker/cli-plugins/docker-{plugin}");
        assert!(is_program(&machine.path("root").join(file)), "{plugin}");
    }
    assert!(machine.calls().contains(&"systemctl enable docker.service".to_owned()));
    assert!(machine.calls().contains(&"git lfs install --system --skip-repo".to_owned()));
}

#[test]
fn a_wrong_checksum_ends_the_build() {
    for download in downloads().into_iter().filter(|download| download.architecture == "x86_64") {
        let Some(machine) = Machine::new(Architecture::X86_64) else { return };
        machine.set(&format!("downloads/{}", download.file()), "something else");
        let script = match download.name.as_str() {
            "buildx" | "compose" => "20-docker.sh",
            "go" | "node" => "30-languages.sh",
            _ => "40-tools.sh",
        };
        let ran = machine.run_to(script);
        assert!(!ran.succeeded, "{}", download.name);
        let expected = format!("wrong checksum of {}", download.address);
        assert!(ran.said.contains(&expected), "{}", ran.said);
        assert!(!is_program(&machine.path("root/usr/local/bin").join(&download.name)), "{}", download.name);
    }
}

#[test]
fn a_wrong_runner_is_not_unpacked() {
    let Some(machine) = Machine::new(Architecture::Arm64) else { return };
    // The script expects another checksum than the archive has.
    let script = machine.path("provision/50-runner.sh");
    let text = std::fs::read_to_string(&script).unwrap();
    jit_runners_witnesses::files::write(&script, text.replace("\"$RUNNER_SHA256\"", &"0".repeat(64)))
        .unwrap();
    let ran = machine.run_to("50-runner.sh");
    assert!(!ran.succeeded);
    assert!(
        ran.said.contains(&machine.runner_archive()) && ran.said.contains("wrong checksum"),
        "{}",
        ran.said
    );
    assert_eq!(machine.file(&format!("{}/run.sh", instance::RUNNER_DIRECTORY)), None);
}

#[test]
fn a_network_that_stumbles_is_asked_again() {
    let Some(machine) = Machine::new(Architecture::X86_64) else { return };
    machine.set("curl-failures", "3");
    machine.set("dnf-failures", "4");
    assert!(machine.run_to("80-verify.sh").succeeded);
}

#[test]
fn a_network_that_is_down_ends_the_build() {
    for (tool, script, expected) in [
        ("curl", "20-docker.sh", "cannot fetch https://github.com/docker/compose"),
        ("dnf", "10-system.sh", "cannot install packages"),
    ] {
        let Some(machine) = Machine::new(Architecture::X86_64) else { return };
        machine.set(&format!("{tool}-failures"), "5");
        let ran = machine.run_to(script);
        assert!(!ran.succeeded && ran.said.contains(expected), "{}", ran.said);
    }
}

#[test]
fn nothing_of_the_builder_stays() {
    let Some((machine, ran)) = ran_to("70-clean.sh") else { return };
    assert!(ran.succeeded, "{}", ran.said);
    assert_eq!(machine.file("/etc/machine-id").as_deref(), Some(""));
    assert_eq!(machine.file("/var/log/messages").as_deref(), Some(""));
    assert_eq!(machine.file("/home/ec2-user/.bash_history"), None);
    let calls = machine.calls();
    assert!(calls.contains(&"cloud-init clean --logs".to_owned()), "{calls:?}");
    assert!(calls.contains(&"dnf --quiet clean all".to_owned()), "{calls:?}");
}

/// As in docs/image.md.
#[test]
fn a_script_of_ones_own_uses_the_same_functions() {
    let Some(machine) = Machine::new(Architecture::X86_64) else { return };
    machine.set("downloads/tool.tar.gz", "a tool");
    let script = |checksum: &str| {
        let text = format!(
            ". \"$JIT_RUNNERS_PROVISION/lib.sh\"\npackages postgresql16\n\
             fetch https://example.com/tool.tar.gz {checksum} \"$work/tool.tar.gz\"\n\
             echo \"for $RUNNER_USER on $ARCHITECTURE\"\n"
        );
        jit_runners_witnesses::files::write(&machine.path("provision/mine.sh"), text).unwrap();
        machine.run("provision/mine.sh")
    };
    let ran = script(&digest(b"a tool"));
    assert!(ran.succeeded && ran.said.contains("for runner on x86_64"), "{}", ran.said);
    assert!(machine.calls().iter().any(|call| call.starts_with("dnf") && call.ends_with(" postgresql16")));
    assert!(!script(&"0".repeat(64)).succeeded);
}

#[test]
fn the_marker_comes_last() {
    let Some((machine, _)) = ran_to("70-clean.sh") else { return };
    assert_eq!(machine.file(instance::RUNNER_VERSION_FILE), None);
}
