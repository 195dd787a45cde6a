//! Providers of AWS: which one makes what, and which ones a module is given.

use std::{collections::BTreeMap, sync::Arc};

use hcl_edit::{
    expr::{Expression, ObjectKey, TraversalOperator},
    structure::Structure,
};

use super::{
    NamedBlock,
    declaration::{Declarations, DeclaredBlock, DeclaredResource, key_of},
    evaluator::{Evaluator, Outcome, Scope},
    interface::one_line,
    module::ModuleInstance,
};
use crate::{
    graph::Address,
    problem::ModuleProblem,
    read::{HclFile, Place},
};

/// What is said of the provider.
const PROVIDER: &[&str] = &["region", "default_tags"];

/// The provider of AWS that `reference` names: `aws`, `aws.east`.
pub(super) fn provider_name(reference: &Expression) -> Option<Arc<str>> {
    match reference {
        Expression::Variable(name) if name.as_str() == "aws" => Some("aws".into()),
        Expression::Traversal(traversal) => match (&traversal.expr, traversal.operators.as_slice()) {
            (Expression::Variable(name), [alias]) if name.as_str() == "aws" => match alias.value() {
                TraversalOperator::GetAttr(alias) => Some(format!("aws.{}", alias.as_str()).into()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Why `reference` is refused where a provider of AWS belongs.
pub(super) fn not_a_provider(file: &HclFile, reference: &Expression) -> ModuleProblem {
    let what = format!("the provider `{}`", file.source(reference).trim());
    ModuleProblem::Outside { what, instead: "the check knows `aws`, and `aws.` with an alias" }
}

impl<'a> Evaluator<'a> {
    /// What the root module calls the provider of a block in `scope`.
    pub(super) fn provider_of(
        &mut self,
        scope: &Scope<'a>,
        resource: &DeclaredResource<'a>,
    ) -> Outcome<Arc<str>> {
        let file = resource.declared.file;
        let stated = resource.declared.body().get_attribute("provider").map(|stated| &stated.value);
        let place = stated.map_or_else(|| resource.declared.place(), |stated| file.place(stated));
        let name = match stated {
            None => "aws".into(),
            Some(stated) => match provider_name(stated) {
                Some(name) => name,
                None => return self.refuse(&place, not_a_provider(file, stated)),
            },
        };
        match scope.module.provider(&name) {
            Some(of_root) => Ok(Arc::clone(of_root)),
            None => self.no_provider(&name, &place),
        }
    }

    /// What the root module calls the providers of a module. One without an alias is inherited
    /// (<https://developer.hashicorp.com/terraform/language/modules/develop/providers>).
    pub(super) fn providers_for(
        &mut self,
        caller: &ModuleInstance<'a>,
        address: &Address,
        declared: DeclaredBlock<'a>,
        declarations: &Declarations<'a>,
    ) -> Outcome<BTreeMap<Arc<str>, Arc<str>>> {
        let mut providers: BTreeMap<Arc<str>, Arc<str>> = caller
            .provider("aws")
            .map(|of_caller| ("aws".into(), Arc::clone(of_caller)))
            .into_iter()
            .collect();
        let mut outcome = Ok(());
        let given = declared.body().get_attribute("providers");
        if let Some(given) = given {
            match &given.value {
                Expression::Object(entries) => {
                    for (key, value) in entries {
                        match self.given_provider(caller, declared, key, value.expr()) {
                            Ok(Some((name, of_root))) => {
                                providers.insert(name, of_root);
                            }
                            Ok(None) => {}
                            Err(refused) => outcome = Err(refused),
                        }
                    }
                }
                other => {
                    let place = declared.file.place(other);
                    outcome = self.wrong(&place, "`providers`", "an object", "something else".to_owned());
                }
            }
        }
        let place = given.map_or_else(|| declared.place(), |given| declared.file.place(given));
        for wanted in declarations.wanted_providers.keys().filter(|name| !providers.contains_key(*name)) {
            let (module, name) = (address.to_string(), Arc::clone(wanted));
            outcome = self.refuse(&place, ModuleProblem::NoProvider { module, name });
        }
        let is_wanted =
            |name: &Arc<str>| &**name == "aws" || declarations.wanted_providers.contains_key(name);
        for name in providers.keys().filter(|name| !is_wanted(name)) {
            let (module, name) = (address.to_string(), Arc::clone(name));
            outcome = self.refuse(&place, ModuleProblem::UnwantedProvider { module, name });
        }
        outcome.map(|()| providers)
    }

    /// An entry of `providers`, if it is about AWS: the name in the module, and that in the root module. What other providers make is
    /// refused where it stands.
    fn given_provider(
        &mut self,
        caller: &ModuleInstance<'a>,
        declared: DeclaredBlock<'a>,
        key: &'a ObjectKey,
        value: &'a Expression,
    ) -> Outcome<Option<(Arc<str>, Arc<str>)>> {
        let name = match key {
            ObjectKey::Expression(reference @ Expression::Traversal(_)) => provider_name(reference),
            key => key_of(key).filter(|name| *name == "aws").map(Arc::from),
        };
        let Some(name) = name else { return Ok(None) };
        let place = declared.file.place(value);
        let Some(of_caller) = provider_name(value) else {
            return self.refuse(&place, not_a_provider(declared.file, value));
        };
        match caller.provider(&of_caller) {
            Some(of_root) => Ok(Some((name, Arc::clone(of_root)))),
            None => self.no_provider(&of_caller, &place),
        }
    }

    /// Notes that nobody declares a provider.
    fn no_provider<T>(&mut self, name: &str, place: &Place) -> Outcome<T> {
        let name = format!("provider.{name}");
        self.refuse(place, ModuleProblem::NotDeclared { name, suggestion: None })
    }

    /// The provider that the root module calls `name`, as a block of values.
    pub(super) fn provider(&mut self, name: &Arc<str>, declared: DeclaredBlock<'a>) -> Outcome<NamedBlock> {
        let scope = Scope::of(&self.root, declared.file);
        let known: Vec<_> = PROVIDER
            .iter()
            .copied()
            .chain(["alias"])
            .chain(self.schema.ignored.iter().map(|(name, _)| *name))
            .collect();
        let known = self.only_known(&scope, declared.body(), &known);
        let account = self.same_account(name, declared);
        let (known, account) = if self.is_partial { (Ok(()), Ok(())) } else { (known, account) };
        let arguments =
            self.properties(&scope, declared.body(), |structure| !PROVIDER.contains(&name_of(structure)));
        let (arguments, (), ()) = (arguments?, known?, account?);
        Ok(NamedBlock { name: Arc::clone(name), place: declared.place(), arguments })
    }

    /// Notes what a provider with an alias says about who deploys, where the provider without one does not say the same: it may have
    /// another account.
    fn same_account(&mut self, name: &str, declared: DeclaredBlock<'a>) -> Outcome<()> {
        let default = self.configuration.root.declarations.providers.get("aws").copied();
        let said = |declared: DeclaredBlock<'a>, name: &str| {
            let structures = declared.body().iter().filter(|structure| name_of(structure) == name);
            structures.map(|structure| one_line(declared.file.source(structure))).collect::<Vec<_>>()
        };
        let mut outcome = Ok(());
        for argument in self.schema.of_accounts {
            let stated = said(declared, argument);
            let expected = default.map(|default| said(default, argument)).unwrap_or_default();
            if stated != expected {
                let name = name.to_owned();
                outcome = self.refuse(&declared.place(), ModuleProblem::OtherAccount { name, argument });
            }
        }
        outcome
    }
}

/// The name of an argument or a block.
fn name_of(structure: &Structure) -> &str {
    match structure {
        Structure::Attribute(attribute) => attribute.key.as_str(),
        Structure::Block(block) => block.ident.as_str(),
    }
}
