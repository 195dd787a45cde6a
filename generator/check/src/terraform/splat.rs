//! All instances or items at once: `[*]`, and the functions that take a whole block.

use std::rc::Rc;

use super::{
    evaluator::{Evaluator, Outcome, Scope},
    instance::{Instance, Instances},
    reference::{Operand, Steps},
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
}

/// How many instances there are.
pub(super) fn length_of<'a>(
    evaluator: &mut Evaluator<'a>,
    instances: &Rc<Instances<'a>>,
    place: &Place,
) -> Outcome<Operand<'a>> {
    let mut items = Held::new(Value::List(Vec::new()), place.clone());
    for instance in instances.iter() {
        let item = Held::new(Value::Absent, place.clone());
        items = evaluator.extended(items, item, instance, place)?;
    }
    let length = evaluator.function("length", vec![items], place)?;
    Ok(Operand::Value(Rc::new(length)))
}

/// The keys of `for_each`.
pub(super) fn keys_of<'a>(
    evaluator: &mut Evaluator<'a>,
    instances: &Rc<Instances<'a>>,
    place: &Place,
) -> Outcome<Operand<'a>> {
    if !is_map(instances) {
        return no_function_of(evaluator, "keys", instances, place);
    }
    let keys = instances.keys().map(|key| Held::new(key, place.clone())).collect();
    Ok(Operand::Value(Rc::new(Held::new(Value::List(keys), place.clone()))))
}

/// The instances that `for_each` makes.
pub(super) fn values_of<'a>(
    evaluator: &mut Evaluator<'a>,
    instances: &Rc<Instances<'a>>,
    place: &Place,
) -> Outcome<Operand<'a>> {
    if !is_map(instances) {
        return no_function_of(evaluator, "values", instances, place);
    }
    let items = instances.iter().map(|instance| Operand::Instance(Rc::clone(instance)));
    Ok(Operand::Items(Rc::new(items.collect())))
}

/// The only instance there is: the check does not follow this.
pub(super) fn one_of<'a>(
    evaluator: &mut Evaluator<'a>,
    instances: &Rc<Instances<'a>>,
    place: &Place,
) -> Outcome<Operand<'a>> {
    no_function_of(evaluator, "one", instances, place)
}

/// Whether the instances are a map that is known.
fn is_map(instances: &Instances<'_>) -> bool {
    instances.is_keyed() && instances.iter().all(|instance| instance.is_certain())
}

fn no_function_of<T>(
    evaluator: &mut Evaluator<'_>,
    function: &str,
    instances: &Instances<'_>,
    place: &Place,
) -> Outcome<T> {
    let what = format!("`{function}` of all instances of `{}`", instances.address);
    evaluator.outside(place, what, "ask for an attribute of each, as in `[*].arn`")
}
