//! References (`var.x`, `local.x`, `aws_sqs_queue.x[0].arn`, `module.x.arn`): what their names stand for, and the steps from there: `.arn`,
//! `["name"]`, `[0]`.

use std::rc::Rc;

use hcl_edit::{
    Decorated,
    expr::{Expression, Traversal, TraversalOperator},
};

use super::{
    characters::composed,
    configuration::ROOT,
    declaration::Mode,
    evaluator::{Defined, Definition, Evaluator, Outcome, Scope},
    instance::Instance,
    interface::InputType,
    module::ModuleInstance,
    operation::whole,
    repetition::Instances,
};
use crate::{
    graph::{Call, Condition, Function, Held, Symbol, SymbolicText, Value},
    problem::ModuleProblem,
    read::Place,
};

/// What an expression can stand for.
#[derive(Clone)]
pub(super) enum Operand<'a> {
    /// A value.
    Value(Rc<Held>),
    /// A resource or a data source, which has attributes.
    Instance(Rc<Instance<'a>>),
    /// A module that is called, which has outputs.
    Module(Rc<ModuleInstance<'a>>),
    /// All instances of a block or a module with `count` or `for_each`.
    Instances(Rc<Instances<'a>>),
    /// A list of the above, as `values(aws_sqs_queue.all)` makes it.
    Items(Rc<Vec<Operand<'a>>>),
}

impl<'a> Evaluator<'a> {
    /// The value that `operand` is.
    pub(super) fn held(&mut self, operand: Operand<'a>, place: &Place) -> Outcome<Held> {
        match operand {
            Operand::Value(held) => match Rc::try_unwrap(held) {
                Ok(held) => Ok(held),
                Err(shared) => self.copy(&shared, place),
            },
            Operand::Items(items) => {
                let items = items.iter().map(|item| self.held(item.clone(), place));
                let items = items.collect::<Vec<_>>().into_iter().collect::<Outcome<Vec<_>>>()?;
                Ok(Held::new(Value::List(items), place.clone()))
            }
            Operand::Module(_) => {
                self.outside(place, "a module as a whole", "name the output of it that you need")
            }
            Operand::Instance(_) | Operand::Instances(_) => {
                self.outside(place, "a resource as a whole", "name the attribute of it that you need")
            }
        }
    }

    /// A name alone.
    pub(super) fn name(&mut self, scope: &Scope<'a>, name: &str, place: &Place) -> Outcome<Operand<'a>> {
        match scope.names.get(name) {
            Some(operand) if !matches!(name, "each" | "count") => Ok(operand.clone()),
            _ => self.not_declared(scope, name.to_owned(), place),
        }
    }

    /// A name, and the steps after it.
    pub(super) fn traversal(
        &mut self,
        scope: &Scope<'a>,
        traversal: &'a Traversal,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let steps = traversal.operators.as_slice();
        let Expression::Variable(name) = &traversal.expr else {
            let operand = self.operand(scope, &traversal.expr)?;
            return self.steps(scope, operand, steps, place);
        };
        let name = name.as_str();
        if let Some(operand) = scope.names.get(name) {
            let operand = operand.clone();
            return self.steps(scope, operand, steps, place);
        }
        match name {
            "var" => {
                let (name, rest) = self.part(name, steps, place)?;
                let operand = self.input(scope, name, place)?;
                self.steps(scope, operand, rest, place)
            }
            "local" => {
                let (name, rest) = self.part(name, steps, place)?;
                let operand = Operand::Value(self.local(scope, name, place)?);
                self.steps(scope, operand, rest, place)
            }
            "data" => {
                let (kind, rest) = self.part(name, steps, place)?;
                let (name, rest) = self.part(kind, rest, place)?;
                let operand = self.block(scope, Mode::Data, kind, name, place)?;
                self.steps(scope, operand, rest, place)
            }
            "each" | "count" => {
                let what = format!("`{name}`");
                self.outside(place, what, "it has a value only in a block with `for_each` or `count`")
            }
            "path" => {
                let (part, rest) = self.part(name, steps, place)?;
                let path = match part {
                    "module" => scope.module.folder.path,
                    "root" => ROOT,
                    _ => {
                        let what = format!("`path.{part}`");
                        return self.outside(
                            place,
                            what,
                            "only what the files themselves say can be compared",
                        );
                    }
                };
                self.steps(scope, Operand::Value(Rc::new(Held::new(path, place.clone()))), rest, place)
            }
            "module" => {
                let (name, rest) = self.part(name, steps, place)?;
                let operand = self.module_operand(scope, name, place)?;
                self.steps(scope, operand, rest, place)
            }
            "terraform" | "self" => {
                let what = format!("`{name}`");
                self.outside(place, what, "only what the files themselves say can be compared")
            }
            kind => {
                let (name, rest) = self.part(kind, steps, place)?;
                let operand = self.block(scope, Mode::Resource, kind, name, place)?;
                self.steps(scope, operand, rest, place)
            }
        }
    }

    fn part(&mut self, of: &str, steps: &'a Steps<'a>, place: &Place) -> Outcome<(&'a str, &'a Steps<'a>)> {
        if let Some((first, rest)) = steps.split_first()
            && let TraversalOperator::GetAttr(name) = first.value()
        {
            return Ok((name.as_str(), rest));
        }
        self.outside(place, format!("`{of}` without a name behind it"), "name what you need of it")
    }

    /// Notes that the module of `scope` declares no `name`.
    pub(super) fn not_declared<T>(&mut self, scope: &Scope<'a>, name: String, place: &Place) -> Outcome<T> {
        let suggestion = scope.module.declarations().similar(&name);
        self.refuse(place, ModuleProblem::NotDeclared { name, suggestion })
    }

    fn input(&mut self, scope: &Scope<'a>, name: &'a str, place: &Place) -> Outcome<Operand<'a>> {
        if !scope.module.declarations().variables.contains_key(name) {
            return self.not_declared(scope, format!("var.{name}"), place);
        }
        if !scope.module.is_root() {
            return Ok(Operand::Value(self.argument_for(&scope.module, name, place)?));
        }
        if let Some(held) = self.settled(&scope.module, name, place)? {
            return Ok(Operand::Value(Rc::new(held)));
        }
        let text = SymbolicText::from(Symbol::Input(name.into()));
        Ok(Operand::Value(Rc::new(Held::new(text, place.clone()))))
    }

    /// The value of a local, which is evaluated once.
    pub(super) fn local(&mut self, scope: &Scope<'a>, name: &str, place: &Place) -> Outcome<Rc<Held>> {
        let Some((&name, local)) = scope.module.declarations().locals.get_key_value(name) else {
            return self.not_declared(scope, format!("local.{name}"), place);
        };
        let definition = Definition { module: scope.module.id, of: Defined::Local(name) };
        self.refers_to(definition, place);
        self.once(
            |known| &mut known.locals,
            (scope.module.id, name),
            |this| {
                this.within(Some(definition), |this| {
                    let held = this.value(&Scope::of(&scope.module, local.file), local.value)?;
                    this.bounded(held)
                })
            },
        )
    }

    fn block(
        &mut self,
        scope: &Scope<'a>,
        mode: Mode,
        kind: &str,
        name: &str,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let Some(id) = scope.module.declarations().find(mode, kind, name) else {
            let prefix = if mode == Mode::Data { "data." } else { "" };
            return self.not_declared(scope, format!("{prefix}{kind}.{name}"), place);
        };
        self.refers_to(Definition { module: scope.module.id, of: Defined::Block(id) }, place);
        Ok(self.instances(&scope.module, id)?.operand())
    }
}

/// Steps as they are written.
pub(super) type Steps<'a> = [Decorated<TraversalOperator>];

/// A step into a value.
enum Step {
    /// `.name`, `["name"]`.
    Name(String),
    /// `[0]`.
    Index(usize),
    /// `[var.name]`: a key that is not known.
    Unknown(Held),
}

impl<'a> Evaluator<'a> {
    /// Goes `steps` from `operand`.
    pub(super) fn steps(
        &mut self,
        scope: &Scope<'a>,
        mut operand: Operand<'a>,
        steps: &'a Steps<'a>,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let mut rest = steps;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            let step = match first.value() {
                TraversalOperator::FullSplat(_) => return self.splat(scope, operand, rest, place),
                TraversalOperator::AttrSplat(_) => {
                    let names =
                        rest.iter().take_while(|step| matches!(step.value(), TraversalOperator::GetAttr(_)));
                    let (each, after) = rest.split_at_checked(names.count()).unwrap_or((rest, &[]));
                    operand = self.splat(scope, operand, each, place)?;
                    rest = after;
                    continue;
                }
                TraversalOperator::GetAttr(name) => Step::Name(composed(name).into_owned()),
                TraversalOperator::LegacyIndex(index) => {
                    Step::Index(usize::try_from(*index.value()).unwrap_or(usize::MAX))
                }
                TraversalOperator::Index(expression) => {
                    let held = self.value(scope, expression)?;
                    match &held.value {
                        Value::Number(number) => {
                            let Ok(index) = number.as_str().parse() else {
                                let found = format!("`{number}`");
                                return self.wrong(&held.place, "an index", "a whole number", found);
                            };
                            Step::Index(index)
                        }
                        Value::Text(text) if text.as_literal().is_none() => Step::Unknown(held),
                        Value::Choice(_) => Step::Unknown(held),
                        _ => Step::Name(self.text("an index", &held, &held.place)?),
                    }
                }
            };
            operand = self.step(operand, &step, place)?;
        }
        Ok(operand)
    }

    fn step(&mut self, operand: Operand<'a>, step: &Step, place: &Place) -> Outcome<Operand<'a>> {
        match (operand, step) {
            (Operand::Value(held), step) => {
                self.spend(1, place)?;
                let held = self.part_of(&held, step, place)?;
                Ok(Operand::Value(Rc::new(held)))
            }
            (Operand::Instance(instance), Step::Name(name)) => {
                let held = self.attribute(&instance, name, place)?;
                Ok(Operand::Value(held))
            }
            (Operand::Module(module), Step::Name(name)) => {
                let held = self.output_of(&module, name, place)?;
                Ok(Operand::Value(held))
            }
            (
                Operand::Instance(_) | Operand::Module(_) | Operand::Instances(_) | Operand::Items(_),
                Step::Unknown(key),
            ) => self.not_known(&key.place, "an index", &key.value),
            (Operand::Instances(instances), step) => match instances.get(&step.to_string()) {
                Some(repeated) => Ok(repeated.of.clone()),
                None if matches!(step, Step::Name(_)) && !instances.is_keyed() => {
                    let what = format!("an attribute of `{}`, which has `count`", instances.address);
                    self.outside(place, what, "say which instance, `[0]`, or all of them, `[*]`")
                }
                None => self.no_part(&format!("`{}`", instances.address), step, place),
            },
            (Operand::Items(items), Step::Index(index)) => match items.get(*index) {
                Some(operand) => Ok(operand.clone()),
                None => self.no_part("the list", step, place),
            },
            (Operand::Instance(instance), Step::Index(_)) => {
                self.no_part(&format!("`{}`", instance.address), step, place)
            }
            (Operand::Module(module), Step::Index(_)) => {
                self.no_part(&format!("`{}`", module.address), step, place)
            }
            (Operand::Items(_), Step::Name(_)) => self.no_part("the list", step, place),
        }
    }

    fn no_part<T>(&mut self, of: &str, step: &Step, place: &Place) -> Outcome<T> {
        self.refuse(place, ModuleProblem::NoSuchPart { of: of.to_owned(), name: step.to_string() })
    }

    fn part_of(&mut self, held: &Held, step: &Step, place: &Place) -> Outcome<Held> {
        if let Step::Unknown(key) = step {
            if !matches!(held.value, Value::Map(_) | Value::Choice(_)) {
                return self.not_known(&key.place, "an index", &key.value);
            }
            return self.by_key(held, key, None, place);
        }
        match (&held.value, step) {
            (Value::Text(text), _) if text.as_symbol() == Some(&Symbol::NoSuchKey) => Ok(held.clone()),
            (Value::Map(entries), step) => match entries.get(&step.to_string()) {
                Some(held) => self.copy(held, place),
                None => self.no_part("the object", step, place),
            },
            (Value::List(items), step) => match step.index().and_then(|index| items.get(index)) {
                Some(held) => self.copy(held, place),
                None => self.no_part("the list", step, place),
            },
            (Value::Choice(_), step) => {
                let held = self.copy(held, place)?;
                self.each_branch(vec![held], place, &mut |this, values| match values.as_slice() {
                    [held] => this.part_of(held, step, place),
                    _ => this.no_part("the value", step, place),
                })
            }
            (Value::Text(text), step) => match (text.as_symbol(), step.index()) {
                (Some(list), Some(index)) if self.type_of(list).is_list() => {
                    self.spend(2, place)?;
                    Ok(selected(held, index, place))
                }
                (Some(map), _) if matches!(self.type_of(map), InputType::Other) => self.outside(
                    place,
                    format!("part of `{map}`"),
                    "CloudFormation has parameters for text, numbers and lists: use several variables",
                ),
                _ => self.no_part("text", step, place),
            },
            (value, step) => {
                let noun = value.noun();
                self.no_part(noun, step, place)
            }
        }
    }

    /// What stands in `map` under `key`, which need not be known: one of the values of the map, or `otherwise`, or nothing that a
    /// deployment could use.
    pub(super) fn by_key(
        &mut self,
        map: &Held,
        key: &Held,
        otherwise: Option<&Held>,
        place: &Place,
    ) -> Outcome<Held> {
        let both = vec![self.copy(map, place)?, self.copy(key, place)?];
        let missing = || match otherwise {
            Some(held) => held.clone(),
            None => Held::new(SymbolicText::from(Symbol::NoSuchKey), place.clone()),
        };
        self.each_branch(both, place, &mut |this, both| {
            let [map, key] = both.as_slice() else {
                return this.no_part("the value", &Step::Index(0), place);
            };
            let Value::Map(entries) = &map.value else {
                return match map.value.as_symbol() {
                    Some(Symbol::NoSuchKey) => Ok(map.clone()),
                    _ => this.not_known(&map.place, "the object", &map.value),
                };
            };
            if let Value::Text(text) = &key.value
                && text.as_literal().is_none()
            {
                let mut found = missing();
                for (name, held) in entries.iter().rev() {
                    let condition = Condition::equals(key.value.clone(), name.as_str().into());
                    let held = this.copy(held, place)?;
                    found = Held::new(Value::choice(condition, held, found), place.clone());
                }
                return Ok(found);
            }
            let name = this.text("a key", key, &key.place)?;
            match (entries.get(&name), otherwise) {
                (Some(held), _) => this.copy(held, place),
                (None, Some(held)) => Ok(held.clone()),
                (None, None) => this.no_part("the object", &Step::Name(name), place),
            }
        })
    }

    /// Whether `value` is a list that is not known.
    pub(super) fn is_unknown_list(&self, value: &Value) -> bool {
        let Value::Text(text) = value else { return false };
        text.as_symbol().is_some_and(|symbol| self.type_of(symbol).is_list())
    }

    /// What an expression holds once it is known.
    pub(super) fn type_of(&self, symbol: &Symbol) -> InputType {
        match symbol {
            Symbol::Input(name) => self
                .configuration
                .root
                .declarations
                .variables
                .get(name.as_ref())
                .map_or(InputType::Other, |variable| InputType::of(variable)),
            Symbol::Call(Call { function, .. }) => match function {
                Function::Split => InputType::List,
                Function::Length => InputType::Number,
                Function::Join
                | Function::Select
                | Function::Base64
                | Function::ToJsonString
                | Function::Text => InputType::Text,
                Function::Bare | Function::ImportValue => InputType::Any,
                Function::Terraform(name) => match *name {
                    "+" | "-" | "*" | "/" | "%" | "abs" | "ceil" | "floor" | "max" | "min" => {
                        InputType::Number
                    }
                    "<" | "<=" | ">" | ">=" | "startswith" | "endswith" | "strcontains" => InputType::Flag,
                    _ => InputType::Text,
                },
            },
            Symbol::Unknown | Symbol::Unsure(_) => InputType::Other,
            Symbol::NoSuchKey => InputType::Any,
            Symbol::DeploymentName
            | Symbol::Region
            | Symbol::AccountId
            | Symbol::Partition
            | Symbol::UrlSuffix
            | Symbol::Attribute { .. } => InputType::Text,
        }
    }
}

/// The item at `index` of a list that is not known.
pub(super) fn selected(list: &Held, index: usize, place: &Place) -> Held {
    let arguments = vec![Held::new(whole(index), place.clone()), list.clone()];
    Held::new(SymbolicText::from(Symbol::Call(Call { function: Function::Select, arguments })), place.clone())
}

impl Step {
    fn index(&self) -> Option<usize> {
        match self {
            Self::Index(index) => Some(*index),
            Self::Name(name) => name.parse().ok(),
            Self::Unknown(_) => None,
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
            Self::Unknown(key) => write!(f, "{}", key.value),
        }
    }
}
