//! Ids of AWS resources as inputs: a type in one dialect, a pattern in the other.

use super::Rule;
use crate::graph::{Graph, Held, Properties};

pub(super) const RULE: Rule = Rule {
    name: "ids as inputs",
    says: "An input that takes the id of a VPC, a subnet, an image and the like says so by its type or by the beginning of its pattern.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html",
    apply,
};

/// How ids begin (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>).
const IDS: &[(&str, &str)] = &[
    ("^vpc-", "AWS::EC2::VPC::Id"),
    ("^subnet-", "AWS::EC2::Subnet::Id"),
    ("^ami-", "AWS::EC2::Image::Id"),
    ("^sg-", "AWS::EC2::SecurityGroup::Id"),
    ("^i-", "AWS::EC2::Instance::Id"),
    ("^vol-", "AWS::EC2::Volume::Id"),
];

fn apply(graph: &mut Graph) {
    for node in &mut graph.inputs {
        let place = node.place.clone();
        let properties = &mut node.properties;
        if let Some(stated) = properties.get_mut("AwsType") {
            let Some(written) = stated.as_literal().map(str::to_owned) else { continue };
            let item = written
                .strip_prefix("List<")
                .and_then(|rest| rest.strip_suffix('>'))
                .filter(|item| item.starts_with("AWS::"));
            if let Some(item) = item {
                *stated = Held { value: item.into(), ..stated.clone() };
            }
            // The service refuses an empty list of ids, because no such id exists.
            if item.is_some() && !properties.contains_key("Default") {
                let least = Held { value: 1_u32.into(), place, rule: Some(RULE.name) };
                properties.entry("MinItems".to_owned()).or_insert(least);
            }
        } else if let Some((kind, pattern)) = by_pattern(properties) {
            let pattern = Held { value: kind.into(), ..pattern };
            properties.insert("AwsType".to_owned(), pattern);
        }
    }
}

/// The type that the pattern stands for, and the pattern, taken out.
fn by_pattern(properties: &mut Properties) -> Option<(&'static str, Held)> {
    let pattern = properties.get("AllowedPattern")?.as_literal()?;
    // Anything else may stand behind an alternative.
    let (_, kind) = IDS.iter().find(|(start, _)| pattern.starts_with(start) && !pattern.contains('|'))?;
    if !pattern.ends_with('$') {
        return None;
    }
    Some((kind, properties.remove("AllowedPattern")?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held};
    use super::*;

    #[test]
    fn a_type_and_a_pattern_say_the_same() {
        let mut template = Sketch::cloudformation();
        template.input("Vpc", [("AwsType", held("AWS::EC2::VPC::Id"))]);
        template.input("Nets", [("AwsType", held("List<AWS::EC2::Subnet::Id>"))]);
        template.input("Numbers", [("AwsType", held("List<Number>"))]);
        template.apply(&RULE);
        assert_eq!(template.inputs("Numbers"), r#"{AwsType: "List<Number>"}"#);
        let mut module = Sketch::terraform();
        module.input("Vpc", [("AllowedPattern", held("^vpc-[0-9a-z]+$"))]);
        module.input("Nets", [("AllowedPattern", held("^subnet-[0-9a-f]+$")), ("MinItems", held(1_u32))]);
        module.apply(&RULE);
        for name in ["Vpc", "Nets"] {
            assert_eq!(template.inputs(name), module.inputs(name));
        }
        assert_eq!(module.inputs("Nets"), r#"{AwsType: "AWS::EC2::Subnet::Id", MinItems: 1}"#);
    }

    #[test]
    fn another_pattern_stays() {
        for pattern in ["^vpc-[0-9a-z]+$|^$", "^vpc-", "vpc-[a-z]+$", "^[a-z]+$"] {
            let mut module = Sketch::terraform();
            module.input("Vpc", [("AllowedPattern", held(pattern))]);
            module.apply(&RULE);
            assert_eq!(module.inputs("Vpc"), format!("{{AllowedPattern: {pattern:?}}}"));
        }
    }
}
