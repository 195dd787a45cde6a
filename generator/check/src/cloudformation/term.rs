//! A value of a template: the function that it may be, in either spelling, and what a scalar without quotes is.
//!
//! `CloudFormation` reads YAML 1.1 (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>),
//! where more words are numbers than people think. A scalar that would lose characters is refused.

use crate::{
    graph::{Number, Symbol, SymbolicText, Value},
    problem::{TemplateProblem, alike},
    read::{Entry, Located, Place, Scalar, YamlValue},
};

/// A value of a template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term<'a> {
    /// Where it begins.
    pub place: &'a Place,
    /// Its tag, unless it was handled already.
    pub tag: Option<&'a str>,
    /// The value.
    pub value: &'a YamlValue,
}

/// A function of templates, or what looks like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionName {
    Ref,
    GetAtt,
    Sub,
    Join,
    Select,
    Split,
    Base64,
    If,
    FindInMap,
    ToJsonString,
    ImportValue,
    Length,
    Condition,
    And,
    Or,
    Not,
    Equals,
    Contains,
}

/// Functions by their long names
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>).
const FUNCTIONS: &[(&str, FunctionName)] = &[
    ("Ref", FunctionName::Ref),
    ("Fn::GetAtt", FunctionName::GetAtt),
    ("Fn::Sub", FunctionName::Sub),
    ("Fn::Join", FunctionName::Join),
    ("Fn::Select", FunctionName::Select),
    ("Fn::Split", FunctionName::Split),
    ("Fn::Base64", FunctionName::Base64),
    ("Fn::If", FunctionName::If),
    ("Fn::FindInMap", FunctionName::FindInMap),
    ("Fn::ToJsonString", FunctionName::ToJsonString),
    ("Fn::ImportValue", FunctionName::ImportValue),
    ("Fn::Length", FunctionName::Length),
    ("Condition", FunctionName::Condition),
    ("Fn::And", FunctionName::And),
    ("Fn::Or", FunctionName::Or),
    ("Fn::Not", FunctionName::Not),
    ("Fn::Equals", FunctionName::Equals),
    ("Fn::Contains", FunctionName::Contains),
];

/// Functions that exist and are refused, with what to do instead.
const OUTSIDE: &[(&str, &str)] = &[
    ("Fn::GetAZs", "take the zones as a parameter"),
    ("Fn::Transform", "write out what the macro makes"),
    ("Fn::ForEach", "write out what the loop makes"),
    ("Fn::Cidr", "write the address ranges out"),
    ("Fn::EachMemberEquals", "ask for each value with `Fn::Equals`"),
    ("Fn::EachMemberIn", "ask for each value with `Fn::Contains`"),
    ("Fn::RefAll", "name the parameters one by one"),
    ("Fn::ValueOf", "take the attribute as a parameter"),
    ("Fn::ValueOfAll", "take the attributes as parameters"),
    ("Fn::GetStackOutput", "take the value as a parameter"),
];

impl FunctionName {
    /// Its long name.
    pub(crate) fn as_str(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }
}

impl<'a> Term<'a> {
    /// The term that `located` is.
    pub(crate) fn of(located: &'a Located) -> Self {
        Self { place: &located.place, tag: located.tag.as_deref(), value: &located.value }
    }

    /// The function that it is, with its argument; nothing, if it is a value. `Condition` is a function in
    /// conditions only: policy statements have a key of that name.
    pub(crate) fn function(
        self,
        in_condition: bool,
    ) -> Result<Option<(FunctionName, Self)>, TemplateProblem> {
        if let Some(tag) = self.tag {
            if tag == "!!str" {
                return Ok(None);
            }
            let name = match tag {
                "!Ref" => "Ref".to_owned(),
                "!Condition" => "Condition".to_owned(),
                _ => format!("Fn::{}", tag.trim_start_matches('!')),
            };
            return named(&name, tag).map(|function| Some((function, Self { tag: None, ..self })));
        }
        let YamlValue::Mapping(entries) = self.value else { return Ok(None) };
        let is_function = |entry: &&Entry| {
            entry.key.starts_with("Fn::") || entry.key == "Ref" || (in_condition && entry.key == "Condition")
        };
        let Some(entry) = entries.iter().find(is_function) else { return Ok(None) };
        if entries.len() > 1 {
            return Err(TemplateProblem::NotAlone { name: entry.key.clone() });
        }
        named(&entry.key, &entry.key).map(|function| Some((function, Self::of(&entry.value))))
    }

    /// The scalar, if it is one without a tag.
    pub(crate) fn scalar(self) -> Option<&'a Scalar> {
        match self.value {
            YamlValue::Scalar(scalar) if self.tag.is_none() => Some(scalar),
            YamlValue::Scalar(_) | YamlValue::Sequence(_) | YamlValue::Mapping(_) => None,
        }
    }

    /// The characters of a scalar without a tag, whatever they would be resolved to.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The items, if it is a list without a tag.
    pub(crate) fn items(self) -> Option<&'a [Located]> {
        match self.value {
            YamlValue::Sequence(items) if self.tag.is_none() => Some(items),
            YamlValue::Scalar(_) | YamlValue::Sequence(_) | YamlValue::Mapping(_) => None,
        }
    }

    /// The entries, if it is an object without a tag.
    pub(crate) fn entries(self) -> Option<&'a [Entry]> {
        match self.value {
            YamlValue::Mapping(entries) if self.tag.is_none() => Some(entries),
            YamlValue::Scalar(_) | YamlValue::Sequence(_) | YamlValue::Mapping(_) => None,
        }
    }

    /// What messages call it.
    pub(crate) fn noun(self) -> &'static str {
        match (self.tag, self.value) {
            (Some(_), _) => "a function",
            (None, YamlValue::Scalar(scalar)) if scalar.text.is_empty() && !scalar.quoted => "nothing",
            (None, YamlValue::Scalar(_)) => "a single value",
            (None, YamlValue::Sequence(_)) => "a list",
            (None, YamlValue::Mapping(_)) => "an object",
        }
    }
}

fn named(name: &str, written: &str) -> Result<FunctionName, TemplateProblem> {
    // A loop carries a name of its own: `Fn::ForEach::Topics`.
    let outside = OUTSIDE.iter().find(|(known, _)| {
        name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    });
    if let Some((_, instead)) = outside {
        return Err(TemplateProblem::Outside { found: written.to_owned(), instead });
    }
    if let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
        return Ok(*function);
    }
    let bare = |name: &'static str| name.strip_prefix("Fn::").unwrap_or(name);
    let meant =
        alike(name.strip_prefix("Fn::").unwrap_or(name), FUNCTIONS.iter().map(|(known, _)| bare(known)));
    let suggestion = FUNCTIONS.iter().find(|(known, _)| Some(bare(known)) == meant).map(|(known, _)| *known);
    Err(TemplateProblem::UnknownFunction { name: written.to_owned(), suggestion })
}

/// The value of `scalar`.
pub(super) fn resolve(scalar: &Scalar) -> Result<Value, TemplateProblem> {
    let text = scalar.text.as_str();
    if scalar.quoted {
        return Ok(Value::Text(SymbolicText::literal(text)));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Flag(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Flag(false)),
        _ => {}
    }
    if let Some(taken_for) = trap(text) {
        return Err(TemplateProblem::NeedsQuotes { found: text.to_owned(), taken_for });
    }
    Ok(match Number::parse(text) {
        Some(number) if number.as_str() == text => Value::Number(number),
        // As text these are `2.0`, as a number `2`. Which of the two a property of type text gets, nobody says.
        Some(_) => Value::Text(Symbol::Unsure(text.into()).into()),
        None => Value::Text(SymbolicText::literal(text)),
    })
}

/// Words that are true or false in YAML 1.1 (<https://yaml.org/type/bool.html>), and text in other versions. `y` and `n` are
/// among them, but no reader takes them for that: `AttributeType: N` is what everybody writes.
const FLAGS: &[&str] = &["yes", "no", "on", "off"];

/// What YAML 1.1 takes `text` for, if people would not expect it.
fn trap(text: &str) -> Option<&'static str> {
    let has_flags_case = |text: &str| {
        let rest = text.get(1..).unwrap_or_default();
        !rest.contains(char::is_uppercase) || !text.contains(char::is_lowercase)
    };
    if has_flags_case(text) && FLAGS.iter().any(|flag| text.eq_ignore_ascii_case(flag)) {
        return Some("true or false");
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '_');
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let lower = unsigned.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return Some("a number that is none");
    }
    for prefix in ["0x", "0o", "0b"] {
        if lower
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_hexdigit() || c == '_'))
        {
            return Some("a number to another base");
        }
    }
    if unsigned.contains(':') {
        return is_base_60(unsigned).then_some("a number to the base 60");
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !(digits(whole) || whole.is_empty()) || !(digits(fraction) || fraction.is_empty()) || unsigned == "." {
        return None;
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Some("a number without the leading zero, or to the base 8");
    }
    if unsigned.contains('_') {
        return Some("a number without the underscores");
    }
    let dressed = text.starts_with('+') || whole.is_empty() || unsigned.ends_with('.');
    dressed.then_some("a number")
}

/// `1:30`, `1:30:59.5` (<https://yaml.org/type/int.html>, <https://yaml.org/type/float.html>).
fn is_base_60(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, ""), |(whole, fraction)| (whole, fraction));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '_');
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let is_below_60 = |part: &str| {
        (1..=2).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part.len() == 1 || part.starts_with(|c: char| c < '6'))
    };
    !first.is_empty() && digits(first) && digits(fraction) && parts.all(is_below_60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Result<Value, TemplateProblem> {
        resolve(&Scalar { text: text.to_owned(), quoted: false })
    }

    #[test]
    fn plain_scalars_are_numbers_flags_and_text() {
        assert_eq!(plain("5"), Ok(Value::from(5)));
        assert_eq!(plain("0"), Ok(Value::from(0)));
        assert_eq!(plain("true"), Ok(Value::Flag(true)));
        assert_eq!(plain("False"), Ok(Value::Flag(false)));
        let texts = [
            "2012-10-17",
            "N",
            "y",
            "oFF",
            "node",
            "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1.10.2",
            "1:75",
            "10.0.0.0/8",
            "-",
            ".",
            "...",
            "1.2.3",
            "t2.nano",
            "rate(1 minute)",
            "12:abc",
            "1234:5678",
            "0.0.0.0/0",
            "-x",
        ];
        for text in texts {
            assert_eq!(plain(text), Ok(Value::from(text)), "{text}");
        }
        let quoted = Scalar { text: "012".to_owned(), quoted: true };
        assert_eq!(resolve(&quoted), Ok(Value::from("012")));
    }

    #[test]
    fn what_would_lose_characters_must_stand_in_quotes() {
        for text in [
            "012345678901",
            "-01",
            "00",
            "0x1F",
            "0o17",
            "1_000",
            "+5",
            ".5",
            "5.",
            "22:22",
            "YES",
            "no",
            "On",
            "OFF",
            ".inf",
            "-.INF",
            "1:30.5",
        ] {
            assert!(matches!(plain(text), Err(TemplateProblem::NeedsQuotes { .. })), "{text}");
        }
        for text in ["", "~", "null"] {
            assert_eq!(plain(text), Ok(Value::Null), "{text}");
        }
        for text in ["2.0", "1.10", "1e3", "-0"] {
            assert_eq!(plain(text), Ok(Value::Text(Symbol::Unsure(text.into()).into())), "{text}");
        }
    }
}
