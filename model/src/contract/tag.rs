//! Tags by which the deployment finds what belongs to it.

use std::collections::BTreeSet;

use crate::name::Label;

/// On instances, and on each resource whose kind is tagged: the deployment's name. Roles may only terminate instances that have it,
/// and may only launch instances with it.
pub const DEPLOYMENT: &str = "jit-runners:deployment";
/// On instances: the key of the launch intent in the table, so that an instance whose launch was cut off is
/// found again.
pub const INTENT: &str = "jit-runners:intent";
/// On instances: `owner/name` of the repository whose jobs it was launched for.
pub const REPOSITORY: &str = "jit-runners:repository";
/// On instances: the label set that it was launched for, see [`labels`].
pub const LABELS: &str = "jit-runners:labels";
/// On instances: what people see first in the console.
pub const NAME: &str = "Name";

/// The value of [`LABELS`]: labels joined by blanks, as many as a tag's 256 characters hold. It is for people;
/// nothing is decided by it.
pub fn labels(labels: &BTreeSet<Label>) -> String {
    let mut value = String::new();
    for label in labels {
        let blank = if value.is_empty() { "" } else { " " };
        if value.chars().count() + blank.len() + label.as_str().chars().count() > 256 {
            break;
        }
        value.push_str(blank);
        value.extend(label.as_str().chars().map(|c| if is_tag_character(c) { c } else { '_' }));
    }
    value
}

fn is_tag_character(c: char) -> bool {
    c.is_alphanumeric() || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::TagValue;

    #[test]
    fn any_labels_make_a_tag() {
        let many: BTreeSet<_> = (0..100).map(|index| Label::new(format!("label-{index}")).unwrap()).collect();
        let odd = [Label::new("ß(*)\"").unwrap()].into();
        let long = [Label::new("x".repeat(256)).unwrap(), Label::new("y").unwrap()].into();
        for set in [many, odd, long, BTreeSet::new()] {
            assert!(TagValue::new(labels(&set)).is_ok(), "{}", labels(&set));
        }
    }
}
