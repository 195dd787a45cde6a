//! References: `var.x`, `local.x`, `aws_sqs_queue.x[0].arn`, and what their names stand for.

use std::rc::Rc;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::{
    ModuleProblem,
    declaration::Mode,
    evaluator::{Definition, Evaluator, Outcome, Scope},
    instance::{Instance, Instances},
    step::Steps,
};
use crate::{
    graph::{Held, Symbol, SymbolicText, Value},
    read::Place,
};

/// What an expression can stand for.
#[derive(Clone)]
pub(super) enum Operand<'a> {
    /// A value.
    Value(Rc<Held>),
    /// A resource or a data source, which has attributes.
    Instance(Rc<Instance<'a>>),
    /// All instances of a block with `count` or `for_each`.
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
            Operand::Instance(_) | Operand::Instances(_) => {
                self.outside(place, "a resource as a whole", "name the attribute of it that you need")
            }
        }
    }

    /// A name alone.
    pub(super) fn name(&mut self, scope: &Scope<'a>, name: &str, place: &Place) -> Outcome<Operand<'a>> {
        match scope.names.get(name) {
            Some(operand) if !matches!(name, "each" | "count") => Ok(operand.clone()),
            _ => self.not_declared(name.to_owned(), place),
        }
    }

    /// A name, and the way from there.
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
                let operand = self.input(name, place)?;
                self.steps(scope, operand, rest, place)
            }
            "local" => {
                let (name, rest) = self.part(name, steps, place)?;
                let operand = Operand::Value(self.local(name, place)?);
                self.steps(scope, operand, rest, place)
            }
            "data" => {
                let (kind, rest) = self.part(name, steps, place)?;
                let (name, rest) = self.part(kind, rest, place)?;
                let operand = self.block(Mode::Data, kind, name, place)?;
                self.steps(scope, operand, rest, place)
            }
            "each" | "count" => {
                let what = format!("`{name}`");
                self.outside(place, what, "it has a value only in a block with `for_each` or `count`")
            }
            "path" | "terraform" | "self" | "module" => {
                let what = format!("`{name}`");
                self.outside(place, what, "only what the files themselves say can be compared")
            }
            kind => {
                let (name, rest) = self.part(kind, steps, place)?;
                let operand = self.block(Mode::Resource, kind, name, place)?;
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

    fn not_declared<T>(&mut self, name: String, place: &Place) -> Outcome<T> {
        let suggestion = self.declarations.similar(&name);
        self.refuse(place, ModuleProblem::NotDeclared { name, suggestion })
    }

    fn input(&mut self, name: &'a str, place: &Place) -> Outcome<Operand<'a>> {
        if !self.declarations.variables.contains_key(name) {
            return self.not_declared(format!("var.{name}"), place);
        }
        let text = SymbolicText::from(Symbol::Input(name.into()));
        Ok(Operand::Value(Rc::new(Held::new(text, place.clone()))))
    }

    /// The value of a local, which is found out once.
    pub(super) fn local(&mut self, name: &str, place: &Place) -> Outcome<Rc<Held>> {
        let declarations = self.declarations;
        let Some((&name, local)) = declarations.locals.get_key_value(name) else {
            return self.not_declared(format!("local.{name}"), place);
        };
        let definition = Definition::Local(name);
        self.refers_to(definition, place);
        self.once(
            |known| &mut known.locals,
            name,
            |this| {
                this.within(Some(definition), |this| {
                    let held = this.value(&Scope::of(local.file), local.value)?;
                    this.bounded(held)
                })
            },
        )
    }

    fn block(&mut self, mode: Mode, kind: &str, name: &str, place: &Place) -> Outcome<Operand<'a>> {
        let Some(id) = self.declarations.find(mode, kind, name) else {
            let prefix = if mode == Mode::Data { "data." } else { "" };
            return self.not_declared(format!("{prefix}{kind}.{name}"), place);
        };
        self.refers_to(Definition::Block(id), place);
        let instances = self.instances(id)?;
        Ok(match instances.only() {
            Some(instance) => Operand::Instance(Rc::clone(instance)),
            None => Operand::Instances(instances),
        })
    }
}
