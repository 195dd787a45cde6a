//! Outputs
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>).

use crate::{
    cloudformation::{
        evaluate::{Evaluator, Scope},
        problem::TemplateProblem,
        term::Term,
    },
    graph::{Condition, Held, Node, Properties, SymbolicText},
    read::Entry,
};

const KEYS: &[&str] = &["Value", "Description", "Export", "Condition"];

impl<'a> Evaluator<'a> {
    /// The outputs that `entries` declare.
    pub(super) fn outputs(&mut self, entries: &'a [Entry]) -> Vec<Node<()>> {
        self.scope = Scope::Output;
        entries.iter().map(|entry| self.output(entry)).collect()
    }

    fn output(&mut self, output: &'a Entry) -> Node<()> {
        let mut properties = Properties::new();
        let mut condition = Condition::Always;
        let entries = self.object("an output", Term::of(&output.value));
        let is_object = entries.is_some();
        let entries = entries.unwrap_or_default();
        if is_object && !entries.iter().any(|entry| entry.key == "Value") {
            self.refuse::<()>(&output.place, TemplateProblem::Missing { of: "this output", key: "Value" });
        }
        for entry in entries {
            let term = Term::of(&entry.value);
            let held = match entry.key.as_str() {
                "Value" => self.value(term),
                "Description" => self
                    .characters("Description", term)
                    .map(|text| Held::new(SymbolicText::literal(text), term.place.clone())),
                "Export" => self.export(term),
                "Condition" => {
                    condition = self.condition_of(term).unwrap_or(Condition::Always);
                    None
                }
                key => self.unknown_key("an output", key, &entry.place, KEYS),
            };
            properties.extend(held.map(|held| (entry.key.clone(), held)));
        }
        let place = output.place.clone();
        Node { kind: (), address: output.key.as_str().into(), place, condition, properties }
    }

    fn export(&mut self, term: Term<'a>) -> Option<Held> {
        let mut name = None;
        for entry in self.object("Export", term)? {
            if entry.key == "Name" {
                name = Some(self.value(Term::of(&entry.value)));
            } else {
                self.unknown_key::<()>("an export", &entry.key, &entry.place, &["Name"]);
            }
        }
        match name {
            Some(name) => name,
            None => self.refuse(term.place, TemplateProblem::Missing { of: "this export", key: "Name" }),
        }
    }

    /// The condition that a resource or an output names.
    pub(super) fn condition_of(&mut self, term: Term<'a>) -> Option<Condition> {
        let Some(name) = term.text() else {
            let (of, expected) = ("Condition".to_owned(), "the name of a condition");
            return self.refuse(term.place, TemplateProblem::WrongShape { of, expected, found: term.noun() });
        };
        self.condition_named(name, term.place)
    }
}
