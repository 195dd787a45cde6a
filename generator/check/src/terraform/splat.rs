//! All instances or items at once: `[*]`, and the functions that take a whole block.

use std::rc::Rc;

use super::{
    evaluator::{Evaluator, Outcome, Scope},
    instance::{Instance, Instances},
    reference::Operand,
    step::Steps,
};
use crate::{
    graph::{Held, Value},
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// `[*]`, and the steps from each item.
    pub(super) fn splat(
        &mut self,
        scope: &Scope<'a>,
        operand: Operand<'a>,
        each: &'a Steps<'a>,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let items = match operand {
            Operand::Items(items) => items.as_ref().clone(),
            Operand::Instances(instances) if !instances.is_keyed() => {
                let mut lists = Held::new(Value::List(Vec::new()), place.clone());
                for instance in instances.iter() {
                    let operand = Operand::Instance(Rc::clone(instance));
                    let operand = self.steps(scope, operand, each, place)?;
                    let held = self.held(operand, place)?;
                    lists = self.extended(lists, held, instance, place)?;
                }
                return Ok(Operand::Value(Rc::new(lists)));
            }
            Operand::Instances(instances) => {
                let what = format!("`[*]` of `{}`, which has `for_each`", instances.address);
                return self.outside(place, what, "write `values(...)[*]`");
            }
            operand @ Operand::Instance(_) => vec![operand],
            Operand::Value(held) => match &held.value {
                Value::List(items) | Value::Set(items) => {
                    self.spend(items.len(), place)?;
                    items.iter().map(|item| Operand::Value(Rc::new(item.clone()))).collect()
                }
                Value::Absent => Vec::new(),
                list if self.is_unknown_list(list) => {
                    if each.is_empty() {
                        return Ok(Operand::Value(held));
                    }
                    return self.not_known(place, "a list whose items have attributes", &held.value);
                }
                Value::Choice(_) => return self.not_known(place, "a list before `[*]`", &held.value),
                value => {
                    return self.wrong(place, "what stands before `[*]`", "a list", value.noun().to_owned());
                }
            },
        };
        let mut results = Vec::new();
        for item in items {
            let operand = self.steps(scope, item, each, place)?;
            results.push(self.held(operand, place)?);
        }
        Ok(Operand::Value(Rc::new(Held::new(Value::List(results), place.clone()))))
    }

    /// `list` with what an instance adds to it, where the instance exists.
    fn extended(
        &mut self,
        mut list: Held,
        item: Held,
        instance: &Instance<'a>,
        place: &Place,
    ) -> Outcome<Held> {
        if instance.is_certain()
            && let Value::List(items) = &mut list.value
        {
            items.push(item);
            return Ok(list);
        }
        let longer = self.each_branch(vec![list.clone()], place, &mut |this, values| {
            let mut items = match values.into_iter().next().map(|held| held.value) {
                Some(Value::List(items)) => items,
                _ => Vec::new(),
            };
            items.push(this.copy(&item, place)?);
            Ok(Held::new(Value::List(items), place.clone()))
        })?;
        let value = Value::choice(instance.condition.clone(), longer, list);
        Ok(Held::new(value, place.clone()))
    }

    /// Functions that take instances as a group: `length`, `keys`, `values`, `one`.
    pub(super) fn of_instances(
        &mut self,
        function: &str,
        instances: &Rc<Instances<'a>>,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let always = instances.iter().all(|instance| instance.is_certain());
        match function {
            "values" if instances.is_keyed() && always => {
                let items = instances.iter().map(|instance| Operand::Instance(Rc::clone(instance)));
                Ok(Operand::Items(Rc::new(items.collect())))
            }
            "keys" if instances.is_keyed() && always => {
                let keys = instances.keys().map(|key| Held::new(key, place.clone())).collect();
                Ok(Operand::Value(Rc::new(Held::new(Value::List(keys), place.clone()))))
            }
            "length" => {
                let mut items = Held::new(Value::List(Vec::new()), place.clone());
                for instance in instances.iter() {
                    let item = Held::new(Value::Absent, place.clone());
                    items = self.extended(items, item, instance, place)?;
                }
                let length = self.function("length", vec![items], place)?;
                Ok(Operand::Value(Rc::new(length)))
            }
            function => {
                let what = format!("`{function}` of all instances of `{}`", instances.address);
                self.outside(place, what, "ask for an attribute of each, as in `[*].arn`")
            }
        }
    }
}
