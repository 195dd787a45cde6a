//! Instances of resources and data sources: their attributes, and all instances at once by `[*]` or by functions that take a whole
//! block.

use std::rc::Rc;

use hcl_edit::structure::Structure;

use super::{
    declaration::{BlockId, DeclaredBlock, Mode},
    evaluator::{Defined, Definition, Evaluator, Outcome, Refused, Scope},
    module::ModuleInstance,
    reference::{Operand, Steps},
    repetition::{Instances, Repeated, Repeating},
};
use crate::{
    graph::{Address, Condition, Held, Value},
    problem::ModuleProblem,
    read::Place,
};

/// One instance of a block.
pub(super) struct Instance<'a> {
    /// Its block.
    pub block: BlockId,
    /// Its address, with its key.
    pub address: Address,
    /// When it exists, if its module does.
    pub condition: Condition,
    /// What its arguments can refer to.
    pub scope: Scope<'a>,
}

impl<'a> Instance<'a> {
    /// Its block, as others refer to it.
    pub(super) fn definition(&self) -> Definition<'a> {
        Definition { module: self.scope.module.id, of: Defined::Block(self.block) }
    }
}

impl<'a> Evaluator<'a> {
    /// The instances of a block of `module`, which are evaluated once.
    pub(super) fn instances(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        id: BlockId,
    ) -> Outcome<Rc<Instances<'a>>> {
        let definition = Definition { module: module.id, of: Defined::Block(id) };
        self.once(
            |known| &mut known.instances,
            (module.id, id),
            |this| {
                this.within(Some(definition), |this| {
                    let Some(block) = module.declarations().get(id) else { return Err(Refused) };
                    let address = module.address_of(&block.address);
                    // Whatever stands in a module waits for what the module waits for.
                    if let Some(call) = module.call() {
                        this.refers_to(call, &block.declared.place());
                    }
                    this.repeat(module, block.declared, &address, &mut |_, repeating| {
                        let Repeating { address, condition, scope } = repeating;
                        let instance = Instance { block: id, address, condition, scope };
                        Ok(Operand::Instance(Rc::new(instance)))
                    })
                })
            },
        )
    }

    /// An attribute of an instance, which is evaluated once.
    pub(super) fn attribute(
        &mut self,
        instance: &Rc<Instance<'a>>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
        let declarations = instance.scope.module.declarations();
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
        let definition = instance.definition();
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
                for repeated in instances.iter() {
                    let operand = self.steps(scope, repeated.of.clone(), each, place)?;
                    let held = self.held(operand, place)?;
                    lists = self.extended(lists, held, repeated, place)?;
                }
                return Ok(Operand::Value(Rc::new(lists)));
            }
            Operand::Instances(instances) => {
                let what = format!("`[*]` of `{}`, which has `for_each`", instances.address);
                return self.outside(place, what, "write `values(...)[*]`");
            }
            operand @ (Operand::Instance(_) | Operand::Module(_)) => vec![operand],
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
        instance: &Repeated<'a>,
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
    let items = instances.iter().map(|repeated| repeated.of.clone());
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
    instances.is_keyed() && instances.iter().all(Repeated::is_certain)
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
