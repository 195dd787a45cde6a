//! Redirects: GitHub answers with them where a repository was renamed or transferred, 301 to GET and 307 to the others
//! (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>).
//!
//! octocrab without its feature `follow-redirect` returns them like any answer. With it, only requests without a body are
//! repeated as they were (<https://github.com/XAMPPRocky/octocrab/issues/468>). So they are followed here: with their method
//! and body, on the same host only, because the token goes with them.

use std::collections::BTreeMap;

use http::{StatusCode, Uri, uri::Authority};
use jit_runners_model::contract::message::Repository;

/// Redirects that are followed for one request.
pub(super) const MOST: usize = 3;
/// Names that are remembered. A process lives for hours, and renames are rare.
const MOST_NAMES: usize = 1_000;
/// What every path of a repository begins with.
const BY_NAME: &str = "/repos/";
/// What its path begins with if it is asked for by its id.
const BY_ID: &str = "/repositories/";

/// Whether an answer of this status is a redirect to follow.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

/// The path and query that `location` names, relative to the API's address; `None` if it is elsewhere.
pub(super) fn path_below(api: &Uri, location: &str) -> Option<String> {
    let to: Uri = location.parse().ok()?;
    let is_here = match (to.scheme(), to.authority()) {
        (None, None) => location.starts_with('/') && !location.starts_with("//"),
        (Some(scheme), Some(authority)) => {
            api.scheme() == Some(scheme)
                && place(scheme.as_str(), authority) == place(scheme.as_str(), api.authority()?)
        }
        _ => false,
    };
    let path = to.path_and_query()?.as_str();
    let base = api.path().trim_end_matches('/');
    path.strip_prefix(base).filter(|rest| is_here && rest.starts_with('/')).map(str::to_owned)
}

/// Host and port; nothing for an authority with a user.
fn place(scheme: &str, authority: &Authority) -> Option<(String, u16)> {
    let usual = if scheme == "https" { 443 } else { 80 };
    let has_user = authority.as_str().contains('@');
    (!has_user).then(|| (authority.host().to_ascii_lowercase(), authority.port_u16().unwrap_or(usual)))
}

/// The repository that a path is about, by its name.
pub(super) fn name_in(path: &str) -> Option<Repository> {
    let mut parts = path.strip_prefix(BY_NAME)?.splitn(3, ['/', '?']);
    Repository::new(format!("{}/{}", parts.next()?, parts.next()?)).ok()
}

/// The repository that a path is about, by its id.
pub(super) fn id_in(path: &str) -> Option<u64> {
    path.strip_prefix(BY_ID)?.split(['/', '?']).next()?.parse().ok().filter(|id| *id > 0)
}

/// The path under which a repository tells its name.
pub(super) fn by_id(id: u64) -> String {
    format!("{BY_ID}{id}")
}

/// The new names of repositories, by the old ones.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, Repository>);

impl Names {
    /// No names.
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The new name of the repository that was called `old`.
    pub(super) fn new_name(&self, old: &str) -> Option<&Repository> {
        self.0.get(&old.to_ascii_lowercase())
    }

    /// The repository that was called `old` has this name now. If it had it before, it is renamed no more.
    pub(super) fn learn(&mut self, old: &Repository, now: &Repository) {
        let key = |repository: &Repository| repository.as_str().to_ascii_lowercase();
        if self.0.len() >= MOST_NAMES {
            self.0.clear();
        }
        self.0.remove(&key(now));
        if key(old) == key(now) {
            return;
        }
        self.0.insert(key(old), now.clone());
    }

    /// The path with the new name of the repository that it is about.
    pub(super) fn apply(&self, path: &str) -> Option<String> {
        let old = name_in(path)?;
        let new = self.new_name(old.as_str())?;
        let rest = path.strip_prefix(BY_NAME)?.strip_prefix(old.as_str())?;
        Some(format!("{BY_NAME}{}{rest}", new.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn below(api: &str, location: &str) -> Option<String> {
        path_below(&api.parse().unwrap(), location)
    }

    fn named(name: &str) -> Repository {
        Repository::new(name).unwrap()
    }

    #[test]
    fn the_same_host_is_followed_below_the_apis_address() {
        let api = "https://api.github.com";
        let path = "/repositories/7/actions/runs?status=queued&page=2";
        for location in [
            format!("https://api.github.com{path}"),
            format!("https://API.github.com:443{path}"),
            path.to_owned(),
        ] {
            assert_eq!(below(api, &location).as_deref(), Some(path), "{location}");
        }
        let server = "https://ghes.example.com:8443/api/v3";
        let location = "https://ghes.example.com:8443/api/v3/repositories/7";
        assert_eq!(below(server, location).as_deref(), Some("/repositories/7"));
        assert_eq!(below(server, "/api/v3/repositories/7").as_deref(), Some("/repositories/7"));
    }

    #[test]
    fn nothing_else_is_followed() {
        for location in [
            "https://example.com/repositories/7",
            "https://api.github.com.example.com/repositories/7",
            "https://api.github.com@example.com/repositories/7",
            "https://user@api.github.com/repositories/7",
            "https://api.github.com:8443/repositories/7",
            "http://api.github.com/repositories/7",
            "//example.com/repositories/7",
            "//api.github.com/repositories/7",
            "repositories/7",
            "?page=2",
            "",
            "\\\\example.com",
            "https://api.github.com\\@example.com/x",
            "ftp://api.github.com/repositories/7",
        ] {
            assert_eq!(below("https://api.github.com", location), None, "{location}");
        }
        for location in ["https://ghes.example.com/repositories/7", "/api/v3evil/repositories/7", "/"] {
            assert_eq!(below("https://ghes.example.com/api/v3", location), None, "{location}");
        }
    }

    #[test]
    fn a_path_says_which_repository_it_is_about() {
        assert_eq!(name_in("/repos/o/r/actions/runs?x=1").as_ref().map(Repository::as_str), Some("o/r"));
        assert_eq!(name_in("/orgs/o/actions/runners"), None);
        assert_eq!((id_in("/repositories/7/actions"), id_in("/repositories/7")), (Some(7), Some(7)));
        assert_eq!(
            (id_in("/repositories/0"), id_in("/repositories/x"), id_in("/repos/o/r")),
            (None, None, None)
        );
    }

    #[test]
    fn a_request_goes_straight_to_the_new_name() {
        let mut names = Names::new();
        names.learn(&named("o/Old"), &named("p/new").with_id(7));
        assert_eq!(
            names.apply("/repos/o/old/actions/jobs/1").as_deref(),
            Some("/repos/p/new/actions/jobs/1")
        );
        assert_eq!(names.apply("/repos/o/older/actions/jobs/1"), None);
        assert_eq!(names.apply("/orgs/o/actions/runners"), None);
        assert_eq!(names.new_name("O/OLD").and_then(Repository::id), Some(7));
    }

    #[test]
    fn a_repository_that_is_renamed_back_is_renamed_no_more() {
        let mut names = Names::new();
        let (old, new) = (named("o/old"), named("o/new"));
        names.learn(&old, &new);
        names.learn(&new, &old);
        assert_eq!((names.new_name("o/old"), names.new_name("o/new")), (None, Some(&old)));
        names.learn(&old, &old);
        assert_eq!(names.new_name("o/old"), None);
    }

    #[test]
    fn names_are_bounded() {
        let mut names = Names::new();
        for number in 0..5_000 {
            names.learn(&named(&format!("o/{number}")), &named("o/new"));
        }
        assert!(names.0.len() <= MOST_NAMES);
        assert!(names.new_name("o/4999").is_some());
    }

    proptest! {
        #[test]
        fn no_text_leads_elsewhere(location in any::<String>(), host in "[a-z.@:0-9\\\\/]{0,20}") {
            for location in [location, format!("https://{host}/repositories/7"), format!("//{host}")] {
                if let Some(path) = below("https://api.github.com", &location) {
                    prop_assert!(path.starts_with('/'));
                    let authority = location.parse::<Uri>().unwrap().authority().map(|it| it.host().to_owned());
                    prop_assert!(authority.is_none_or(|host| host.eq_ignore_ascii_case("api.github.com")));
                }
            }
        }
    }
}
