//! Modules that are called: their instances, what they are given, and what they give back.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use hcl_edit::structure::{Attribute, Structure};

use super::{
    configuration::{Configuration, Folder, MOST_MODULES},
    declaration::{Declarations, DeclaredBlock},
    evaluator::{Defined, Definition, Evaluator, Outcome, Refused, Scope},
    reference::Operand,
    repetition::{Instances, Repeating},
};
use crate::{
    graph::{Address, Condition, Held, Value},
    problem::{ModuleProblem, alike},
    read::Place,
};

/// What may stand in a `module` block beside the inputs of the module. In a folder there is only one version.
const META: &[&str] = &["source", "count", "for_each", "depends_on", "providers"];

/// Which module of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ModuleId(usize);

/// The root module, or an instance of a module that is called.
pub(super) struct ModuleInstance<'a> {
    /// Which of them.
    pub id: ModuleId,
    /// Its address: `module.a["x"].module.b`. The root's is empty.
    pub address: Address,
    /// The folder that it is in.
    pub folder: &'a Folder<'a>,
    /// When it exists.
    pub condition: Condition,
    /// Who calls it. Nobody calls the root.
    call: Option<Call<'a>>,
    /// What the root module calls the providers that have these names here.
    providers: BTreeMap<Arc<str>, Arc<str>>,
}

/// A call of a module.
struct Call<'a> {
    /// Its name.
    name: &'a str,
    /// The block.
    declared: DeclaredBlock<'a>,
    /// What its arguments can refer to.
    scope: Scope<'a>,
}

impl<'a> ModuleInstance<'a> {
    /// The root module of a configuration.
    pub(super) fn root(configuration: &'a Configuration<'a>) -> Rc<Self> {
        let folder = &configuration.root;
        let names = folder.declarations.providers.keys().map(Arc::clone).chain(["aws".into()]);
        Rc::new(Self {
            id: ModuleId(0),
            address: "".into(),
            folder,
            condition: Condition::Always,
            call: None,
            providers: names.map(|name| (Arc::clone(&name), name)).collect(),
        })
    }

    /// What its files declare.
    pub(super) const fn declarations(&self) -> &'a Declarations<'a> {
        &self.folder.declarations
    }

    /// Whether nobody calls it.
    pub(super) const fn is_root(&self) -> bool {
        self.call.is_none()
    }

    /// The address of what is called `name` in it.
    pub(super) fn address_of(&self, name: &str) -> Address {
        if self.is_root() { name.into() } else { format!("{}.{name}", self.address).into() }
    }

    /// The call that makes it.
    pub(super) fn call(&self) -> Option<Definition<'a>> {
        let call = self.call.as_ref()?;
        Some(Definition { module: call.scope.module.id, of: Defined::Call(call.name) })
    }

    /// What the root module calls the provider that has this name here.
    pub(super) fn provider(&self, name: &str) -> Option<&Arc<str>> {
        self.providers.get(name)
    }
}

impl<'a> Evaluator<'a> {
    /// What `module.<name>` stands for.
    pub(super) fn module_operand(
        &mut self,
        scope: &Scope<'a>,
        name: &str,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let declarations = scope.module.declarations();
        let Some((&name, _)) = declarations.calls.get_key_value(name) else {
            let name = format!("module.{name}");
            if declarations.is_of_others(scope.file) {
                let instead = "the modules that this file calls are not read: write the value";
                return self.outside(place, format!("`{name}`"), instead);
            }
            return self.not_declared(scope, name, place);
        };
        self.refers_to(Definition { module: scope.module.id, of: Defined::Call(name) }, place);
        Ok(self.called(&scope.module, name)?.operand())
    }

    /// The instances of the module that `caller` calls by this name, which are evaluated once.
    pub(super) fn called(
        &mut self,
        caller: &Rc<ModuleInstance<'a>>,
        name: &'a str,
    ) -> Outcome<Rc<Instances<'a>>> {
        let definition = Definition { module: caller.id, of: Defined::Call(name) };
        self.once(
            |known| &mut known.calls,
            (caller.id, name),
            |this| this.within(Some(definition), |this| this.find_modules(caller, name)),
        )
    }

    fn find_modules(&mut self, caller: &Rc<ModuleInstance<'a>>, name: &'a str) -> Outcome<Rc<Instances<'a>>> {
        let Some(declared) = caller.declarations().calls.get(name).copied() else { return Err(Refused) };
        // What is wrong with its source was noted when the folders were read.
        let folder = self.configuration.called(caller.folder.path, declared.block).ok_or(Refused)?;
        let address = caller.address_of(&format!("module.{name}"));
        if let Some(call) = caller.call() {
            self.refers_to(call, &declared.place());
        }
        let arguments = self.check_arguments(&address, declared, &folder.declarations);
        let providers = self.providers_for(caller, &address, declared, &folder.declarations);
        let (providers, ()) = (providers?, arguments?);
        self.repeat(caller, declared, &address, &mut |this, repeating| {
            let Repeating { address, condition, scope } = repeating;
            if this.modules.len() > MOST_MODULES {
                return this.refuse(&declared.place(), ModuleProblem::TooLarge);
            }
            let module = Rc::new(ModuleInstance {
                id: ModuleId(this.modules.len()),
                address,
                folder,
                condition: Condition::all([caller.condition.clone(), condition]),
                call: Some(Call { name, declared, scope }),
                providers: providers.clone(),
            });
            this.modules.push(Rc::clone(&module));
            Ok(Operand::Module(module))
        })
    }

    /// The module of this id.
    pub(super) fn module(&self, id: ModuleId) -> &Rc<ModuleInstance<'a>> {
        self.modules.get(id.0).unwrap_or(&self.root)
    }

    /// Notes arguments that the module does not take, and those that it lacks.
    fn check_arguments(
        &mut self,
        address: &Address,
        declared: DeclaredBlock<'a>,
        declarations: &Declarations<'a>,
    ) -> Outcome<()> {
        let mut outcome = Ok(());
        let mut meant = BTreeSet::new();
        for structure in declared.body() {
            let found = match structure {
                Structure::Attribute(attribute) => {
                    let name = attribute.key.as_str();
                    if META.contains(&name) || declarations.variables.contains_key(name) {
                        continue;
                    }
                    let suggestion = alike(name, declarations.variables.keys().copied());
                    meant.extend(suggestion);
                    let suggestion = suggestion.map(str::to_owned);
                    let (module, name) = (address.to_string(), name.to_owned());
                    let problem = ModuleProblem::NoInput { module, name, suggestion };
                    (declared.file.place(attribute), problem)
                }
                Structure::Block(block) => {
                    let name = block.ident.to_string();
                    (declared.file.place(block), ModuleProblem::Unknown { name })
                }
            };
            outcome = self.refuse(&found.0, found.1);
        }
        for (name, variable) in &declarations.variables {
            let is_given = declared.body().get_attribute(name).is_some() || meant.contains(name);
            if !is_given && variable.body().get_attribute("default").is_none() {
                let (module, name) = (address.to_string(), (*name).to_owned());
                outcome = self.refuse(&declared.place(), ModuleProblem::NoArgument { module, name });
            }
        }
        outcome
    }

    /// The value that `module` is given for its variable `name`, in the type of the variable. It is evaluated once.
    pub(super) fn argument_for(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
        let variables = &module.declarations().variables;
        let Some((&name, variable)) = variables.get_key_value(name) else { return Err(Refused) };
        let definition = Definition { module: module.id, of: Defined::Input(name) };
        self.refers_to(definition, place);
        self.once(
            |known| &mut known.inputs,
            (module.id, name),
            |this| {
                this.within(Some(definition), |this| {
                    let held = this.given_to(module, name, variable)?;
                    this.bounded(held)
                })
            },
        )
    }

    fn given_to(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &str,
        variable: &DeclaredBlock<'a>,
    ) -> Outcome<Held> {
        let Some(call) = &module.call else { return Err(Refused) };
        let scope = Scope::of(module, variable.file);
        let default = variable.body().get_attribute("default");
        let value_of = |this: &mut Self, default: &'a Attribute| {
            let held = this.value(&scope, &default.value)?;
            this.of_type_of(&scope, name, variable, held)
        };
        let Some(argument) = call.declared.body().get_attribute(name) else {
            return value_of(self, default.ok_or(Refused)?);
        };
        let held = self.value(&call.scope, &argument.value)?;
        let held = self.of_type_of(&scope, name, variable, held)?;
        if can_be_null(variable) {
            return Ok(held);
        }
        match default {
            Some(default) => {
                let default = value_of(self, default)?;
                self.unless_null(held, &default)
            }
            None if held.value == Value::Absent => {
                let what = format!("`{name}` of `{}`", module.address);
                self.wrong(&held.place, &what, "a value", "nothing".to_owned())
            }
            None => Ok(held),
        }
    }

    /// The output `name` of `module`, which is evaluated once.
    pub(super) fn output_of(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &str,
        place: &Place,
    ) -> Outcome<Rc<Held>> {
        let outputs = &module.declarations().outputs;
        let Some((&name, declared)) = outputs.get_key_value(name) else {
            let suggestion = alike(name, outputs.keys().copied()).map(str::to_owned);
            let (module, name) = (module.address.to_string(), name.to_owned());
            return self.refuse(place, ModuleProblem::NoOutput { module, name, suggestion });
        };
        let definition = Definition { module: module.id, of: Defined::Output(name) };
        self.refers_to(definition, place);
        self.once(
            |known| &mut known.outputs,
            (module.id, name),
            |this| {
                this.within(Some(definition), |this| {
                    let Some(value) = declared.body().get_attribute("value") else {
                        let of = module.address_of(&format!("output.{name}")).to_string();
                        return this.refuse(&declared.place(), ModuleProblem::Missing { of, name: "value" });
                    };
                    let held = this.value(&Scope::of(module, declared.file), &value.value)?;
                    this.bounded(held)
                })
            },
        )
    }
}

/// Whether a variable can be `null`.
pub(super) fn can_be_null(variable: &DeclaredBlock<'_>) -> bool {
    let nullable = variable.body().get_attribute("nullable");
    nullable.is_none_or(|nullable| nullable.value.as_bool() != Some(false))
}
