//! What waits for what: `depends_on`, and the circles in which nothing can come first.

use hcl_edit::expr::{Expression, TraversalOperator};

use super::{
    declaration::Mode,
    evaluator::{Defined, Definition, Evaluator, Outcome, Scope},
    reference::Operand,
};
use crate::{
    graph::{
        Address,
        value::circle::{described, order},
    },
    problem::ModuleProblem,
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// The addresses that a list of references names.
    pub(super) fn depends_on(
        &mut self,
        scope: &Scope<'a>,
        list: &'a Expression,
    ) -> Outcome<Vec<(Address, Place)>> {
        let file = scope.file;
        let Some(list) = list.as_array() else {
            let place = file.place(list);
            return self.wrong(&place, "`depends_on`", "a list of resources", "something else".to_owned());
        };
        let mut addresses = Vec::new();
        let mut outcome = Ok(());
        for item in list {
            let place = file.place(item);
            match self.dependencies(scope, item, &place) {
                Ok(found) => addresses.extend(found.into_iter().map(|address| (address, place.clone()))),
                Err(refused) => outcome = Err(refused),
            }
        }
        outcome.map(|()| addresses)
    }

    fn dependencies(
        &mut self,
        scope: &Scope<'a>,
        item: &'a Expression,
        place: &Place,
    ) -> Outcome<Vec<Address>> {
        let file = scope.file;
        let source = file.source(item).trim();
        let refused = |this: &mut Self| {
            this.wrong(place, "each item of `depends_on`", "a resource", format!("`{source}`"))
        };
        let Expression::Traversal(traversal) = item else { return refused(self) };
        let Expression::Variable(root) = &traversal.expr else { return refused(self) };
        let mut names = vec![root.as_str()];
        let mut index = None;
        for step in traversal.operators.as_slice() {
            match (step.value(), index) {
                (TraversalOperator::GetAttr(name), None) => names.push(name.as_str()),
                (TraversalOperator::Index(key), None) => index = Some(key),
                _ => return refused(self),
            }
        }
        let declarations = scope.module.declarations();
        let found = match names.as_slice() {
            ["module", name] => declarations.calls.get_key_value(name).map(|(&name, _)| Defined::Call(name)),
            ["data", kind, name] => declarations.find(Mode::Data, kind, name).map(Defined::Block),
            ["module" | "var" | "local" | "each" | "path", ..] => return refused(self),
            [kind, name] => declarations.find(Mode::Resource, kind, name).map(Defined::Block),
            _ => return refused(self),
        };
        let Some(of) = found else { return self.not_declared(scope, source.to_owned(), place) };
        self.refers_to(Definition { module: scope.module.id, of }, place);
        let instances = match of {
            Defined::Call(name) => self.called(&scope.module, name)?,
            Defined::Block(id) => {
                // What is looked up is not deployed, and nothing waits for it.
                if declarations.get(id).is_some_and(|block| block.mode == Mode::Data) {
                    return Ok(Vec::new());
                }
                self.instances(&scope.module, id)?
            }
            Defined::Local(_) | Defined::Input(_) | Defined::Output(_) => return refused(self),
        };
        let Some(index) = index else {
            let mut all = Vec::new();
            for repeated in instances.iter() {
                all.extend(self.resources_in(&repeated.of, place)?);
            }
            return Ok(all);
        };
        let key = match index {
            Expression::Number(_) => file.source(index).trim().to_owned(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        if let Some(repeated) = instances.get(&key) {
            return self.resources_in(&repeated.of, place);
        }
        let of = format!("`{}`", instances.address);
        self.refuse(place, ModuleProblem::NoSuchPart { of, name: key })
    }

    /// The resource that `operand` is, or all that stand in the module that it is.
    fn resources_in(&mut self, operand: &Operand<'a>, place: &Place) -> Outcome<Vec<Address>> {
        self.spend(1, place)?;
        let module = match operand {
            Operand::Instance(instance) => return Ok(vec![instance.address.clone()]),
            Operand::Module(module) => module,
            Operand::Value(_) | Operand::Instances(_) | Operand::Items(_) => return Ok(Vec::new()),
        };
        let declarations = module.declarations();
        let mut all = Vec::new();
        for id in declarations.ids() {
            if declarations.get(id).is_some_and(|block| block.mode == Mode::Resource) {
                self.refers_to(Definition { module: module.id, of: Defined::Block(id) }, place);
                let instances = self.instances(module, id)?;
                all.extend(instances.blocks().map(|instance| instance.address.clone()));
            }
        }
        for name in declarations.calls.keys() {
            let instances = self.called(module, name)?;
            for repeated in instances.iter() {
                all.extend(self.deeper(place, |this| this.resources_in(&repeated.of, place))?);
            }
        }
        Ok(all)
    }

    /// Notes resources that refer to each other in a circle, which Terraform refuses
    /// (<https://developer.hashicorp.com/terraform/internals/graph>).
    pub(super) fn refuse_circles(&mut self) {
        let edges = std::mem::take(&mut self.edges);
        for circle in order(&edges).circles {
            let names: Vec<String> = circle.iter().map(|(definition, _)| self.name_of(*definition)).collect();
            let Some((_, place)) = circle.first() else { continue };
            // It is noted, and there is nothing more to evaluate.
            let _: Outcome<()> = self.refuse(place, ModuleProblem::Cycle { path: described(&names) });
        }
    }

    fn name_of(&self, definition: Definition<'a>) -> String {
        let module = self.module(definition.module);
        let name = match definition.of {
            Defined::Local(name) => format!("local.{name}"),
            Defined::Call(name) => format!("module.{name}"),
            Defined::Input(name) => format!("var.{name}"),
            Defined::Output(name) => format!("output.{name}"),
            Defined::Block(id) => {
                let block = module.declarations().get(id);
                block.map(|block| block.address.to_string()).unwrap_or_default()
            }
        };
        module.address_of(&name).to_string()
    }
}
