//! Each bad file with its full report.

use std::fmt::Write as _;

use super::{deployment, report};

/// Every file is read under the name `jit-runners.yaml`; the snapshot holds the file and what is said about it.
#[track_caller]
fn snapshot(name: &str, file: &str) {
    let Err(refused) = deployment("jit-runners.yaml", file.as_bytes()) else { panic!("{file} was accepted") };
    let mut text = String::new();
    for (index, line) in file.lines().enumerate() {
        writeln!(text, "{:>3} | {line}", index + 1).unwrap();
    }
    writeln!(text, "\n{refused}").unwrap();
    super::snapshot(&format!("config-errors-{name}"), &text);
}

#[test]
fn unknown_keys() {
    snapshot(
        "unknown-keys",
        "nmae: ci
functions:
  scale_up: {memory: 256 MiB}
  webhook:
    memmory: 256 MiB
    color: blue
label_mappings:
- {label: a, instance_type: c5.large, instance-types: [c5.large]}
runners:
  maximum: 3
  egress:
  - {protocol: tcp, port: 443, cidr: 0.0.0.0/0, description: x, to: y}
<<: {name: x}
",
    );
}

#[test]
fn units() {
    snapshot(
        "units",
        "functions:
  webhook: {memory: 256, timeout: 8, log_retention: 14}
  scaleup: {memory: 256 s, timeout: 60 MiB, log_retention: 2 weeks}
  scaledown: {memory: 10 MB, timeout: 2 minutes, log_retention: 14days}
  lifecycle: {memory: \"256\", timeout: 1.5 min, log_retention: forever}
  rebalancer: {memory: [256 MiB], timeout: , log_retention: 13 days}
",
    );
}

#[test]
fn quantities_that_almost_fit() {
    snapshot(
        "quantities",
        "functions:
  webhook: {memory: 0 MiB, timeout: 16 min, log_retention: 0 days}
  scaleup: {memory: 1.5 GiB, timeout: 1.5 min, log_retention: 1 days}
  scaledown: {memory: 08 MiB, timeout: 0.5 min, log_retention: 14.0 days}
  lifecycle: {memory: 1_000 MiB, timeout: 99999999999999999 min, log_retention: 9999 days}
  rebalancer: {memory: '0.2 GiB', timeout: 0 s, log_retention: 14 day}
",
    );
}

#[test]
fn long_texts_are_not_repeated_in_full() {
    let long = "x".repeat(5_000);
    let digits = "7".repeat(5_000);
    // A key on one line has at most 1024 characters.
    let key = "k".repeat(1_000);
    for file in [
        format!("name: {long}\n"),
        format!("name: {long}!\n"),
        format!("{key}: 1\n"),
        format!("{key}: 1\n{key}: 2\n"),
        format!("name: !{long} ci\n"),
        format!("name: '{}'\n", "\u{202e}\u{1f600}".repeat(2_500)),
        format!("alarms: {long}\n"),
        format!("architecture: {long}\n"),
        format!("architecture: \"{}\"\n", "\\e".repeat(5_000)),
        format!("tags: {{ {key}: }}\n"),
        format!("tags: {{ {key}: {long} }}\n"),
        format!("tags: {{ Build: {} }}\n", &digits[..200]),
        format!(
            "functions: {{ webhook: {{ memory: {digits} MiB, timeout: 8 {long}, log_retention: {long} }} }}\n"
        ),
        format!("runners: {{ max: {digits}, group: {long}, scope: {long}, version: {long} }}\n"),
        format!("label_mappings: [{{ label: {long}, instance_type: {long}, ami: {long} }}]\n"),
        format!(
            "runners: {{ egress: [{{ protocol: {long}, port: {digits}, cidr: {long}, description: {long} }}] }}\n"
        ),
    ] {
        let refused = deployment("f.yaml", file.as_bytes()).unwrap_err();
        let told: Vec<_> = refused.problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.contains(" characters)")), "{told:#?}");
        assert!(told.iter().all(|told| told.chars().count() < 1_200), "{told:#?}");
    }
}

#[test]
fn ranges() {
    snapshot(
        "ranges",
        "name: a-deployment-with-a-name-that-is-far-too-long-for-its-roles
functions:
  webhook: {memory: 64 MiB, timeout: 10 s}
  scaleup: {memory: 16 GiB, timeout: 3 min}
  scaledown: {timeout: 20 min}
  lifecycle: {timeout: 2 min}
  rebalancer: {timeout: 61 s}
runners:
  max: 0
  max_per_repository: 20000
  group: -1
",
    );
}

#[test]
fn rules_between_choices() {
    snapshot(
        "rules",
        "tags:
  jit-runners:mine: x
runners:
  max: 5
  max_per_repository: 6
  egress:
  - {protocol: tcp, port: 443, cidr: 0.0.0.0/0, description: one}
  - {protocol: tcp, port: 443, cidr: 0.0.0.0/0, description: two}
",
    );
}

#[test]
fn a_cap_that_cannot_be_read_is_told_once() {
    snapshot("cap", "runners:\n  max: 1e3\n  max_per_repository: 150\n");
}

#[test]
fn label_mappings() {
    snapshot(
        "label-mappings",
        "label_mappings:
  - label: large
    instance_type: c5.enormous
  - label: Large
    instance_type: c5.xlarge
  - instance_type: t3
  - {label: 'a b', instance_type: c5.large, instance_types: [c5.large, C5.LARGE], ami: ami-xyz}
  - {label: x}
  - large
  - {label: ok, instance_type: c5.large, instance_types: c5.large}
",
    );
}

#[test]
fn scalars_that_are_not_text_everywhere() {
    snapshot(
        "scalars",
        "name: no
tags:
  Team: yes
  CostCenter: 012345678901
  Build: 1e3
  Empty:
  aws:x: 'y'
  Fine: \"012345678901\"
  List: [a]
architecture: arm
alarms: yes
dashboard: 'true'
github_api_url: http://github.example.com/
permissions_boundary: boundary
kms_key: alias/mine
runners:
  version: 2.338
  default_instance_type: huge
  max: 1_000
  max_per_repository: '5'
  group: 012
  scope: org
",
    );
}

#[test]
fn egress() {
    snapshot(
        "egress",
        "runners:
  egress:
  - {protocol: icmp, port: 443, cidr: 0.0.0.0/0, description: x}
  - {protocol: tcp, port: 0, cidr: 10.0.0.0/33, description: \"naïve\"}
  - {protocol: TCP, port: 70000, cidr: anywhere}
",
    );
}

#[test]
fn empty_egress() {
    snapshot("egress-empty", "runners:\n  egress: []\n");
}

#[test]
fn yaml_that_is_not_taken() {
    snapshot(
        "yaml",
        "name: &n ci
tags: {Team: *n}
architecture: !Sub arm64
functions: [webhook]
alarms: true
alarms: false
? [a]
: b
---
name: other
",
    );
}

#[test]
fn a_syntax_error_does_not_hide_what_stands_before_it() {
    snapshot("syntax", "nam: ci\nfunctions:\n  webhook:\n    memory: 256\n   timeout: 8 s\n");
}

#[test]
fn not_keys() {
    snapshot("not-keys", "- name: ci\n");
    snapshot("not-keys-either", "hello\n");
}

#[test]
fn every_tag_too_many() {
    let tags = (0..41).map(|index| format!("  t{index}: x\n")).collect::<Vec<_>>().concat();
    let refused = deployment("f.yaml", format!("name: ci\ntags:\n{tags}").as_bytes()).unwrap_err();
    assert!(report(&refused).starts_with("f.yaml:2:1: tags: 41 tags;"), "{}", report(&refused));
}

#[test]
fn bytes_that_are_not_text() {
    let read = |bytes: &[u8]| report(&deployment("f.yaml", bytes).unwrap_err());
    assert_eq!(read(b"name: ci\n# \xff\n"), "f.yaml:2:3: not UTF-8 text; save the file as UTF-8\n");
    assert_eq!(
        read(b"\x7fELF\0\0"),
        "f.yaml:1:1: the control character U+007F, which YAML does not allow; remove it\n"
    );
}
