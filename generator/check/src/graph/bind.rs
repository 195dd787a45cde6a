//! A graph for given inputs: what was an expression becomes what it is in one deployment.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Call, Choice, Condition, Demand, Function, Graph, Held, Node, Number, Segment, Symbol, SymbolicText,
    Value,
};

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
    pub(crate) fn bind(&mut self, bindings: &Bindings) {
        for node in &mut self.resources {
            bindings.node(node);
        }
        self.resources.retain(|node| node.condition != Condition::Never);
        for node in self.inputs.iter_mut().chain(&mut self.outputs) {
            bindings.node(node);
        }
        self.outputs.retain(|node| node.condition != Condition::Never);
        for requirement in &mut self.requirements {
            if let Demand::Holds(condition) = &mut requirement.demand {
                *condition = bindings.condition(condition);
            }
        }
    }
}

impl Bindings {
    fn node<K>(&self, node: &mut Node<K>) {
        node.condition = self.condition(&node.condition);
        for held in node.properties.values_mut() {
            *held = self.held(held);
        }
    }

    fn held(&self, held: &Held) -> Held {
        Held { value: self.value(&held.value), place: held.place.clone(), rule: held.rule }
    }

    fn items(&self, items: &[Held]) -> Vec<Held> {
        items.iter().map(|item| self.held(item)).collect()
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::Text(text) => match text.as_symbol() {
                Some(symbol) => self.symbol(symbol),
                None => Value::Text(self.text(text)),
            },
            Value::List(items) => Value::List(self.items(items)),
            Value::Set(items) => Value::set(self.items(items)),
            Value::Map(entries) => {
                Value::Map(entries.iter().map(|(name, held)| (name.clone(), self.held(held))).collect())
            }
            Value::Json(held) => Value::Json(Box::new(self.held(held))),
            Value::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                Value::choice(self.condition(condition), self.held(then), self.held(otherwise))
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &SymbolicText) -> SymbolicText {
        let mut bound = SymbolicText::new();
        for segment in text.segments() {
            match segment {
                Segment::Literal(literal) => bound.push_str(literal),
                Segment::Symbol(symbol) => match self.symbol(symbol) {
                    Value::Text(text) => bound.append(&text),
                    Value::Number(number) => bound.push_str(number.as_str()),
                    Value::Flag(flag) => bound.push_str(if flag { "true" } else { "false" }),
                    _ => bound.push_symbol(symbol.clone()),
                },
            }
        }
        bound
    }

    fn symbol(&self, symbol: &Symbol) -> Value {
        let bound = match symbol {
            Symbol::Input(name) => self.inputs.get(name).map(|held| held.value.clone()),
            Symbol::Call(call) => Some(self.call(call)),
            symbol => {
                let known = self.known.iter().find(|(known, _)| known == symbol);
                known.map(|(_, text)| Value::Text(text.clone()))
            }
        };
        bound.unwrap_or_else(|| Value::Text(SymbolicText::from(symbol.clone())))
    }

    fn call(&self, call: &Call) -> Value {
        let Call { function, arguments } = call;
        let arguments = self.items(arguments);
        let result = match (function, arguments.as_slice()) {
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
        result.unwrap_or_else(|| {
            Value::Text(SymbolicText::from(Symbol::Call(Call { function: *function, arguments })))
        })
    }

    fn condition(&self, condition: &Condition) -> Condition {
        match condition {
            Condition::Always | Condition::Never => condition.clone(),
            Condition::Equals(left, right) => Condition::equals(self.value(left), self.value(right)),
            Condition::Not(condition) => Condition::not(self.condition(condition)),
            Condition::All(all) => Condition::all(all.iter().map(|condition| self.condition(condition))),
            Condition::Any(any) => Condition::any(any.iter().map(|condition| self.condition(condition))),
        }
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
    use crate::read::Place;

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
        let mut name = SymbolicText::from(Symbol::DeploymentName);
        name.push_str("-x");
        assert_eq!(bindings.value(&Value::Text(name)).to_string(), "\"ci-x\"");
        let call = Call { function: Function::Join, arguments: vec![held(","), held(input("Subnets"))] };
        assert_eq!(bindings.value(&Value::Text(SymbolicText::from(Symbol::Call(call)))), Value::from("a,b"));
        let choice =
            Value::choice(Condition::equals(input("Topic"), "".into()), held("none"), held(input("Topic")));
        assert_eq!(bindings.value(&choice), Value::from("none"));
        assert_eq!(bindings.value(&input("Other")), input("Other"));
    }
}
