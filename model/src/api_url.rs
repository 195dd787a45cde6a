//! Which addresses are those of GitHub's REST API, and which one is meant where it is another.
//!
//! ```
//! use jit_runners_model::ApiUrl;
//!
//! assert!(ApiUrl::new("https://github.com/octo-org").is_err());
//! assert_eq!(ApiUrl::meant("https://github.com/octo-org").unwrap().as_str(), "https://api.github.com");
//! ```

use crate::name::ApiUrl;

/// Where GitHub's REST API is (<https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api>).
const DOT_COM: &str = "https://api.github.com";
/// The domain of GitHub Enterprise Cloud with data residency; each enterprise has a subdomain of it
/// (<https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom>).
const DATA_RESIDENCY: &str = ".ghe.com";
/// Where a GitHub Enterprise Server has its REST API (<https://docs.github.com/en/enterprise-server/rest>).
const SERVER_PATH: &str = "/api/v3";

/// Whether `text` is the address of a REST API. One without TLS is only taken on this very machine, for a GitHub of a
/// test.
pub(crate) fn is_rest_api(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("http://127.0.0.1:") {
        let (port, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        return is_port(port) && is_path(path);
    }
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match Site::of(host) {
        Site::DotCom => text == DOT_COM,
        Site::DataResidency { enterprise } => {
            is_name(enterprise)
                && !enterprise.contains('.')
                && text == format!("https://api.{enterprise}{DATA_RESIDENCY}")
        }
        Site::Server => is_host(host) && is_path(path) && path.ends_with(SERVER_PATH),
    }
}

impl ApiUrl {
    /// The address that was probably meant by `text`: of a web page, of GraphQL, with a slash at its end.
    pub fn meant(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        // A single word is not meant as a host.
        if !text.contains("://") && !host.contains('.') {
            return None;
        }
        let meant = match Site::of(&host) {
            Site::DotCom => DOT_COM.to_owned(),
            Site::DataResidency { enterprise } => format!("https://api.{enterprise}{DATA_RESIDENCY}"),
            Site::Server => format!("https://{host}{SERVER_PATH}"),
        };
        Self::new(meant).ok()
    }

    /// The port that it is reached at.
    pub(crate) fn port(&self) -> u16 {
        let host = self.as_str().split('/').nth(2).unwrap_or_default();
        host.split_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(443)
    }

    /// Whether it is GitHub's own, and not that of a GitHub Enterprise Server.
    pub(crate) fn is_public(&self) -> bool {
        let host = self.as_str().split('/').nth(2).unwrap_or_default();
        matches!(Site::of(host), Site::DotCom | Site::DataResidency { .. })
    }
}

/// Whose API it is.
enum Site<'a> {
    /// github.com.
    DotCom,
    /// GitHub Enterprise Cloud with data residency.
    DataResidency { enterprise: &'a str },
    /// A GitHub Enterprise Server.
    Server,
}

impl<'a> Site<'a> {
    /// By the host in an address, with or without its port.
    fn of(host: &'a str) -> Self {
        let name = host.split(':').next().unwrap_or_default();
        if name.eq_ignore_ascii_case("github.com") || before(name, ".github.com").is_some() {
            return Self::DotCom;
        }
        before(name, DATA_RESIDENCY).map_or(Self::Server, |subdomains| Self::DataResidency {
            enterprise: subdomains.rsplit('.').next().unwrap_or_default(),
        })
    }
}

/// What stands in front of `end`, in upper or lower case, at the end of `name`.
fn before<'a>(name: &'a str, end: &str) -> Option<&'a str> {
    let (start, found) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    found.eq_ignore_ascii_case(end).then_some(start)
}

/// A name or an address, and perhaps a port.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    is_name(name) && port.is_none_or(is_port)
}

fn is_name(name: &str) -> bool {
    name.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    })
}

fn is_port(port: &str) -> bool {
    (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Nothing, or a slash in front of each of its parts.
fn is_path(path: &str) -> bool {
    path.split('/').skip(1).all(|part| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_api() {
        for text in [
            "https://api.github.com",
            "https://api.octocorp.ghe.com",
            "https://github.example.com/api/v3",
            "https://github.example.com:8443/api/v3",
            "https://10.1.2.3/api/v3",
            "https://proxy.example.com/github/api/v3",
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/api/v3",
        ] {
            assert!(ApiUrl::new(text).is_ok(), "{text} was refused");
        }
    }

    #[test]
    fn what_is_a_web_page_or_something_else() {
        for (text, meant) in [
            ("https://github.com", Some("https://api.github.com")),
            ("https://github.com/", Some("https://api.github.com")),
            ("https://www.github.com/octo-org", Some("https://api.github.com")),
            ("https://github.com/api/v3", Some("https://api.github.com")),
            ("https://api.github.com/", Some("https://api.github.com")),
            ("https://api.github.com/graphql", Some("https://api.github.com")),
            ("https://api.github.com/api/v3", Some("https://api.github.com")),
            ("https://API.GitHub.com", Some("https://api.github.com")),
            ("http://api.github.com", Some("https://api.github.com")),
            ("api.github.com", Some("https://api.github.com")),
            ("https://uploads.github.com", Some("https://api.github.com")),
            ("https://octocorp.ghe.com", Some("https://api.octocorp.ghe.com")),
            ("https://octocorp.ghe.com/login", Some("https://api.octocorp.ghe.com")),
            ("https://api.octocorp.ghe.com/api/v3", Some("https://api.octocorp.ghe.com")),
            ("https://github.example.com", Some("https://github.example.com/api/v3")),
            ("https://github.example.com/", Some("https://github.example.com/api/v3")),
            ("https://github.example.com/api", Some("https://github.example.com/api/v3")),
            ("https://github.example.com/api/v3/", Some("https://github.example.com/api/v3")),
            ("https://github.example.com/api/graphql", Some("https://github.example.com/api/v3")),
            ("https://github.example.com//api/v3", Some("https://github.example.com/api/v3")),
            ("https://github.example.com:8443", Some("https://github.example.com:8443/api/v3")),
            ("https://octo:secret@github.example.com", None),
            ("https://github.example.com?x=1", Some("https://github.example.com/api/v3")),
            ("https://notgithub.com", Some("https://notgithub.com/api/v3")),
            ("http://127.0.0.1", Some("https://127.0.0.1/api/v3")),
            ("http://127.0.0.1:x.example.com", None),
            ("https://", None),
            ("https://ünïcödé.example/api/v3", None),
            ("github", None),
            ("", None),
        ] {
            assert!(ApiUrl::new(text).is_err(), "{text} was accepted");
            assert_eq!(ApiUrl::meant(text).as_ref().map(ApiUrl::as_str), meant, "{text}");
        }
    }
}
