//! Conditions: what is true or false of the inputs, on which resources and values may depend.

use std::{collections::BTreeSet, fmt};

use super::{Segment, SymbolicText, Value};

/// A condition on the inputs. Made by the functions below, equal conditions are equal values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Condition {
    /// It holds.
    Always,
    /// It does not hold.
    Never,
    /// Whether two values are the same; the smaller one stands first.
    Equals(Box<Value>, Box<Value>),
    /// Whether something else does not hold.
    Not(Box<Condition>),
    /// Whether all of these hold: two or more.
    All(BTreeSet<Condition>),
    /// Whether any of these holds: two or more.
    Any(BTreeSet<Condition>),
}

impl Condition {
    /// Whether `left` and `right` are the same. `true` and `"true"` are, as are `1` and `"1"`: inputs reach a
    /// comparison as text in one dialect and typed in the other.
    pub(crate) fn equals(left: Value, right: Value) -> Self {
        let (left, right) = (as_text(left), as_text(right));
        let known = |value: &Value| match value {
            Value::Text(text) => text.as_literal().map(str::to_owned),
            _ => None,
        };
        match (known(&left), known(&right)) {
            (Some(left), Some(right)) if left == right => Self::Always,
            (Some(_), Some(_)) => Self::Never,
            _ if left == right => Self::Always,
            _ if !can_be(&left, &right) => Self::Never,
            _ if left < right => Self::Equals(Box::new(left), Box::new(right)),
            _ => Self::Equals(Box::new(right), Box::new(left)),
        }
    }

    /// Whether `condition` does not hold.
    pub(crate) fn not(condition: Self) -> Self {
        match condition {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(condition) => *condition,
            Self::All(all) => Self::any(all.into_iter().map(Self::not)),
            Self::Any(any) => Self::all(any.into_iter().map(Self::not)),
            condition @ Self::Equals(..) => Self::Not(Box::new(condition)),
        }
    }

    /// Whether all of `conditions` hold.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut all = BTreeSet::new();
        for condition in conditions {
            match condition {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::All(more) => all.extend(more),
                condition @ (Self::Equals(..) | Self::Not(_) | Self::Any(_)) => {
                    all.insert(condition);
                }
            }
        }
        if all.len() > 1 { Self::All(all) } else { all.pop_first().unwrap_or(Self::Always) }
    }

    /// Whether any of `conditions` holds.
    pub(crate) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut any = BTreeSet::new();
        for condition in conditions {
            match condition {
                Self::Never => {}
                Self::Always => return Self::Always,
                Self::Any(more) => any.extend(more),
                condition @ (Self::Equals(..) | Self::Not(_) | Self::All(_)) => {
                    any.insert(condition);
                }
            }
        }
        if any.len() > 1 { Self::Any(any) } else { any.pop_first().unwrap_or(Self::Never) }
    }

    /// Whether `then` holds if `condition` does, or else `otherwise`.
    pub(crate) fn choice(condition: &Self, then: Self, otherwise: Self) -> Self {
        Self::any([
            Self::all([condition.clone(), then]),
            Self::all([Self::not(condition.clone()), otherwise]),
        ])
    }

    /// Whether `when` and this hold; and whether `when` holds and this does not.
    pub(crate) fn sides(&self, when: Self) -> (Self, Self) {
        let no = Self::all([when.clone(), Self::not(self.clone())]);
        (Self::all([when, self.clone()]), no)
    }

    /// What this demands beyond what `known` says already.
    pub(crate) fn beyond(self, known: &Self) -> Self {
        let is_known = |part: &Self| match known {
            Self::All(all) => all.contains(part),
            known => known == part,
        };
        match self {
            condition if is_known(&condition) => Self::Always,
            Self::All(all) => Self::all(all.into_iter().filter(|part| !is_known(part))),
            condition => condition,
        }
    }
}

/// Whether there is anything that makes `left` and `right` the same: their literal parts may rule it out.
fn can_be(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => match (left.as_literal(), right.as_literal()) {
            (Some(literal), None) => fits(right, literal),
            (None, Some(literal)) => fits(left, literal),
            _ => {
                let begin = [left, right].map(|text| text.segments().first());
                let end = [left, right].map(|text| text.segments().last());
                let can_begin = both(begin, |one, other| one.starts_with(other) || other.starts_with(one));
                can_begin && both(end, |one, other| one.ends_with(other) || other.ends_with(one))
            }
        },
        // Around a literal there is always text.
        (Value::Text(text), Value::Absent) | (Value::Absent, Value::Text(text)) => {
            !text.segments().iter().any(|segment| matches!(segment, Segment::Literal(_)))
        }
        _ => true,
    }
}

/// Whether `agree` holds of the characters of both segments; nobody knows about those of a symbol.
fn both(segments: [Option<&Segment>; 2], agree: fn(&str, &str) -> bool) -> bool {
    match segments {
        [Some(Segment::Literal(one)), Some(Segment::Literal(other))] => agree(one, other),
        _ => true,
    }
}

/// Whether `text` can be `literal`: its literal parts stand in it, one after the other.
fn fits(text: &SymbolicText, literal: &str) -> bool {
    let (mut rest, mut middle) = (literal, text.segments());
    if let [Segment::Literal(start), after @ ..] = middle {
        let Some(stripped) = rest.strip_prefix(start.as_str()) else { return false };
        (rest, middle) = (stripped, after);
    }
    if let [before @ .., Segment::Literal(end)] = middle {
        let Some(stripped) = rest.strip_suffix(end.as_str()) else { return false };
        (rest, middle) = (stripped, before);
    }
    middle.iter().all(|segment| match segment {
        Segment::Symbol(_) => true,
        Segment::Literal(part) => match rest.split_once(part.as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        },
    })
}

fn as_text(value: Value) -> Value {
    match value {
        Value::Flag(flag) => Value::Text(SymbolicText::literal(flag.to_string())),
        Value::Number(number) => Value::Text(SymbolicText::literal(number.as_str())),
        other => other,
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several = |f: &mut fmt::Formatter<'_>, conditions: &BTreeSet<Self>, word: &str| {
            for (index, condition) in conditions.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                write!(f, "({condition})")?;
            }
            Ok(())
        };
        match self {
            Self::Always => f.write_str("always"),
            Self::Never => f.write_str("never"),
            Self::Equals(left, right) => write!(f, "{left} = {right}"),
            Self::Not(condition) => match condition.as_ref() {
                Self::Equals(left, right) => write!(f, "{left} != {right}"),
                condition => write!(f, "not ({condition})"),
            },
            Self::All(all) => several(f, all, "and"),
            Self::Any(any) => several(f, any, "or"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;
    use crate::graph::{Symbol, SymbolicText, Value, symbolic_text};

    #[test]
    fn what_is_known_is_not_demanded_again() {
        let is = |name: &str| {
            Condition::equals(Value::Text(SymbolicText::from(Symbol::Input(name.into()))), Value::Flag(true))
        };
        let both = || Condition::all([is("A"), is("B")]);
        assert_eq!(both().beyond(&is("A")), is("B"));
        assert_eq!(both().beyond(&both()), Condition::Always);
        assert_eq!(is("A").beyond(&both()), Condition::Always);
        assert_eq!(is("C").beyond(&both()), is("C"));
        assert_eq!(is("A").sides(is("B")), (both(), Condition::all([is("B"), Condition::not(is("A"))])));
        assert_eq!(Condition::choice(&is("A"), Condition::Always, Condition::Never), is("A"));
    }

    #[test]
    fn literal_parts_can_rule_out_that_values_are_equal() {
        let name = || Symbol::Input("Name".into());
        let whether = |left: SymbolicText, right: SymbolicText| Condition::equals(left.into(), right.into());
        let can = |left: SymbolicText, right: SymbolicText| whether(left, right) != Condition::Never;
        assert!(!can(symbolic_text![name(), "-dead"], "".into()));
        assert!(!can(symbolic_text![name(), "-dead"], "jobs".into()));
        assert!(!can(symbolic_text!["a-", name(), "-a"], "a-a".into()));
        assert!(!can(symbolic_text!["a", name(), "b", name(), "c"], "acc".into()));
        assert!(!can(symbolic_text!["a-", name()], symbolic_text!["b-", name()]));
        assert!(!can(symbolic_text![name(), "-a"], symbolic_text![name(), "-b"]));
        assert!(can(symbolic_text![name(), "-dead"], "-dead".into()));
        assert!(can(symbolic_text!["a-", name(), "-a"], "a--a".into()));
        assert!(can(symbolic_text!["a", name(), "b", name(), "c"], "abbc".into()));
        assert!(can(symbolic_text!["a-", name()], symbolic_text!["a", name()]));
        assert!(can(SymbolicText::from(name()), "".into()));
        let nothing = |text: SymbolicText| Condition::equals(text.into(), Value::Absent);
        assert_eq!(nothing(symbolic_text![name(), "-dead"]), Condition::Never);
        assert_ne!(nothing(name().into()), Condition::Never);
    }

    #[test]
    fn equal_conditions_are_equal() {
        let input = || Value::Text(SymbolicText::from(Symbol::Input("Flag".into())));
        let is_true = || Condition::equals(input(), Value::Flag(true));
        assert_eq!(is_true(), Condition::equals("true".into(), input()));
        assert_eq!(Condition::not(Condition::not(is_true())), is_true());
        assert_eq!(Condition::all([is_true(), Condition::Always, is_true()]), is_true());
        assert_eq!(Condition::any([is_true(), Condition::Always]), Condition::Always);
        assert_eq!(Condition::equals("a".into(), "b".into()), Condition::Never);
        let is_set = || Condition::not(Condition::equals(input(), "".into()));
        assert_eq!(
            Condition::not(Condition::all([is_true(), is_set()])),
            Condition::any([Condition::not(is_set()), Condition::not(is_true())])
        );
    }
}
