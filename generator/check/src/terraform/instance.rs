//! Instances of resources and data sources: `count`, `for_each`, their attributes, and all of them at once by `[*]` or by
//! functions that take a whole block.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::{expr::Expression, structure::Structure};

use super::{
    declaration::{BlockId, DeclaredBlock, DeclaredResource, Mode},
    evaluator::{Definition, Evaluator, Outcome, Refused, Scope},
    expression::shown,
    operation::whole,
    reference::{Operand, Steps},
};
use crate::{
    graph::{Address, Choice, Condition, Held, Value},
    problem::ModuleProblem,
    read::Place,
};

/// Instances of one block, at most.
const MOST_INSTANCES: usize = 1_000;

/// All instances of a block.
pub(super) struct Instances<'a> {
    /// The block.
    pub address: Address,
    repetition: Repetition,
    all: BTreeMap<InstanceKey, Rc<Instance<'a>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repetition {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`.
    Counted,
    /// `for_each`.
    Keyed,
}

/// Keys in the order in which Terraform lists the instances.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum InstanceKey {
    None,
    Index(usize),
    Name(String),
}

/// One instance of a block.
pub(super) struct Instance<'a> {
    /// Its block.
    pub block: BlockId,
    /// Its address, with its key.
    pub address: Address,
    /// When it exists.
    pub condition: Condition,
    /// What its arguments can refer to.
    pub scope: Scope<'a>,
}

impl Instance<'_> {
    /// Whether it exists whatever the inputs are.
    pub(super) fn is_certain(&self) -> bool {
        self.condition == Condition::Always
    }
}

impl<'a> Instances<'a> {
    /// The instance, if the block has neither `count` nor `for_each`.
    pub(super) fn only(&self) -> Option<&Rc<Instance<'a>>> {
        if self.repetition == Repetition::Single { self.all.values().next() } else { None }
    }

    /// Whether the block has `for_each`.
    pub(super) fn is_keyed(&self) -> bool {
        self.repetition == Repetition::Keyed
    }

    /// The instance of this key.
    pub(super) fn get(&self, key: &str) -> Option<&Rc<Instance<'a>>> {
        match self.repetition {
            Repetition::Single => None,
            Repetition::Counted => self.all.get(&InstanceKey::Index(key.parse().ok()?)),
            Repetition::Keyed => self.all.get(&InstanceKey::Name(key.to_owned())),
        }
    }

    /// All instances.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Rc<Instance<'a>>> {
        self.all.values()
    }

    /// All keys of `for_each`.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.all.keys().filter_map(|key| match key {
            InstanceKey::Name(name) => Some(name.as_str()),
            InstanceKey::None | InstanceKey::Index(_) => None,
        })
    }
}

impl<'a> Evaluator<'a> {
    /// The instances of a block, which are evaluated once.
    pub(super) fn instances(&mut self, id: BlockId) -> Outcome<Rc<Instances<'a>>> {
        self.once(
            |known| &mut known.instances,
            id,
            |this| this.within(Some(Definition::Block(id)), |this| this.find_instances(id)),
        )
    }

    fn find_instances(&mut self, id: BlockId) -> Outcome<Rc<Instances<'a>>> {
        let declarations = self.declarations;
        let Some(DeclaredResource { address, declared, .. }) = declarations.get(id) else {
            return Err(Refused);
        };
        let scope = Scope::of(declared.file);
        let count = declared.body().get_attribute("count");
        let for_each = declared.body().get_attribute("for_each");
        let (repetition, keys) = match (count, for_each) {
            (None, None) => (Repetition::Single, vec![(InstanceKey::None, Condition::Always, None)]),
            (Some(count), None) => (Repetition::Counted, self.counted(&scope, &count.value)?),
            (None, Some(for_each)) => (Repetition::Keyed, self.keyed(&scope, &for_each.value)?),
            (Some(_), Some(for_each)) => {
                let place = declared.file.place(&for_each.value);
                return self.outside(&place, "`count` beside `for_each`", "use one of them");
            }
        };
        let mut all = BTreeMap::new();
        for (key, condition, each) in keys {
            let place = declared.place();
            let held = |value: Value| Rc::new(Held::new(value, place.clone()));
            let mut scope = scope.clone();
            let address: Address = match &key {
                InstanceKey::None => address.as_ref().into(),
                InstanceKey::Index(index) => {
                    let entries = [("index".to_owned(), Held::new(whole(*index), place.clone()))];
                    scope = scope.with("count", Operand::Value(held(BTreeMap::from(entries).into())));
                    // A resource that may not exist has no index: it is one resource under a condition.
                    if condition == Condition::Always {
                        format!("{address}[{index}]").into()
                    } else {
                        address.as_ref().into()
                    }
                }
                InstanceKey::Name(name) => {
                    let key = Held::new(name.as_str(), place.clone());
                    let value = each.unwrap_or_else(|| key.clone());
                    let entries = [("key".to_owned(), key), ("value".to_owned(), value)];
                    scope = scope.with("each", Operand::Value(held(BTreeMap::from(entries).into())));
                    format!("{address}[{name:?}]").into()
                }
            };
            all.insert(key, Rc::new(Instance { block: id, address, condition, scope }));
        }
        Ok(Rc::new(Instances { address: address.as_ref().into(), repetition, all }))
    }

    fn counted(
        &mut self,
        scope: &Scope<'a>,
        count: &'a Expression,
    ) -> Outcome<Vec<(InstanceKey, Condition, Option<Held>)>> {
        let held = self.value(scope, count)?;
        if let Value::Number(number) = &held.value {
            return match number.as_str().parse::<usize>() {
                Ok(count) if count <= MOST_INSTANCES => {
                    Ok((0..count).map(|index| (InstanceKey::Index(index), Condition::Always, None)).collect())
                }
                Ok(_) => self.refuse(&held.place, ModuleProblem::TooLarge),
                Err(_) => self.wrong(&held.place, "`count`", "a whole number", format!("`{number}`")),
            };
        }
        match one_or_none(&held.value) {
            Some(condition) => Ok(vec![(InstanceKey::Index(0), condition, None)]),
            None => self.outside(
                &held.place,
                format!("the count `{}`", shown(&held.value)),
                "write a number, or `<question> ? 1 : 0`",
            ),
        }
    }

    fn keyed(
        &mut self,
        scope: &Scope<'a>,
        for_each: &'a Expression,
    ) -> Outcome<Vec<(InstanceKey, Condition, Option<Held>)>> {
        let held = self.value(scope, for_each)?;
        let place = held.place.clone();
        let mut keyed: BTreeMap<InstanceKey, (Condition, Option<Held>)> = BTreeMap::new();
        // What is left to look at, with the condition under which `for_each` holds it.
        let mut rest = vec![(Condition::Always, held)];
        while let Some((condition, held)) = rest.pop() {
            let entries: Vec<(String, Option<Held>)> = match held.value {
                Value::Choice(choice) => {
                    let (yes, no) = choice.condition.sides(condition);
                    rest.push((no, choice.otherwise));
                    rest.push((yes, choice.then));
                    continue;
                }
                Value::Map(entries) => entries.into_iter().map(|(name, held)| (name, Some(held))).collect(),
                Value::Set(items) => {
                    let mut names = Vec::new();
                    for item in items {
                        names.push((self.text("a key of `for_each`", &item, &place)?, None));
                    }
                    names
                }
                // An empty list cannot be a wrong one.
                Value::List(items) if items.is_empty() => Vec::new(),
                Value::List(_) => {
                    return self.wrong(&place, "`for_each`", "a map or a set (`toset`)", "a list".to_owned());
                }
                value => return self.not_known(&place, "`for_each`", &value),
            };
            if entries.len() > MOST_INSTANCES {
                return self.refuse(&place, ModuleProblem::TooLarge);
            }
            for (name, each) in entries {
                let key = InstanceKey::Name(name);
                let condition = condition.clone();
                let condition = match keyed.remove(&key) {
                    None => condition,
                    Some((earlier, value)) if value == each => Condition::any([earlier, condition]),
                    Some(_) => {
                        let what = "a `for_each` with two values for one key";
                        return self.outside(&place, what, "put the question into the argument");
                    }
                };
                keyed.insert(key, (condition, each));
            }
        }
        Ok(keyed.into_iter().map(|(key, (condition, each))| (key, condition, each)).collect())
    }

    /// An attribute of an instance, which is evaluated once.
    pub(super) fn attribute(
        &mut self,
        instance: &Rc<Instance<'a>>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
        let declarations = self.declarations;
        let Some(resource) = declarations.get(instance.block) else {
            return Err(Refused);
        };
        if resource.mode == Mode::Data {
            return self.data_attribute(instance, resource, name, place);
        }
        // Refused where it is declared.
        if !(self.schema.is_known)(&resource.kind) && !declarations.is_of_others(resource.declared.file) {
            return Err(Refused);
        }
        if let Some(value) = (self.schema.computed)(&resource.kind, name, &instance.address) {
            return Ok(Rc::new(Held::new(value, place.clone())));
        }
        if !states(&resource.declared, name) {
            let (of, name) = (instance.address.to_string(), name.to_owned());
            return self.refuse(place, ModuleProblem::NoSuchAttribute { of, name });
        }
        let key = (instance.address.clone(), name.to_owned());
        let definition = Definition::Block(instance.block);
        self.once(
            |known| &mut known.arguments,
            key,
            |this| {
                this.within(Some(definition), |this| {
                    let held = this.argument(&instance.scope, resource.declared.body(), name)?;
                    this.bounded(held)
                })
            },
        )
    }

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

/// Whether a block states an argument, or blocks, of this name.
fn states(declared: &DeclaredBlock<'_>, name: &str) -> bool {
    declared.body().iter().any(|structure| match structure {
        Structure::Attribute(attribute) => attribute.has_key(name) && !matches!(name, "count" | "for_each"),
        Structure::Block(block) => block.has_ident(name),
    })
}

/// The condition under which `value` is 1, if it is always 1 or 0.
fn one_or_none(value: &Value) -> Option<Condition> {
    match value {
        Value::Number(number) if number.as_str() == "1" => Some(Condition::Always),
        Value::Number(number) if number.as_str() == "0" => Some(Condition::Never),
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = choice.as_ref();
            let then = one_or_none(&then.value)?;
            let otherwise = one_or_none(&otherwise.value)?;
            Some(Condition::choice(condition, then, otherwise))
        }
        _ => None,
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
