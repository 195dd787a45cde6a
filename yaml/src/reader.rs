//! Readers of single values and of short lists. Each knows how its values look, what the schema says of them, and what
//! to write instead of what it refuses.

use std::time::Duration;

use jit_runners_model::NameError;
use serde_json::{Value, json};

use crate::{
    problem::{Problem, ProblemKind},
    quantity::{self, Quantity as _},
    scalar::{self, as_written},
    tree::{Located, Scalar, YamlValue},
};

/// Reads one kind of value.
pub trait Read {
    /// What comes out.
    type Value;

    /// What an editor should know of it.
    fn schema(&self) -> Value;
    /// A value that would be right, as it is written.
    fn example(&self) -> String;
    /// How a value is written, for defaults that are shown.
    fn written(&self, value: &Self::Value) -> Value;
    /// Reads the value at `node`, which `path` leads to. What is wrong goes into `problems`.
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Self::Value>;
}

/// Reads what stands there as one scalar.
fn one<T>(
    node: &Located,
    path: &[String],
    problems: &mut Vec<Problem>,
    example: &str,
    read: impl FnOnce(&Scalar) -> Result<T, ProblemKind>,
) -> Option<T> {
    let key = path.last().map_or("value", String::as_str);
    match scalar::scalar(node, &format!("{key}: {example}")).and_then(read) {
        Ok(value) => Some(value),
        Err(kind) => {
            problems.push(Problem { place: node.place.clone(), path: path.to_vec(), kind });
            None
        }
    }
}

/// Text of people's choice, on one line or several.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// A text that would be right.
    pub example: &'static str,
}

impl Read for Text {
    type Value = String;

    fn schema(&self) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
    fn example(&self) -> String {
        self.example.to_owned()
    }
    fn written(&self, value: &String) -> Value {
        json!(value)
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<String> {
        one(node, path, problems, self.example, |it| scalar::text(it, Ok))
    }
}

/// Text that a type of the model takes.
#[derive(Debug)]
pub struct Name<T> {
    /// A text that would be right.
    pub example: &'static str,
    /// The check.
    pub check: fn(String) -> Result<T, NameError>,
    /// How a value looks as text.
    pub text: fn(&T) -> String,
}

impl<T> Clone for Name<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Name<T> {}

impl<T> Read for Name<T> {
    type Value = T;

    fn schema(&self) -> Value {
        json!({ "type": "string", "examples": [self.example] })
    }
    fn example(&self) -> String {
        self.example.to_owned()
    }
    fn written(&self, value: &T) -> Value {
        json!((self.text)(value))
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<T> {
        one(node, path, problems, self.example, |it| scalar::text(it, self.check))
    }
}

/// A whole number.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    /// Smallest number.
    pub low: u32,
    /// Largest number.
    pub high: u32,
}

impl Whole {
    /// Any count.
    pub const ANY: Self = Self { low: 0, high: u32::MAX };
    /// At least one.
    pub const SOME: Self = Self { low: 1, high: u32::MAX };
}

impl Read for Whole {
    type Value = u32;

    fn schema(&self) -> Value {
        json!({ "type": "integer", "minimum": self.low, "maximum": self.high })
    }
    fn example(&self) -> String {
        self.low.max(1).to_string()
    }
    fn written(&self, value: &u32) -> Value {
        json!(value)
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<u32> {
        let usual = self.low.max(1);
        one(node, path, problems, &self.example(), |it| scalar::number(it, self.low, self.high, usual))
    }
}

/// A number that need not be whole, from 0 on.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    /// Largest number.
    pub high: f64,
    /// What it is, for the message.
    pub what: &'static str,
}

impl Number {
    /// How likely something is.
    pub const CHANCE: Self = Self { high: 1.0, what: "a probability" };
}

impl Read for Number {
    type Value = f64;

    fn schema(&self) -> Value {
        json!({ "type": "number", "minimum": 0, "maximum": self.high })
    }
    fn example(&self) -> String {
        "0.5".to_owned()
    }
    fn written(&self, value: &f64) -> Value {
        json!(value)
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<f64> {
        one(node, path, problems, "0.5", |it| {
            let is_plain = !it.quoted && it.text.starts_with(|c: char| c.is_ascii_digit());
            match it.text.parse::<f64>() {
                Ok(number) if is_plain && (0.0..=self.high).contains(&number) => Ok(number),
                found => Err(ProblemKind::NotInRange {
                    found: as_written(it),
                    what: self.what,
                    high: self.high.to_string(),
                    write: self.meant(&it.text, found.ok()).to_string(),
                }),
            }
        })
    }
}

impl Number {
    /// What was probably meant: `5 %` is 0.05, and what is too large is the largest.
    fn meant(self, text: &str, number: Option<f64>) -> f64 {
        let percent = text.strip_suffix('%').and_then(|rest| rest.trim().parse::<f64>().ok());
        let meant = percent.map(|percent| percent / 100.0).or(number).filter(|meant| meant.is_finite());
        meant.unwrap_or(0.5).clamp(0.0, self.high)
    }
}

/// `true` or `false`.
#[derive(Debug, Clone, Copy)]
pub struct Flag;

impl Read for Flag {
    type Value = bool;

    fn schema(&self) -> Value {
        json!({ "type": "boolean" })
    }
    fn example(&self) -> String {
        "true".to_owned()
    }
    fn written(&self, value: &bool) -> Value {
        json!(value)
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<bool> {
        one(node, path, problems, "true", scalar::flag)
    }
}

/// One of a few words, each with what it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a, T>(pub &'a [(&'static str, T)]);

impl<T: Copy + PartialEq> Read for Word<'_, T> {
    type Value = T;

    fn schema(&self) -> Value {
        json!({ "enum": self.0.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
    }
    fn example(&self) -> String {
        self.0.first().map_or_else(String::new, |(word, _)| (*word).to_owned())
    }
    fn written(&self, value: &T) -> Value {
        self.0.iter().find(|(_, meaning)| meaning == value).map_or(Value::Null, |(word, _)| json!(word))
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<T> {
        one(node, path, problems, &self.example(), |it| {
            scalar::one_of(it, self.0, |(word, _)| word).map(|(_, meaning)| meaning)
        })
    }
}

/// A time with its unit.
#[derive(Debug, Clone, Copy)]
pub struct Time;

impl Read for Time {
    type Value = Duration;

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": "^(0|[1-9][0-9]*) (ms|s|min|h|day|days)$" })
    }
    fn example(&self) -> String {
        "2 min".to_owned()
    }
    fn written(&self, value: &Duration) -> Value {
        json!(value.written())
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Duration> {
        let usual = Duration::from_mins(2);
        one(node, path, problems, "2 min", |it| quantity::read(it, usual, u32::MAX))
    }
}

/// What another reader reads, or a word for nothing.
#[derive(Debug, Clone, Copy)]
pub struct Or<R> {
    /// The word.
    pub word: &'static str,
    /// The other reader.
    pub reader: R,
}

impl<R: Read> Read for Or<R> {
    type Value = Option<R::Value>;

    fn schema(&self) -> Value {
        any_of(&[self.reader.schema(), json!({ "const": self.word })])
    }
    fn example(&self) -> String {
        self.reader.example()
    }
    fn written(&self, value: &Self::Value) -> Value {
        value.as_ref().map_or_else(|| json!(self.word), |value| self.reader.written(value))
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Self::Value> {
        match &node.value {
            YamlValue::Scalar(scalar) if scalar.text == self.word => Some(None),
            _ => self.reader.read(node, path, problems).map(Some),
        }
    }
}

/// A list of what another reader reads.
#[derive(Debug, Clone, Copy)]
pub struct List<R>(pub R);

impl<R: Read> Read for List<R> {
    type Value = Vec<R::Value>;

    fn schema(&self) -> Value {
        json!({ "type": "array", "items": self.0.schema() })
    }
    fn example(&self) -> String {
        format!("[{}]", self.0.example())
    }
    fn written(&self, value: &Self::Value) -> Value {
        value.iter().map(|value| self.0.written(value)).collect()
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Self::Value> {
        let YamlValue::Sequence(items) = &node.value else {
            let found = scalar::shape(&node.value);
            let kind = ProblemKind::WrongShape { found, expected: "a list, such as `[a, b]`" };
            problems.push(Problem { place: node.place.clone(), path: path.to_vec(), kind });
            return None;
        };
        let read = items.iter().enumerate().map(|(index, item)| {
            let path: Vec<_> = path.iter().cloned().chain([index.to_string()]).collect();
            self.0.read(item, &path, problems)
        });
        // All are read, so that all problems are told.
        read.collect::<Vec<_>>().into_iter().collect()
    }
}

/// What another reader reads, or a list of it.
#[derive(Debug, Clone, Copy)]
pub struct OneOrMany<R>(pub R);

impl<R: Read + Copy> Read for OneOrMany<R> {
    type Value = Vec<R::Value>;

    fn schema(&self) -> Value {
        any_of(&[self.0.schema(), List(self.0).schema()])
    }
    fn example(&self) -> String {
        self.0.example()
    }
    fn written(&self, value: &Self::Value) -> Value {
        List(self.0).written(value)
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Self::Value> {
        match node.value {
            YamlValue::Sequence(_) => List(self.0).read(node, path, problems),
            YamlValue::Scalar(_) | YamlValue::Mapping(_) => {
                self.0.read(node, path, problems).map(|value| vec![value])
            }
        }
    }
}

/// Two values, the smaller one first: `[a, b]`.
#[derive(Debug, Clone, Copy)]
pub struct Span<R>(pub R);

impl<R: Read + Copy> Read for Span<R>
where
    R::Value: PartialOrd,
{
    type Value = (R::Value, R::Value);

    fn schema(&self) -> Value {
        json!({ "type": "array", "items": self.0.schema(), "minItems": 2, "maxItems": 2 })
    }
    fn example(&self) -> String {
        format!("[{0}, {0}]", self.0.example())
    }
    fn written(&self, value: &Self::Value) -> Value {
        json!([self.0.written(&value.0), self.0.written(&value.1)])
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Self::Value> {
        let values = List(self.0).read(node, path, problems)?;
        let count = values.len();
        let mut values = values.into_iter();
        let message = match (values.next(), values.next()) {
            (Some(low), Some(high)) if count == 2 && low <= high => return Some((low, high)),
            (Some(_), Some(_)) if count == 2 => "the first must not be larger than the second".to_owned(),
            _ => format!("found {count} values; expected two, the smaller one first: `[a, b]`"),
        };
        problems.push(Problem {
            place: node.place.clone(),
            path: path.to_vec(),
            kind: ProblemKind::Told { message },
        });
        None
    }
}

/// One value, or two between which one is drawn.
#[derive(Debug, Clone, Copy)]
pub struct OneOrSpan<R>(pub R);

impl<R: Read + Copy> Read for OneOrSpan<R>
where
    R::Value: PartialOrd + Copy,
{
    type Value = (R::Value, R::Value);

    fn schema(&self) -> Value {
        any_of(&[self.0.schema(), Span(self.0).schema()])
    }
    fn example(&self) -> String {
        self.0.example()
    }
    fn written(&self, value: &Self::Value) -> Value {
        if value.0 == value.1 { self.0.written(&value.0) } else { Span(self.0).written(value) }
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<Self::Value> {
        match node.value {
            YamlValue::Sequence(_) => Span(self.0).read(node, path, problems),
            YamlValue::Scalar(_) | YamlValue::Mapping(_) => {
                self.0.read(node, path, problems).map(|value| (value, value))
            }
        }
    }
}

/// Either of two schemas.
pub(crate) fn any_of(schemas: &[Value; 2]) -> Value {
    json!({ "anyOf": schemas })
}
