//! One image is of one architecture, and so must be every instance type that is launched from it.

use super::{Architecture, Choices, Problems};
use crate::{label_mapping::LabelMapping, name::InstanceType};

/// An instance type that may be launched, and where it was chosen.
struct Machine<'a> {
    path: Vec<String>,
    instance_type: &'a InstanceType,
}

impl Choices {
    /// Compares the types that share an image: those of a mapping with those before it, and all that have no image of
    /// their own with the default type.
    pub(super) fn check_architectures(&self, problems: &mut Problems) {
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
                    problems.add(&path, told(&machine, first, mapping));
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

fn told(machine: &Machine<'_>, first: &Machine<'_>, mapping: &LabelMapping) -> String {
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
