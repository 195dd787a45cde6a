//! Functions of text.

#![expect(clippy::needless_pass_by_value, reason = "all functions have one signature")]

use crate::{
    graph::{Call, Function, Held, Symbol, SymbolicText, Value},
    read::Place,
    terraform::{
        evaluator::{Evaluator, Outcome, Refused},
        variable::InputType,
    },
};

/// Known texts of all arguments.
fn texts<const N: usize>(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: &[Held],
) -> Outcome<[String; N]> {
    let what = format!("an argument of `{name}`");
    let texts: Vec<_> = arguments.iter().map(|held| evaluator.text(&what, held, &held.place)).collect();
    let texts = texts.into_iter().collect::<Outcome<Vec<_>>>()?;
    texts.try_into().map_err(|_| Refused)
}

fn result(text: impl Into<String>, place: &Place) -> Held {
    Held::new(SymbolicText::literal(text), place.clone())
}

pub(super) fn simple(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [text] = texts(evaluator, name, &arguments)?;
    Ok(match name {
        "lower" => result(text.to_lowercase(), place),
        "upper" => result(text.to_uppercase(), place),
        "title" => result(title(&text), place),
        "trimspace" => result(text.trim(), place),
        // `chomp`
        _ => result(text.trim_end_matches(['\n', '\r']), place),
    })
}

/// Each word with a capital letter.
fn title(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let inside =
            before.is_alphanumeric() || before == '_' || !before.is_ascii() && !before.is_whitespace();
        if inside {
            titled.push(c);
        } else {
            titled.extend(c.to_uppercase());
        }
        before = c;
    }
    titled
}

pub(super) fn question(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [text, part] = texts(evaluator, name, &arguments)?;
    let holds = match name {
        "startswith" => text.starts_with(&part),
        "endswith" => text.ends_with(&part),
        // `strcontains`
        _ => text.contains(&part),
    };
    Ok(Held::new(holds, place.clone()))
}

pub(super) fn trim(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [text, part] = texts(evaluator, name, &arguments)?;
    Ok(match name {
        "trimprefix" => result(text.strip_prefix(part.as_str()).unwrap_or(&text), place),
        "trimsuffix" => result(text.strip_suffix(part.as_str()).unwrap_or(&text), place),
        // `trim`
        _ => {
            let set: std::collections::BTreeSet<char> = part.chars().collect();
            result(text.trim_matches(|c| set.contains(&c)), place)
        }
    })
}

pub(super) fn replace(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [text, from, to] = texts(evaluator, name, &arguments)?;
    if from.len() > 1 && from.starts_with('/') && from.ends_with('/') {
        return evaluator.outside(place, "`replace` with a pattern", "write the result");
    }
    let times = if from.is_empty() { text.chars().count() + 1 } else { text.matches(&from).count() };
    evaluator.spend(times.saturating_mul(to.len()) / 64, place)?;
    Ok(result(text.replace(&from, &to), place))
}

pub(super) fn substr(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [text, offset, length] = arguments.as_slice() else { return Err(Refused) };
    let text = evaluator.text("the text of `substr`", text, &text.place);
    let offset = evaluator.figure("the offset of `substr`", offset).map(super::super::number::Figure::whole);
    let length = evaluator.figure("the length of `substr`", length).map(super::super::number::Figure::whole);
    let text = text?;
    let (Some(offset), Some(length)) = (offset?, length?) else {
        return evaluator.wrong(
            place,
            "offset and length of `substr`",
            "whole numbers",
            "a fraction".to_owned(),
        );
    };
    let characters = i128::try_from(text.chars().count()).unwrap_or(i128::MAX);
    let begin = if offset < 0 { offset.saturating_add(characters) } else { offset };
    let (Ok(begin), true) = (usize::try_from(begin), begin <= characters) else {
        return evaluator.wrong(place, "the offset of `substr`", "inside the text", format!("{offset}"));
    };
    let length = if length < 0 { usize::MAX } else { usize::try_from(length).unwrap_or(usize::MAX) };
    Ok(result(text.chars().skip(begin).take(length).collect::<String>(), place))
}

pub(super) fn indent(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [spaces, text] = arguments.as_slice() else { return Err(Refused) };
    let spaces = evaluator.figure("the first argument of `indent`", spaces)?.whole();
    let Some(spaces) = spaces.and_then(|spaces| usize::try_from(spaces).ok()) else {
        return evaluator.wrong(place, "the first argument of `indent`", "a whole number", "none".to_owned());
    };
    let text = evaluator.text("the text of `indent`", text, &text.place)?;
    evaluator.spend(text.matches('\n').count().saturating_mul(spaces) / 64, place)?;
    let break_with_spaces = format!("\n{}", " ".repeat(if text.contains('\n') { spaces } else { 0 }));
    Ok(result(text.replace('\n', &break_with_spaces), place))
}

pub(super) fn tostring(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    match arguments.first() {
        // The text of a document is text already, and its structure is worth keeping; nothing stays nothing.
        Some(Held { value: value @ (Value::Json(_) | Value::Absent), .. }) => {
            Ok(Held::new(value.clone(), place.clone()))
        }
        _ => evaluator.joined(arguments, place),
    }
}

pub(super) fn join(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let mut arguments = arguments.into_iter();
    let Some(separator) = arguments.next() else { return Err(Refused) };
    let lists: Vec<Held> = arguments.collect();
    if let [list] = lists.as_slice()
        && evaluator.is_unknown_list(&list.value)
    {
        let call = Call { function: Function::Join, arguments: vec![separator, list.clone()] };
        return Ok(Held::new(SymbolicText::from(Symbol::Call(call)), place.clone()));
    }
    let mut segments: Vec<Held> = Vec::new();
    for list in lists {
        let items = match list.value {
            Value::List(items) | Value::Set(items) => items,
            value @ (Value::Text(_) | Value::Json(_)) => {
                return evaluator.not_known(&list.place, "a list of `join`", &value);
            }
            value => {
                let noun = value.noun().to_owned();
                return evaluator.wrong(&list.place, "what `join` puts together", "a list", noun);
            }
        };
        for item in items {
            if !segments.is_empty() {
                segments.push(evaluator.copy(&separator, place)?);
            }
            segments.push(item);
        }
    }
    evaluator.joined(segments, place)
}

pub(super) fn split(
    evaluator: &mut Evaluator<'_>,
    _: &str,
    arguments: Vec<Held>,
    place: &Place,
) -> Outcome<Held> {
    let [separator, text] = arguments.as_slice() else { return Err(Refused) };
    if let Value::Text(segments) = &text.value
        && segments.as_literal().is_none()
    {
        if let Some(symbol) = segments.as_symbol()
            && let kind @ (InputType::List | InputType::Other) = evaluator.type_of(symbol)
        {
            return evaluator.wrong(&text.place, "what `split` takes apart", "text", kind.noun().to_owned());
        }
        let call = Call { function: Function::Split, arguments: vec![separator.clone(), text.clone()] };
        return Ok(Held::new(SymbolicText::from(Symbol::Call(call)), place.clone()));
    }
    let separator = evaluator.text("the separator of `split`", separator, &separator.place)?;
    let text = evaluator.text("the text of `split`", text, &text.place)?;
    let parts: Vec<Held> = if separator.is_empty() {
        evaluator.spend(text.len(), place)?;
        text.chars().map(|c| result(c, place)).collect()
    } else {
        evaluator.spend(text.matches(&separator).count(), place)?;
        text.split(&separator).map(|part| result(part, place)).collect()
    };
    Ok(Held::new(Value::List(parts), place.clone()))
}
