//! Values of one type: what Terraform makes of both sides of a conditional, and of the items of a list, a set or a map
//! (<https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion>). Where one of them is text, numbers
//! and flags become text; so they do inside of lists and objects
//! (<https://github.com/zclconf/go-cty/blob/v1.16.2/cty/convert/unify.go>).

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;

use super::{
    evaluator::{Evaluator, Outcome},
    interface::InputType,
};
use crate::graph::{Choice, Held, Symbol, Value};

/// The type of a value, as far as it decides what becomes text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    /// Nothing is there, or nobody knows what it is.
    Any,
    Text,
    Number,
    Flag,
    /// Items, each with a type of its own. A list looks the same: all of its items have one type.
    Tuple(Vec<Type>),
    /// Items of one type.
    List(Box<Type>),
    /// Entries, each with a type of its own. A map looks the same.
    Object(BTreeMap<String, Type>),
    /// Entries of one type.
    Map(Box<Type>),
}

/// Why there is no type that several values have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mismatch {
    /// Terraform refuses it, too.
    Inconsistent,
    /// It depends on whether a value is a list or a tuple, a map or an object, which is no part of a value here.
    Unclear,
}

impl Type {
    const fn is_scalar(&self) -> bool {
        matches!(self, Self::Text | Self::Number | Self::Flag)
    }

    /// The type that values of all of `types` become.
    fn of_all(types: impl IntoIterator<Item = Self>) -> Result<Self, Mismatch> {
        let types: Vec<Self> = types.into_iter().filter(|of| *of != Self::Any).collect();
        let Some(first) = types.first() else { return Ok(Self::Any) };
        if types.iter().all(|of| of == first) {
            return Ok(first.clone());
        }
        if types.iter().all(Self::is_scalar) {
            return if types.contains(&Self::Text) { Ok(Self::Text) } else { Err(Mismatch::Inconsistent) };
        }
        if types.iter().all(|of| matches!(of, Self::Tuple(_) | Self::List(_))) {
            return Self::of_lists(types);
        }
        if types.iter().all(|of| matches!(of, Self::Object(_) | Self::Map(_))) {
            return Self::of_objects(types);
        }
        Err(Mismatch::Inconsistent)
    }

    fn of_lists(types: Vec<Self>) -> Result<Self, Mismatch> {
        let tuples: Option<Vec<&Vec<Self>>> =
            types.iter().map(|of| if let Self::Tuple(items) = of { Some(items) } else { None }).collect();
        if let Some(tuples) = tuples
            && let Some(length) = tuples.first().map(|items| items.len())
            && tuples.iter().all(|items| items.len() == length)
        {
            let column =
                |index: usize| Self::of_all(tuples.iter().filter_map(|items| items.get(index).cloned()));
            match (0..length).map(column).collect::<Result<Vec<_>, _>>() {
                Ok(items) => {
                    let inputs = tuples.iter().map(|items| items.as_slice());
                    return if is_clear(&items, inputs) {
                        Ok(Self::Tuple(items))
                    } else {
                        Err(Mismatch::Unclear)
                    };
                }
                Err(Mismatch::Unclear) => return Err(Mismatch::Unclear),
                Err(Mismatch::Inconsistent) => {}
            }
        }
        let items = types.into_iter().flat_map(|of| match of {
            Self::Tuple(items) => items,
            Self::List(item) => vec![*item],
            _ => Vec::new(),
        });
        Ok(Self::List(Box::new(Self::of_all(items)?)))
    }

    fn of_objects(types: Vec<Self>) -> Result<Self, Mismatch> {
        let objects: Option<Vec<&BTreeMap<String, Self>>> = types
            .iter()
            .map(|of| if let Self::Object(entries) = of { Some(entries) } else { None })
            .collect();
        if let Some(objects) = objects
            && let Some(first) = objects.first()
            && objects.iter().all(|entries| entries.keys().eq(first.keys()))
        {
            let entry =
                |name: &String| Self::of_all(objects.iter().filter_map(|entries| entries.get(name).cloned()));
            match first.keys().map(entry).collect::<Result<Vec<_>, _>>() {
                Ok(values) => {
                    let inputs: Vec<Vec<Self>> =
                        objects.iter().map(|entries| entries.values().cloned().collect()).collect();
                    return if is_clear(&values, inputs.iter().map(Vec::as_slice)) {
                        Ok(Self::Object(first.keys().cloned().zip(values).collect()))
                    } else {
                        Err(Mismatch::Unclear)
                    };
                }
                Err(Mismatch::Unclear) => return Err(Mismatch::Unclear),
                Err(Mismatch::Inconsistent) => {}
            }
        }
        let values = types.into_iter().flat_map(|of| match of {
            Self::Object(entries) => entries.into_values().collect(),
            Self::Map(value) => vec![*value],
            _ => Vec::new(),
        });
        Ok(Self::Map(Box::new(Self::of_all(values)?)))
    }

    /// Whether numbers or flags in a value of this type become text where it becomes one of type `other`.
    fn changes_in(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number | Self::Flag, Self::Text) => true,
            (Self::Tuple(items), Self::Tuple(others)) => {
                items.iter().zip(others).any(|(item, other)| item.changes_in(other))
            }
            (Self::Tuple(items), Self::List(other)) => items.iter().any(|item| item.changes_in(other)),
            (Self::Object(entries), Self::Object(others)) => {
                entries.values().zip(others.values()).any(|(value, other)| value.changes_in(other))
            }
            (Self::Object(entries), Self::Map(other)) => {
                entries.values().any(|value| value.changes_in(other))
            }
            (Self::List(of), Self::List(other)) | (Self::Map(of), Self::Map(other)) => of.changes_in(other),
            _ => false,
        }
    }

    /// Whether values of this type can become text, or have something inside that can.
    fn has_numbers(&self) -> bool {
        match self {
            Self::Any | Self::Text => false,
            Self::Number | Self::Flag => true,
            Self::Tuple(items) => items.iter().any(Self::has_numbers),
            Self::Object(entries) => entries.values().any(Self::has_numbers),
            Self::List(of) | Self::Map(of) => of.has_numbers(),
        }
    }
}

/// Whether it makes no difference if one of `inputs` is a list or a map: then the result would be one, too, and all of it of
/// one type. Where the types in an input differ, it is neither.
fn is_clear<'t>(result: &[Type], mut inputs: impl Iterator<Item = &'t [Type]>) -> bool {
    let is_uniform = |types: &[Type]| types.windows(2).all(|two| two.first() == two.last());
    is_uniform(result) || inputs.all(|types| !is_uniform(types))
}

impl Evaluator<'_> {
    /// Makes values of one type of `values`.
    pub(super) fn of_one_type(&mut self, values: &mut [Held]) -> Outcome<()> {
        let Some(place) = values.first().map(|held| held.place.clone()) else { return Ok(()) };
        let types: Result<Vec<Type>, Mismatch> = values.iter().map(|held| self.type_inside(held)).collect();
        match types.and_then(Type::of_all) {
            Ok(of) => values.iter_mut().try_for_each(|held| self.become_type(held, &of)),
            Err(Mismatch::Inconsistent) => {
                self.outside(&place, "values of different types in one place", "write values of one type")
            }
            Err(Mismatch::Unclear) => {
                let what = "numbers and text in one place, which may become text";
                self.outside(&place, what, "write all of them as text, or none")
            }
        }
    }

    /// Whether something in `held` may become text.
    pub(super) fn may_become_text(&self, held: &Held) -> bool {
        self.type_inside(held).map_or(true, |of| of.has_numbers())
    }

    /// Whether items of different `lists` become text in the one list that is made of all, if each of them is a list.
    pub(super) fn may_become_text_together(&self, lists: &[Vec<Held>]) -> bool {
        // Items of different types are those of a tuple.
        let of_list = |items: &Vec<Held>| {
            let types = items.iter().map(|item| self.type_inside(item)).collect::<Result<Vec<_>, _>>();
            let is_list = |types: &Vec<Type>| types.windows(2).all(|two| two.first() == two.last());
            types.ok().filter(is_list).map(|types| types.into_iter().next().unwrap_or(Type::Any))
        };
        let Some(types) = lists.iter().map(of_list).collect::<Option<Vec<_>>>() else { return false };
        Type::of_all(types.iter().cloned()).is_ok_and(|of| types.iter().any(|before| before.changes_in(&of)))
    }

    fn type_inside(&self, held: &Held) -> Result<Type, Mismatch> {
        let each =
            |items: &[Held]| items.iter().map(|item| self.type_inside(item)).collect::<Result<Vec<_>, _>>();
        Ok(match &held.value {
            Value::Absent | Value::Null => Type::Any,
            Value::Flag(_) => Type::Flag,
            Value::Number(_) => Type::Number,
            Value::Json(_) => Type::Text,
            Value::Text(text) => match text.as_symbol() {
                Some(symbol) => self.type_behind(symbol),
                None => Type::Text,
            },
            Value::List(items) => Type::Tuple(each(items)?),
            Value::Set(items) => Type::List(Box::new(Type::of_all(each(items)?)?)),
            Value::Map(entries) => {
                let entry = |(name, held): (&String, &Held)| Ok((name.clone(), self.type_inside(held)?));
                Type::Object(entries.iter().map(entry).collect::<Result<_, Mismatch>>()?)
            }
            Value::Choice(choice) => {
                let (then, otherwise) =
                    (self.type_inside(&choice.then)?, self.type_inside(&choice.otherwise)?);
                let of = Type::of_all([then.clone(), otherwise.clone()])?;
                // What it is depends on the condition.
                if then.changes_in(&of) || otherwise.changes_in(&of) {
                    return Err(Mismatch::Unclear);
                }
                of
            }
        })
    }

    /// The type of a value that is not known.
    fn type_behind(&self, symbol: &Symbol) -> Type {
        match self.type_of(symbol) {
            InputType::Text => Type::Text,
            InputType::Number => Type::Number,
            InputType::Flag => Type::Flag,
            InputType::List | InputType::Any | InputType::Other => match symbol {
                Symbol::Input(name) => self.type_of_items(name),
                _ => Type::Any,
            },
        }
    }

    /// The type of an input that is a list or a set of texts, numbers or flags.
    fn type_of_items(&self, name: &str) -> Type {
        let variable = self.configuration.root.declarations.variables.get(name);
        let constraint = variable.and_then(|variable| variable.body().get_attribute("type"));
        let Some(Expression::FuncCall(call)) = constraint.map(|attribute| &attribute.value) else {
            return Type::Any;
        };
        let ("list" | "set", Some(Expression::Variable(of))) = (call.name.name.as_str(), call.args.get(0))
        else {
            return Type::Any;
        };
        let item = match InputType::named(of.as_str()) {
            InputType::Text => Type::Text,
            InputType::Number => Type::Number,
            InputType::Flag => Type::Flag,
            InputType::List | InputType::Any | InputType::Other => return Type::Any,
        };
        Type::List(Box::new(item))
    }

    fn become_type(&mut self, held: &mut Held, of: &Type) -> Outcome<()> {
        if let Value::Choice(choice) = &held.value {
            let Choice { condition, mut then, mut otherwise } = choice.as_ref().clone();
            self.become_type(&mut then, of)?;
            self.become_type(&mut otherwise, of)?;
            held.value = Value::choice(condition, then, otherwise);
            return Ok(());
        }
        match (of, &mut held.value) {
            (Type::Text, value)
                if matches!(self.type_of_value(value), InputType::Number | InputType::Flag) =>
            {
                let place = held.place.clone();
                held.value = self.joined(vec![held.clone()], &place)?.value;
                Ok(())
            }
            (Type::Tuple(types), Value::List(items)) => {
                items.iter_mut().zip(types).try_for_each(|(item, of)| self.become_type(item, of))
            }
            (Type::List(of), Value::List(items)) => {
                items.iter_mut().try_for_each(|item| self.become_type(item, of))
            }
            (Type::List(of), Value::Set(items)) => {
                let mut items = std::mem::take(items);
                items.iter_mut().try_for_each(|item| self.become_type(item, of))?;
                held.value = Value::set(items);
                Ok(())
            }
            (Type::Object(types), Value::Map(entries)) => {
                let both = types.values().zip(entries.values_mut());
                both.into_iter().try_for_each(|(of, held)| self.become_type(held, of))
            }
            (Type::Map(of), Value::Map(entries)) => {
                entries.values_mut().try_for_each(|held| self.become_type(held, of))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(types: &[Type]) -> Type {
        Type::Tuple(types.to_vec())
    }

    fn object(types: &[(&str, Type)]) -> Type {
        Type::Object(types.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect())
    }

    // As `terraform console` has it.
    #[test]
    fn one_type_of_several() {
        use Type::{Any, Flag, Number, Text};
        let of = |types: &[Type]| Type::of_all(types.iter().cloned());
        assert_eq!(of(&[Number, Any]), Ok(Number));
        assert_eq!(of(&[Number, Text, Flag]), Ok(Text));
        assert_eq!(of(&[Number, Flag]), Err(Mismatch::Inconsistent));
        assert_eq!(of(&[tuple(&[Number, Text]), tuple(&[Number, Text])]), Ok(tuple(&[Number, Text])));
        assert_eq!(of(&[tuple(&[Number]), tuple(&[Number, Text])]), Ok(Type::List(Box::new(Text))));
        assert_eq!(of(&[tuple(&[Number, Number]), tuple(&[Number, Text])]), Err(Mismatch::Unclear));
        assert_eq!(of(&[tuple(&[Number]), Text]), Err(Mismatch::Inconsistent));
        let settings = object(&[("a", Number), ("b", Text)]);
        assert_eq!(of(&[settings.clone(), settings.clone()]), Ok(settings.clone()));
        assert_eq!(of(&[settings.clone(), object(&[])]), Ok(Type::Map(Box::new(Text))));
        assert_eq!(of(&[object(&[("a", Number)]), object(&[])]), Ok(Type::Map(Box::new(Number))));
        assert_eq!(of(&[settings, object(&[("a", tuple(&[]))])]), Err(Mismatch::Inconsistent));
    }
}
