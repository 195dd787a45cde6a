//! What a function is called with, and what every function says of it.

use std::vec;

use crate::{
    graph::{Held, Properties, Value},
    read::Place,
    terraform::{
        evaluator::{Evaluator, Outcome, Refused},
        operation::Figure,
    },
};

/// The arguments of one call, which are taken in their order.
pub(super) struct Arguments<'p> {
    /// Where the function is called.
    pub place: &'p Place,
    /// The function.
    pub name: &'static str,
    rest: vec::IntoIter<Held>,
}

impl<'p> Arguments<'p> {
    /// Of the function `name`, which is called at `place`.
    pub(super) fn new(name: &'static str, arguments: Vec<Held>, place: &'p Place) -> Self {
        Self { place, name, rest: arguments.into_iter() }
    }

    /// Of the same call, with other values.
    pub(super) fn with(&self, arguments: Vec<Held>) -> Self {
        Self::new(self.name, arguments, self.place)
    }

    /// The next argument.
    pub(super) fn one(&mut self) -> Outcome<Held> {
        self.rest.next().ok_or(Refused)
    }

    /// All that have not been taken.
    pub(super) fn rest(&self) -> &[Held] {
        self.rest.as_slice()
    }

    /// Takes all that are left.
    pub(super) fn all(self) -> Vec<Held> {
        self.rest.collect()
    }

    /// The next argument, which must be a known list.
    pub(super) fn items(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<Vec<Held>> {
        let held = self.one()?;
        self.items_of(evaluator, held, &self.what("a list"))
    }

    /// The items of `held`, which must be a known list. `what` says what it is, where it is something else.
    pub(super) fn items_of(
        &self,
        evaluator: &mut Evaluator<'_>,
        held: Held,
        what: &str,
    ) -> Outcome<Vec<Held>> {
        match held.value {
            Value::List(items) | Value::Set(items) => Ok(items),
            value => self.not_such(evaluator, &value, &held.place, ("a list", what)),
        }
    }

    /// The next argument, which must be a known object.
    pub(super) fn entries(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<Properties> {
        let held = self.one()?;
        match held.value {
            Value::Map(entries) => Ok(entries),
            value => self.not_such(evaluator, &value, &held.place, ("an object", &self.what("an object"))),
        }
    }

    /// Refuses `value`, which is `what` and not known to be `expected`.
    fn not_such<T>(
        &self,
        evaluator: &mut Evaluator<'_>,
        value: &Value,
        place: &Place,
        (expected, what): (&'static str, &str),
    ) -> Outcome<T> {
        match value {
            Value::Text(_) | Value::Json(_) | Value::Choice(_) => {
                evaluator.not_known(place, &self.what(expected), value)
            }
            _ => evaluator.wrong(place, what, expected, value.noun().to_owned()),
        }
    }

    /// The next argument, which must be known text. `part` says what it is to the function.
    pub(super) fn text(&mut self, evaluator: &mut Evaluator<'_>, part: &str) -> Outcome<String> {
        let held = self.one()?;
        evaluator.text(&self.what(part), &held, &held.place)
    }

    /// All arguments, which must be known texts.
    pub(super) fn texts<const N: usize>(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<[String; N]> {
        let texts = [(); N].map(|()| self.text(evaluator, "an argument"));
        let texts = texts.into_iter().collect::<Outcome<Vec<_>>>()?;
        texts.try_into().map_err(|_| Refused)
    }

    /// The next argument, which must be a known number.
    pub(super) fn figure(&mut self, evaluator: &mut Evaluator<'_>, part: &str) -> Outcome<Figure> {
        let held = self.one()?;
        evaluator.figure(&self.what(part), &held)
    }

    /// The next argument, which must be a known number of things.
    pub(super) fn count(&mut self, evaluator: &mut Evaluator<'_>, part: &str) -> Outcome<usize> {
        let whole = self.figure(evaluator, part)?.whole();
        match whole.and_then(|whole| usize::try_from(whole).ok()) {
            Some(count) => Ok(count),
            None => self.wrong(evaluator, part, "a whole number", "none"),
        }
    }

    /// `part`, in the words of a message: "the index of `element`".
    pub(super) fn what(&self, part: &str) -> String {
        format!("{part} of `{}`", self.name)
    }

    /// Notes that `part` is not what it must be.
    pub(super) fn wrong<T>(
        &self,
        evaluator: &mut Evaluator<'_>,
        part: &str,
        expected: &'static str,
        found: impl Into<String>,
    ) -> Outcome<T> {
        evaluator.wrong(self.place, &self.what(part), expected, found.into())
    }

    /// What the function gives back.
    pub(super) fn result(&self, value: impl Into<Value>) -> Held {
        Held::new(value, self.place.clone())
    }

    /// A list that the function gives back.
    pub(super) fn list(&self, items: Vec<Held>) -> Held {
        self.result(Value::List(items))
    }
}
