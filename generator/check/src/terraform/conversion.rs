//! The types of variables, and what a value becomes that is given to one
//! (<https://developer.hashicorp.com/terraform/language/expressions/type-constraints>).

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, FuncCall, Object};

use super::{
    declaration::{DeclaredBlock, key_of},
    evaluator::{Evaluator, Outcome, Refused, Scope},
    expression::shown,
    interface::InputType,
};
use crate::{
    graph::{Call, Function, Held, Number, Properties, Symbol, SymbolicText, Value},
    problem::ModuleProblem,
    read::Place,
};

/// A type constraint.
enum Type<'a> {
    Any,
    Text,
    Number,
    Flag,
    List(Box<Type<'a>>),
    Set(Box<Type<'a>>),
    Map(Box<Type<'a>>),
    Object(BTreeMap<&'a str, Attribute<'a>>),
    Tuple(Vec<Type<'a>>),
}

/// An attribute of an object.
struct Attribute<'a> {
    kind: Type<'a>,
    unstated: Unstated<'a>,
}

/// What an attribute is where an object does not state it.
enum Unstated<'a> {
    /// It must be stated.
    Refused,
    /// `null`: it is `optional(<type>)`.
    Null,
    /// A default: it is `optional(<type>, <default>)`.
    Default(&'a Expression),
}

/// Which variable a value is given to.
struct Target<'t, 'a> {
    /// The scope of the variable, for defaults inside its type.
    scope: &'t Scope<'a>,
    /// The module of the variable, in the words of a message.
    module: &'t str,
}

impl<'a> Evaluator<'a> {
    /// `held` in the type of the variable `name`, which stands in `scope`.
    pub(super) fn of_type_of(
        &mut self,
        scope: &Scope<'a>,
        name: &str,
        variable: &DeclaredBlock<'a>,
        held: Held,
    ) -> Outcome<Held> {
        let Some(constraint) = variable.body().get_attribute("type") else { return Ok(held) };
        let kind = self.constraint(scope, &constraint.value)?;
        let address = &scope.module.address;
        let module =
            if scope.module.is_root() { "the root module".to_owned() } else { format!("`{address}`") };
        self.converted(&kind, held, name, &Target { scope, module: &module })
    }

    fn constraint(&mut self, scope: &Scope<'a>, constraint: &'a Expression) -> Outcome<Type<'a>> {
        let place = scope.file.place(constraint);
        self.spend(1, &place)?;
        self.deeper(&place, |this| match constraint {
            Expression::Parenthesis(parenthesis) => this.constraint(scope, parenthesis.inner()),
            Expression::Variable(name) => match name.as_str() {
                "any" => Ok(Type::Any),
                "string" => Ok(Type::Text),
                "number" => Ok(Type::Number),
                "bool" => Ok(Type::Flag),
                "list" => Ok(Type::List(Box::new(Type::Any))),
                "map" => Ok(Type::Map(Box::new(Type::Any))),
                _ => this.no_type(scope, constraint),
            },
            Expression::FuncCall(call) => this.compound(scope, call, constraint),
            _ => this.no_type(scope, constraint),
        })
    }

    fn compound(
        &mut self,
        scope: &Scope<'a>,
        call: &'a FuncCall,
        constraint: &'a Expression,
    ) -> Outcome<Type<'a>> {
        let (Some(of), 1) = (call.args.get(0), call.args.len()) else {
            return self.no_type(scope, constraint);
        };
        match (call.name.name.as_str(), of) {
            ("list", of) => Ok(Type::List(Box::new(self.constraint(scope, of)?))),
            ("set", of) => Ok(Type::Set(Box::new(self.constraint(scope, of)?))),
            ("map", of) => Ok(Type::Map(Box::new(self.constraint(scope, of)?))),
            ("tuple", Expression::Array(items)) => {
                let items: Vec<_> = items.iter().map(|item| self.constraint(scope, item)).collect();
                Ok(Type::Tuple(items.into_iter().collect::<Outcome<_>>()?))
            }
            ("object", Expression::Object(attributes)) => self.object_type(scope, attributes),
            _ => self.no_type(scope, constraint),
        }
    }

    fn object_type(&mut self, scope: &Scope<'a>, attributes: &'a Object) -> Outcome<Type<'a>> {
        let mut object = BTreeMap::new();
        for (key, value) in attributes {
            let value = value.expr();
            let Some(key) = key_of(key) else { return self.no_type(scope, value) };
            let (kind, unstated) = match value {
                Expression::FuncCall(call) if call.name.name.as_str() == "optional" => {
                    match (call.args.get(0), call.args.get(1), call.args.len()) {
                        (Some(kind), None, 1) => (kind, Unstated::Null),
                        (Some(kind), Some(default), 2) => (kind, Unstated::Default(default)),
                        _ => return self.no_type(scope, value),
                    }
                }
                kind => (kind, Unstated::Refused),
            };
            let kind = self.constraint(scope, kind)?;
            object.insert(key, Attribute { kind, unstated });
        }
        Ok(Type::Object(object))
    }

    fn no_type<T>(&mut self, scope: &Scope<'a>, constraint: &Expression) -> Outcome<T> {
        let found = format!("`{}`", scope.file.source(constraint).trim());
        self.wrong(&scope.file.place(constraint), "the type of a variable", "one that Terraform knows", found)
    }

    /// `held` as a value of the type `kind`. `path` leads to it from the variable on.
    fn converted(
        &mut self,
        kind: &Type<'a>,
        held: Held,
        path: &str,
        target: &Target<'_, 'a>,
    ) -> Outcome<Held> {
        let place = held.place.clone();
        self.spend(1, &place)?;
        if matches!(kind, Type::Any) || held.value == Value::Absent || is_no_key(&held.value) {
            return Ok(held);
        }
        if matches!(held.value, Value::Choice(_)) {
            return self.each_branch(vec![held], &place, &mut |this, values| {
                let held = values.into_iter().next().ok_or(Refused)?;
                this.converted(kind, held, path, target)
            });
        }
        self.deeper(&place, |this| match kind {
            Type::Any => Ok(held),
            Type::Text => this.make_text(held, path, target),
            Type::Number => this.make_number(held, path, target),
            Type::Flag => this.make_flag(held, path, target),
            Type::List(of) => this.make_list(of, held, path, target),
            Type::Set(of) => {
                let Held { value, .. } = this.make_list(of, held, path, target)?;
                let value = match value {
                    Value::List(items) => Value::set(items),
                    value => value,
                };
                Ok(Held::new(value, place.clone()))
            }
            Type::Map(of) => this.make_map(of, held, path, target),
            Type::Object(attributes) => this.make_object(attributes, held, path, target),
            Type::Tuple(kinds) => this.make_tuple(kinds, held, path, target),
        })
    }

    fn make_text(&mut self, held: Held, path: &str, target: &Target<'_, 'a>) -> Outcome<Held> {
        let place = held.place.clone();
        match &held.value {
            Value::Number(_) | Value::Flag(_) => self.joined(vec![held], &place),
            Value::Json(_) => Ok(held),
            Value::Text(text) => match text.as_symbol().map(|symbol| self.type_of(symbol)) {
                None | Some(InputType::Text) => Ok(held),
                Some(InputType::Number | InputType::Flag) => self.joined(vec![held], &place),
                // Whatever it is, it is text from here on: in JSON it stands between quotes.
                Some(InputType::Any) => {
                    let call = Call { function: Function::Text, arguments: vec![held] };
                    Ok(Held::new(SymbolicText::from(Symbol::Call(call)), place))
                }
                Some(kind @ (InputType::List | InputType::Other)) => {
                    self.unfit(&place, path, target, "text", kind.noun())
                }
            },
            value => self.unfit(&place, path, target, "text", value.noun()),
        }
    }

    fn make_number(&mut self, held: Held, path: &str, target: &Target<'_, 'a>) -> Outcome<Held> {
        let expected = "a number";
        match &held.value {
            Value::Number(_) => Ok(held),
            Value::Text(text) => match (text.as_literal(), text.as_symbol()) {
                (Some(literal), _) => match Number::parse(literal) {
                    Some(number) => Ok(Held::new(number, held.place)),
                    None => self.unfit(&held.place, path, target, expected, "text"),
                },
                (None, Some(symbol)) if self.type_of(symbol) == InputType::Number => Ok(held),
                _ => self.unsure(&held, path, target, expected),
            },
            value => self.unfit(&held.place, path, target, expected, value.noun()),
        }
    }

    fn make_flag(&mut self, held: Held, path: &str, target: &Target<'_, 'a>) -> Outcome<Held> {
        let expected = "true or false";
        match &held.value {
            Value::Flag(_) => Ok(held),
            Value::Text(text) => match (text.as_literal(), text.as_symbol()) {
                (Some("true" | "1"), _) => Ok(Held::new(true, held.place)),
                (Some("false" | "0"), _) => Ok(Held::new(false, held.place)),
                (Some(_), _) => self.unfit(&held.place, path, target, expected, "text"),
                (None, Some(symbol)) if self.type_of(symbol) == InputType::Flag => Ok(held),
                _ => self.unsure(&held, path, target, expected),
            },
            value => self.unfit(&held.place, path, target, expected, value.noun()),
        }
    }

    fn make_list(&mut self, of: &Type<'a>, held: Held, path: &str, target: &Target<'_, 'a>) -> Outcome<Held> {
        if self.is_unknown_list(&held.value) {
            // Templates have lists of text only.
            return match of {
                Type::Text | Type::Any => Ok(held),
                _ => self.unsure(&held, path, target, "a list of that type"),
            };
        }
        let place = held.place;
        let (items, is_sorted) = match held.value {
            Value::List(items) => (items, true),
            // A set of text that is known becomes a list in the order of its text; of any other, the order is not known here.
            Value::Set(items) => {
                let is_sorted = items.iter().all(|item| item.as_literal().is_some());
                (items, is_sorted)
            }
            value => return self.unfit(&place, path, target, "a list", value.noun()),
        };
        if !is_sorted && items.len() > 1 {
            let what = format!("the order in which a set becomes `{path}` of {}", target.module);
            return self.outside(&place, what, "give it a list");
        }
        let items: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| self.converted(of, item, &format!("{path}[{index}]"), target))
            .collect();
        let mut items = items.into_iter().collect::<Outcome<Vec<_>>>()?;
        if matches!(of, Type::Any) {
            self.of_one_type(&mut items)?;
        }
        Ok(Held::new(Value::List(items), place))
    }

    fn make_map(&mut self, of: &Type<'a>, held: Held, path: &str, target: &Target<'_, 'a>) -> Outcome<Held> {
        let (entries, place) = self.entries(held, path, target)?;
        let (names, values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let values: Vec<_> = names
            .iter()
            .zip(values)
            .map(|(name, value)| self.converted(of, value, &format!("{path}.{name}"), target))
            .collect();
        let mut values = values.into_iter().collect::<Outcome<Vec<_>>>()?;
        if matches!(of, Type::Any) {
            self.of_one_type(&mut values)?;
        }
        Ok(Held::new(names.into_iter().zip(values).collect::<Properties>(), place))
    }

    /// An object has the attributes of its type and no others: Terraform drops the others.
    fn make_object(
        &mut self,
        attributes: &BTreeMap<&'a str, Attribute<'a>>,
        held: Held,
        path: &str,
        target: &Target<'_, 'a>,
    ) -> Outcome<Held> {
        let (mut entries, place) = self.entries(held, path, target)?;
        let mut object = Properties::new();
        let mut outcome = Ok(());
        for (name, Attribute { kind, unstated }) in attributes {
            let path = format!("{path}.{name}");
            let value = match (entries.remove(*name), unstated) {
                (Some(held), Unstated::Default(default)) => {
                    let default = self.value(target.scope, default)?;
                    self.unless_null(held, &default)
                }
                (Some(held), Unstated::Null | Unstated::Refused) => Ok(held),
                (None, Unstated::Default(default)) => self.value(target.scope, default),
                (None, Unstated::Null) => Ok(Held::new(Value::Absent, place.clone())),
                (None, Unstated::Refused) => {
                    let module = target.module.trim_matches('`').to_owned();
                    self.refuse(&place, ModuleProblem::NoArgument { module, name: path.clone() })
                }
            };
            match value.and_then(|value| self.converted(kind, value, &path, target)) {
                Ok(value) => {
                    object.insert((*name).to_owned(), value);
                }
                Err(refused) => outcome = Err(refused),
            }
        }
        outcome.map(|()| Held::new(object, place))
    }

    fn make_tuple(
        &mut self,
        kinds: &[Type<'a>],
        held: Held,
        path: &str,
        target: &Target<'_, 'a>,
    ) -> Outcome<Held> {
        let place = held.place;
        let items = match held.value {
            Value::List(items) if items.len() == kinds.len() => items,
            value => return self.unfit(&place, path, target, "a list of that length", value.noun()),
        };
        let items: Vec<_> = kinds
            .iter()
            .zip(items)
            .enumerate()
            .map(|(index, (kind, item))| self.converted(kind, item, &format!("{path}[{index}]"), target))
            .collect();
        Ok(Held::new(Value::List(items.into_iter().collect::<Outcome<_>>()?), place))
    }

    /// The entries of an object that is known.
    fn entries(&mut self, held: Held, path: &str, target: &Target<'_, 'a>) -> Outcome<(Properties, Place)> {
        match held.value {
            Value::Map(entries) => Ok((entries, held.place)),
            Value::Text(_) | Value::Json(_) => self.unsure(&held, path, target, "an object"),
            value => self.unfit(&held.place, path, target, "an object", value.noun()),
        }
    }

    /// `held`, and `default` where it is `null`.
    pub(super) fn unless_null(&mut self, held: Held, default: &Held) -> Outcome<Held> {
        let place = held.place.clone();
        self.each_branch(vec![held], &place, &mut |this, values| {
            let held = values.into_iter().next().ok_or(Refused)?;
            let condition = match &held.value {
                Value::Text(text) => text.as_symbol().and_then(|symbol| this.is_null(symbol)),
                _ => None,
            };
            match condition {
                _ if held.value == Value::Absent => this.copy(default, &place),
                None => Ok(held),
                Some(condition) => {
                    let default = this.copy(default, &place)?;
                    Ok(Held::new(Value::choice(condition, default, held), place.clone()))
                }
            }
        })
    }

    fn unfit<T>(
        &mut self,
        place: &Place,
        path: &str,
        target: &Target<'_, 'a>,
        expected: &'static str,
        found: &str,
    ) -> Outcome<T> {
        self.wrong(place, &format!("`{path}` of {}", target.module), expected, found.to_owned())
    }

    /// Notes that `held` need not be what the variable takes.
    fn unsure<T>(
        &mut self,
        held: &Held,
        path: &str,
        target: &Target<'_, 'a>,
        expected: &'static str,
    ) -> Outcome<T> {
        let (what, found) = (format!("`{path}` of {}", target.module), shown(&held.value));
        self.refuse(&held.place, ModuleProblem::Unsure { what, expected, found })
    }
}

/// Whether `value` is what a key leads to that an object does not have.
fn is_no_key(value: &Value) -> bool {
    value.as_symbol() == Some(&Symbol::NoSuchKey)
}
