//! What handlers rely on in a port, as cases: the simulated world and the real services have to answer them alike.

mod account;
mod compute;
mod github;
pub mod queue;
mod table;

use std::fmt::Debug;

pub use self::{
    account::account,
    compute::{NOBODYS_IMAGE, compute},
    github::github,
    table::{items, table},
};

/// What a port did otherwise than handlers rely on.
#[derive(Debug, Default)]
pub struct Differences(Vec<String>);

impl Differences {
    /// Each, in words.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    fn expect<T: PartialEq + Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.0.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }
}
