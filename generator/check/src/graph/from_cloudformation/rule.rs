//! The section `Rules`: what the parameters must fulfil together
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>).

use super::get;
use crate::{
    cloudformation::{
        evaluate::{Evaluator, Scope},
        problem::TemplateProblem,
        term::Term,
    },
    graph::{Condition, requirement::Requirement},
    read::Entry,
};

/// Keys of a rule.
const RULE: &[&str] = &["RuleCondition", "Assertions"];
/// Keys of an assertion.
const ASSERTION: &[&str] = &["Assert", "AssertDescription"];

impl<'a> Evaluator<'a> {
    /// The requirements that `entries` state.
    pub(super) fn rules(&mut self, entries: &'a [Entry]) -> Vec<Requirement> {
        self.scope = Scope::Condition;
        self.in_rule = true;
        let requirements =
            entries.iter().filter_map(|entry| self.rule(Term::of(&entry.value))).flatten().collect();
        self.in_rule = false;
        requirements
    }

    fn rule(&mut self, term: Term<'a>) -> Option<Vec<Requirement>> {
        self.only(RULE, "a rule", term)?;
        let when = match get(term, "RuleCondition") {
            Some(term) => self.condition(term)?,
            None => Condition::Always,
        };
        let Some(assertions) = get(term, "Assertions") else {
            return self.refuse(term.place, TemplateProblem::Missing { of: "this rule", key: "Assertions" });
        };
        let Some(items) = assertions.items() else {
            let (of, expected) = ("Assertions".to_owned(), "a list");
            let kind = TemplateProblem::WrongShape { of, expected, found: assertions.noun() };
            return self.refuse(assertions.place, kind);
        };
        let mut requirements = Vec::new();
        for item in items {
            requirements.extend(self.assertion(&when, Term::of(item)).unwrap_or_default());
        }
        Some(requirements)
    }

    fn assertion(&mut self, when: &Condition, term: Term<'a>) -> Option<Vec<Requirement>> {
        self.only(ASSERTION, "an assertion", term)?;
        let Some(assert) = get(term, "Assert") else {
            return self.refuse(term.place, TemplateProblem::Missing { of: "this assertion", key: "Assert" });
        };
        let message = match get(term, "AssertDescription") {
            Some(term) => self.characters("AssertDescription", term)?,
            None => String::new(),
        };
        let holds = self.condition(assert)?;
        let demanded = Condition::any([Condition::not(when.clone()), holds]);
        Some(Requirement::of(demanded, &message, assert.place))
    }

    /// Refuses keys of `of` that are not in `known`, and what has no keys.
    fn only(&mut self, known: &[&'static str], of: &'static str, term: Term<'a>) -> Option<()> {
        let entries = self.object(of, term)?;
        let unknown: Vec<_> = entries.iter().filter(|entry| !known.contains(&entry.key.as_str())).collect();
        for entry in &unknown {
            self.unknown_key::<()>(of, &entry.key, &entry.place, known);
        }
        unknown.is_empty().then_some(())
    }
}
