//! What functions and instances do, as arrows: roles are derived from the same effects.

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{
    contract::{Effect, Handler, InstanceEffect},
    parameter::ParameterId,
    stack::inputs,
};

use super::{Arrow, Component, Drawing, End, Group, Relation, Words};

/// What a function does. A secret has a box where somebody reads it.
pub(super) fn of_function(drawing: &mut Drawing, handler: Handler) {
    for effect in handler.effects() {
        for (relation, to, verb) in does(*effect) {
            match to {
                Component::WebhookSecret => secret(drawing, to, "webhook secret", inputs::WEBHOOK_SECRET_ARN),
                Component::PrivateKey => secret(drawing, to, "private key", inputs::PRIVATE_KEY_ARN),
                _ => {}
            }
            drawing.arrow(relation, Component::Function(handler), to, verb);
        }
    }
}

fn secret(drawing: &mut Drawing, part: Component, title: &str, input: ParameterId) {
    drawing.set(part, title, "In Secrets Manager, made by you");
    drawing.line(part, "Secrets Manager".to_owned());
    drawing.line(part, input.cloudformation.to_owned());
}

/// What a runner's instance does.
pub(super) fn of_instances(drawing: &mut Drawing) {
    for effect in InstanceEffect::ALL {
        match effect {
            InstanceEffect::TakeOwnConfiguration => drawing.arrow(
                Relation::Configure,
                Component::Runners,
                Component::Table,
                "takes its own configuration",
            ),
            // What runners do among themselves needs no arrow.
            InstanceEffect::TerminateItself => {}
        }
    }
}

/// What an effect of a function looks like.
fn does(effect: Effect) -> Vec<(Relation, Component, &'static str)> {
    match effect {
        Effect::WriteLog => vec![(Relation::Log, Component::Logs, "logs, metrics")],
        Effect::ReadWebhookSecret => vec![(Relation::ReadSecret, Component::WebhookSecret, "reads")],
        // The key is what a function signs in to GitHub with.
        Effect::ReadPrivateKey => vec![
            (Relation::ReadSecret, Component::PrivateKey, "reads"),
            (Relation::CallGitHub, Component::GitHub, "REST API"),
        ],
        Effect::PublishJob => sends(Effect::ConsumeJob, "sends jobs"),
        Effect::PublishEvent => sends(Effect::ConsumeEvent, "sends events"),
        Effect::ReadLedger => vec![(Relation::UseTable, Component::Table, "reads")],
        Effect::WriteLedger => vec![(Relation::UseTable, Component::Table, "writes")],
        Effect::LaunchInstances => vec![(Relation::Manage, Component::Runners, "launches")],
        // The queue's arrow to the function says the first two. Images, the account's role and the stack have no box: none of them
        // is part of the deployment.
        Effect::ConsumeJob
        | Effect::ConsumeEvent
        | Effect::DescribeImages
        | Effect::CreateSpotRole
        | Effect::DescribeOwnStack => Vec::new(),
        Effect::DescribeInstances => vec![(Relation::Manage, Component::Runners, "finds")],
        Effect::TerminateInstances => vec![(Relation::Manage, Component::Runners, "terminates")],
    }
}

/// To the queues of those who receive.
fn sends(received_by: Effect, verb: &'static str) -> Vec<(Relation, Component, &'static str)> {
    Handler::ALL
        .into_iter()
        .filter(|handler| handler.effects().contains(&received_by))
        .map(|handler| (Relation::Send, Component::Queue(handler), verb))
        .collect()
}

/// Replaces arrows that several boxes have in common by one from, or to, what is drawn around these boxes: all
/// functions, the functions of a group, the rules of a group.
pub(super) fn drawn_once(boxes: &BTreeMap<Component, Words>, mut arrows: BTreeSet<Arrow>) -> BTreeSet<Arrow> {
    let functions = || boxes.keys().copied().filter(|part| matches!(part, Component::Function(_)));
    let of_group: Vec<_> = functions().filter(|part| part.group() == Group::Functions).collect();
    let rules: Vec<_> = boxes.keys().copied().filter(|part| matches!(part, Component::Rule(_))).collect();
    lift(&mut arrows, &functions().collect::<Vec<_>>(), End::Serving);
    lift(&mut arrows, &of_group, End::Group(Group::Functions));
    lift(&mut arrows, &rules, End::Group(Group::Events));
    arrows
}

fn lift(arrows: &mut BTreeSet<Arrow>, members: &[Component], around: End) {
    let same_from = |arrow: &Arrow, member| Arrow { from: End::Component(member), ..arrow.clone() };
    let same_to = |arrow: &Arrow, member| Arrow { to: End::Component(member), ..arrow.clone() };
    let Some(first) = members.first().copied().filter(|_| members.len() > 1) else { return };
    for arrow in arrows.clone() {
        if arrow.from == End::Component(first)
            && members.iter().all(|part| arrows.contains(&same_from(&arrow, *part)))
        {
            for member in members {
                arrows.remove(&same_from(&arrow, *member));
            }
            arrows.insert(Arrow { from: around, ..arrow });
        } else if arrow.to == End::Component(first)
            && members.iter().all(|part| arrows.contains(&same_to(&arrow, *part)))
        {
            for member in members {
                arrows.remove(&same_to(&arrow, *member));
            }
            arrows.insert(Arrow { to: around, ..arrow });
        }
    }
}
