//! The architecture as a Mermaid flowchart (<https://mermaid.js.org/syntax/flowchart.html>), and what Mermaid takes as text.

use std::fmt::Write as _;

use super::{
    NOTICE,
    diagram::{Arrow, Component, Diagram, End, Group, Words},
};

pub(super) fn text(diagram: &Diagram) -> String {
    let mut lines = vec![format!("%% {NOTICE}"), "flowchart LR".to_owned()];
    lines.extend(group(diagram, Group::GitHub, "  "));
    lines.push(format!("  subgraph serving[{}]", quoted(&["Serving jobs"])));
    for serving in Group::SERVING {
        lines.extend(group(diagram, serving, "    "));
    }
    lines.push("  end".to_owned());
    lines.extend(group(diagram, Group::Operations, "  "));
    lines.extend(diagram.arrows.iter().map(|arrow| format!("  {}", self::arrow(arrow))));
    lines.into_iter().fold(String::new(), |mut text, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
        text
    })
}

fn group(diagram: &Diagram, group: Group, indent: &str) -> Vec<String> {
    let mut boxes: Vec<_> = diagram
        .members(group)
        .map(|(part, words)| format!("{indent}  {}", self::part(part, words)))
        .collect();
    if !boxes.is_empty() {
        boxes.insert(0, format!("{indent}subgraph {}[{}]", group_id(group), quoted(&[group.title()])));
        boxes.push(format!("{indent}end"));
    }
    boxes
}

fn part(part: Component, words: &Words) -> String {
    let Words { title, lines, about: _ } = words;
    let label = quoted(&[std::slice::from_ref(title), lines].concat());
    let id = part_id(part);
    match part {
        Component::GitHub | Component::Runners => format!("{id}([{label}])"),
        Component::Table => format!("{id}[({label})]"),
        Component::Queue(_) | Component::DeadLetters(_) => format!("{id}[[{label}]]"),
        Component::Api
        | Component::Function(_)
        | Component::WebhookSecret
        | Component::Schedule(_)
        | Component::Rule(_)
        | Component::PrivateKey
        | Component::Logs
        | Component::Metrics
        | Component::Alarms
        | Component::Topic
        | Component::Dashboard => format!("{id}[{label}]"),
    }
}

fn arrow(arrow: &Arrow) -> String {
    let Arrow { relation: _, from, to, label } = arrow;
    format!("{} -->|{}| {}", end_id(*from), quoted(&[label]), end_id(*to))
}

fn end_id(end: End) -> String {
    match end {
        End::Component(part) => part_id(part),
        End::Group(group) => group_id(group),
        End::Serving => "serving".to_owned(),
    }
}

fn group_id(group: Group) -> String {
    format!("group_{group:?}").to_lowercase()
}

fn part_id(part: Component) -> String {
    match part {
        Component::GitHub => "github".to_owned(),
        Component::Api => "api".to_owned(),
        Component::Function(handler) => format!("function_{handler}"),
        Component::WebhookSecret => "webhook_secret".to_owned(),
        Component::Queue(handler) => format!("queue_{handler}"),
        Component::DeadLetters(handler) => format!("dead_letters_{handler}"),
        Component::Schedule(handler) => format!("schedule_{handler}"),
        Component::Rule(detail_type) => {
            let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
            format!("rule_{}", detail_type.chars().map(safe).collect::<String>())
        }
        Component::Runners => "runners".to_owned(),
        Component::Table => "table".to_owned(),
        Component::PrivateKey => "private_key".to_owned(),
        Component::Logs => "logs".to_owned(),
        Component::Metrics => "metrics".to_owned(),
        Component::Alarms => "alarms".to_owned(),
        Component::Topic => "topic".to_owned(),
        Component::Dashboard => "dashboard".to_owned(),
    }
}

/// A label of these lines, in quotes. Characters with a meaning become entity codes
/// (<https://mermaid.js.org/syntax/flowchart.html#special-characters-that-break-syntax>).
pub(crate) fn quoted<S: AsRef<str>>(lines: &[S]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escaped(line.as_ref())).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => safe.push_str("#quot;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '&' => safe.push_str("#amp;"),
            '#' => safe.push_str("#35;"),
            // Text between backticks would be read as Markdown.
            '`' => safe.push_str("#96;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jit_runners_model::{Choices, Deployment};

    use super::{super::diagram::Diagram, part_id, text};

    #[test]
    fn ids_are_unique_and_every_box_is_declared_once() {
        let diagram = Diagram::new(&Deployment::new(Choices::default()).unwrap());
        let ids: BTreeSet<_> = diagram.boxes.keys().map(|part| part_id(*part)).collect();
        assert_eq!(ids.len(), diagram.boxes.len());
        let text = text(&diagram);
        for id in ids {
            let declared = text.lines().filter(|line| {
                line.trim().strip_prefix(&id).is_some_and(|rest| rest.starts_with(['[', '(']))
            });
            assert_eq!(declared.count(), 1, "{id}");
        }
        assert_eq!(
            text.matches("subgraph").count(),
            text.lines().filter(|line| line.trim() == "end").count()
        );
    }
}
