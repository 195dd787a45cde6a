//! Releases of the Actions runner: which one a deployment has, where its archives are, and what must be true of them.
//!
//! ```
//! use jit_runners_model::{NameError, RunnerVersion, contract::runner_release::{RunnerRelease, archive_name}};
//!
//! let version = RunnerVersion::new("2.338.0")?;
//! assert_eq!(archive_name("x64", &version), "actions-runner-linux-x64-2.338.0.tar.gz");
//! assert!(RunnerRelease::known(&RunnerVersion::new("2.999.0")?).is_none());
//! # Ok::<(), NameError>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::{NameError, RunnerVersion};

/// A SHA-256, as GitHub writes them into the notes of a release: 64 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl TryFrom<String> for Checksum {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> Self {
        checksum.0
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

impl RunnerChecksums {
    /// What is expected of checksums as text, in words.
    pub const EXPECTED: &'static str =
        "`x64=` and `arm64=` with the SHA-256 of each archive, separated by a comma, or nothing";

    /// Reads `x64=<checksum>,arm64=<checksum>`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = || NameError { found: text.to_owned(), expected: Self::EXPECTED };
        let (x64, arm64) = text.split_once(',').ok_or_else(refused)?;
        let x64 = Checksum::new(x64.strip_prefix("x64=").ok_or_else(refused)?)?;
        let arm64 = Checksum::new(arm64.strip_prefix("arm64=").ok_or_else(refused)?)?;
        Ok(Self { x64, arm64 })
    }
}

/// An archive of a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Archive {
    /// Where it is.
    pub url: String,
    /// What it must be.
    pub checksum: Checksum,
}

/// A release of the Actions runner with its archives for Linux.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunnerRelease {
    /// Its version.
    pub version: RunnerVersion,
    /// For Intel and AMD.
    pub x64: Archive,
    /// For Graviton.
    pub arm64: Archive,
}

/// The releases that are shipped: version, x64, arm64; the newest first. The checksums are those of the releases' notes.
///
/// GitHub gives no jobs to a release any more from about two months after the next one came out, and says when
/// (<https://docs.github.com/en/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-a-repository>).
const SHIPPED: [(&str, &str, &str); 2] = [
    (
        "2.338.0",
        "af4b794c1bc41d73d40535e3fe092a39f9679cd8d965954c2aca25a05ca41d32",
        "628b4a7258487b80c1d3c221095a7ded349f5ae0175fd3dfab708d07428f041b",
    ),
    (
        "2.337.0",
        "70920811a4f8ad4328818682bca5c6469c1c942fab52448868071d0063816613",
        "9b1dc70626422526e3c94767cf024896beb15da5342a3f4819bf2feac13e0393",
    ),
];

impl RunnerRelease {
    /// The release `version`, at the address of all releases.
    pub fn new(version: RunnerVersion, checksums: RunnerChecksums) -> Self {
        let archive = |name, checksum| Archive {
            url: format!(
                "https://github.com/actions/runner/releases/download/v{version}/{}",
                archive_name(name, &version)
            ),
            checksum,
        };
        let RunnerChecksums { x64, arm64 } = checksums;
        Self { x64: archive("x64", x64), arm64: archive("arm64", arm64), version }
    }

    /// The releases whose checksums are known here, the newest first.
    pub fn shipped() -> impl Iterator<Item = Self> {
        SHIPPED.into_iter().map(shipped)
    }

    /// The newest of them.
    pub fn newest_shipped() -> Self {
        shipped(SHIPPED[0])
    }

    /// The release `version`, if it is one of them.
    pub fn known(version: &RunnerVersion) -> Option<Self> {
        Self::shipped().find(|release| release.version == *version)
    }
}

/// What the archive of `version` for an architecture, in the release's words `x64` and `arm64`, is called.
pub fn archive_name(architecture: &str, version: &RunnerVersion) -> String {
    format!("actions-runner-linux-{architecture}-{version}.tar.gz")
}

/// A release of this file, which a test makes once.
fn shipped((version, x64, arm64): (&str, &str, &str)) -> RunnerRelease {
    let version = RunnerVersion::new(version).expect("shipped releases have versions");
    let checksums = RunnerChecksums { x64: Checksum(x64.to_owned()), arm64: Checksum(arm64.to_owned()) };
    RunnerRelease::new(version, checksums)
}

/// From this many days before the release gets no more jobs, a warning is logged each day.
pub const WARNED_DAYS: u32 = 30;
/// From this many days before, an alarm is on.
pub const ALARMED_DAYS: u32 = 14;

/// Which release a deployment's runners have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseChoice {
    /// The one that GitHub offers.
    Auto,
    /// This one, until another is given.
    Pinned(RunnerVersion),
}

impl ReleaseChoice {
    /// How [`Self::Auto`] is written.
    pub const AUTO: &'static str = "auto";
    /// What is expected of a choice as text, in words.
    pub const EXPECTED: &'static str =
        "`auto`, or a version of the Actions runner, three numbers such as `2.338.0`";

    /// Reads `text`.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text == Self::AUTO {
            return Ok(Self::Auto);
        }
        RunnerVersion::new(text)
            .map(Self::Pinned)
            .map_err(|NameError { found, .. }| NameError { found, expected: Self::EXPECTED })
    }
}

impl fmt::Display for ReleaseChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(Self::AUTO),
            Self::Pinned(version) => version.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> RunnerVersion {
        RunnerVersion::new(text).unwrap()
    }

    #[test]
    fn shipped_releases_are_valid_and_the_newest_comes_first() {
        let numbers = |version: &RunnerVersion| -> Vec<u32> {
            version.as_str().split('.').map(|number| number.parse().unwrap()).collect()
        };
        let shipped: Vec<_> = RunnerRelease::shipped().collect();
        assert!(shipped.is_sorted_by(|one, other| numbers(&one.version) > numbers(&other.version)));
        for release in &shipped {
            for Archive { url, checksum } in [&release.x64, &release.arm64] {
                assert!(url.ends_with(".tar.gz") && Checksum::new(checksum.as_str()).is_ok(), "{url}");
            }
            assert_eq!(RunnerRelease::known(&release.version).as_ref(), Some(release));
        }
        assert_eq!(RunnerRelease::newest_shipped(), shipped[0]);
        assert_eq!(RunnerRelease::known(&version("2.334.0")), None, "it gets no jobs any more");
    }

    #[test]
    fn an_archive_is_where_its_release_is() {
        let release = RunnerRelease::known(&version("2.337.0")).unwrap();
        let url = "https://github.com/actions/runner/releases/download/v2.337.0/actions-runner-linux-arm64-2.337.0.tar.gz";
        assert_eq!(release.arm64.url, url);
        assert!(release.arm64.checksum.as_str().starts_with("9b1dc706"));
    }

    #[test]
    fn a_release_is_chosen_by_its_version_or_left_to_github() {
        assert_eq!(ReleaseChoice::new("auto"), Ok(ReleaseChoice::Auto));
        assert_eq!(ReleaseChoice::new("2.337.0"), Ok(ReleaseChoice::Pinned(version("2.337.0"))));
        for refused in ["", "Auto", "AUTO", " auto", "latest", "2.338", "v2.338.0", "2.338.0 ", "2.123456.0"]
        {
            let error = ReleaseChoice::new(refused).unwrap_err();
            assert_eq!((error.found.as_str(), error.expected), (refused, ReleaseChoice::EXPECTED));
        }
        for text in ["auto", "2.337.0"] {
            assert_eq!(ReleaseChoice::new(text).unwrap().to_string(), text);
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
        let RunnerChecksums { x64, arm64 } =
            RunnerChecksums::parse(&format!("x64={sum},arm64={sum}")).unwrap();
        assert_eq!((x64.as_str(), arm64.as_str()), (sum.as_str(), sum.as_str()));
    }

    #[test]
    fn a_checksum_has_64_digits_in_lower_case() {
        assert_eq!(Checksum::new("0a".repeat(32)).unwrap().as_str(), "0a".repeat(32));
        for refused in ["", "0a", &"0A".repeat(32), &"0g".repeat(32), &"0a".repeat(33), &"ä".repeat(32)] {
            assert!(Checksum::new(refused).is_err(), "{refused}");
        }
    }
}
