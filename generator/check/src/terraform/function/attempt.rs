//! `try` and `can`: whether an expression can be evaluated.
//!
//! An expression fails where a known object or list has no such part. Everything else that the check does not evaluate is
//! refused: what Terraform would make of it is not known.

use std::{collections::BTreeSet, rc::Rc};

use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};

use super::{not_followed, table};
use crate::{
    graph::{Choice, Condition, Held, Symbol, Value, value::visit::Visit as _},
    problem::{ModuleProblem, Problem, ProblemKind},
    read::Place,
    terraform::{
        declaration::Mode,
        evaluator::{Evaluator, Outcome, Refused, Scope},
        operation::flag,
        reference::Operand,
        repetition::Instances,
    },
};

/// `try(a, b)`: the first argument that can be evaluated.
pub(super) fn attempt<'a>(
    evaluator: &mut Evaluator<'a>,
    scope: &Scope<'a>,
    call: &'a FuncCall,
    place: &Place,
) -> Outcome<Operand<'a>> {
    if let Some(outcome) = of_instance(evaluator, scope, call, place) {
        return outcome;
    }
    let mut chosen: Vec<Held> = Vec::new();
    for argument in &call.args {
        match evaluator.tried(|this| this.value(scope, argument)) {
            Ok(held) => {
                let is_certain = !can_fail(&held);
                chosen.push(held);
                if is_certain {
                    break;
                }
            }
            Err(problems) if is_failure(&problems) => {}
            Err(problems) => return evaluator.note_all(problems),
        }
    }
    let mut values = chosen.into_iter().rev();
    let Some(mut value) = values.next() else {
        return not_followed(evaluator, "try", table::IN_VALIDATIONS, place);
    };
    for before in values {
        let Some(held) = with_fallback(&before, &value) else {
            return not_followed(evaluator, "try", table::IN_VALIDATIONS, place);
        };
        value = held;
    }
    Ok(Operand::Value(Rc::new(value)))
}

/// `can(a)`: whether the argument can be evaluated.
pub(super) fn can<'a>(
    evaluator: &mut Evaluator<'a>,
    scope: &Scope<'a>,
    call: &'a FuncCall,
    place: &Place,
) -> Outcome<Operand<'a>> {
    let Some(argument) = call.args.iter().next() else {
        return not_followed(evaluator, "can", table::IN_VALIDATIONS, place);
    };
    let condition = match evaluator.tried(|this| this.value(scope, argument)) {
        Ok(held) => match succeeds(&held) {
            Some(condition) => condition,
            None => return not_followed(evaluator, "can", table::IN_VALIDATIONS, place),
        },
        Err(problems) if is_failure(&problems) => Condition::Never,
        Err(problems) => return evaluator.note_all(problems),
    };
    Ok(Operand::Value(Rc::new(Held::new(flag(condition, place), place.clone()))))
}

/// Whether Terraform cannot evaluate it, either.
fn is_failure(problems: &BTreeSet<Problem>) -> bool {
    !problems.is_empty()
        && problems
            .iter()
            .all(|problem| matches!(&problem.kind, ProblemKind::Module(ModuleProblem::NoSuchPart { .. })))
}

/// Whether there are inputs for which `held` cannot be evaluated.
fn can_fail(held: &Held) -> bool {
    held.has_symbol(|symbol| *symbol == Symbol::NoSuchKey)
}

/// `held`, and `fallback` where it cannot be evaluated. Nothing, where the two cannot be told apart.
fn with_fallback(held: &Held, fallback: &Held) -> Option<Held> {
    if held.value.as_symbol() == Some(&Symbol::NoSuchKey) {
        return Some(fallback.clone());
    }
    if !can_fail(held) {
        return Some(held.clone());
    }
    let Value::Choice(choice) = &held.value else { return None };
    let Choice { condition, then, otherwise } = choice.as_ref();
    let (then, otherwise) = (with_fallback(then, fallback)?, with_fallback(otherwise, fallback)?);
    Some(Held::new(Value::choice(condition.clone(), then, otherwise), held.place.clone()))
}

/// When `held` can be evaluated.
fn succeeds(held: &Held) -> Option<Condition> {
    if held.value.as_symbol() == Some(&Symbol::NoSuchKey) {
        return Some(Condition::Never);
    }
    if !can_fail(held) {
        return Some(Condition::Always);
    }
    let Value::Choice(choice) = &held.value else { return None };
    let Choice { condition, then, otherwise } = choice.as_ref();
    Some(Condition::choice(condition, succeeds(then)?, succeeds(otherwise)?))
}

/// `try(aws_x.y[0].arn, "")`, where `y` exists under a condition: the attribute then, or else the other value.
fn of_instance<'a>(
    evaluator: &mut Evaluator<'a>,
    scope: &Scope<'a>,
    call: &'a FuncCall,
    place: &Place,
) -> Option<Outcome<Operand<'a>>> {
    let attempted = match (call.args.get(0), call.args.get(1), call.args.len()) {
        (Some(first @ Expression::Traversal(traversal)), Some(otherwise), 2) => {
            Some((first, traversal, otherwise))
        }
        _ => None,
    };
    if let Some((first, traversal, otherwise)) = attempted
        && let Expression::Variable(kind) = &traversal.expr
        && let [name, index, _, ..] = traversal.operators.as_slice()
        && let TraversalOperator::GetAttr(name) = name.value()
        && let TraversalOperator::Index(Expression::Number(index)) = index.value()
        && scope.file.source(index) == "0"
        && let Some(instances) = named(evaluator, scope, kind.as_str(), name.as_str())
    {
        let Ok(instances) = instances else { return Some(Err(Refused)) };
        if let Some(repeated) = instances.get("0")
            && !repeated.is_certain()
        {
            let condition = repeated.condition.clone();
            let then = evaluator.value(scope, first);
            let otherwise = evaluator.value(scope, otherwise);
            let (Ok(then), Ok(otherwise)) = (then, otherwise) else { return Some(Err(Refused)) };
            let value = Value::choice(condition, then, otherwise);
            return Some(Ok(Operand::Value(Rc::new(Held::new(value, place.clone())))));
        }
    }
    None
}

/// The instances of the resource `kind.name`, or of the module `module.name`.
fn named<'a>(
    evaluator: &mut Evaluator<'a>,
    scope: &Scope<'a>,
    kind: &str,
    name: &str,
) -> Option<Outcome<Rc<Instances<'a>>>> {
    let declarations = scope.module.declarations();
    if kind == "module" {
        let (&name, _) = declarations.calls.get_key_value(name)?;
        return Some(evaluator.called(&scope.module, name));
    }
    let id = declarations.find(Mode::Resource, kind, name)?;
    Some(evaluator.instances(&scope.module, id))
}
