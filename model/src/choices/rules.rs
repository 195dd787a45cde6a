//! The rules between choices. Rules about a single choice stand in its type.
//!
//! Most of them are about instance types: one image is of one architecture, and so must be every instance type that is
//! launched from it.

use super::{Architecture, ChoiceProblem, Choices, EgressRule, Protocol, RunnerChoices, Throttling};
use crate::{
    contract::{
        Handler,
        runner_release::{ReleaseChoice, RunnerRelease},
    },
    label_mapping::{LabelMapping, LabelMappings},
    name::InstanceType,
};

impl Choices {
    /// Checks the rules between choices; all that are broken, in the order of the configuration file.
    pub(crate) fn problems(&self) -> Vec<ChoiceProblem> {
        let mut problems = Problems::default();
        self.check_tags(&mut problems);
        self.check_timeouts(&mut problems);
        self.check_label_mappings(&mut problems);
        self.check_architectures(&mut problems);
        self.runners.check(&mut problems);
        self.throttling.check(&mut problems);
        problems.0
    }

    fn check_tags(&self, problems: &mut Problems) {
        for key in self.tags.keys().filter(|key| key.as_str().starts_with("jit-runners:")) {
            problems.add(
                &["tags", key.as_str()],
                "tags that start with `jit-runners:` are set by jit-runners; use another key".to_owned(),
            );
        }
        if self.tags.len() > 40 {
            let found = self.tags.len();
            problems.add(
                &["tags"],
                format!("{found} tags; AWS takes 50 on a resource, and 40 leaves room for ours"),
            );
        }
    }

    fn check_timeouts(&self, problems: &mut Problems) {
        for handler in Handler::ALL {
            let timeout = self.functions.get(handler).timeout.seconds();
            let (longest, why_longest) = handler.longest_timeout();
            let (shortest, why_shortest) = handler.shortest_timeout();
            let message = if timeout > longest {
                format!("{timeout} is longer than {longest}, {why_longest}; give {longest} or less")
            } else if timeout < shortest {
                format!("{timeout} is shorter than {shortest}, {why_shortest}; give {shortest} or more")
            } else {
                continue;
            };
            problems.add(&["functions", handler.name(), "timeout"], message);
        }
    }

    fn check_label_mappings(&self, problems: &mut Problems) {
        for (index, mapping) in self.label_mappings.iter().enumerate() {
            let label = ["label_mappings", &index.to_string(), "label"];
            check_text(problems, &label, mapping.label.as_str());
            if mapping.label.as_str().contains('"') {
                problems.add(
                    &label,
                    format!("`{}` has a quotation mark, for which neither dialect's check of `label_mappings` has room; give a label without", mapping.label),
                );
            }
            let types = &mapping.instance_types;
            for (place, instance_type) in types.iter().enumerate() {
                if types[..place].contains(instance_type) {
                    problems.add(
                        &["label_mappings", &index.to_string(), "instance_types", &place.to_string()],
                        format!("`{instance_type}` is there twice; remove one"),
                    );
                }
            }
        }
        let (bytes, most) = (self.label_mappings.to_json().len(), LabelMappings::MOST_BYTES);
        if bytes > most {
            problems.add(
                &["label_mappings"],
                format!(
                    "{bytes} bytes as JSON; a function's environment has room for {most}, so shorten the lists"
                ),
            );
        }
    }
}

impl Throttling {
    /// Requests a second that an account and region takes together, for all its APIs, and so the most that a stage can
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
    pub const MOST_RATE: u32 = 10_000;
    /// The same at once.
    pub const MOST_BURST: u32 = 5_000;

    fn check(self, problems: &mut Problems) {
        for (key, found, most) in
            [("rate", self.rate, Self::MOST_RATE), ("burst", self.burst, Self::MOST_BURST)]
        {
            if !(1..=most).contains(&found) {
                problems.add(
                    &["throttling", key],
                    format!("{found} is outside 1 to {most}, the most that API Gateway takes in an account"),
                );
            }
        }
    }
}

impl RunnerChoices {
    /// Runners in a group, at most (<https://docs.github.com/en/actions/reference/limits>): no cap is higher.
    pub const MOST_RUNNERS: u32 = 10_000;
    /// Outbound rules of a security group, at most
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>).
    pub const MOST_EGRESS_RULES: usize = 60;

    fn check(&self, problems: &mut Problems) {
        self.check_version(problems);
        let (all, most) = (self.max, Self::MOST_RUNNERS);
        if all == 0 {
            problems.add(
                &["runners", "max"],
                format!("no job would ever get a runner; give 1 to {most}, and set the input Paused (paused) to launch nothing for a while"),
            );
        } else if all > most {
            problems.add(
                &["runners", "max"],
                format!("{all} is outside 1 to {most}, the most that GitHub takes in a group"),
            );
        }
        let repository = self.max_per_repository;
        if repository == 0 {
            problems.add(
                &["runners", "max_per_repository"],
                "no job would ever get a runner; give 1 or more".to_owned(),
            );
        } else if repository > all && all > 0 {
            problems.add(
                &["runners", "max_per_repository"],
                format!("{repository} is more than all runners together ({all}); give {all} or less, or raise `runners.max`"),
            );
        }
        if self.group == 0 {
            problems.add(
                &["runners", "group"],
                "runner groups are numbered from 1, the default group".to_owned(),
            );
        }
        self.check_egress(problems);
    }

    fn check_version(&self, problems: &mut Problems) {
        let ReleaseChoice::Pinned(version) = &self.version else { return };
        if RunnerRelease::known(version).is_none() {
            let known: Vec<_> = RunnerRelease::shipped().map(|release| release.version.to_string()).collect();
            problems.add(
                &["runners", "version"],
                format!(
                    "the checksums of runner {version} are not known here; give `auto` or one of {}, or give {version} when deploying, with its checksums: as `RunnerVersion` and `RunnerChecksums`, or `runner_version` and `runner_checksums`",
                    known.join(", ")
                ),
            );
        }
    }

    fn check_egress(&self, problems: &mut Problems) {
        let rules = &self.egress;
        if rules.is_empty() {
            problems.add(
                &["runners", "egress"],
                "no rule: runners could not reach GitHub; allow at least tcp 443, or leave `egress` out"
                    .to_owned(),
            );
        } else if !rules.iter().any(EgressRule::is_https) {
            problems.add(
                &["runners", "egress"],
                "no rule for tcp 443: runners could not reach GitHub, nor what AWS holds for them; add one"
                    .to_owned(),
            );
        }
        if rules.len() > Self::MOST_EGRESS_RULES {
            let (found, most) = (rules.len(), Self::MOST_EGRESS_RULES);
            problems.add(&["runners", "egress"], format!("{found} rules; a security group takes {most}"));
        }
        for (index, rule) in rules.iter().enumerate() {
            let path = ["runners", "egress", &index.to_string()];
            if rule.port == 0 {
                problems.add(&path, "port 0 is no port; give 1 to 65535".to_owned());
            }
            check_text(problems, &[path[0], path[1], path[2], "description"], rule.description.as_str());
            let same = |other: &EgressRule| {
                (other.protocol, other.port, &other.cidr) == (rule.protocol, rule.port, &rule.cidr)
            };
            if let Some(first) = rules[..index].iter().position(same) {
                problems.add(&path, format!("the same rule as entry {first} (counted from 0); remove one"));
            }
        }
    }
}

impl EgressRule {
    /// Whether it lets runners use HTTPS, which everything needs: GitHub's API and jobs, the table, packages.
    pub(crate) fn is_https(&self) -> bool {
        self.is_tcp(443)
    }

    /// Whether it lets runners connect to a port.
    pub(crate) fn is_tcp(&self, port: u16) -> bool {
        self.protocol == Protocol::Tcp && self.port == port
    }
}

/// Refuses text that would not mean itself in a template: `{{` begins a dynamic reference there, also inside other text
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>).
fn check_text(problems: &mut Problems, path: &[&str], text: &str) {
    if text.contains("{{") {
        problems.add(path, "`{{` begins a dynamic reference of CloudFormation; write it without".to_owned());
    }
}

#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<ChoiceProblem>);

impl Problems {
    pub(super) fn add(&mut self, path: &[&str], message: String) {
        self.0.push(ChoiceProblem { path: path.iter().map(|&step| step.to_owned()).collect(), message });
    }
}

/// An instance type that may be launched, and where it was chosen.
struct Machine<'a> {
    path: Vec<String>,
    instance_type: &'a InstanceType,
}

impl Choices {
    /// Compares the types that share an image: those of a mapping with those before it, and all that have no image of
    /// their own with the default type.
    fn check_architectures(&self, problems: &mut Problems) {
        let default = &self.runners.default_instance_type;
        self.check_macs(problems);
        let path = vec!["runners".to_owned(), "default_instance_type".to_owned()];
        if let Some(other) = self.only_architecture_beside(default) {
            let message = format!(
                "{}, and the types in `label_mappings` without an `ami` are {}; all of them start from the deployment's \
                 image; choose a default of their architecture, or give the mappings an `ami`",
                described(default),
                named(other),
            );
            problems.add(&["runners", "default_instance_type"], message);
            return;
        }
        let usual = Machine { path, instance_type: default };
        let mut first_by_image = vec![(None, usual)];
        for (index, mapping) in self.label_mappings.iter().enumerate() {
            for machine in machines(index, mapping) {
                let first = first_by_image.iter().find(|(image, _)| *image == mapping.ami.as_ref());
                let Some((_, first)) = first else {
                    first_by_image.push((mapping.ami.as_ref(), machine));
                    continue;
                };
                if first.instance_type.architecture() != machine.instance_type.architecture() {
                    let path: Vec<_> = machine.path.iter().map(String::as_str).collect();
                    problems.add(&path, conflict(&machine, first, mapping));
                }
            }
        }
    }
}

impl Choices {
    fn check_macs(&self, problems: &mut Problems) {
        let path = vec!["runners".to_owned(), "default_instance_type".to_owned()];
        let default = Machine { path, instance_type: &self.runners.default_instance_type };
        let mapped =
            self.label_mappings.iter().enumerate().flat_map(|(index, mapping)| machines(index, mapping));
        for machine in std::iter::once(default).chain(mapped).filter(|machine| machine.instance_type.is_mac())
        {
            let path: Vec<_> = machine.path.iter().map(String::as_str).collect();
            let message =
                format!("`{}` is a Mac, on which no Linux runs; choose another type", machine.instance_type);
            problems.add(&path, message);
        }
    }

    /// The architecture of all types that start from the default image beside `default`, where it is another and there
    /// are several: then it is not them who are wrong.
    fn only_architecture_beside(&self, default: &InstanceType) -> Option<Architecture> {
        let mappings = self.label_mappings.iter().filter(|mapping| mapping.ami.is_none());
        let mut types = mappings.clone().flat_map(LabelMapping::candidates);
        let other = types.next()?.architecture();
        let are_alike = types.all(|instance_type| instance_type.architecture() == other);
        (mappings.count() > 1 && are_alike && other != default.architecture()).then_some(other)
    }
}

const fn named(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64 (Graviton)",
    }
}

fn described(instance_type: &InstanceType) -> String {
    format!("`{instance_type}` is {}", named(instance_type.architecture()))
}

fn conflict(machine: &Machine<'_>, first: &Machine<'_>, mapping: &LabelMapping) -> String {
    let image = match &mapping.ami {
        None => "both start from the deployment's image; give the mapping an `ami` of its own".to_owned(),
        Some(ami) => format!("both start from `{ami}`; give each architecture its own mapping and `ami`"),
    };
    format!(
        "{}, and {} (`{}`); {image}, or choose types of one architecture",
        described(machine.instance_type),
        described(first.instance_type),
        first.path.join("."),
    )
}

/// The types that a mapping launches.
fn machines(index: usize, mapping: &LabelMapping) -> Vec<Machine<'_>> {
    let path = |rest: &[&str]| {
        let index = index.to_string();
        ["label_mappings", &index].iter().chain(rest).map(|&step| step.to_owned()).collect()
    };
    if mapping.instance_types.is_empty() {
        return vec![Machine { path: path(&["instance_type"]), instance_type: &mapping.instance_type }];
    }
    let numbered = mapping.instance_types.iter().enumerate();
    let machine = |(place, instance_type)| {
        let place: usize = place;
        Machine { path: path(&["instance_types", &place.to_string()]), instance_type }
    };
    numbered.map(machine).collect()
}
