//! Patterns of inputs: a template's describes the whole value, Terraform's a part of it.

use super::Rule;
use crate::graph::{Dialect, Graph};

pub(super) const RULE: Rule = Rule {
    name: "patterns of inputs",
    says: "A template's pattern must match the whole value, as if `^` and `$` stood around it.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
    apply,
};

fn apply(graph: &mut Graph) {
    if graph.dialect == Dialect::Terraform {
        return;
    }
    for node in &mut graph.inputs {
        let Some(held) = node.properties.get_mut("AllowedPattern") else { continue };
        if let Some(whole) = held.as_literal().map(whole) {
            held.value = whole.as_str().into();
        }
    }
}

fn whole(pattern: &str) -> String {
    if has_alternatives(pattern) {
        return format!("^({pattern})$");
    }
    let start = if pattern.starts_with('^') { "" } else { "^" };
    let escaped = pattern.chars().rev().skip(1).take_while(|c| *c == '\\').count() % 2 == 1;
    let end = if pattern.ends_with('$') && !escaped { "" } else { "$" };
    format!("{start}{pattern}{end}")
}

/// Whether a `|` stands outside of all brackets.
fn has_alternatives(pattern: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held};
    use super::*;

    #[track_caller]
    fn becomes(mut sketch: Sketch, pattern: &str, expected: &str) {
        sketch.input("I", [("AllowedPattern", held(pattern))]);
        sketch.apply(&RULE);
        assert_eq!(sketch.inputs("I"), format!("{{AllowedPattern: {expected:?}}}"));
    }

    #[test]
    fn a_template_matches_the_whole_value() {
        for (pattern, whole) in [
            ("[a-z]+", "^[a-z]+$"),
            ("^[a-z]+$", "^[a-z]+$"),
            ("^[a-z]+", "^[a-z]+$"),
            (r"5\$", r"^5\$$"),
            ("a|b", "^(a|b)$"),
            ("^(a|b)?$", "^(a|b)?$"),
            (r"[|]\|", r"^[|]\|$"),
        ] {
            becomes(Sketch::cloudformation(), pattern, whole);
        }
    }

    #[test]
    fn terraform_matches_a_part() {
        becomes(Sketch::terraform(), "[a-z]+", "[a-z]+");
    }
}
