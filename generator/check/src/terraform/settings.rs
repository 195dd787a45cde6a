//! `output` blocks and the provider.

use hcl_edit::structure::Structure;

use super::{
    ModuleProblem,
    declaration::Declared,
    evaluator::{Evaluator, Outcome, Scope},
    module::NamedBlock,
};
use crate::graph::{Condition, from_terraform::settings};

/// What may stand in `output`.
const OUTPUT: &[&str] = &["value", "description", "sensitive", "ephemeral", "depends_on", "precondition"];

/// What is said of the provider.
const PROVIDER: &[&str] = &["region", "default_tags"];

impl<'a> Evaluator<'a> {
    /// An output as a block of values, without `depends_on`: what an output waits for changes nothing that it says.
    pub(super) fn output(&mut self, name: &'a str, declared: Declared<'a>) -> Outcome<NamedBlock> {
        let scope = Scope::of(declared.file);
        let place = declared.place();
        let mut outcome = Ok(());
        for block in declared.body().blocks() {
            let at = declared.file.place(block);
            outcome = outcome.and(if block.has_ident("precondition") {
                self.demand(declared.file, block, &Condition::Always)
            } else {
                self.refuse(&at, ModuleProblem::Unknown { name: block.ident.to_string() })
            });
        }
        outcome?;
        let known = self.only_known(&scope, declared.body(), OUTPUT);
        let arguments = self.properties(&scope, declared.body(), |structure| match structure {
            Structure::Attribute(attribute) => attribute.has_key("depends_on"),
            Structure::Block(_) => true,
        });
        let (arguments, ()) = (arguments?, known?);
        if !arguments.contains_key("value") {
            return self
                .refuse(&place, ModuleProblem::Missing { of: format!("output.{name}"), name: "value" });
        }
        Ok(NamedBlock { name: name.into(), place, arguments })
    }

    /// The provider as a block of values.
    pub(super) fn provider(&mut self, declared: Declared<'a>) -> Outcome<NamedBlock> {
        let scope = Scope::of(declared.file);
        let known: Vec<_> = PROVIDER
            .iter()
            .copied()
            .chain(settings::IGNORED_OF_PROVIDER.iter().map(|(name, _)| *name))
            .collect();
        let known = self.only_known(&scope, declared.body(), &known);
        let arguments = self.properties(&scope, declared.body(), |structure| {
            let name = match structure {
                Structure::Attribute(attribute) => attribute.key.as_str(),
                Structure::Block(block) => block.ident.as_str(),
            };
            !PROVIDER.contains(&name)
        });
        let (arguments, ()) = (arguments?, known?);
        Ok(NamedBlock { name: "aws".into(), place: declared.place(), arguments })
    }
}
