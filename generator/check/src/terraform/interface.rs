//! What a module takes and gives: `variable` blocks, `output` blocks, and the provider.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::{expr::Expression, structure::Structure};

use super::{
    NamedBlock,
    declaration::DeclaredBlock,
    evaluator::{Evaluator, Outcome, Refused, Scope},
    module::{ModuleInstance, can_be_null},
};
use crate::{
    graph::{Call, Condition, Function, Held, Properties, Symbol, SymbolicText, Value},
    problem::ModuleProblem,
};

/// What may stand in `output`.
const OUTPUT: &[&str] = &["value", "description", "sensitive", "ephemeral", "depends_on", "precondition"];

/// The type of an input, as far as expressions need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputType {
    /// `string`.
    Text,
    /// `number`.
    Number,
    /// `bool`.
    Flag,
    /// `list(...)`, `set(...)`.
    List,
    /// `any`, or nothing stated.
    Any,
    /// An object, a map, a tuple.
    Other,
}

impl InputType {
    /// The type of a variable.
    pub(super) fn of(variable: &DeclaredBlock<'_>) -> Self {
        match variable.body().get_attribute("type").map(|attribute| &attribute.value) {
            None => Self::Any,
            Some(Expression::Variable(name)) => Self::named(name.as_str()),
            Some(Expression::FuncCall(call)) if matches!(call.name.name.as_str(), "list" | "set") => {
                Self::List
            }
            Some(_) => Self::Other,
        }
    }

    /// The type that one word names.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "string" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Flag,
            "any" => Self::Any,
            _ => Self::Other,
        }
    }

    /// Whether it is, or may be, a list.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Any)
    }

    /// Whether values of both can be equal.
    pub(super) fn can_equal(self, other: Self) -> bool {
        self == other || self == Self::Any || other == Self::Any
    }

    /// What messages call it.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Any => "a value",
            Self::Other => "an object",
        }
    }
}

impl<'a> Evaluator<'a> {
    /// The condition under which `symbol` is `null`, if it can be.
    pub(super) fn is_null(&self, symbol: &Symbol) -> Option<Condition> {
        let input = match symbol {
            // Text that an input has become is `null` where the input is.
            Symbol::Call(Call { function: Function::Text, arguments }) => {
                arguments.first().and_then(|held| held.value.as_symbol())?
            }
            symbol => symbol,
        };
        let Symbol::Input(name) = input else { return None };
        let variable = self.configuration.root.declarations.variables.get(name.as_ref());
        let is_nullable = variable.is_none_or(can_be_null);
        let value = Value::Text(SymbolicText::from(input.clone()));
        is_nullable.then(|| Condition::equals(value, Value::Absent))
    }

    /// A variable as a block of values.
    pub(super) fn variable(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &'a str,
        declared: DeclaredBlock<'a>,
    ) -> Outcome<NamedBlock> {
        let DeclaredBlock { file, .. } = declared;
        let scope = Scope::of(module, file);
        let mut arguments: Properties = BTreeMap::new();
        let mut validations = Vec::new();
        let mut outcome = Ok(());
        for structure in declared.body() {
            match structure {
                Structure::Attribute(attribute) => {
                    let key = attribute.key.as_str();
                    let value = match key {
                        "type" => {
                            let place = file.place(&attribute.value);
                            let source = one_line(file.source(&attribute.value));
                            Ok(Held::new(source.as_str(), place))
                        }
                        "default" | "description" | "nullable" | "sensitive" | "ephemeral" | "deprecated" => {
                            self.value(&scope, &attribute.value)
                        }
                        _ => {
                            let place = file.place(&attribute.value);
                            self.refuse(&place, ModuleProblem::Unknown { name: key.to_owned() })
                        }
                    };
                    match value {
                        Ok(value) => {
                            arguments.insert(key.to_owned(), value);
                        }
                        Err(refused) => outcome = Err(refused),
                    }
                }
                Structure::Block(block) if block.has_ident("validation") && block.labels.is_empty() => {
                    match self.validation(name, &DeclaredBlock { file, block }) {
                        Ok(validation) => validations.push(validation),
                        Err(refused) => outcome = Err(refused),
                    }
                }
                Structure::Block(block) => {
                    let name = block.ident.to_string();
                    let place = file.place(block);
                    outcome = self.refuse(&place, ModuleProblem::Unknown { name });
                }
            }
        }
        let place = declared.place();
        // What stands beside the module takes the place of the default.
        if module.is_root()
            && let Some(default) = arguments.get_mut("default")
            && let Some(given) = self.given.get(name).filter(|held| held.value != Value::Absent)
        {
            *default = self.of_type_of(&scope, name, &declared, given.clone())?;
        }
        if !validations.is_empty() {
            let list = Held::new(Value::List(validations), place.clone());
            arguments.insert("validation".to_owned(), list);
        }
        outcome.map(|()| NamedBlock { name: name.into(), place, arguments })
    }

    fn validation(&mut self, variable: &str, declared: &DeclaredBlock<'a>) -> Outcome<Held> {
        let DeclaredBlock { file, .. } = *declared;
        let mut message = None;
        let mut condition = None;
        let mut outcome = Ok(());
        for structure in declared.body() {
            match structure {
                Structure::Attribute(attribute) if attribute.has_key("condition") => {
                    condition = Some(&attribute.value);
                }
                Structure::Attribute(attribute) if attribute.has_key("error_message") => {
                    let place = file.place(&attribute.value);
                    let source = match &attribute.value {
                        Expression::String(text) => text.to_string(),
                        other => one_line(file.source(other)),
                    };
                    message = Some(Held::new(source.as_str(), place));
                }
                Structure::Attribute(attribute) => {
                    let place = file.place(&attribute.value);
                    let name = attribute.key.to_string();
                    outcome = self.refuse(&place, ModuleProblem::Unknown { name });
                }
                Structure::Block(block) => {
                    let name = block.ident.to_string();
                    outcome = self.refuse(&file.place(block), ModuleProblem::Unknown { name });
                }
            }
        }
        let place = declared.place();
        let Some(condition) = condition else {
            let of = format!("the validation of var.{variable}");
            return self.refuse(&place, ModuleProblem::Missing { of, name: "condition" });
        };
        outcome?;
        let mut entries = super::validation::bounds(file, variable, condition);
        if let Some(message) = message {
            entries.insert("error_message".to_owned(), message);
        }
        if entries.is_empty() { Err(Refused) } else { Ok(Held::new(entries, place)) }
    }
}

/// Source on one line: white space outside quotes is one space.
pub(super) fn one_line(source: &str) -> String {
    let mut line = String::with_capacity(source.len());
    let mut quoted = false;
    let mut escaped = false;
    for c in source.trim().chars() {
        if quoted {
            line.push(c);
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if c.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else {
            quoted = c == '"';
            line.push(c);
        }
    }
    line
}

impl<'a> Evaluator<'a> {
    /// Notes what is wrong with an output besides its value.
    pub(super) fn check_output(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &'a str,
        declared: DeclaredBlock<'a>,
    ) -> Outcome<()> {
        let scope = Scope::of(module, declared.file);
        let mut outcome = Ok(());
        for block in declared.body().blocks() {
            let at = declared.file.place(block);
            outcome = outcome.and(if block.has_ident("precondition") {
                self.demand(&scope, block, &module.condition)
            } else {
                self.refuse(&at, ModuleProblem::Unknown { name: block.ident.to_string() })
            });
        }
        outcome?;
        self.only_known(&scope, declared.body(), OUTPUT)?;
        if declared.body().get_attribute("value").is_none() {
            let of = module.address_of(&format!("output.{name}")).to_string();
            return self.refuse(&declared.place(), ModuleProblem::Missing { of, name: "value" });
        }
        Ok(())
    }

    /// An output as a block of values, without `depends_on`: what an output waits for changes nothing that it says.
    pub(super) fn output(
        &mut self,
        module: &Rc<ModuleInstance<'a>>,
        name: &'a str,
        declared: DeclaredBlock<'a>,
    ) -> Outcome<NamedBlock> {
        let known = self.check_output(module, name, declared);
        let scope = Scope::of(module, declared.file);
        let arguments = self.properties(&scope, declared.body(), |structure| match structure {
            Structure::Attribute(attribute) => attribute.has_key("depends_on"),
            Structure::Block(_) => true,
        });
        let (arguments, ()) = (arguments?, known?);
        Ok(NamedBlock { name: name.into(), place: declared.place(), arguments })
    }
}
