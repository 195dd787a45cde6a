//! A graph for given inputs: what was an expression becomes what it is in one deployment.

use std::{collections::BTreeMap, sync::Arc};

use super::{Call, Changer, Condition, Function, Graph, Held, Number, Symbol, SymbolicText, Value};

/// What is known of one deployment.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    /// The deployment's name, the region, the account, the partition.
    pub known: Vec<(Symbol, SymbolicText)>,
    /// Values of inputs by their names.
    pub inputs: BTreeMap<Arc<str>, Held>,
}

impl Graph {
    /// Puts in what is known, and leaves out the resources whose conditions do not hold.
    pub(crate) fn bind(&mut self, mut bindings: &Bindings) {
        self.resources.iter_mut().for_each(|node| node.change(&mut bindings));
        self.resources.retain(|node| node.condition != Condition::Never);
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(|node| node.change(&mut bindings));
        self.outputs.retain(|node| node.condition != Condition::Never);
        for requirement in &mut self.requirements {
            requirement.demand.change(|condition| condition.changed(&mut bindings));
        }
    }
}

impl Changer for &Bindings {
    fn symbol(&mut self, symbol: &Symbol) -> Option<Value> {
        match symbol {
            Symbol::Input(name) => self.inputs.get(name).map(|held| held.value.clone()),
            symbol => {
                let known = self.known.iter().find(|(known, _)| known == symbol);
                known.map(|(_, text)| Value::Text(text.clone()))
            }
        }
    }

    /// Evaluates what can be evaluated now.
    fn call(&mut self, call: Call) -> Value {
        let result = match (call.function, call.arguments.as_slice()) {
            (Function::Join, [separator, Held { value: Value::List(items) | Value::Set(items), .. }]) => {
                joined(separator, items).map(Value::Text)
            }
            (Function::Select, [index, Held { value: Value::List(items), .. }]) => match &index.value {
                Value::Number(index) => index
                    .as_str()
                    .parse()
                    .ok()
                    .and_then(|index: usize| items.get(index))
                    .map(|item| item.value.clone()),
                _ => None,
            },
            (Function::Length, [Held { value: Value::List(items), .. }]) => {
                Number::parse(&items.len().to_string()).map(Value::Number)
            }
            _ => None,
        };
        result.unwrap_or_else(|| Value::Text(Symbol::Call(call).into()))
    }
}

fn joined(separator: &Held, items: &[Held]) -> Option<SymbolicText> {
    let separator = separator.as_literal()?;
    let mut joined = SymbolicText::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            joined.push_str(separator);
        }
        match &item.value {
            Value::Text(text) => joined.append(text),
            _ => return None,
        }
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph::symbolic_text, read::Place};

    fn input(name: &str) -> Value {
        Value::Text(SymbolicText::from(Symbol::Input(name.into())))
    }

    fn held(value: impl Into<Value>) -> Held {
        Held::new(value, Place::whole("f".into()))
    }

    #[test]
    fn what_is_known_is_put_in() {
        let inputs =
            [("Topic".into(), held("")), ("Subnets".into(), held(Value::List(vec![held("a"), held("b")])))];
        let known = vec![(Symbol::DeploymentName, SymbolicText::literal("ci"))];
        let bindings = Bindings { known, inputs: inputs.into() };
        let bound = |value: &Value| {
            let mut value = value.clone();
            value.change(&mut &bindings);
            value
        };
        let name = symbolic_text![Symbol::DeploymentName, "-x"];
        assert_eq!(bound(&Value::Text(name)).to_string(), "\"ci-x\"");
        let call = Call { function: Function::Join, arguments: vec![held(","), held(input("Subnets"))] };
        assert_eq!(bound(&Value::Text(SymbolicText::from(Symbol::Call(call)))), Value::from("a,b"));
        let choice =
            Value::choice(Condition::equals(input("Topic"), "".into()), held("none"), held(input("Topic")));
        assert_eq!(bound(&choice), Value::from("none"));
        assert_eq!(bound(&input("Other")), input("Other"));
    }
}
