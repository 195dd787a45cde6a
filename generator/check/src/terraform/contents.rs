//! Everything that a configuration declares, module by module: nothing is left out because nobody uses it.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use super::{
    Module, NamedBlock,
    declaration::DeclaredBlock,
    evaluator::{Defined, Definition, Evaluator, Outcome, Refused, Scope},
    module::ModuleInstance,
};
use crate::{
    graph::{Address, Condition, Held, Properties, Symbol, Value},
    problem::ModuleProblem,
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// The module, and whether nothing of it is missing.
    pub(super) fn everything(&mut self) -> (Module, bool) {
        let mut module = Module::default();
        let root = Rc::clone(&self.root);
        let mut is_whole = self.inputs(&root, &mut module);
        is_whole &= self.contents(&root, &[], &mut module);
        for (name, declared) in &root.declarations().outputs {
            match self.output(&root, name, *declared) {
                Ok(output) => module.outputs.push(output),
                Err(Refused) => is_whole = false,
            }
        }
        is_whole &= self.providers(&root, &mut module);
        self.add_bounds(&mut module);
        module.requirements = std::mem::take(&mut self.requirements);
        module.unread.resources = std::mem::take(&mut self.unread);
        module.unread.is_open = self.is_open || self.configuration.is_open();
        module.unread.lacks_bounds = self.lacks_bounds || module.unread.is_open;
        self.refuse_circles();
        (module, is_whole)
    }

    /// The variables of the root module.
    fn inputs(&mut self, root: &Rc<ModuleInstance<'a>>, module: &mut Module) -> bool {
        let mut is_whole = true;
        for (name, declared) in &root.declarations().variables {
            if root.declarations().is_of_others(declared.file) {
                continue;
            }
            let given = self.given.get(*name).map(|held| held.place.clone());
            if self.is_settled(name, declared) {
                module.given.push(((*name).into(), given.unwrap_or_else(|| declared.place())));
                is_whole &= self.variable(root, name, *declared).is_ok();
                continue;
            }
            if let Some(place) = given
                && declared.body().get_attribute("default").is_none()
            {
                module.given.push(((*name).into(), place));
            }
            if let Ok(variable) = self.variable(root, name, *declared) {
                module.variables.push(variable);
            } else {
                module.unread.variables.push(((*name).into(), declared.place()));
                is_whole = false;
            }
        }
        is_whole
    }

    /// What stands in `of`, and in the modules that it calls. All resources of it wait for `waits`.
    fn contents(
        &mut self,
        of: &Rc<ModuleInstance<'a>>,
        waits: &[(Address, Place)],
        module: &mut Module,
    ) -> bool {
        let mut is_whole = true;
        let declarations = of.declarations();
        for (name, local) in &declarations.locals {
            if declarations.is_of_others(local.file) {
                continue;
            }
            let place = local.file.place(local.value);
            is_whole &= self.local(&Scope::of(of, local.file), name, &place).is_ok();
        }
        for id in declarations.ids() {
            if !declarations.belongs(id, self.schema.attaches) {
                continue;
            }
            match self.resources(of, id, waits) {
                Ok(resources) => module.resources.extend(resources),
                Err(Refused) => is_whole = false,
            }
        }
        for (name, declared) in &declarations.calls {
            is_whole &= self.call_of(of, name, *declared, waits, module).is_ok();
        }
        is_whole
    }

    fn call_of(
        &mut self,
        caller: &Rc<ModuleInstance<'a>>,
        name: &'a str,
        declared: DeclaredBlock<'a>,
        waits: &[(Address, Place)],
        module: &mut Module,
    ) -> Outcome<()> {
        let Ok(instances) = self.called(caller, name) else {
            // Whatever it makes is missing.
            self.is_open = true;
            return Err(Refused);
        };
        let mut waits = waits.to_vec();
        if let Some(depends_on) = declared.body().get_attribute("depends_on") {
            let definition = Definition { module: caller.id, of: Defined::Call(name) };
            let scope = Scope::of(caller, declared.file);
            let more = self.within(Some(definition), |this| this.depends_on(&scope, &depends_on.value));
            waits.extend(self.unless_partial(more)?);
        }
        let mut is_whole = true;
        for called in instances.modules() {
            self.spend(1, &declared.place())?;
            for (name, variable) in &called.declarations().variables {
                let is_checked = self.check_input(called, name, *variable).is_ok();
                self.lacks_bounds |= !is_checked;
                is_whole &= is_checked;
            }
            is_whole &= self.contents(called, &waits, module);
            for (name, output) in &called.declarations().outputs {
                is_whole &= self.check_output(called, name, *output).is_ok();
                is_whole &= self.output_of(called, name, &output.place()).is_ok();
            }
        }
        if is_whole { Ok(()) } else { Err(Refused) }
    }

    /// Looks at a variable of a module that is called, and at what it is given.
    fn check_input(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &'a str,
        variable: DeclaredBlock<'a>,
    ) -> Outcome<()> {
        let block = self.variable(module, name, variable)?;
        let given = self.argument_for(module, name, &variable.place())?;
        // What is demanded of an input of the root module is a bound of the input, which a template can have, too.
        if let Some(Symbol::Input(input)) = given.value.as_symbol()
            && module.condition == Condition::Always
        {
            let input = Arc::clone(input);
            if let Some(Value::List(bounds)) = block.arguments.get("validation").map(|held| &held.value) {
                self.bounds.entry(input).or_default().extend(bounds.iter().cloned());
            }
            return Ok(());
        }
        let scope = Scope::of(module, variable.file);
        let mut outcome = Ok(());
        for validation in variable.body().blocks().filter(|block| block.has_ident("validation")) {
            let Some(condition) = validation.body.get_attribute("condition") else { continue };
            let stated = self.stated(&scope, &condition.value);
            if stated == Some(Condition::Never) && module.condition == Condition::Always {
                let what = format!("`{name}` of `{}`", module.address);
                let message = validation.body.get_attribute("error_message");
                let message = message.map(|message| variable.file.source(&message.value).trim());
                let message = message.unwrap_or_default().trim_matches('"').to_owned();
                outcome = self.refuse(&given.place, ModuleProblem::Invalid { what, message });
                continue;
            }
            outcome = outcome.and(self.demand(&scope, validation, &module.condition));
        }
        outcome
    }

    /// Adds to the inputs what modules demand of them. What the root module says itself is not said again.
    fn add_bounds(&mut self, module: &mut Module) {
        for (name, more) in std::mem::take(&mut self.bounds) {
            let Some(variable) = module.variables.iter_mut().find(|variable| variable.name == name) else {
                continue;
            };
            let NamedBlock { place, arguments, .. } = variable;
            let all = arguments
                .entry("validation".to_owned())
                .or_insert_with(|| Held::new(Value::List(Vec::new()), place.clone()));
            let Value::List(all) = &mut all.value else { continue };
            let mut said: BTreeSet<Properties> = all.iter().filter_map(demanded).collect();
            for bound in more {
                if demanded(&bound).is_some_and(|demanded| said.insert(demanded)) {
                    all.push(bound);
                }
            }
        }
    }

    /// The provider without an alias, and all that anything uses.
    fn providers(&mut self, root: &Rc<ModuleInstance<'a>>, module: &mut Module) -> bool {
        let mut is_whole = true;
        let used = std::mem::take(&mut self.used_providers);
        for (name, declared) in &root.declarations().providers {
            let is_used = used.contains_key(name);
            if !is_used && &**name != "aws" {
                continue;
            }
            match self.provider(name, *declared) {
                // Where everything names another one, this says nothing.
                Ok(_) if !is_used && !used.is_empty() => {}
                Ok(provider) => module.providers.push(provider),
                Err(Refused) => is_whole = false,
            }
        }
        if let Some(place) = used.get("aws")
            && !root.declarations().providers.contains_key("aws")
        {
            let arguments = Properties::new();
            module.providers.push(NamedBlock { name: "aws".into(), place: place.clone(), arguments });
        }
        is_whole
    }
}

/// What a bound demands, without the words in which it does.
fn demanded(bound: &Held) -> Option<Properties> {
    let Value::Map(entries) = &bound.value else { return None };
    let words = ["source", "error_message"];
    let demanded = entries.iter().filter(|(name, _)| !words.contains(&name.as_str()));
    Some(demanded.map(|(name, held)| (name.clone(), held.clone())).collect())
}
