//! A request and its answer, without the envelope of whoever carries them.

use std::collections::BTreeMap;

/// A request. Its body is what was signed, byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// A request; the case of header names does not matter.
    pub fn new<Name, Value>(
        headers: impl IntoIterator<Item = (Name, Value)>,
        body: impl Into<Vec<u8>>,
    ) -> Self
    where
        Name: Into<String>,
        Value: Into<String>,
    {
        let lower = |name: Name| {
            let mut name = name.into();
            name.make_ascii_lowercase();
            name
        };
        let headers = headers.into_iter().map(|(name, value)| (lower(name), value.into())).collect();
        Self { headers, body: body.into() }
    }

    /// The value of the header `name`, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// An answer. Its words are for whoever looks at the delivery in GitHub's settings, and repeat nothing of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Plain text.
    pub body: String,
}
