//! Functions of text, with `format`, JSON and Base64
//! (<https://developer.hashicorp.com/terraform/language/functions/format>).

use std::collections::BTreeSet;

use super::Arguments;
use crate::{
    graph::{Call, Function, Held, Number, Symbol, SymbolicText, Value},
    problem::ModuleProblem,
    read::Place,
    terraform::{
        characters,
        evaluator::{Evaluator, Outcome},
        expression::has_unknown_order,
        figure::Figure,
        interface::InputType,
        json::decode,
    },
};

/// Characters that a value is filled up to, at most.
const WIDEST: usize = 1_000;

pub(super) fn chomp(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    changed(evaluator, arguments, |text| text.trim_end_matches(['\n', '\r']).to_owned())
}

pub(super) fn lower(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    changed(evaluator, arguments, characters::lower)
}

pub(super) fn trimspace(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    changed(evaluator, arguments, |text| text.trim().to_owned())
}

pub(super) fn upper(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    with_capitals(evaluator, arguments, characters::upper)
}

/// Each word with a capital letter.
pub(super) fn title(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    with_capitals(evaluator, arguments, characters::title)
}

fn with_capitals(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    change: fn(&str) -> Option<String>,
) -> Outcome<Held> {
    let [text] = arguments.texts(evaluator)?;
    let Some(text) = change(&text) else {
        let what = format!("`{}` of a letter with more than one capital form", arguments.name);
        return evaluator.outside(arguments.place, what, "write the result");
    };
    Ok(arguments.result(SymbolicText::literal(text)))
}

fn changed(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    change: fn(&str) -> String,
) -> Outcome<Held> {
    let [text] = arguments.texts(evaluator)?;
    Ok(arguments.result(SymbolicText::literal(change(&text))))
}

pub(super) fn startswith(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    compared(evaluator, arguments, |text, begin| text.starts_with(begin))
}

pub(super) fn endswith(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    compared(evaluator, arguments, |text, end| text.ends_with(end))
}

pub(super) fn strcontains(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    compared(evaluator, arguments, |text, part| text.contains(part))
}

fn compared(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    compare: fn(&str, &str) -> bool,
) -> Outcome<Held> {
    let [text, part] = arguments.texts(evaluator)?;
    Ok(arguments.result(compare(&text, &part)))
}

pub(super) fn trim(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    trimmed(evaluator, arguments, |text, part| {
        let characters: BTreeSet<char> = part.chars().collect();
        text.trim_matches(|c| characters.contains(&c))
    })
}

pub(super) fn trimprefix(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    trimmed(evaluator, arguments, |text, begin| text.strip_prefix(begin).unwrap_or(text))
}

pub(super) fn trimsuffix(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    trimmed(evaluator, arguments, |text, end| text.strip_suffix(end).unwrap_or(text))
}

fn trimmed(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments<'_>,
    trim: for<'t> fn(&'t str, &str) -> &'t str,
) -> Outcome<Held> {
    let [text, part] = arguments.texts(evaluator)?;
    Ok(arguments.result(SymbolicText::literal(trim(&text, &part))))
}

pub(super) fn replace(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let [text, from, to] = arguments.texts(evaluator)?;
    if from.len() > 1 && from.starts_with('/') && from.ends_with('/') {
        return evaluator.outside(arguments.place, "`replace` with a pattern", "write the result");
    }
    let times = if from.is_empty() { text.chars().count() + 1 } else { text.matches(&from).count() };
    evaluator.spend(times.saturating_mul(to.len()) / 64, arguments.place)?;
    Ok(arguments.result(SymbolicText::literal(text.replace(&from, &to))))
}

pub(super) fn substr(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let text = arguments.text(evaluator, "the text");
    let offset = arguments.figure(evaluator, "the offset").map(Figure::whole);
    let length = arguments.figure(evaluator, "the length").map(Figure::whole);
    let text = text?;
    let (Some(offset), Some(length)) = (offset?, length?) else {
        return arguments.wrong(evaluator, "offset and length", "whole numbers", "a fraction");
    };
    let all = i128::try_from(characters::count(&text)).unwrap_or(i128::MAX);
    let begin = if offset < 0 { offset.saturating_add(all) } else { offset };
    let (Ok(begin), true) = (usize::try_from(begin), begin <= all) else {
        return arguments.wrong(evaluator, "the offset", "inside the text", offset.to_string());
    };
    let length = if length < 0 { usize::MAX } else { usize::try_from(length).unwrap_or(usize::MAX) };
    let part: String = characters::characters(&text).skip(begin).take(length).collect();
    Ok(arguments.result(SymbolicText::literal(part)))
}

pub(super) fn indent(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let spaces = arguments.count(evaluator, "the first argument")?;
    let text = arguments.text(evaluator, "the text")?;
    evaluator.spend(text.matches('\n').count().saturating_mul(spaces) / 64, arguments.place)?;
    let break_with_spaces = format!("\n{}", " ".repeat(if text.contains('\n') { spaces } else { 0 }));
    Ok(arguments.result(SymbolicText::literal(text.replace('\n', &break_with_spaces))))
}

pub(super) fn join(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let separator = arguments.one()?;
    if let [list] = arguments.rest()
        && evaluator.is_unknown_list(&list.value)
    {
        let call = Call { function: Function::Join, arguments: vec![separator, list.clone()] };
        return Ok(arguments.result(SymbolicText::from(Symbol::Call(call))));
    }
    let mut segments: Vec<Held> = Vec::new();
    while !arguments.rest().is_empty() {
        let list = arguments.one()?;
        for item in arguments.items_of(evaluator, list, "what `join` puts together")? {
            if !segments.is_empty() {
                segments.push(evaluator.copy(&separator, arguments.place)?);
            }
            segments.push(item);
        }
    }
    evaluator.joined(segments, arguments.place)
}

pub(super) fn split(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    if let [separator, text] = arguments.rest()
        && let Value::Text(segments) = &text.value
        && segments.as_literal().is_none()
    {
        if let Some(symbol) = segments.as_symbol()
            && let kind @ (InputType::List | InputType::Other) = evaluator.type_of(symbol)
        {
            return evaluator.wrong(&text.place, "what `split` takes apart", "text", kind.noun().to_owned());
        }
        let call = Call { function: Function::Split, arguments: vec![separator.clone(), text.clone()] };
        return Ok(arguments.result(SymbolicText::from(Symbol::Call(call))));
    }
    let separator = arguments.text(evaluator, "the separator")?;
    let text = arguments.text(evaluator, "the text")?;
    let part = |part: String| arguments.result(SymbolicText::literal(part));
    let parts: Vec<Held> = if separator.is_empty() {
        evaluator.spend(text.len(), arguments.place)?;
        text.chars().map(|c| part(c.into())).collect()
    } else {
        evaluator.spend(text.matches(&separator).count(), arguments.place)?;
        text.split(&separator).map(|text| part(text.to_owned())).collect()
    };
    Ok(arguments.list(parts))
}

pub(super) fn tostring(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let held = arguments.one()?;
    match held.value {
        // The text of a document is text already, and its structure is worth keeping; nothing stays nothing.
        value @ (Value::Json(_) | Value::Absent) => Ok(arguments.result(value)),
        _ => evaluator.joined(vec![held], arguments.place),
    }
}

/// The text of a file of the module.
pub(super) fn file(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let path = arguments.text(evaluator, "the path")?;
    let own = path.strip_prefix("./").unwrap_or(&path);
    let is_below = !own.starts_with('/') && !own.split(['/', '\\']).any(|part| part == "..");
    let bytes = if is_below { (evaluator.files)(own) } else { None };
    if let Some(Ok(text)) = bytes.map(String::from_utf8) {
        evaluator.spend(1 + text.len() / 64, arguments.place)?;
        return Ok(arguments.result(SymbolicText::literal(text)));
    }
    let instead = "the check reads text files in the module's own folder, and below it";
    evaluator.outside(arguments.place, format!("the file `{path}`"), instead)
}

pub(super) fn jsonencode(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let mut document = arguments.one()?;
    if has_unknown_order(&document.value) {
        let what = "the order of a set in a JSON document";
        return evaluator.outside(
            arguments.place,
            what,
            "use a list: the order of a set depends on its values",
        );
    }
    evaluator.encode(&mut document);
    Ok(arguments.result(Value::Json(Box::new(document))))
}

pub(super) fn jsondecode(evaluator: &mut Evaluator<'_>, mut arguments: Arguments<'_>) -> Outcome<Held> {
    let place = arguments.place;
    if let [Held { value: Value::Json(document), .. }] = arguments.rest() {
        let mut document = evaluator.copy(document, place)?;
        decode(&mut document);
        return Ok(document);
    }
    let text = arguments.text(evaluator, "the argument")?;
    evaluator.spend(text.len(), place)?;
    if let Some(digits) = long_number(&text) {
        return evaluator.too_long(digits, place);
    }
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(json) => Ok(arguments.result(decoded(json, place))),
        Err(error) => arguments.wrong(evaluator, "the argument", "a JSON document", error.to_string()),
    }
}

/// The first number of a JSON text that has too many digits.
fn long_number(json: &str) -> Option<&str> {
    let mut is_inside = false;
    let mut is_escaped = false;
    // Whatever stands between quotes, and all punctuation, ends a number.
    let mut numbers = json.split(move |c: char| {
        let was_inside = is_inside;
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_inside => is_escaped = true,
            '"' => is_inside = !is_inside,
            _ => {}
        }
        was_inside || is_inside || !(c.is_ascii_digit() || "+-.eE".contains(c))
    });
    numbers.find(|digits| Number::parse(digits).is_some() && !Number::keeps(digits))
}

pub(in crate::terraform) fn decoded(json: serde_json::Value, place: &Place) -> Value {
    let held = |json| Held::new(decoded(json, place), place.clone());
    match json {
        serde_json::Value::Null => Value::Absent,
        serde_json::Value::Bool(flag) => Value::Flag(flag),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            Number::parse(&text).map_or_else(|| Value::Text(SymbolicText::literal(text)), Value::Number)
        }
        serde_json::Value::String(text) => Value::Text(SymbolicText::literal(text)),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(held).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.into_iter().map(|(name, json)| (name, held(json))).collect())
        }
    }
}

pub(super) fn base64encode(evaluator: &mut Evaluator<'_>, arguments: Arguments<'_>) -> Outcome<Held> {
    let place = arguments.place;
    let text = evaluator.joined(arguments.all(), place)?;
    let encoded = match text.as_literal() {
        Some(literal) => SymbolicText::literal(base64(literal.as_bytes())),
        None => SymbolicText::from(Symbol::Call(Call { function: Function::Base64, arguments: vec![text] })),
    };
    Ok(Held::new(encoded, place.clone()))
}

/// Base64 with padding (<https://www.rfc-editor.org/rfc/rfc4648#section-4>).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |group, index| {
            group << 8 | usize::from(chunk.get(index).copied().unwrap_or_default())
        });
        for index in 0..4 {
            let six = group >> (18 - 6 * index) & 63;
            let digit = ALPHABET.get(six).copied().unwrap_or(b'=');
            text.push(if index <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

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
        // `%v` writes such numbers with an exponent.
        'v' if matches!(&argument.value, Value::Number(number) if has_exponent(number)) => {
            return evaluator.outside(place, "`%v` of a very large or small number", "use %s");
        }
        's' | 'v' => argument.clone(),
        'd' => match &argument.value {
            Value::Text(text) if text.as_literal().is_none() => argument.clone(),
            _ => {
                let figure = evaluator.figure("a value of `%d`", argument)?;
                if figure.whole().is_none() {
                    let found = argument.value.to_string();
                    return evaluator.wrong(&argument.place, "a value of `%d`", "a whole number", found);
                }
                Held::new(evaluator.number(Some(figure), place)?, argument.place.clone())
            }
        },
        't' => {
            evaluator.condition(argument)?;
            argument.clone()
        }
        'q' if flags.is_empty() => {
            let text = evaluator.joined(vec![argument.clone()], place)?;
            match evaluator.json_text(&text) {
                Some(quoted) => Held::new(quoted, argument.place.clone()),
                None => return evaluator.not_known(&argument.place, "a value of `%q`", &argument.value),
            }
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
    let missing = width.saturating_sub(characters::count(&text));
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

/// Whether `%v` of Go writes the number with an exponent (<https://pkg.go.dev/fmt>).
fn has_exponent(number: &Number) -> bool {
    let figure: f64 = number.as_str().parse().unwrap_or_default();
    figure != 0.0 && !(1e-4..1e21).contains(&figure.abs())
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

#[cfg(test)]
mod tests {
    use super::{base64, long_number};

    #[test]
    fn numbers_with_too_many_digits_are_found() {
        assert_eq!(long_number(r#"{"a\"0.12345678901234567": [1.5, 2]}"#), None);
        assert_eq!(long_number("[1.5, -0.12345678901234567]"), Some("-0.12345678901234567"));
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
