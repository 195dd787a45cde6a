//! Conditions that Terraform makes sure of: `precondition` and `postcondition`.

use std::collections::BTreeSet;

use hcl_edit::{
    expr::{Expression, ForExpr},
    structure::{Block, Structure},
    visit::{self, Visit},
};

use super::{
    ModuleProblem,
    evaluator::{Evaluator, Outcome, Scope},
    variable::one_line,
};
use crate::{
    graph::{Condition, Demand, Requirement, is_of_inputs},
    read::HclFile,
};

impl<'a> Evaluator<'a> {
    /// Notes what `block` demands, where something exists under `exists`. A condition about inputs becomes one that a
    /// template can state, too; anything else stays in its own words.
    pub(super) fn demand(&mut self, file: &'a HclFile, block: &'a Block, exists: &Condition) -> Outcome<()> {
        let place = file.place(block);
        let (mut condition, mut message) = (None, String::new());
        let mut outcome = Ok(());
        for structure in &block.body {
            match structure {
                Structure::Attribute(attribute) if attribute.has_key("condition") => {
                    condition = Some(&attribute.value);
                }
                Structure::Attribute(attribute) if attribute.has_key("error_message") => {
                    message = match &attribute.value {
                        Expression::String(text) => text.to_string(),
                        other => one_line(file.source(other)),
                    };
                }
                Structure::Attribute(attribute) => {
                    let name = attribute.key.to_string();
                    outcome = self.refuse(&file.place(&attribute.value), ModuleProblem::Unknown { name });
                }
                Structure::Block(inner) => {
                    let name = inner.ident.to_string();
                    outcome = self.refuse(&file.place(inner), ModuleProblem::Unknown { name });
                }
            }
        }
        outcome?;
        let Some(condition) = condition else {
            let of = format!("this {}", block.ident.as_str());
            return self.refuse(&place, ModuleProblem::Missing { of, name: "condition" });
        };
        // What it refers to besides is evaluated where it is declared, and what is wrong with it is noted there.
        let of_inputs = if Names::of(condition).are_all_in(&["var", "local"]) {
            self.quietly(|this| {
                let held = this.value(&Scope::of(file), condition)?;
                this.condition(&held)
            })
        } else {
            None
        };
        let place = file.place(condition);
        match of_inputs.filter(is_of_inputs) {
            Some(of_inputs) => {
                let demanded = Condition::any([Condition::not(exists.clone()), of_inputs]);
                self.requirements.extend(Requirement::of(demanded, &message, &place));
            }
            None => self.requirements.push(Requirement {
                demand: Demand::Written(one_line(file.source(condition))),
                message,
                place,
            }),
        }
        Ok(())
    }
}

/// Names that stand alone or at the beginning of a reference.
struct Names {
    used: BTreeSet<String>,
    /// Those that a `for` gives.
    given: BTreeSet<String>,
}

impl Names {
    fn of(expression: &Expression) -> Self {
        let mut names = Self { used: BTreeSet::new(), given: BTreeSet::new() };
        names.visit_expr(expression);
        names
    }

    fn are_all_in(&self, known: &[&str]) -> bool {
        self.used.iter().all(|name| self.given.contains(name) || known.contains(&name.as_str()))
    }
}

impl Visit for Names {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Variable(name) = node {
            self.used.insert(name.to_string());
        }
        visit::visit_expr(self, node);
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        let given = [node.intro.key_var.as_ref(), Some(&node.intro.value_var)];
        self.given.extend(given.into_iter().flatten().map(ToString::to_string));
        visit::visit_for_expr(self, node);
    }
}
