//! `ami.validate` and `ami.build*`, with a stand-in for Packer, and the options that `make` passes to them.

use std::{
    collections::BTreeSet,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use jit_runners_witnesses::{files, process};
use regex_lite::Regex;

use crate::{account::Account, template::Template};

/// The one call of `packer build`.
#[track_caller]
fn built(account: &Account) -> String {
    let calls = account.calls("packer ");
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls[0].starts_with("packer init"), "{calls:?}");
    calls[1].clone()
}

#[test]
fn a_build_is_private_and_in_one_region() {
    let Some(account) = Account::new("us-west-2") else { return };
    let said = account.ami(&["build"]).well();
    assert!(said.contains("2.338.0, x86_64") && said.contains("this account, encrypted"), "{said}");
    let call = built(&account);
    for part in [
        "generated/packer/stack.pkrvars.hcl",
        "-var=region=us-west-2",
        "-var=public=false",
        "-var=name_prefix=jit-runners ",
    ] {
        assert!(call.contains(part), "{part}: {call}");
    }
    assert!(!call.contains("copy_regions"), "{call}");
}

#[test]
fn a_test_has_a_name_of_its_own() {
    let Some(account) = Account::new("us-west-2") else { return };
    account.ami(&["build-test", "--architecture", "arm64"]).well();
    let call = built(&account);
    assert!(
        call.contains("-var=name_prefix=jit-runners-test ") && call.contains("-var=architecture=arm64"),
        "{call}"
    );
    assert!(call.contains("-var=public=false"), "{call}");
}

#[test]
fn distributing_copies_to_the_regions_that_are_listed() {
    let Some(account) = Account::new("us-west-2") else { return };
    account
        .ami(&["build-distribute", "--regions", "us-west-2 eu-west-1,eu-west-1 sa-east-1", "--public"])
        .well();
    let call = built(&account);
    assert!(call.contains(r#"-var=copy_regions=["eu-west-1", "sa-east-1"]"#), "{call}");
    assert!(call.contains("-var=public=true"), "{call}");
}

#[test]
fn every_option_is_a_variable_of_the_template() {
    let Some(account) = Account::new("us-west-2") else { return };
    files::write(&account.path("mine.sh"), "true\n").unwrap();
    let subnet = account.ask("us-west-2", &["ec2", "describe-subnets"])["Subnets"][0]["SubnetId"].clone();
    account
        .ami(&[
            "build",
            "--architecture=arm64",
            "--base-image=al2023-ami-2023.9.20251117.*",
            "--extra-script=mine.sh",
            "--instance-type=m7g.large",
            "--kms-key-id=alias/mine",
            &format!("--subnet-id={}", subnet.as_str().unwrap()),
            "--volume-size=40",
        ])
        .well();
    let call = built(&account);
    let given: BTreeSet<_> = Regex::new("-var=([a-z_]+)=")
        .unwrap()
        .captures_iter(&call)
        .map(|found| found[1].to_owned())
        .collect();
    let template = Template::of_the_repository();
    let known: BTreeSet<_> = template.variables().map(|(name, _)| name.to_owned()).collect();
    assert!(given.is_subset(&known), "{given:?}");
    assert_eq!(given.len(), 10, "{given:?}");
    // Packer runs in another folder than the user's.
    assert!(call.contains(&format!(
        "-var=extra_script={}",
        account.path("mine.sh").canonicalize().unwrap().display()
    )));
}

#[test]
fn what_cannot_be_built_is_refused_before_packer_starts() {
    let Some(account) = Account::new("af-south-1") else { return };
    let refused = |arguments: &[&str], expected: &str| {
        account.ami(arguments).refused(expected);
    };
    refused(&["build", "--generated", "nowhere"], "write it with `cargo run generate`");
    refused(&["build", "--extra-script", "mine.sh"], "mine.sh is not a file");
    refused(&["build", "--subnet-id", "subnet-0123456789abcdef0"], "is not in af-south-1");
    refused(&["build-distribute"], "no regions to copy to");
    refused(&["build-distribute", "--regions", "eu-west-9"], "there is no region eu-west-9");
    refused(&["build-distribute", "--regions", "eu-west-1", "--kms-key-id", "k"], "a key is of one region");
    account.set("block-af-south-1", "block-new-sharing");
    refused(&["build-distribute", "--regions", "eu-west-1", "--public"], "af-south-1 refuses public images");
    let vpc = account.ask("af-south-1", &["ec2", "describe-vpcs"])["Vpcs"][0]["VpcId"].clone();
    for subnet in account.ask("af-south-1", &["ec2", "describe-subnets"])["Subnets"].as_array().unwrap() {
        account.tell(
            "af-south-1",
            &["ec2", "delete-subnet", "--subnet-id", subnet["SubnetId"].as_str().unwrap()],
        );
    }
    account.tell("af-south-1", &["ec2", "delete-vpc", "--vpc-id", vpc.as_str().unwrap()]);
    refused(&["build"], "has no default VPC: give SUBNET_ID=");
    account.uninstall("packer");
    refused(&["build"], "`packer` is not there: install it from https://");
    refused(&["validate"], "`packer` is not there");
    assert_eq!(account.calls("packer "), Vec::<String>::new());
}

#[test]
fn what_packer_says_is_passed_on() {
    let Some(account) = Account::new("us-west-2") else { return };
    account.set("packer-code", "3");
    account.ami(&["build"]).refused("Packer ended with code 3");
    account.ami(&["validate"]).well();
    let calls = account.calls("packer ");
    assert!(calls.iter().any(|call| call.starts_with("packer fmt -check")), "{calls:?}");
    assert!(calls.iter().any(|call| call.starts_with("packer validate -var-file=")), "{calls:?}");
}

#[test]
fn an_interrupted_build_waits_for_packer_to_clean_up() {
    let Some(account) = Account::new("us-west-2") else { return };
    account.set("packer-hangs", "");
    let mut build = account.command(&["build"], &[]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while !account.path("world/packer-runs").exists() {
        assert!(Instant::now() < deadline, "Packer does not start");
        sleep(Duration::from_millis(50));
    }
    // A terminal sends the interrupt to all processes of the group.
    let group = format!("-{}", build.id());
    process::stdout_of(Command::new("kill").args(["-s", "INT", "--", &group])).unwrap();
    assert_eq!(build.wait().unwrap().code(), Some(1));
    assert!(account.path("world/packer-cleaned").exists());
}

#[test]
fn make_hands_its_variables_over() {
    let dry = |arguments: &[&str]| {
        let mut make = Command::new("make");
        // The `make` that runs the tests would pass its own variables on.
        make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").current_dir(files::root());
        process::stdout_of(make.arg("--dry-run").args(arguments)).unwrap()
    };
    for (arguments, expected) in [
        (vec!["ami.copy", "AMI_ID=ami-1", "REGIONS=a b"], r#"copy  --regions "a b"  "ami-1""#),
        (vec!["ami.copy", "AMI_ID=ami-1", "REGION=c", "PUBLIC=true"], "--public \"ami-1\""),
        (vec!["ami.build-test", "SUBNET_ID=s"], r#"build-test --subnet-id "s""#),
        (vec!["ami.build", "EXTRA_SCRIPT=a b.sh"], r#"build --extra-script "a b.sh""#),
        (vec!["ami.build-distribute"], r#"--regions "us-east-2 us-west-2 eu-west-1 eu-central-1""#),
        (vec!["ami.prune", "KEEP=5"], r#"--keep "5""#),
        (vec!["ami.prune", "APPLY=true"], "--apply"),
        (vec!["ami.validate"], "validate"),
    ] {
        let said = dry(&arguments).split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&expected), "{arguments:?}: {said}");
    }
    assert!(!dry(&["ami.prune"]).contains("--apply") && !dry(&["ami.build-distribute"]).contains("--public"));
}
