//! The archives of a release of the Actions runner, and what must be true of them.

use std::fmt;

use crate::name::{NameError, RunnerVersion};

/// A SHA-256, as GitHub writes them into the notes of a release: 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum(String);

impl Checksum {
    /// What is expected of a checksum, in words.
    pub const EXPECTED: &'static str = "a SHA-256, 64 hexadecimal digits in lower case";

    /// Checks `text`.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text))
        } else {
            Err(NameError { found: text, expected: Self::EXPECTED })
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The checksums of one release's archives for Linux. They stand in its notes
/// (<https://github.com/actions/runner/releases>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerChecksums {
    /// Of `actions-runner-linux-x64-<version>.tar.gz`.
    pub x64: Checksum,
    /// Of `actions-runner-linux-arm64-<version>.tar.gz`.
    pub arm64: Checksum,
}

/// Releases whose checksums are known here: version, x64, arm64.
const KNOWN: &[(&str, &str, &str)] = &[(
    "2.334.0",
    "048024cd2c848eb6f14d5646d56c13a4def2ae7ee3ad12122bee960c56f3d271",
    "f44255bd3e80160eb25f71bc83d06ea025f6908748807a584687b3184759f7e4",
)];

impl RunnerChecksums {
    /// What is expected of checksums as text, in words.
    pub const EXPECTED: &'static str =
        "`x64=` and `arm64=` with the SHA-256 of each archive, separated by a comma, or nothing";

    /// The checksums of `version`, if they are known here.
    pub fn known(version: &RunnerVersion) -> Option<Self> {
        let (_, x64, arm64) = KNOWN.iter().find(|(known, ..)| *known == version.as_str())?;
        Some(Self { x64: Checksum((*x64).to_owned()), arm64: Checksum((*arm64).to_owned()) })
    }

    /// Reads `x64=<checksum>,arm64=<checksum>`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = || NameError { found: text.to_owned(), expected: Self::EXPECTED };
        let (x64, arm64) = text.split_once(',').ok_or_else(refused)?;
        let x64 = Checksum::new(x64.strip_prefix("x64=").ok_or_else(refused)?)?;
        let arm64 = Checksum::new(arm64.strip_prefix("arm64=").ok_or_else(refused)?)?;
        Ok(Self { x64, arm64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choices::RunnerChoices;

    #[test]
    fn the_release_that_is_the_default_is_known() {
        assert!(RunnerChecksums::known(&RunnerChoices::default().version).is_some());
        assert_eq!(RunnerChecksums::known(&RunnerVersion::new("1.0.0").unwrap()), None);
    }

    #[test]
    fn what_is_known_are_checksums() {
        for (version, x64, arm64) in KNOWN {
            assert!(RunnerVersion::new(*version).is_ok());
            let text = format!("x64={x64},arm64={arm64}");
            let known = RunnerChecksums::known(&RunnerVersion::new(*version).unwrap());
            assert_eq!(RunnerChecksums::parse(&text).ok(), known);
        }
    }

    #[test]
    fn what_are_no_two_checksums_is_refused() {
        let sum = "0a".repeat(32);
        for refused in [
            String::new(),
            sum.clone(),
            format!("x64={sum}"),
            format!("arm64={sum},x64={sum}"),
            format!("x64={sum},arm64=0a"),
            format!("x64={sum}, arm64={sum}"),
        ] {
            assert!(RunnerChecksums::parse(&refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_checksum_has_64_digits_in_lower_case() {
        assert_eq!(Checksum::new("0a".repeat(32)).unwrap().as_str(), "0a".repeat(32));
        for refused in ["", "0a", &"0A".repeat(32), &"0g".repeat(32), &"0a".repeat(33), &"ä".repeat(32)] {
            assert!(Checksum::new(refused).is_err(), "{refused}");
        }
    }
}
