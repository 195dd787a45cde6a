//! Text as a YAML scalar that every reader takes for exactly this text: YAML 1.1 or 1.2, old or new.

/// Where a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// On a line of its own, or after `name:`.
    Block,
    /// Inside `[..]` or `{..}`.
    Flow,
}

/// `text` on one line, quoted where it has to be.
pub(super) fn scalar(text: &str, context: Context) -> String {
    if is_plain(text, context) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

/// Whether a literal block (`|-`) can hold `text`: several lines, nothing that a reader would change.
pub(super) fn is_literal_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with('\n')
        && text.split('\n').all(|line| !line.ends_with(' ') && line.chars().all(is_printable))
}

/// Whether `text` needs no quotes. Errs on the side of quotes: what starts like a number or a date has them.
fn is_plain(text: &str, context: Context) -> bool {
    let first_is_safe =
        text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '$' | '_' | '^' | '('));
    let safe = |c: char| match c {
        // Some readers do not take a colon there (https://github.com/yaml/libyaml/pull/104); AWS quotes it too.
        ':' | ',' | '[' | ']' | '{' | '}' => context == Context::Block,
        _ => matches!(c, ' '..='~'),
    };
    first_is_safe
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(safe)
        && !is_reserved(text)
}

/// Words that YAML 1.1 or 1.2 reads as something else than text
/// (<https://yaml.org/type/bool.html>, <https://yaml.org/type/null.html>).
fn is_reserved(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// What may stand in a line as it is. Line separators of YAML 1.1 and the byte order mark may not.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_printable(c) => quoted.push(c),
            c => quoted.extend(format!("\\u{:04x}", u32::from(c)).chars()),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn prints(text: &str, block: &str, flow: &str) {
        assert_eq!(scalar(text, Context::Block), block);
        assert_eq!(scalar(text, Context::Flow), flow);
    }

    #[test]
    fn plain_where_nobody_can_be_mistaken() {
        prints("t3.medium", "t3.medium", "t3.medium");
        prints("$default", "$default", "$default");
        prints("GitHub's webhooks", "GitHub's webhooks", "GitHub's webhooks");
        prints("sqs:SendMessage", "sqs:SendMessage", "\"sqs:SendMessage\"");
        prints("a, b", "a, b", "\"a, b\"");
        prints("^[a-z]+$", "^[a-z]+$", "\"^[a-z]+$\"");
    }

    #[test]
    fn quoted_where_a_reader_would_see_something_else() {
        for text in [
            "012345678901",
            "2012-10-17",
            "1e3",
            "0o7",
            "0x1F",
            "1:30",
            "1_000",
            ".inf",
            ".5",
            "-1",
            "+1",
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "N",
            "true",
            "False",
            "null",
            "~",
            "=",
            "<<",
            "",
            " a",
            "a ",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "- a",
            "-",
            "?",
            "!Ref",
            "&a",
            "*",
            "@a",
            "`a",
            "%a",
            "|",
            ">",
            "ä",
            "[a]",
            "{a}",
        ] {
            prints(text, &format!("\"{text}\""), &format!("\"{text}\""));
        }
    }

    #[test]
    fn the_quotes_that_need_the_fewest_escapes() {
        prints(r#"{"a":1}"#, r#"'{"a":1}'"#, r#"'{"a":1}'"#);
        prints(r"^\s*$ #", r"'^\s*$ #'", r"'^\s*$ #'");
        prints("it's \"it\": this", "'it''s \"it\": this'", "'it''s \"it\": this'");
        prints("a\nb\t\u{7}\u{2028}", "\"a\\nb\\t\\u0007\\u2028\"", "\"a\\nb\\t\\u0007\\u2028\"");
    }
}
