//! Evaluates expressions; `for` goes through collections that are known.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::{
    Span as _,
    expr::{Array, Expression, ForExpr, Object, ObjectKey},
};

use super::{
    characters::composed,
    evaluator::{Evaluator, Outcome, Refused, Scope},
    operation::whole,
    reference::Operand,
    repetition::Repeated,
};
use crate::{
    graph::{Condition, Held, Number, Properties, SymbolicText, Value},
    problem::ModuleProblem,
    read::{Place, excerpt},
};

impl<'a> Evaluator<'a> {
    /// The value of `expression`, at its place.
    pub(super) fn value(&mut self, scope: &Scope<'a>, expression: &'a Expression) -> Outcome<Held> {
        let place = scope.file.place(expression);
        let operand = self.operand(scope, expression)?;
        let held = self.held(operand, &place)?;
        Ok(Held { place, ..held })
    }

    /// What `expression` stands for: a value, or something that has attributes.
    pub(super) fn operand(&mut self, scope: &Scope<'a>, expression: &'a Expression) -> Outcome<Operand<'a>> {
        let place = scope.file.place(expression);
        self.spend(1, &place)?;
        self.deeper(&place, |this| this.operand_at(scope, expression, &place))
    }

    fn operand_at(
        &mut self,
        scope: &Scope<'a>,
        expression: &'a Expression,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let value = match expression {
            Expression::Parenthesis(parenthesis) => return self.operand(scope, parenthesis.inner()),
            Expression::Variable(name) => return self.name(scope, name.as_str(), place),
            Expression::Traversal(traversal) => return self.traversal(scope, traversal, place),
            Expression::FuncCall(call) => return self.call(scope, call, place),
            Expression::Null(_) => Value::Absent,
            Expression::Bool(flag) => Value::Flag(*flag.value()),
            Expression::Number(number) => {
                let source = scope.file.source(number).replace(char::is_whitespace, "");
                match Number::parse(&source) {
                    Some(_) if !Number::keeps(&source) => return self.too_long(&source, place),
                    Some(number) => Value::Number(number),
                    None => return self.wrong(place, "a number", "a decimal number", format!("`{source}`")),
                }
            }
            Expression::String(text) => {
                self.spend(text.len() / 64, place)?;
                Value::Text(SymbolicText::literal(composed(text.as_str())))
            }
            Expression::Array(array) => self.array(scope, array)?,
            Expression::Object(object) => Value::Map(self.object(scope, object, place)?),
            Expression::StringTemplate(template) => self.quoted(scope, template, place)?,
            Expression::HeredocTemplate(heredoc) => self.heredoc(scope, heredoc, place)?,
            Expression::Conditional(conditional) => self.conditional(scope, conditional)?,
            Expression::UnaryOp(operation) => self.unary(scope, operation, place)?,
            Expression::BinaryOp(operation) => self.binary(scope, operation, place)?,
            Expression::ForExpr(for_expr) => self.for_expression(scope, for_expr, place)?,
        };
        Ok(Operand::Value(Rc::new(Held::new(value, place.clone()))))
    }

    fn array(&mut self, scope: &Scope<'a>, array: &'a Array) -> Outcome<Value> {
        // All items, so that all problems are found.
        let items: Vec<Outcome<Held>> = array.iter().map(|item| self.value(scope, item)).collect();
        Ok(Value::List(items.into_iter().collect::<Outcome<_>>()?))
    }

    fn object(&mut self, scope: &Scope<'a>, object: &'a Object, place: &Place) -> Outcome<Properties> {
        let mut entries = BTreeMap::new();
        let mut outcome = Ok(());
        for (key, value) in object {
            let key = self.key(scope, key, place);
            let value = self.value(scope, value.expr());
            match (key, value) {
                (Ok(key), Ok(value)) => {
                    if let Some(first) = entries.get(&key).map(|held: &Held| held.place.clone()) {
                        outcome = self.refuse(&value.place, ModuleProblem::Doubled { name: key, first });
                    } else {
                        entries.insert(key, value);
                    }
                }
                _ => outcome = Err(Refused),
            }
        }
        outcome.map(|()| entries)
    }

    fn key(&mut self, scope: &Scope<'a>, key: &'a ObjectKey, object: &Place) -> Outcome<String> {
        match key {
            ObjectKey::Ident(name) => Ok(composed(name).into_owned()),
            // As keys, these are words like all others.
            ObjectKey::Expression(Expression::Null(_)) => Ok("null".to_owned()),
            ObjectKey::Expression(Expression::Bool(flag)) => Ok(flag.to_string()),
            ObjectKey::Expression(expression @ Expression::Traversal(_)) => {
                let place = scope.file.place(expression);
                self.outside(&place, "a reference as a key", "put the key in parentheses")
            }
            ObjectKey::Expression(expression) => {
                let held = self.value(scope, expression)?;
                let place = if expression.span().is_some() { &held.place } else { object };
                self.text("the key of an object", &held, &place.clone())
            }
        }
    }

    /// The characters of `held`, which must be known; numbers and flags are written out.
    pub(super) fn text(&mut self, what: &str, held: &Held, place: &Place) -> Outcome<String> {
        match &held.value {
            Value::Number(number) => Ok(number.to_string()),
            Value::Flag(flag) => Ok(flag.to_string()),
            Value::Text(text) => match text.as_literal() {
                Some(literal) => Ok(literal.to_owned()),
                None => self.not_known(place, what, &held.value),
            },
            Value::Choice(_) | Value::Json(_) => self.not_known(place, what, &held.value),
            Value::Absent | Value::Null | Value::List(_) | Value::Set(_) | Value::Map(_) => {
                self.wrong(place, what, "text", held.value.noun().to_owned())
            }
        }
    }

    /// Notes that `what` must be something else.
    pub(super) fn wrong<T>(
        &mut self,
        place: &Place,
        what: &str,
        expected: &'static str,
        found: String,
    ) -> Outcome<T> {
        self.refuse(place, ModuleProblem::WrongKind { what: what.to_owned(), expected, found })
    }

    /// Notes that `what` must be known.
    pub(super) fn not_known<T>(&mut self, place: &Place, what: &str, on: &Value) -> Outcome<T> {
        let on = shown(on);
        self.refuse(place, ModuleProblem::NotKnown { what: what.to_owned(), on })
    }

    fn for_expression(
        &mut self,
        scope: &Scope<'a>,
        expression: &'a ForExpr,
        place: &Place,
    ) -> Outcome<Value> {
        let ForExpr { intro, key_expr, value_expr, grouping, cond, .. } = expression;
        if *grouping {
            return self.outside(place, "`...` in a `for`", "write the groups out");
        }
        let at = scope.file.place(&intro.collection_expr);
        let mut list = Vec::new();
        let mut map: BTreeMap<String, Held> = BTreeMap::new();
        let items = self.collection(scope, &intro.collection_expr, &at)?;
        if key_expr.is_none() {
            self.demand_order(&items, &at)?;
        }
        // What is wrong with one item is wrong with most: the first problem is enough.
        for (key, item) in items {
            self.spend(1, place)?;
            let mut inner = scope.with(intro.value_var.as_str(), item);
            if let Some(name) = &intro.key_var {
                inner = inner.with(name.as_str(), Operand::Value(Rc::new(key)));
            }
            if let Some(cond) = cond {
                let held = self.value(&inner, &cond.expr)?;
                match self.condition(&held)? {
                    Condition::Always => {}
                    Condition::Never => continue,
                    _ => return self.not_known(&held.place, "the condition of a `for`", &held.value),
                }
            }
            let value = self.value(&inner, value_expr);
            let Some(key_expr) = key_expr else {
                list.push(value?);
                continue;
            };
            let key = self.value(&inner, key_expr)?;
            let key = self.text("a key", &key, &key.place)?;
            let value = value?;
            if let Some(first) = map.get(&key).map(|held| held.place.clone()) {
                return self.refuse(&value.place, ModuleProblem::Doubled { name: key, first });
            }
            map.insert(key, value);
        }
        Ok(if key_expr.is_some() { Value::Map(map) } else { Value::List(list) })
    }

    /// Keys and items of a collection, which must be known.
    pub(super) fn collection(
        &mut self,
        scope: &Scope<'a>,
        expression: &'a Expression,
        place: &Place,
    ) -> Outcome<Vec<(Held, Operand<'a>)>> {
        let index = |index: usize| Held::new(whole(index), place.clone());
        match self.operand(scope, expression)? {
            Operand::Items(items) => {
                Ok(items.iter().cloned().enumerate().map(|(at, item)| (index(at), item)).collect())
            }
            Operand::Instances(instances) if instances.iter().all(Repeated::is_certain) => {
                let keys: Vec<Held> = if instances.is_keyed() {
                    instances.keys().map(|key| Held::new(key, place.clone())).collect()
                } else {
                    (0..instances.iter().count()).map(index).collect()
                };
                let items = instances.iter().map(|repeated| repeated.of.clone());
                Ok(keys.into_iter().zip(items).collect())
            }
            operand => {
                let held = self.held(operand, place)?;
                self.items_of(held, "what `for` goes through", place)
            }
        }
    }

    /// Refuses the items of a set whose order is not known: their keys are the items themselves.
    pub(super) fn demand_order(&mut self, items: &[(Held, Operand<'a>)], place: &Place) -> Outcome<()> {
        let keys: Vec<Held> = items.iter().map(|(key, _)| key.clone()).collect();
        if is_order_known(&keys) {
            return Ok(());
        }
        let what = "the order of a set that `for` goes through";
        self.outside(place, what, "use a list: the order of a set depends on its values")
    }

    /// Keys and items of `held`, which must be a known collection.
    pub(super) fn items_of(
        &mut self,
        held: Held,
        what: &str,
        place: &Place,
    ) -> Outcome<Vec<(Held, Operand<'a>)>> {
        let operand = |held: Held| Operand::Value(Rc::new(held));
        match held.value {
            Value::List(items) => Ok(items
                .into_iter()
                .enumerate()
                .map(|(index, item)| (Held::new(whole(index), place.clone()), operand(item)))
                .collect()),
            Value::Set(items) => Ok(items.into_iter().map(|item| (item.clone(), operand(item))).collect()),
            Value::Map(entries) => Ok(entries
                .into_iter()
                .map(|(name, item)| (Held::new(name.as_str(), place.clone()), operand(item)))
                .collect()),
            value @ (Value::Choice(_) | Value::Text(_) | Value::Json(_)) => {
                self.not_known(place, what, &value)
            }
            value @ (Value::Absent | Value::Null | Value::Flag(_) | Value::Number(_)) => {
                self.wrong(place, what, "a list or an object", value.noun().to_owned())
            }
        }
    }
}

/// `value` as a message shows it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => excerpt(&text.to_string()),
        other => excerpt(&other.to_string()),
    }
}

/// Whether Terraform puts `items` of a set into the order that they have here: texts by their characters, numbers by their size
/// (<https://github.com/zclconf/go-cty/blob/v1.16.2/cty/set_internals.go>).
pub(super) fn is_order_known(items: &[Held]) -> bool {
    let is_known = |item: &Held| match &item.value {
        Value::Text(text) => text.as_literal().is_some(),
        Value::Flag(_) | Value::Number(_) => true,
        _ => false,
    };
    items.len() < 2 || items.iter().all(is_known)
}

/// Whether there is a set in `value` whose order is not known.
pub(super) fn has_unknown_order(value: &Value) -> bool {
    match value {
        Value::Set(items) => !is_order_known(items),
        Value::List(items) => items.iter().any(|item| has_unknown_order(&item.value)),
        Value::Map(entries) => entries.values().any(|held| has_unknown_order(&held.value)),
        Value::Choice(choice) => {
            has_unknown_order(&choice.then.value) || has_unknown_order(&choice.otherwise.value)
        }
        Value::Absent | Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::Json(_) => {
            false
        }
    }
}
