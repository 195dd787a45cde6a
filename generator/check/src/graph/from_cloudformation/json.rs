//! What JSON may say and YAML may not.

use std::{borrow::Cow, fmt::Write as _};

use serde::de::IgnoredAny;

/// `bytes` as YAML: JSON spells characters beyond the first 65,536 with two escapes, YAML with one
/// (<https://yaml.org/spec/1.2.2/#57-escaped-characters>). All else in JSON is YAML.
pub(super) fn as_yaml(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
        && bytes.windows(2).any(|pair| pair == b"\\u")
        && serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    match std::str::from_utf8(bytes) {
        Ok(text) if is_json => Cow::Owned(with_long_escapes(text).into_bytes()),
        Ok(_) | Err(_) => Cow::Borrowed(bytes),
    }
}

fn with_long_escapes(text: &str) -> String {
    let mut yaml = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        yaml.push_str(before);
        let code = |text: &str| {
            let digits = text.strip_prefix('u')?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let pair = code(escape).zip(escape.get(5..).and_then(|more| more.strip_prefix('\\')).and_then(code));
        if let Some((high @ 0xd800..=0xdbff, low @ 0xdc00..=0xdfff)) = pair {
            let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            // Writing to memory cannot fail.
            let _ = write!(yaml, "\\U{code:08x}");
            rest = escape.get(11..).unwrap_or_default();
        } else {
            // What follows a backslash is no backslash of its own.
            let length = escape.chars().next().map_or(0, char::len_utf8);
            let (escaped, behind) = escape.split_at(length);
            yaml.push('\\');
            yaml.push_str(escaped);
            rest = behind;
        }
    }
    yaml.push_str(rest);
    yaml
}

#[cfg(test)]
mod tests {
    use super::as_yaml;

    #[track_caller]
    fn check(json: &str, yaml: &str) {
        assert_eq!(String::from_utf8_lossy(&as_yaml(json.as_bytes())), yaml);
    }

    #[test]
    fn pairs_of_escapes_become_one() {
        check(r#"{"a": "\ud83d\ude00\u00e4\n"}"#, r#"{"a": "\U0001f600\u00e4\n"}"#);
        check(r#"{"a": "\\ud83d\\ude00 \u0041"}"#, r#"{"a": "\\ud83d\\ude00 \u0041"}"#);
    }

    #[test]
    fn yaml_is_left_alone() {
        check(r"{a: '\ud83d\ude00'}", r"{a: '\ud83d\ude00'}");
        check(r#"a: "\ud83d\ude00""#, r#"a: "\ud83d\ude00""#);
    }
}
