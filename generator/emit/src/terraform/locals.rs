//! `locals.tf`: what several files need.

use std::collections::BTreeSet;

use hcl_edit::{expr::Array, structure::Body};
use jit_runners_model::{
    Deployment,
    parameter::{InputCondition, ParameterId},
    resource::Kind,
};

use super::{
    requirement,
    resource::resource_type,
    tree::{Contents, attribute, block, commented, either, list, object, path},
    value::{is_empty, text, variable},
};

/// The local value that lists the topic in `topic`, or nothing where the input is empty.
pub(super) fn topics(topic: ParameterId) -> String {
    format!("{}s", topic.terraform)
}

pub(super) fn body(deployment: &Deployment) -> Body {
    let data = |kind, contents| block("data", &[kind, "current"], contents);
    let asked = Contents::new().blocks(requirement::lifecycle(deployment));
    let tags = object(deployment.tags().iter().map(|(key, value)| (*key, text(value))));
    let tagged = Kind::ALL.iter().copied().filter(|kind| kind.is_tagged()).map(resource_type);
    let tagged: Vec<_> = tagged.collect();
    let locals = Contents::new()
        .set("account_id", path(&["data", "aws_caller_identity", "current", "account_id"]))
        .set("partition", path(&["data", "aws_partition", "current", "partition"]))
        .structure(commented(
            attribute("tags", tags),
            &format!(
                "On resources of these types, which are tagged alike in both dialects:\n{}.\n\
                 The first tag is how the deployment finds what belongs to it.",
                tagged.join(", ")
            ),
        ));
    let locals = alarm_topics(deployment).into_iter().fold(locals, |locals, topic| {
        let topics =
            attribute(&topics(topic), either(is_empty(topic), Array::new(), list([variable(topic)])));
        locals.structure(commented(topics, "Whom alarms tell"))
    });
    Contents::new()
        .structure(data("aws_caller_identity", asked))
        .structure(data("aws_partition", Contents::new()))
        .structure(block("locals", &[], locals))
        .into_body()
}

fn alarm_topics(deployment: &Deployment) -> BTreeSet<ParameterId> {
    deployment
        .resources()
        .iter()
        .filter_map(|node| node.resource.condition_of_fields())
        .map(|InputCondition::IsSet(topic)| topic)
        .collect()
}
