//! `for`, over collections that are known.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::expr::{Expression, ForExpr};

use super::{
    ModuleProblem,
    evaluator::{Evaluator, Outcome, Scope},
    number::whole,
    reference::Operand,
};
use crate::{
    graph::{Condition, Held, Value},
    read::Place,
};

impl<'a> Evaluator<'a> {
    pub(super) fn for_expression(
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
        // What is wrong with one item is wrong with most: the first problem is enough.
        for (key, item) in self.collection(scope, &intro.collection_expr, &at)? {
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
            Operand::Instances(instances) if instances.iter().all(|instance| instance.is_certain()) => {
                let keys: Vec<Held> = if instances.is_keyed() {
                    instances.keys().map(|key| Held::new(key, place.clone())).collect()
                } else {
                    (0..instances.iter().count()).map(index).collect()
                };
                let items = instances.iter().map(|instance| Operand::Instance(Rc::clone(instance)));
                Ok(keys.into_iter().zip(items).collect())
            }
            operand => {
                let held = self.held(operand, place)?;
                self.items_of(held, "what `for` goes through", place)
            }
        }
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
            value @ (Value::Absent | Value::Flag(_) | Value::Number(_)) => {
                self.wrong(place, what, "a list or an object", value.noun().to_owned())
            }
        }
    }
}
