//! What a property holds, and the algebra of it that all readers and rules share.
//!
//! - [`text`]: text with symbols in it; [`condition`]: conditions on the inputs; [`Number`]s, however they are spelled.
//! - [`visit`] reads everything inside a value, weighs it and bounds how much there may be; [`change`] changes it.
//! - [`outward`] moves choices outwards; [`circle`] finds circles.
//!
//! Readers have no tables in common, so that a mistake in one of them is a difference. An algorithm is no table: it knows
//! nothing of either dialect.

mod change;
pub(crate) mod circle;
mod condition;
pub(crate) mod json;
pub(crate) mod outward;
mod text;
pub(crate) mod visit;

use std::{cmp::Ordering, collections::BTreeMap, fmt};

use super::{Address, Properties};
use crate::read::Place;

pub(crate) use change::Changer;
pub(crate) use condition::Condition;
pub(crate) use text::{Call, Function, ResourceAttribute, Segment, Symbol, SymbolicText, symbolic_text};

/// A value and where it stands. Two are equal when they hold the same, wherever they stand.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// What it holds.
    pub value: Value,
    /// Where it was written; for what a rule filled in, where the resource begins.
    pub place: Place,
    /// The rule that filled it in, where nobody wrote it.
    pub rule: Option<&'static str>,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// Nothing: `null` of Terraform, `AWS::NoValue`.
    Absent,
    /// The `null` of a JSON document, which is there.
    Null,
    /// True or false.
    Flag(bool),
    /// A number.
    Number(Number),
    /// Text, or a single expression that may hold anything.
    Text(SymbolicText),
    /// Items whose order matters.
    List(Vec<Held>),
    /// Items whose order does not matter: sorted, each once.
    Set(Vec<Held>),
    /// Names and values.
    Map(Properties),
    /// The JSON text of a value (`jsonencode`, `Fn::ToJsonString`).
    Json(Box<Held>),
    /// One of two values.
    Choice(Box<Choice>),
}

/// One of two values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Choice {
    /// Which one.
    pub condition: Condition,
    /// The value if the condition holds.
    pub then: Held,
    /// The value if it does not.
    pub otherwise: Held,
}

impl Held {
    /// `value`, written at `place`.
    pub(crate) fn new(value: impl Into<Value>, place: Place) -> Self {
        Self { value: value.into(), place, rule: None }
    }

    /// The characters, if it is literal text.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => text.as_literal(),
            _ => None,
        }
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Held {}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> Ordering {
        let Self { value, place: _, rule: _ } = self;
        value.cmp(&other.value)
    }
}

impl Value {
    /// A set of `items`: sorted, each once.
    pub(crate) fn set(mut items: Vec<Held>) -> Self {
        items.sort();
        items.dedup();
        Self::Set(items)
    }

    /// `then` if `condition` holds, else `otherwise`; told apart only where they differ.
    pub(crate) fn choice(condition: Condition, then: Held, otherwise: Held) -> Self {
        match condition {
            Condition::Always => then.value,
            Condition::Never => otherwise.value,
            _ if then == otherwise => then.value,
            // A condition and its opposite are one choice.
            Condition::Not(condition) => Self::choice(*condition, otherwise, then),
            any @ Condition::Any(_) => Self::choice(Condition::not(any), otherwise, then),
            condition => Self::Choice(Box::new(Choice { condition, then, otherwise })),
        }
    }

    /// The symbol, if it is nothing else.
    pub(crate) fn as_symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Text(text) => text.as_symbol(),
            _ => None,
        }
    }

    /// What kind of value it is, in the words of a message.
    pub(crate) const fn noun(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Null => "`null`",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) | Self::Set(_) => "a list",
            Self::Map(_) => "an object",
            Self::Json(_) => "JSON text",
            Self::Choice(_) => "one of two values",
        }
    }
}

impl From<SymbolicText> for Value {
    fn from(text: SymbolicText) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<BTreeMap<String, Held>> for Value {
    fn from(map: Properties) -> Self {
        Self::Map(map)
    }
}

/// As people are shown it, on one line.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nothing"),
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{:?}", text.to_string()),
            Self::List(items) | Self::Set(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", item.value)?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (index, (name, held)) in entries.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{name}: {}", held.value)?;
                }
                f.write_str("}")
            }
            Self::Json(held) => write!(f, "{}", held.value),
            Self::Choice(choice) => {
                let Choice { condition, then, otherwise } = choice.as_ref();
                write!(f, "{} if {condition}, else {}", then.value, otherwise.value)
            }
        }
    }
}

/// A decimal number in its shortest form: `60`, `60.0` and `6e1` are one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number(String);

/// By size.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |number: &Self| number.0.parse::<f64>().unwrap_or_default();
        let both = (self.0.parse::<i128>(), other.0.parse::<i128>());
        let by_size = if let (Ok(left), Ok(right)) = both {
            left.cmp(&right)
        } else {
            size(self).total_cmp(&size(other))
        };
        by_size.then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Number {
    /// The number that `text` spells, if it spells a finite one: JSON's notation, and no other.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let leading_zero = digits.len() > 1
            && digits.starts_with('0')
            && digits[1..].starts_with(|c: char| c.is_ascii_digit());
        let plain = digits.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        if leading_zero || !plain {
            return None;
        }
        if digits.len() <= 38 && digits.chars().all(|c| c.is_ascii_digit()) {
            let zero = digits.chars().all(|c| c == '0');
            return Some(Self(if zero { "0".to_owned() } else { text.to_owned() }));
        }
        let number: f64 = text.parse().ok()?;
        // Adding zero turns the negative one into the other.
        number.is_finite().then(|| Self((number + 0.0).to_string()))
    }

    /// Whether [`Self::parse`] keeps all digits of `text`: any 15 digits survive as a binary fraction of 64 bits
    /// (<https://en.cppreference.com/w/c/types/limits>), and whole numbers are kept as they are. A zero loses its sign.
    pub(crate) fn keeps(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let digits = digits.split(['e', 'E']).next().unwrap_or_default();
        let is_whole = digits.len() <= 38 && !text.contains(['.', 'e', 'E']);
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let significant = digits.trim_matches('0').len();
        !(significant == 0 && text.starts_with('-')) && (is_whole || significant <= 15)
    }

    /// Its digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `value`, in a file of tests.
    pub(crate) fn held(value: impl Into<Value>) -> Held {
        Held::new(value, Place::whole("f".into()))
    }

    pub(super) fn input(name: &str) -> SymbolicText {
        Symbol::Input(name.into()).into()
    }

    /// Whether an input is not empty.
    pub(super) fn is_set(name: &str) -> Condition {
        Condition::not(Condition::equals(input(name).into(), "".into()))
    }

    /// A value with every kind of value, condition and symbol in it; inputs bear the names of what they stand in.
    pub(super) fn everything() -> Value {
        let nested = Value::choice(is_set("Nested"), held(true), held(Value::Absent));
        let call = |function, arguments| SymbolicText::from(Symbol::Call(Call { function, arguments }));
        let inner = call(Function::Select, vec![held(0), held(input("Call"))]);
        let outer = call(Function::Join, vec![held(","), held(inner), held(nested)]);
        let several = [
            ("Flag", held(Value::Flag(true))),
            ("list", held(Value::List(vec![held(input("List")), held(7), held("")]))),
            ("set", held(Value::set(vec![held(input("Set")), held("b"), held("a")]))),
            ("key", held(Value::Map([("inner".to_owned(), held(input("Map")))].into()))),
            ("json", held(Value::Json(Box::new(held(input("Json")))))),
            ("text", held(symbolic_text!["before ", outer, " after ", Symbol::Region])),
            ("attribute", held(SymbolicText::from(Symbol::attribute("a.b", ResourceAttribute::Arn)))),
        ];
        let entries = several.map(|(name, held)| (name.to_owned(), held));
        let condition = Condition::any([
            Condition::all([is_set("All"), Condition::equals(input("Flag").into(), Value::Flag(true))]),
            Condition::all([is_set("Any"), Condition::not(is_set("All"))]),
        ]);
        let then = held(Value::Map(entries.into()));
        let inner = held(Value::choice(is_set("Otherwise"), held(input("Then")), held("")));
        Value::choice(condition, then, inner)
    }

    /// Every value that can be put together in two steps, one from each way of putting values together.
    pub(super) fn small_values() -> Vec<Value> {
        let leaves = || {
            let texts = ["".into(), "a".into(), input("A"), symbolic_text!["a", input("B"), Symbol::Region]];
            let texts = texts.into_iter().map(Value::Text);
            texts.chain([Value::Absent, Value::Flag(true), 7.into()]).collect::<Vec<_>>()
        };
        let around = |inner: &Value| {
            let inner = || held(inner.clone());
            let call = Symbol::Call(Call { function: Function::Join, arguments: vec![held(","), inner()] });
            let condition =
                Condition::any([is_set("C"), Condition::equals(input("D").into(), inner().value)]);
            [
                Value::List(vec![inner(), held("a"), inner()]),
                Value::set(vec![held("a"), inner(), held(input("A"))]),
                Value::Map([("a".to_owned(), inner()), ("b".to_owned(), held("b"))].into()),
                Value::Json(Box::new(inner())),
                Value::Text(call.clone().into()),
                Value::Text(symbolic_text!["before ", call]),
                Value::choice(is_set("A"), inner(), held("a")),
                Value::choice(condition, held(""), inner()),
            ]
        };
        let once: Vec<_> = leaves().iter().flat_map(around).collect();
        let twice = once.iter().flat_map(around);
        leaves().into_iter().chain(once.iter().cloned()).chain(twice).collect()
    }

    #[test]
    fn a_choice_turned_round_is_the_same_choice() {
        for condition in [
            is_set("A"),
            Condition::all([is_set("A"), is_set("B")]),
            Condition::any([is_set("A"), Condition::not(is_set("B"))]),
        ] {
            let one = Value::choice(condition.clone(), held("x"), held("y"));
            let other = Value::choice(Condition::not(condition.clone()), held("y"), held("x"));
            assert_eq!(one, other);
            assert_ne!(one, Value::choice(condition, held("y"), held("x")));
        }
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        let number = |text| Number::parse(text).map(|number| number.to_string());
        for spelling in ["60", "60.0", "6e1", "6E+1"] {
            assert_eq!(number(spelling).as_deref(), Some("60"), "{spelling}");
        }
        assert_eq!(number("-0").as_deref(), Some("0"));
        assert_eq!(number("-0.5").as_deref(), Some("-0.5"));
        assert_eq!(number("12345678901234567890").as_deref(), Some("12345678901234567890"));
        assert!(Number::parse("10") > Number::parse("9.5") && Number::parse("-1") < Number::parse("0.1"));
        assert!(
            ["1.10", "12345678901234567890", "1e30", "0.000123456789012345"].into_iter().all(Number::keeps)
        );
        assert!(!["-0", "-0.0", "0.1234567890123456", "1234567890.123456789"].into_iter().any(Number::keeps));
        for word in ["", "-", "012", "1_000", "0x10", "inf", "nan", ".5", "1e999", "10s", "t2", "+1"] {
            assert_eq!(number(word), None, "{word}");
        }
    }
}
