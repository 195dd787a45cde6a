//! Checks whether GitHub's offer can be used: pure. It is not trusted, because instances run the result.

use jit_runners_model::{
    ApiUrl, RunnerVersion,
    contract::runner_release::{Archive, Checksum, RunnerRelease, archive_name},
};

use crate::port::Download;

/// The host of all public releases.
const GITHUB: &str = "github.com";
/// The longest address that is accepted. User data has room for two of them.
const LONGEST_URL: usize = 500;

/// Why a release cannot be used. What GitHub said is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// An architecture is not there.
    #[error("there is no archive for Linux on {0}")]
    Missing(&'static str),
    /// The archive has another name.
    #[error("the name of the archive for Linux on {0} does not tell its version")]
    Name(&'static str),
    /// The archives belong to different releases.
    #[error("the archives for x64 and arm64 are of two releases")]
    TwoReleases,
    /// The archive has no checksum.
    #[error("there is no SHA-256 of the archive for Linux on {0}")]
    NoChecksum(&'static str),
    /// The checksum is not a SHA-256.
    #[error("the SHA-256 of the archive for Linux on {0} does not have 64 hexadecimal digits")]
    Checksum(&'static str),
    /// It is at a strange place.
    #[error("the archive for Linux on {0} is at no https address of github.com or of the API's host")]
    Address(&'static str),
    /// Instances have no token.
    #[error("the archive for Linux on {0} takes a token")]
    Token(&'static str),
}

/// The release of `downloads`, which GitHub's API at `api` offers.
pub(super) fn usable(downloads: &[Download], api: &ApiUrl) -> Result<RunnerRelease, Unusable> {
    let (version, x64) = archive(downloads, "x64", api)?;
    let (other, arm64) = archive(downloads, "arm64", api)?;
    if version == other { Ok(RunnerRelease { version, x64, arm64 }) } else { Err(Unusable::TwoReleases) }
}

fn archive(
    downloads: &[Download],
    architecture: &'static str,
    api: &ApiUrl,
) -> Result<(RunnerVersion, Archive), Unusable> {
    let found = downloads
        .iter()
        .find(|download| download.os == "linux" && download.architecture == architecture)
        .ok_or(Unusable::Missing(architecture))?;
    let version = version(&found.file_name, architecture).ok_or(Unusable::Name(architecture))?;
    let checksum = found.checksum.as_ref().ok_or(Unusable::NoChecksum(architecture))?;
    let checksum =
        Checksum::new(checksum.to_ascii_lowercase()).map_err(|_| Unusable::Checksum(architecture))?;
    let host = host(&found.url, api).ok_or(Unusable::Address(architecture))?;
    // A token for public files does no harm.
    if found.takes_token && !host.eq_ignore_ascii_case(GITHUB) {
        return Err(Unusable::Token(architecture));
    }
    Ok((version, Archive { url: found.url.clone(), checksum }))
}

/// The version in an archive's name.
fn version(file_name: &str, architecture: &str) -> Option<RunnerVersion> {
    let text = file_name.strip_prefix("actions-runner-linux-")?.strip_prefix(architecture)?;
    let text = text.strip_prefix('-')?.strip_suffix(".tar.gz")?;
    let version = RunnerVersion::new(text).ok()?;
    (archive_name(architecture, &version) == file_name).then_some(version)
}

/// The host of an address, with its port if it has one; `None` if nothing may be fetched from it.
fn host<'a>(url: &'a str, api: &ApiUrl) -> Option<&'a str> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let (_, api) = api.as_str().split_once("://")?;
    let api = api.split('/').next()?;
    let (api_name, _) = api.split_once(':').unwrap_or((api, ""));
    let is_known = [GITHUB, api, api_name].iter().any(|known| host.eq_ignore_ascii_case(known));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%+=&?,:@".contains(c);
    (is_known && url.len() <= LONGEST_URL && path.chars().all(is_plain)).then_some(host)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::newer;

    fn api() -> ApiUrl {
        ApiUrl::new("https://ghes.example.com:8443/api/v3").unwrap()
    }

    /// How GitHub offers the newer release, among archives for other systems.
    fn offered() -> Vec<Download> {
        let RunnerRelease { version, x64, arm64 } = newer();
        let download = |os: &str, architecture: &str, archive: &Archive| Download {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            file_name: archive_name(architecture, &version).replace("linux", os),
            url: archive.url.replace("linux", os),
            checksum: Some(archive.checksum.to_string()),
            takes_token: false,
        };
        vec![
            download("osx", "x64", &x64),
            download("linux", "x64", &x64),
            download("osx", "arm64", &arm64),
            download("linux", "arm64", &arm64),
        ]
    }

    /// The result for an offer whose archive for arm64 was changed.
    fn changed(change: impl FnOnce(&mut Download)) -> Result<RunnerRelease, Unusable> {
        let mut offered = offered();
        change(offered.iter_mut().find(|it| it.os == "linux" && it.architecture == "arm64").unwrap());
        usable(&offered, &api())
    }

    #[test]
    fn what_github_offers_is_used_as_it_is() {
        assert_eq!(changed(|_| {}), Ok(newer()));
        assert_eq!(
            changed(|it| it.checksum = it.checksum.as_ref().map(|sum| sum.to_uppercase())),
            Ok(newer())
        );
        assert_eq!(changed(|it| it.takes_token = true), Ok(newer()), "of what everybody may have");
    }

    #[test]
    fn an_archive_may_be_at_the_server_that_was_asked() {
        for host in ["ghes.example.com", "ghes.example.com:8443"] {
            let url = format!("https://{host}/_packages/agent/arm64?version=1&x=%20a");
            let found = changed(|it| it.url.clone_from(&url)).unwrap();
            assert_eq!((found.arm64.url, found.x64), (url, newer().x64));
        }
        let there = |it: &mut Download| {
            it.url = "https://ghes.example.com/a.tar.gz".to_owned();
            it.takes_token = true;
        };
        assert_eq!(changed(there), Err(Unusable::Token("arm64")));
    }

    #[test]
    fn an_archive_at_any_other_place_is_refused() {
        for url in [
            "",
            "https://github.com",
            "http://github.com/a.tar.gz",
            "ftp://github.com/a",
            "HTTPS://github.com/a",
            "https://github.com.example.com/a",
            "https://github.com@example.com/a",
            "https://user@github.com/a",
            "https://github.com:444/a",
            "https://api.github.com/a",
            "https://example.com/github.com/a",
            "https://ghes.example.com:1/a",
            "https://xghes.example.com/a",
            "https://github.com\\@example.com/a",
            "https://github.com/a b",
            "https://github.com/a'b",
            "https://github.com/a\n",
            "https://github.com/a$(date)",
            "https://github.com/ä",
            &format!("https://github.com/{}", "a".repeat(500)),
        ] {
            assert_eq!(changed(|it| it.url = url.to_owned()), Err(Unusable::Address("arm64")), "{url}");
        }
    }

    #[test]
    fn a_name_tells_the_version_and_nothing_else() {
        for name in [
            "",
            "actions-runner-linux-arm64-2.340.tar.gz",
            "actions-runner-linux-arm64-2.340.0.zip",
            "actions-runner-linux-x64-2.340.0.tar.gz",
            "actions-runner-linux-arm64-2.340.0-beta.tar.gz",
            "actions-runner-linux-arm64-2.340.0;reboot.tar.gz",
            "actions-runner-linux-arm64-999999.340.0.tar.gz",
            "../actions-runner-linux-arm64-2.340.0.tar.gz",
        ] {
            assert_eq!(changed(|it| it.file_name = name.to_owned()), Err(Unusable::Name("arm64")), "{name}");
        }
        let other = |it: &mut Download| it.file_name = "actions-runner-linux-arm64-2.341.0.tar.gz".to_owned();
        assert_eq!(changed(other), Err(Unusable::TwoReleases));
    }

    #[test]
    fn without_the_checksum_of_both_archives_nothing_is_used() {
        assert_eq!(changed(|it| it.checksum = None), Err(Unusable::NoChecksum("arm64")));
        for wrong in [String::new(), "0a".repeat(31), "0g".repeat(32), format!("{} ", "0a".repeat(32))] {
            let found = changed(|it| it.checksum = Some(wrong.clone()));
            assert_eq!(found, Err(Unusable::Checksum("arm64")), "{wrong}");
        }
        assert_eq!(changed(|it| it.architecture = "arm".to_owned()), Err(Unusable::Missing("arm64")));
        assert_eq!(usable(&[], &api()), Err(Unusable::Missing("x64")));
    }

    proptest! {
        #[test]
        fn whatever_is_used_is_at_a_known_host_and_holds_nothing_that_a_shell_reads(
            text in prop_oneof![
                any::<String>(),
                "https://(github|ghes)\\.(com|example\\.com)(:[0-9]{1,4})?/[ -~]{0,30}",
                "[a-z]{3,5}://[ -~]{0,20}github.com[ -~]{0,20}",
            ],
        ) {
            if let Ok(RunnerRelease { arm64: Archive { url, .. }, .. }) = changed(|it| it.url.clone_from(&text)) {
                prop_assert_eq!(&url, &text);
                let host = url.split('/').nth(2).unwrap();
                prop_assert!(["github.com", "ghes.example.com", "ghes.example.com:8443"].contains(&host), "{}", url);
                prop_assert!(!url.contains(|c: char| c.is_whitespace() || c.is_control() || "'\"`$\\;<>|".contains(c)));
            }
        }
    }
}
