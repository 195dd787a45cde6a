//! How often a block or a module stands: `count` and `for_each`.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::expr::Expression;

use super::{
    declaration::DeclaredBlock,
    evaluator::{Evaluator, Outcome, Scope},
    expression::shown,
    instance::Instance,
    module::ModuleInstance,
    operation::whole,
    reference::Operand,
};
use crate::{
    graph::{Address, Choice, Condition, Held, Value},
    problem::ModuleProblem,
};

/// Instances of one block or module, at most.
const MOST_INSTANCES: usize = 1_000;

/// All instances of a block or of a module.
pub(super) struct Instances<'a> {
    /// The block, the module.
    pub address: Address,
    repetition: Repetition,
    all: BTreeMap<InstanceKey, Repeated<'a>>,
}

/// One of several instances.
pub(super) struct Repeated<'a> {
    /// When it exists, if the module that it is in does.
    pub condition: Condition,
    /// What it is.
    pub of: Operand<'a>,
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

/// What an instance is made of: its address, when it exists, and what it can refer to.
pub(super) struct Repeating<'a> {
    /// Its address, with its key.
    pub address: Address,
    /// When it exists, if the module that it is in does.
    pub condition: Condition,
    /// What its arguments can refer to.
    pub scope: Scope<'a>,
}

impl Repeated<'_> {
    /// Whether it exists whatever the inputs are.
    pub(super) fn is_certain(&self) -> bool {
        self.condition == Condition::Always
    }
}

impl<'a> Instances<'a> {
    /// The instance, if there is neither `count` nor `for_each`.
    pub(super) fn only(&self) -> Option<&Repeated<'a>> {
        if self.repetition == Repetition::Single { self.all.values().next() } else { None }
    }

    /// Whether there is `for_each`.
    pub(super) fn is_keyed(&self) -> bool {
        self.repetition == Repetition::Keyed
    }

    /// The instance of this key.
    pub(super) fn get(&self, key: &str) -> Option<&Repeated<'a>> {
        match self.repetition {
            Repetition::Single => None,
            Repetition::Counted => self.all.get(&InstanceKey::Index(key.parse().ok()?)),
            Repetition::Keyed => self.all.get(&InstanceKey::Name(key.to_owned())),
        }
    }

    /// All instances.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Repeated<'a>> {
        self.all.values()
    }

    /// All instances of a block.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Rc<Instance<'a>>> {
        self.iter().filter_map(|repeated| match &repeated.of {
            Operand::Instance(instance) => Some(instance),
            _ => None,
        })
    }

    /// All instances of a module.
    pub(super) fn modules(&self) -> impl Iterator<Item = &Rc<ModuleInstance<'a>>> {
        self.iter().filter_map(|repeated| match &repeated.of {
            Operand::Module(module) => Some(module),
            _ => None,
        })
    }

    /// All keys of `for_each`.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.all.keys().filter_map(|key| match key {
            InstanceKey::Name(name) => Some(name.as_str()),
            InstanceKey::None | InstanceKey::Index(_) => None,
        })
    }

    /// What a reference to it stands for: the only instance, or all of them.
    pub(super) fn operand(self: &Rc<Self>) -> Operand<'a> {
        self.only().map_or_else(|| Operand::Instances(Rc::clone(self)), |only| only.of.clone())
    }
}

impl<'a> Evaluator<'a> {
    /// The instances of `declared`, which is a block of `module` or a module that it calls. `make` makes each of them.
    pub(super) fn repeat(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        declared: DeclaredBlock<'a>,
        address: &Address,
        make: &mut dyn FnMut(&mut Self, Repeating<'a>) -> Outcome<Operand<'a>>,
    ) -> Outcome<Rc<Instances<'a>>> {
        let scope = Scope::of(module, declared.file);
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
                InstanceKey::None => address.clone(),
                InstanceKey::Index(index) => {
                    let entries = [("index".to_owned(), Held::new(whole(*index), place.clone()))];
                    scope = scope.with("count", Operand::Value(held(BTreeMap::from(entries).into())));
                    // A resource that may not exist has no index: it is one resource under a condition.
                    if condition == Condition::Always {
                        format!("{address}[{index}]").into()
                    } else {
                        address.clone()
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
            let of = make(self, Repeating { address, condition: condition.clone(), scope })?;
            all.insert(key, Repeated { condition, of });
        }
        Ok(Rc::new(Instances { address: address.clone(), repetition, all }))
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
