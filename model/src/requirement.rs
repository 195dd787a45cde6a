//! What inputs must fulfil together. What one input must fulfil by itself stands in its type.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment};
//!
//! let deployment = Deployment::new(Choices::default())?;
//! let message = deployment.requirements()[0].message(|input| input.terraform);
//! assert!(message.starts_with("runner_version needs runner_checksums"));
//! # Ok::<(), jit_runners_model::Refused>(())
//! ```

use crate::parameter::ParameterId;

/// A rule across inputs. Values that break it are refused before anything is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its name, in the form of a logical id.
    pub name: &'static str,
    /// What must hold.
    pub demand: Demand,
    /// What to say where it does not hold: what is expected, and what to do.
    pub message: Vec<Word>,
    /// Values that break it, each of which is fine by itself.
    pub broken_by: Vec<(ParameterId, &'static str)>,
}

/// What must hold of inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// One of these facts at least.
    AnyOf(Vec<Fact>),
    /// The default instance type and those of the label mappings without an image of their own are launched from one
    /// image, so they are of one architecture. Only a dialect that reads JSON can ask for it; the scale-up function
    /// refuses such a type in any case.
    OneArchitecture {
        /// The default instance type.
        default: ParameterId,
        /// The label mappings.
        mappings: ParameterId,
    },
}

/// Something about one input that is true or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It is one of these texts.
    OneOf(ParameterId, Vec<String>),
    /// It is not the empty text.
    IsSet(ParameterId),
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Words that are the same in every dialect.
    Plain(String),
    /// The name of an input.
    Name(ParameterId),
}

impl Requirement {
    /// The message, with the names that `name_of` gives to inputs.
    pub fn message(&self, name_of: impl Fn(ParameterId) -> &'static str) -> String {
        self.message
            .iter()
            .map(|word| match word {
                Word::Plain(text) => text.as_str(),
                Word::Name(input) => name_of(*input),
            })
            .collect()
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<ParameterId> for Word {
    fn from(input: ParameterId) -> Self {
        Self::Name(input)
    }
}
