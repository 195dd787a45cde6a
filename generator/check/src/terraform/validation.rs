//! Conditions that Terraform makes sure of: the validation of a variable, `precondition` and `postcondition`.
//!
//! Of the condition of a `validation` block, this is what `CloudFormation` can say, too: `pattern`, `each`, `min_length`,
//! `max_length`, `min`, `max`, `whole`, `values`; the source of what was not understood is in `other`.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::{
    expr::{BinaryOp, BinaryOperator, Expression, ForExpr, FuncCall, TraversalOperator},
    structure::{Block, Structure},
    visit::{self, Visit},
};

use super::{
    evaluator::{Evaluator, Outcome, Scope},
    interface::one_line,
};
use crate::{
    graph::{Condition, Demand, Held, Number, Properties, Requirement, SymbolicText, Value, is_of_inputs},
    problem::ModuleProblem,
    read::{HclFile, Place},
};

/// What `condition` demands of the variable, and its source.
pub(super) fn bounds(file: &HclFile, variable: &str, condition: &Expression) -> Properties {
    let place = file.place(condition);
    let mut reader = BoundsReader {
        file,
        subject: Constrained::Variable(variable),
        bounds: BTreeMap::new(),
        above: Vec::new(),
    };
    let mut other = Vec::new();
    let mut parts = vec![condition];
    while let Some(part) = parts.pop() {
        match part {
            Expression::Parenthesis(parenthesis) => parts.push(parenthesis.inner()),
            Expression::BinaryOp(operation) if *operation.operator.value() == BinaryOperator::And => {
                parts.push(&operation.rhs_expr);
                parts.push(&operation.lhs_expr);
            }
            part => {
                if reader.part(part).is_none() {
                    other.push(part);
                }
            }
        }
    }
    let is_whole = reader.bounds.contains_key("whole");
    for (part, name, bound) in std::mem::take(&mut reader.above) {
        let bound = if is_whole { bound } else { None };
        let noted = bound.and_then(|bound| reader.note(name, Value::Number(bound), file.place(part)));
        if noted.is_none() {
            other.push(part);
        }
    }
    let mut bounds = reader.bounds;
    let source = |part: &Expression| Held::new(one_line(file.source(part)).as_str(), file.place(part));
    bounds.insert("source".to_owned(), Held { place: place.clone(), ..source(condition) });
    if !other.is_empty() {
        bounds.insert(
            "other".to_owned(),
            Held::new(Value::List(other.into_iter().map(source).collect()), place),
        );
    }
    bounds
}

/// What a condition is about.
#[derive(Clone, Copy)]
enum Constrained<'a> {
    /// `var.<name>`.
    Variable(&'a str),
    /// An item of it, by the name that a `for` gives it.
    Item(&'a str),
}

struct BoundsReader<'a> {
    file: &'a HclFile,
    subject: Constrained<'a>,
    bounds: Properties,
    /// `>` and `<`, which are bounds only where numbers are whole.
    above: Vec<(&'a Expression, &'static str, Option<Number>)>,
}

impl<'a> BoundsReader<'a> {
    fn note(&mut self, name: &str, value: Value, place: Place) -> Option<()> {
        // Two bounds of one kind: the first is noted, the other one stays as it was written.
        if self.bounds.contains_key(name) {
            return None;
        }
        self.bounds.insert(name.to_owned(), Held::new(value, place));
        Some(())
    }

    fn part(&mut self, part: &'a Expression) -> Option<()> {
        let place = self.file.place(part);
        match part {
            Expression::Parenthesis(parenthesis) => self.part(parenthesis.inner()),
            Expression::FuncCall(call) => match name(call) {
                "can" => {
                    let pattern = self.pattern(argument(call, 0)?, "regex")?;
                    self.note("pattern", pattern, place)
                }
                "contains" => {
                    self.is_subject(argument(call, 1)?).then_some(())?;
                    let items = argument(call, 0)?;
                    let items = match items {
                        Expression::FuncCall(call) if matches!(name(call), "toset" | "tolist") => {
                            argument(call, 0)?
                        }
                        other => other,
                    };
                    let values = items
                        .as_array()?
                        .iter()
                        .map(|item| self.literal(item))
                        .collect::<Option<Vec<_>>>()?;
                    self.note("values", Value::List(values), place)
                }
                "alltrue" => self.each(argument(call, 0)?, place),
                _ => None,
            },
            Expression::BinaryOp(operation) => self.operation(part, operation, place),
            _ => None,
        }
    }

    /// `alltrue([for item in var.x : can(regex("...", item))])`.
    fn each(&mut self, items: &'a Expression, place: Place) -> Option<()> {
        let Expression::ForExpr(items) = items else { return None };
        let plain = items.key_expr.is_none() && items.cond.is_none() && items.intro.key_var.is_none();
        if !plain || !self.is_subject(&items.intro.collection_expr) || self.bounds.contains_key("pattern") {
            return None;
        }
        let subject = Constrained::Item(items.intro.value_var.as_str());
        let mut inner = BoundsReader { file: self.file, subject, bounds: BTreeMap::new(), above: Vec::new() };
        inner.part(&items.value_expr)?;
        let pattern = inner.bounds.remove("pattern")?;
        self.note("pattern", pattern.value, pattern.place)?;
        self.note("each", Value::Flag(true), place)
    }

    fn operation(&mut self, part: &'a Expression, operation: &'a BinaryOp, place: Place) -> Option<()> {
        let BinaryOp { lhs_expr: left, rhs_expr: right, .. } = operation;
        let operator = *operation.operator.value();
        if operator == BinaryOperator::Or {
            let mut values = Vec::new();
            self.alternatives(part, &mut values)?;
            return self.note("values", Value::List(values), place);
        }
        if operator == BinaryOperator::Eq && (self.is_whole(left, right) || self.is_whole(right, left)) {
            return self.note("whole", Value::Flag(true), place);
        }
        // From here on, the value in question stands on the left.
        let (left, operator, right) = match (self.number(left), self.number(right)) {
            (Some(_), None) => (right, mirrored(operator)?, left),
            _ => (left, operator, right),
        };
        if self.is_subject(left) {
            return match operator {
                BinaryOperator::GreaterEq => self.note("min", Value::Number(self.number(right)?), place),
                BinaryOperator::LessEq => self.note("max", Value::Number(self.number(right)?), place),
                BinaryOperator::Greater => {
                    let next = beside(&self.number(right)?, 1);
                    self.above.push((part, "min", next));
                    Some(())
                }
                BinaryOperator::Less => {
                    let next = beside(&self.number(right)?, -1);
                    self.above.push((part, "max", next));
                    Some(())
                }
                BinaryOperator::Eq => {
                    let value = self.literal(right)?;
                    self.note("values", Value::List(vec![value]), place)
                }
                BinaryOperator::NotEq if right.as_str() == Some("") => {
                    self.note("min_length", Value::from(1), place)
                }
                _ => None,
            };
        }
        let Expression::FuncCall(call) = left else { return None };
        if name(call) != "length" {
            return None;
        }
        let of = argument(call, 0)?;
        let number = self.number(right)?;
        if let Some(pattern) = self.pattern(of, "regexall") {
            let found = matches!(
                (operator, number.as_str()),
                (BinaryOperator::Greater | BinaryOperator::NotEq, "0") | (BinaryOperator::GreaterEq, "1")
            );
            return if found { self.note("pattern", pattern, place) } else { None };
        }
        self.is_subject(of).then_some(())?;
        match operator {
            BinaryOperator::GreaterEq => self.note("min_length", Value::Number(number), place),
            BinaryOperator::LessEq => self.note("max_length", Value::Number(number), place),
            BinaryOperator::Greater => self.note("min_length", Value::Number(beside(&number, 1)?), place),
            BinaryOperator::Less => self.note("max_length", Value::Number(beside(&number, -1)?), place),
            BinaryOperator::NotEq if number.as_str() == "0" => self.note("min_length", Value::from(1), place),
            BinaryOperator::Eq
                if !["min_length", "max_length"].iter().any(|name| self.bounds.contains_key(*name)) =>
            {
                self.note("min_length", Value::Number(number.clone()), place.clone())?;
                self.note("max_length", Value::Number(number), place)
            }
            _ => None,
        }
    }

    /// `var.x == "a" || var.x == "b"`.
    fn alternatives(&self, part: &'a Expression, values: &mut Vec<Held>) -> Option<()> {
        match part {
            Expression::Parenthesis(parenthesis) => self.alternatives(parenthesis.inner(), values),
            Expression::BinaryOp(operation) => match operation.operator.value() {
                BinaryOperator::Or => {
                    self.alternatives(&operation.lhs_expr, values)?;
                    self.alternatives(&operation.rhs_expr, values)
                }
                BinaryOperator::Eq if self.is_subject(&operation.lhs_expr) => {
                    values.push(self.literal(&operation.rhs_expr)?);
                    Some(())
                }
                BinaryOperator::Eq if self.is_subject(&operation.rhs_expr) => {
                    values.push(self.literal(&operation.lhs_expr)?);
                    Some(())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The pattern of `regex("...", <subject>)`.
    fn pattern(&self, call: &Expression, function: &str) -> Option<Value> {
        let Expression::FuncCall(call) = call else { return None };
        if name(call) != function || call.args.len() != 2 || !self.is_subject(argument(call, 1)?) {
            return None;
        }
        Some(Value::from(argument(call, 0)?.as_str()?))
    }

    /// Whether `one` is `floor(var.x)` and `other` is `var.x`.
    fn is_whole(&self, one: &Expression, other: &Expression) -> bool {
        match one {
            Expression::FuncCall(call) => {
                matches!(name(call), "floor" | "ceil")
                    && argument(call, 0).is_some_and(|of| self.is_subject(of))
                    && self.is_subject(other)
            }
            // `var.x % 1 == 0`
            Expression::BinaryOp(operation) => {
                *operation.operator.value() == BinaryOperator::Mod
                    && self.is_subject(&operation.lhs_expr)
                    && self.number(&operation.rhs_expr).is_some_and(|number| number.as_str() == "1")
                    && self.number(other).is_some_and(|number| number.as_str() == "0")
            }
            _ => false,
        }
    }

    fn is_subject(&self, expression: &Expression) -> bool {
        match (self.subject, expression) {
            (_, Expression::Parenthesis(parenthesis)) => self.is_subject(parenthesis.inner()),
            (Constrained::Item(item), Expression::Variable(name)) => name.as_str() == item,
            (Constrained::Variable(variable), Expression::Traversal(traversal)) => {
                let root = matches!(&traversal.expr, Expression::Variable(name) if name.as_str() == "var");
                let steps = traversal.operators.as_slice();
                let step = match steps {
                    [step] => step.value(),
                    _ => return false,
                };
                root && matches!(step, TraversalOperator::GetAttr(name) if name.as_str() == variable)
            }
            _ => false,
        }
    }

    fn number(&self, expression: &Expression) -> Option<Number> {
        match expression {
            Expression::Number(number) => {
                Number::parse(&self.file.source(number).replace(char::is_whitespace, ""))
            }
            _ => None,
        }
    }

    fn literal(&self, expression: &Expression) -> Option<Held> {
        let value = match expression {
            Expression::String(text) => Value::Text(SymbolicText::literal(text.as_str())),
            Expression::Number(_) => Value::Number(self.number(expression)?),
            Expression::Bool(flag) => Value::Flag(*flag.value()),
            _ => return None,
        };
        Some(Held::new(value, self.file.place(expression)))
    }
}

fn name(call: &FuncCall) -> &str {
    if call.name.is_namespaced() || call.args.expand_final() { "" } else { call.name.name.as_str() }
}

fn argument(call: &FuncCall, index: usize) -> Option<&Expression> {
    call.args.get(index)
}

const fn mirrored(operator: BinaryOperator) -> Option<BinaryOperator> {
    Some(match operator {
        BinaryOperator::Less => BinaryOperator::Greater,
        BinaryOperator::LessEq => BinaryOperator::GreaterEq,
        BinaryOperator::Greater => BinaryOperator::Less,
        BinaryOperator::GreaterEq => BinaryOperator::LessEq,
        BinaryOperator::Eq => BinaryOperator::Eq,
        BinaryOperator::NotEq => BinaryOperator::NotEq,
        _ => return None,
    })
}

/// The whole number beside `number`.
fn beside(number: &Number, step: i64) -> Option<Number> {
    let number: i64 = number.as_str().parse().ok()?;
    Number::parse(&number.checked_add(step)?.to_string())
}

impl<'a> Evaluator<'a> {
    /// Notes what `block` demands of something that exists under `exists`. A condition about inputs becomes one that a
    /// template can state, too; anything else is kept as it is written.
    pub(super) fn demand(&mut self, scope: &Scope<'a>, block: &'a Block, exists: &Condition) -> Outcome<()> {
        let file = scope.file;
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
        let place = file.place(condition);
        match self.stated(scope, condition) {
            Some(stated) => {
                let demanded = Condition::any([Condition::not(exists.clone()), stated]);
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

impl<'a> Evaluator<'a> {
    /// What `condition` demands of inputs, if it is about nothing else.
    pub(super) fn stated(&mut self, scope: &Scope<'a>, condition: &'a Expression) -> Option<Condition> {
        // Everything else that it refers to is evaluated where it is declared, and what is wrong is noted there.
        if !UsedNames::of(condition).are_all_in(&["var", "local"]) {
            return None;
        }
        let stated = self.quietly(|this| {
            let held = this.value(scope, condition)?;
            this.condition(&held)
        });
        stated.filter(is_of_inputs)
    }
}

/// Names that stand alone or at the beginning of a reference.
struct UsedNames {
    used: BTreeSet<String>,
    /// Those that a `for` gives.
    given: BTreeSet<String>,
}

impl UsedNames {
    fn of(expression: &Expression) -> Self {
        let mut names = Self { used: BTreeSet::new(), given: BTreeSet::new() };
        names.visit_expr(expression);
        names
    }

    fn are_all_in(&self, known: &[&str]) -> bool {
        self.used.iter().all(|name| self.given.contains(name) || known.contains(&name.as_str()))
    }
}

impl Visit for UsedNames {
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
