//! Evaluates operators: conditions, and which calculation there is.

use hcl_edit::expr::{BinaryOp, BinaryOperator, Conditional, UnaryOp, UnaryOperator};

use super::{
    evaluator::{Evaluator, Outcome, Refused, Scope},
    interface::InputType,
};
use crate::{
    graph::{Call, Choice, Condition, Function, Held, Number, Symbol, Value},
    read::Place,
};

impl<'a> Evaluator<'a> {
    pub(super) fn conditional(&mut self, scope: &Scope<'a>, conditional: &'a Conditional) -> Outcome<Value> {
        let condition = self.value(scope, &conditional.cond_expr)?;
        let condition = self.condition(&condition)?;
        let (chosen, other) = match condition {
            Condition::Always => (&conditional.true_expr, &conditional.false_expr),
            Condition::Never => (&conditional.false_expr, &conditional.true_expr),
            condition => {
                let then = self.value(scope, &conditional.true_expr);
                let otherwise = self.value(scope, &conditional.false_expr);
                let mut sides = [then?, otherwise?];
                self.of_one_type(&mut sides)?;
                let [then, otherwise] = sides;
                return Ok(Value::choice(condition, then, otherwise));
            }
        };
        let chosen = self.value(scope, chosen)?;
        // The other side is not taken, but it has a say in the type.
        if !self.may_become_text(&chosen) {
            return Ok(chosen.value);
        }
        let Some(other) = self.quietly(|this| this.value(scope, other)) else { return Ok(chosen.value) };
        let mut sides = [chosen, other];
        self.of_one_type(&mut sides)?;
        let [chosen, _] = sides;
        Ok(chosen.value)
    }

    pub(super) fn unary(
        &mut self,
        scope: &Scope<'a>,
        operation: &'a UnaryOp,
        place: &Place,
    ) -> Outcome<Value> {
        let held = self.value(scope, &operation.expr)?;
        match operation.operator.value() {
            UnaryOperator::Not => {
                let condition = self.condition(&held)?;
                Ok(flag(Condition::not(condition), place))
            }
            UnaryOperator::Neg => {
                let figure = self.figure("what is negated", &held)?;
                self.number(figure.negated(), place)
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        scope: &Scope<'a>,
        operation: &'a BinaryOp,
        place: &Place,
    ) -> Outcome<Value> {
        let left = self.value(scope, &operation.lhs_expr);
        let right = self.value(scope, &operation.rhs_expr);
        let (left, right) = (left?, right?);
        self.spend(2, place)?;
        let operator = *operation.operator.value();
        let condition = match operator {
            BinaryOperator::And => {
                let (left, right) = (self.condition(&left), self.condition(&right));
                Condition::all([left?, right?])
            }
            BinaryOperator::Or => {
                let (left, right) = (self.condition(&left), self.condition(&right));
                Condition::any([left?, right?])
            }
            BinaryOperator::Eq => self.equal(&left, &right, place)?,
            BinaryOperator::NotEq => Condition::not(self.equal(&left, &right, place)?),
            BinaryOperator::Less
            | BinaryOperator::LessEq
            | BinaryOperator::Greater
            | BinaryOperator::GreaterEq => self.ordered(operator, &left, &right, place)?,
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Mul
            | BinaryOperator::Div
            | BinaryOperator::Mod => {
                if let Some(value) = self.unknown_result(operator, &left, &right) {
                    return Ok(value);
                }
                let left = self.figure("a number in a calculation", &left);
                let right = self.figure("a number in a calculation", &right);
                let (left, right) = (left?, right?);
                let result = match operator {
                    BinaryOperator::Plus => left.plus(right),
                    BinaryOperator::Minus => left.minus(right),
                    BinaryOperator::Mul => left.times(right),
                    BinaryOperator::Div => left.by(right),
                    _ => left.modulo(right),
                };
                return self.number(result, place);
            }
        };
        Ok(flag(condition, place))
    }

    /// The condition that `held` is.
    pub(super) fn condition(&mut self, held: &Held) -> Outcome<Condition> {
        let what = "a condition";
        match &held.value {
            Value::Flag(true) => Ok(Condition::Always),
            Value::Flag(false) => Ok(Condition::Never),
            Value::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                let then = self.condition(then)?;
                let otherwise = self.condition(otherwise)?;
                Ok(Condition::choice(condition, then, otherwise))
            }
            Value::Text(text) => match (text.as_literal(), text.as_symbol()) {
                (Some("true"), _) => Ok(Condition::Always),
                (Some("false"), _) => Ok(Condition::Never),
                (None, Some(symbol)) => match self.type_of(symbol) {
                    InputType::Flag | InputType::Text | InputType::Any => {
                        Ok(Condition::equals(held.value.clone(), Value::Flag(true)))
                    }
                    kind @ (InputType::Number | InputType::List | InputType::Other) => {
                        self.wrong(&held.place, what, "true or false", kind.noun().to_owned())
                    }
                },
                _ => self.wrong(&held.place, what, "true or false", format!("the text {}", held.value)),
            },
            value => self.wrong(&held.place, what, "true or false", value.noun().to_owned()),
        }
    }

    /// Whether two values are the same. Unlike most functions, `==` converts nothing.
    pub(super) fn equal(&mut self, left: &Held, right: &Held, place: &Place) -> Outcome<Condition> {
        self.spend(1, place)?;
        match (&left.value, &right.value) {
            (Value::Choice(choice), _) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                let then = self.deeper(place, |this| this.equal(then, right, place))?;
                let otherwise = self.deeper(place, |this| this.equal(otherwise, right, place))?;
                Ok(Condition::choice(condition, then, otherwise))
            }
            (_, Value::Choice(_)) => self.equal(right, left, place),
            (Value::Absent, Value::Absent) => Ok(Condition::Always),
            (Value::Absent, other) | (other, Value::Absent) => Ok(match other {
                Value::Text(text) => {
                    text.as_symbol().and_then(|symbol| self.is_null(symbol)).unwrap_or(Condition::Never)
                }
                _ => Condition::Never,
            }),
            (Value::Number(left), Value::Number(right)) => Ok(certain(left == right)),
            (Value::Flag(left), Value::Flag(right)) => Ok(certain(left == right)),
            (Value::List(_) | Value::Set(_) | Value::Map(_), _)
            | (_, Value::List(_) | Value::Set(_) | Value::Map(_)) => self.outside(
                place,
                "comparing a list or an object as a whole",
                "ask for its length, or compare its parts",
            ),
            (Value::Json(_), _) | (_, Value::Json(_)) => {
                self.outside(place, "comparing JSON text", "compare what it is made of")
            }
            (left_value, right_value) => {
                let (left_type, right_type) =
                    (self.type_of_value(left_value), self.type_of_value(right_value));
                if !left_type.can_equal(right_type) {
                    let noun = right_type.noun();
                    return self.outside(
                        place,
                        format!("comparing {} with {noun}", left_type.noun()),
                        "they are never equal: compare values of one type",
                    );
                }
                if let Some(condition) = self.length_is(left_value, right_value, place)? {
                    return Ok(condition);
                }
                self.spend(2, place)?;
                Ok(Condition::equals(left_value.clone(), right_value.clone()))
            }
        }
    }

    /// Whether text of unknown length has none: `length(var.x) == 0`.
    fn length_is(&mut self, left: &Value, right: &Value, place: &Place) -> Outcome<Option<Condition>> {
        let (of, number) = match (length_of(left), right, length_of(right), left) {
            (Some(of), Value::Number(number), _, _) | (_, _, Some(of), Value::Number(number)) => {
                (of, number.as_str())
            }
            _ => return Ok(None),
        };
        let is_text = matches!(self.type_of_value(&of.value), InputType::Text | InputType::Any);
        match number {
            _ if !is_text => Ok(None),
            "0" => Ok(Some(Condition::equals(of.value.clone(), "".into()))),
            _ => self.outside(
                place,
                "the length of text that is not known",
                "CloudFormation can only ask whether it is empty: compare with \"\"",
            ),
        }
    }

    fn ordered(
        &mut self,
        operator: BinaryOperator,
        left: &Held,
        right: &Held,
        place: &Place,
    ) -> Outcome<Condition> {
        // CloudFormation can only ask whether there is anything at all.
        let something = match (length_of(&left.value), &right.value, length_of(&right.value), &left.value) {
            (Some(_), Value::Number(number), _, _) => match (operator, number.as_str()) {
                (BinaryOperator::Greater, "0") | (BinaryOperator::GreaterEq, "1") => Some((left, true)),
                (BinaryOperator::LessEq, "0") | (BinaryOperator::Less, "1") => Some((left, false)),
                _ => None,
            },
            (_, _, Some(_), Value::Number(number)) => match (operator, number.as_str()) {
                (BinaryOperator::Less, "0") | (BinaryOperator::LessEq, "1") => Some((right, true)),
                (BinaryOperator::GreaterEq, "0") | (BinaryOperator::Greater, "1") => Some((right, false)),
                _ => None,
            },
            _ => None,
        };
        if let Some((length, is_there)) = something {
            let none = Held::new(0, place.clone());
            let empty = self.equal(length, &none, place)?;
            return Ok(if is_there { Condition::not(empty) } else { empty });
        }
        let holds = self.each_branch(vec![left.clone(), right.clone()], place, &mut |this, values| {
            let [left, right] = values.as_slice() else { return Err(Refused) };
            if let Some(value) = this.unknown_result(operator, left, right) {
                return Ok(Held::new(value, place.clone()));
            }
            let left = this.figure("a number that is compared", left);
            let right = this.figure("a number that is compared", right);
            let order = left?.compare(right?);
            let is_ordered = match operator {
                BinaryOperator::Less => order.is_lt(),
                BinaryOperator::LessEq => order.is_le(),
                BinaryOperator::Greater => order.is_gt(),
                _ => order.is_ge(),
            };
            Ok(Held::new(is_ordered, place.clone()))
        })?;
        self.condition(&holds)
    }

    /// What an operator makes of numbers that are not both known: templates do not calculate.
    fn unknown_result(&self, operator: BinaryOperator, left: &Held, right: &Held) -> Option<Value> {
        let name = match operator {
            BinaryOperator::Plus => "+",
            BinaryOperator::Minus => "-",
            BinaryOperator::Mul => "*",
            BinaryOperator::Div => "/",
            BinaryOperator::Mod => "%",
            BinaryOperator::Less => "<",
            BinaryOperator::LessEq => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterEq => ">=",
            BinaryOperator::Eq | BinaryOperator::NotEq | BinaryOperator::And | BinaryOperator::Or => {
                return None;
            }
        };
        let is_unknown = |held: &Held| match &held.value {
            Value::Text(text) => text
                .as_symbol()
                .is_some_and(|symbol| matches!(self.type_of(symbol), InputType::Number | InputType::Any)),
            _ => false,
        };
        let is_number = |held: &Held| matches!(held.value, Value::Number(_)) || is_unknown(held);
        if !(is_unknown(left) || is_unknown(right)) || !is_number(left) || !is_number(right) {
            return None;
        }
        let arguments = vec![left.clone(), right.clone()];
        let call = Call { function: Function::Terraform(name), arguments };
        Some(Value::Text(Symbol::Call(call).into()))
    }

    pub(super) fn type_of_value(&self, value: &Value) -> InputType {
        match value {
            Value::Flag(_) => InputType::Flag,
            Value::Number(_) => InputType::Number,
            Value::Text(text) => text.as_symbol().map_or(InputType::Text, |symbol| self.type_of(symbol)),
            Value::Json(_) => InputType::Text,
            Value::List(_) | Value::Set(_) => InputType::List,
            Value::Map(_) => InputType::Other,
            Value::Absent | Value::Null | Value::Choice(_) => InputType::Any,
        }
    }
}

/// `condition` as a value.
pub(super) fn flag(condition: Condition, place: &Place) -> Value {
    let (yes, no) = (Held::new(true, place.clone()), Held::new(false, place.clone()));
    Value::choice(condition, yes, no)
}

const fn certain(holds: bool) -> Condition {
    if holds { Condition::Always } else { Condition::Never }
}

/// What `value` is the length of, where that is not known.
fn length_of(value: &Value) -> Option<&Held> {
    let Value::Text(text) = value else { return None };
    match text.as_symbol()? {
        Symbol::Call(Call { function: Function::Length, arguments }) => arguments.first(),
        _ => None,
    }
}

/// A count or an index as a value.
pub(super) fn whole(number: usize) -> Value {
    Number::parse(&number.to_string()).map_or(Value::Absent, Value::Number)
}
