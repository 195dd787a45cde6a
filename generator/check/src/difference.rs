//! What a comparison finds: the differences between two files, and what was not compared. A difference is a finding, not an
//! error.

use std::fmt;

use serde_json::Value;

use crate::{problem::Problem, read::Place};

/// One thing that is not the same everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What sort of difference it is.
    pub kind: DifferenceKind,
    /// Of which resource, by its physical name (`<name>-scaleup`); the name of an input or an output; what inputs must
    /// fulfil together.
    pub resource: String,
    /// The kind of resource (`Queue`), or `Input`, `Requirement`, `Output`.
    pub resource_kind: &'static str,
    /// The property, from the resource down (`RedrivePolicy.maxReceiveCount`); empty for the resource as a whole.
    pub path: String,
    /// What Terraform says.
    pub terraform: Option<Side>,
    /// What `CloudFormation` says.
    pub cloudformation: Option<Side>,
    /// What the model says; nothing, if there is no model or it says nothing.
    pub model: Option<Value>,
    /// Whose fault it is, if a model says so.
    pub wrong: Option<Wrong>,
}

/// A value that was not compared, because nobody knows it before a plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The kind of resource.
    pub resource_kind: &'static str,
    /// Of which resource, as in a [`Difference`].
    pub resource: String,
    /// The property.
    pub path: String,
}

/// Something that could not be compared, because a file says it in a way that the check does not understand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The kind of resource, as in a [`Difference`], or its type as the file calls it.
    pub kind: String,
    /// Of which resource, as in a [`Difference`], or what the file calls it.
    pub name: String,
    /// The property; empty for the resource as a whole.
    pub path: String,
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The column, counted from 1.
    pub column: Option<usize>,
}

impl LeftOut {
    /// What stands at `place`.
    pub(crate) fn new(kind: &str, name: &str, path: &str, place: &Place) -> Self {
        Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            path: path.to_owned(),
            file: place.file.to_string(),
            line: place.position.map(|position| position.line),
            column: place.position.map(|position| position.column),
        }
    }
}

/// A reason why something could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The column, counted from 1.
    pub column: Option<usize>,
    /// What was found and what to do.
    pub message: String,
}

impl Reason {
    /// What is the matter.
    pub(crate) fn new(problem: &Problem) -> Self {
        let Problem { place, kind } = problem;
        Self {
            file: place.file.to_string(),
            line: place.position.map(|position| position.line),
            column: place.position.map(|position| position.column),
            message: kind.to_string(),
        }
    }
}

/// An input whose value stands beside the module, and is not compared: whoever deploys the other side gives one, too, or no
/// template has such an input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    /// The input, as the module calls it.
    pub input: String,
    /// The file.
    pub file: String,
    /// The line, counted from 1; nothing in a file of JSON.
    pub line: Option<usize>,
}

impl Given {
    /// The value of `input` at `place`.
    pub(crate) fn new(input: &str, place: &Place) -> Self {
        let line = place.position.map(|position| position.line);
        Self { input: input.to_owned(), file: place.file.to_string(), line }
    }
}

/// Differences that somebody asked to ignore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    /// The kind of resource, as in a [`Difference`].
    pub kind: String,
    /// Of which resource.
    pub name: String,
    /// Why.
    pub reason: String,
    /// How many differences there are.
    pub count: usize,
}

/// What one file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The value, in words that are the same for both dialects.
    pub value: Value,
    /// The file.
    pub file: String,
    /// The line, counted from 1; nothing, where nobody wrote the value.
    pub line: Option<usize>,
    /// The rule that filled the value in, where nobody wrote it.
    pub rule: Option<&'static str>,
}

/// What sort of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// A resource is missing on one side.
    Resource,
    /// A resource exists under different conditions.
    Condition,
    /// A property differs, or is missing on one side.
    Attribute,
    /// An input is missing on one side, or a property of it differs.
    Parameter,
    /// A demand on several inputs is missing on one side.
    Requirement,
    /// An output is missing on one side, or a property of it differs.
    Output,
}

/// Which file does not say what the model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wrong {
    /// The Terraform module.
    Terraform,
    /// The `CloudFormation` template.
    CloudFormation,
    /// Both.
    Both,
}

impl DifferenceKind {
    /// Its name in a report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Condition => "condition",
            Self::Attribute => "attribute",
            Self::Parameter => "parameter",
            Self::Requirement => "requirement",
            Self::Output => "output",
        }
    }
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Wrong {
    /// Its name in a report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::Both => "both",
        }
    }
}
