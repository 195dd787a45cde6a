//! `format` and `formatlist` (<https://developer.hashicorp.com/terraform/language/functions/format>).

use super::arguments::Arguments;
use crate::{
    graph::{Held, SymbolicText, Value},
    read::Place,
    terraform::{
        ModuleProblem,
        evaluator::{Evaluator, Outcome},
        variable::InputType,
    },
};

/// Characters that a value is filled up to, at most.
const WIDEST: usize = 1_000;

pub(super) fn format(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let (name, place) = (arguments.name, arguments.place);
    let specification = arguments.one()?;
    let values = arguments.all();
    let specification =
        evaluator.text("the first argument of `format`", &specification, &specification.place)?;
    let wrong_count = || ModuleProblem::ArgumentCount {
        name: name.to_owned(),
        expected: "as many values as its format has `%`".to_owned(),
        found: values.len(),
    };
    let mut pieces = Vec::new();
    let mut used = 0;
    let mut rest = specification.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        pieces.push(Held::new(before, place.clone()));
        let end =
            after.find(|c: char| !(c.is_ascii_digit() || "-+ #.*[]".contains(c))).unwrap_or(after.len());
        let (flags, verb) = after.split_at_checked(end).unwrap_or((after, ""));
        let Some(verb) = verb.chars().next() else {
            return evaluator.outside(place, "a `%` at the end of a format", "write `%%`");
        };
        rest = after.get(end + verb.len_utf8()..).unwrap_or_default();
        if verb == '%' && flags.is_empty() {
            pieces.push(Held::new("%", place.clone()));
            continue;
        }
        let Some(value) = values.get(used) else { return evaluator.refuse(place, wrong_count()) };
        used += 1;
        verb_of(evaluator, flags, verb, value, &mut pieces, place)?;
    }
    pieces.push(Held::new(rest, place.clone()));
    if used < values.len() {
        return evaluator.refuse(place, wrong_count());
    }
    evaluator.joined(pieces, place)
}

fn verb_of(
    evaluator: &mut Evaluator<'_>,
    flags: &str,
    verb: char,
    argument: &Held,
    pieces: &mut Vec<Held>,
    place: &Place,
) -> Outcome<()> {
    let piece = match verb {
        's' | 'v' => argument.clone(),
        'd' => match &argument.value {
            Value::Text(text) if text.as_literal().is_none() => argument.clone(),
            _ => {
                let figure = evaluator.figure("a value of `%d`", argument)?;
                if figure.whole().is_none() {
                    let found = argument.value.to_string();
                    return evaluator.wrong(&argument.place, "a value of `%d`", "a whole number", found);
                }
                Held::new(evaluator.number(figure, place)?, argument.place.clone())
            }
        },
        't' => {
            evaluator.question(argument)?;
            argument.clone()
        }
        'q' if flags.is_empty() => {
            let quote = || Held::new("\"", place.clone());
            let inner = match &argument.value {
                Value::Text(text) if text.as_literal().is_none() => argument.clone(),
                _ => {
                    let text = evaluator.text("a value of `%q`", argument, &argument.place)?;
                    let quoted = serde_json::Value::String(text).to_string();
                    let quoted =
                        quoted.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
                    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
                    Held::new(SymbolicText::literal(inner), argument.place.clone())
                }
            };
            pieces.extend([quote(), inner, quote()]);
            return Ok(());
        }
        _ => {
            let what = format!("`%{flags}{verb}` in a format");
            return evaluator.outside(place, what, "use %s, %d, %q, %t or %v");
        }
    };
    if flags.is_empty() {
        pieces.push(piece);
        return Ok(());
    }
    let (left, digits) = flags.strip_prefix('-').map_or((false, flags), |digits| (true, digits));
    let zeros = digits.starts_with('0') && !left && verb == 'd';
    let width = match digits.parse::<usize>() {
        Ok(width) if width <= WIDEST && (zeros || !digits.starts_with('0')) => width,
        _ => {
            let what = format!("`%{flags}{verb}` in a format");
            return evaluator.outside(place, what, "use %s, %d, %q, %t or %v, or a width such as %02d");
        }
    };
    let text = evaluator.text("a value that is filled up to a width", &piece, &piece.place)?;
    let missing = width.saturating_sub(text.chars().count());
    let filled = match (left, zeros) {
        (true, _) => text + &" ".repeat(missing),
        (false, true) => match text.strip_prefix('-') {
            Some(digits) => format!("-{}{digits}", "0".repeat(missing)),
            None => "0".repeat(missing) + &text,
        },
        (false, false) => " ".repeat(missing) + &text,
    };
    pieces.push(Held::new(SymbolicText::literal(filled), piece.place));
    Ok(())
}

pub(super) fn formatlist(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    let place = arguments.place;
    let call = arguments.with(Vec::new());
    let arguments = arguments.all();
    let mut length = None;
    for argument in &arguments {
        let items = match &argument.value {
            Value::List(items) | Value::Set(items) => items.len(),
            Value::Text(text)
                if text.as_symbol().is_some_and(|symbol| evaluator.type_of(symbol) != InputType::Text) =>
            {
                return evaluator.not_known(place, &call.what("a list"), &argument.value);
            }
            _ => continue,
        };
        if length.is_some_and(|length| length != items) {
            return call.wrong(evaluator, "each list", "of one length", format!("{items} items"));
        }
        length = Some(items);
    }
    let mut results = Vec::new();
    for index in 0..length.unwrap_or(1) {
        let of_index = |held: &Held| match &held.value {
            Value::List(items) | Value::Set(items) => items.get(index).cloned(),
            _ => Some(held.clone()),
        };
        let values: Vec<Held> = arguments.iter().filter_map(of_index).collect();
        evaluator.spend(values.len(), place)?;
        results.push(format(evaluator, call.with(values))?);
    }
    Ok(call.list(results))
}
