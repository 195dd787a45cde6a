//! YAML that other readers take and the standard does not: text in quotes, and lists and objects in brackets, that go on in lines
//! which are indented no more than their key. People paste JSON like that.
//!
//! White space at the beginning of such a line means nothing, so more of it changes nothing.

/// A text with more white space, and how much more there is in each line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Indented {
    /// The text.
    pub text: String,
    /// Characters that stand in front of each line in addition; negative where tabs became fewer spaces.
    pub added: Vec<isize>,
}

/// What a line begins inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Nothing that was opened.
    Nothing,
    /// Text in these quotes, in so many brackets.
    Quotes(char, usize),
    /// So many brackets.
    Brackets(usize),
}

/// `text`, with the lines inside of quotes and brackets indented more than what they belong to. Nothing, where all are already.
pub(crate) fn indented(text: &str) -> Option<Indented> {
    let mut result = Indented { text: String::with_capacity(text.len()), added: Vec::new() };
    let mut inside = Inside::Nothing;
    // The column that a line inside must reach, and the indent of a block of text (`|`), whose lines are its own.
    let (mut column, mut block) = (0, None);
    let mut is_changed = false;
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches([' ', '\t']);
        let (indent, is_blank) = (line.len() - rest.len(), rest.trim().is_empty());
        if let Some(of_block) = block {
            if is_blank || indent > of_block {
                result.text.push_str(line);
                result.added.push(0);
                continue;
            }
            block = None;
        }
        let has_tabs = line.get(..indent).is_some_and(|white| white.contains('\t'));
        let needs_more = inside != Inside::Nothing && !is_blank && (indent < column || has_tabs);
        if needs_more {
            result.text.push_str(&" ".repeat(column));
            result.text.push_str(rest);
            is_changed = true;
            let less = isize::try_from(indent).unwrap_or_default();
            result.added.push(isize::try_from(column).unwrap_or_default() - less);
        } else {
            result.text.push_str(line);
            result.added.push(0);
        }
        let begins_outside = inside == Inside::Nothing;
        let (after, opened) = scanned(rest, inside);
        inside = after;
        if let (true, Some(at)) = (begins_outside || inside == Inside::Nothing, opened) {
            column = indent + at + 1;
        }
        if inside == Inside::Nothing && is_block_header(rest) {
            block = Some(indent);
        }
    }
    is_changed.then_some(result)
}

/// What stands open after `line`, which begins `inside` something; and where the last thing was opened that stood in nothing.
fn scanned(line: &str, mut inside: Inside) -> (Inside, Option<usize>) {
    let mut opened = None;
    // Quotes and brackets mean something where a value can begin; elsewhere they are characters of a word.
    let mut is_begin = true;
    let mut characters = line.char_indices().enumerate().peekable();
    let mut before = ' ';
    while let Some((at, (_, c))) = characters.next() {
        let next = characters.peek().map(|(_, (_, next))| *next);
        match (inside, c) {
            (Inside::Quotes('"', _), '\\') => drop(characters.next()),
            (Inside::Quotes('\'', _), '\'') if next == Some('\'') => drop(characters.next()),
            (Inside::Quotes(quote, depth), c) if c == quote => {
                inside = if depth == 0 { Inside::Nothing } else { Inside::Brackets(depth) };
                is_begin = false;
            }
            (Inside::Quotes(..), _) => {}
            (_, '#') if before.is_whitespace() => break,
            (Inside::Nothing, '"' | '\'') if is_begin => {
                opened = Some(at);
                inside = Inside::Quotes(c, 0);
            }
            (Inside::Brackets(depth), '"' | '\'') if is_begin => inside = Inside::Quotes(c, depth),
            (Inside::Nothing, '{' | '[') if is_begin => {
                opened = Some(at);
                inside = Inside::Brackets(1);
            }
            (Inside::Brackets(depth), '{' | '[') => {
                inside = Inside::Brackets(depth + 1);
                is_begin = true;
            }
            (Inside::Brackets(depth), '}' | ']') => {
                inside = if depth > 1 { Inside::Brackets(depth - 1) } else { Inside::Nothing };
                is_begin = false;
            }
            (Inside::Brackets(_), ',' | ':') => is_begin = true,
            (Inside::Nothing, ':' | '-' | '?') if next.is_none_or(char::is_whitespace) => is_begin = true,
            (_, c) if c.is_whitespace() => {}
            // A tag stands in front of a value.
            (_, '!') if is_begin => {
                while characters.peek().is_some_and(|(_, (_, next))| !next.is_whitespace()) {
                    characters.next();
                }
            }
            _ => is_begin = false,
        }
        before = c;
    }
    (inside, opened)
}

/// Whether a block of text begins behind the line: `key: |`, `- >-`.
fn is_block_header(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    let mut characters = last.chars();
    matches!(characters.next(), Some('|' | '>'))
        && characters.all(|c| c.is_ascii_digit() || c == '-' || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(text: &str, expected: &str, added: &[isize]) {
        let found = indented(text);
        assert_eq!(found, Some(Indented { text: expected.to_owned(), added: added.to_vec() }));
    }

    #[test]
    fn lines_inside_quotes_and_brackets_are_indented() {
        becomes("a: 'x\ny'\nb: 1\n", "a: 'x\n    y'\nb: 1\n", &[0, 4, 0]);
        becomes("a: {\n\"b\": [1,\n\t2]\n}\n", "a: {\n    \"b\": [1,\n    2]\n    }\n", &[0, 4, 3, 4]);
        becomes("- a: !Sub \"x\n  y\"\n", "- a: !Sub \"x\n           y\"\n", &[0, 9]);
    }

    #[test]
    fn what_is_indented_stays() {
        for text in [
            "a: 'x\n     y'\n",
            "it's: a\nb: don't\n",
            "a: |\n  'x\n  {\nb: 1\n",
            "a: x # it's {\nb: 2\n",
            "a: 'it''s'\nb: \"\\\"\"\nc: x{\nd: 1\n",
        ] {
            assert_eq!(indented(text), None, "{text}");
        }
    }
}
