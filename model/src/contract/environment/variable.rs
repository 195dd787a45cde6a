//! What a variable may hold, and how it is read from text.

use std::{fmt, num::NonZeroU32};

use crate::{
    choices::RunnerScope,
    contract::runner_release::{ReleaseChoice, RunnerChecksums},
    label_mapping::{LabelMappings, LabelMappingsError},
    name::{ApiUrl, DeploymentName, InstanceType},
    unit::Seconds,
};

/// A value that stands in a variable.
pub(super) trait Variable: Sized {
    /// What is expected, in words.
    const EXPECTED: &'static str;

    /// Reads the variable's text; the error says what is wrong with it.
    fn parse(text: &str) -> Result<Self, String>;
}

macro_rules! text_variables {
    ($($(#[$doc:meta])* $name:ident: $expected:literal, $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Variable for $name {
            const EXPECTED: &'static str = $expected;
            fn parse(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(length(text)) }
            }
        }
    )+};
}

text_variables! {
    /// Text of at least one character.
    NonEmpty: "a text", |text| !text.is_empty();
    /// The ARN of a secret.
    SecretArn: "the ARN of a Secrets Manager secret",
        |text| text.starts_with("arn:") && text.contains(":secretsmanager:");
    /// The URL of a queue. Emulators of AWS speak plain http.
    QueueUrl: "the URL of a queue", |text| text.starts_with("https://") || text.starts_with("http://");
    /// An image, in any of the forms that EC2 has used.
    AmiId: "an image id", |text| text.starts_with("ami-");
}

/// The ids of subnets, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetIds(Vec<String>);

impl SubnetIds {
    /// The ids, in the order given.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// A number that GitHub uses as an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u64);

/// A number of things, one or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub NonZeroU32);

/// True or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

/// A duration that is given in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes(pub Seconds);

/// Checksums of the runner's archives, if they are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenChecksums(pub Option<RunnerChecksums>);

macro_rules! parsed_variables {
    ($($kind:ty: $expected:expr, $parse:expr;)+) => {$(
        impl Variable for $kind {
            const EXPECTED: &'static str = $expected;
            fn parse(text: &str) -> Result<Self, String> {
                let parse: fn(&str) -> Result<Self, String> = $parse;
                parse(text)
            }
        }
    )+};
}

/// For errors that do not repeat what they were given.
fn said<E: fmt::Display>(error: E) -> String {
    error.to_string()
}

/// All that an error says of a wrong text, which may be a secret in the wrong variable.
fn length(text: &str) -> String {
    format!("found {} characters", text.chars().count())
}

fn mappings(text: &str) -> Result<LabelMappings, String> {
    LabelMappings::from_json(text).map_err(|error| match error {
        LabelMappingsError::NotAnArray(error) => {
            format!("it goes wrong in line {}, column {}", error.line(), error.column())
        }
        LabelMappingsError::Doubled { label: _, first, second } => {
            format!("entries {first} and {second} (counted from 0) have the same label")
        }
    })
}

parsed_variables! {
    DeploymentName: Self::EXPECTED, |text| Self::new(text).map_err(|_| length(text));
    InstanceType: Self::EXPECTED, |text| Self::new(text).map_err(|_| length(text));
    ReleaseChoice: Self::EXPECTED, |text| Self::new(text).map_err(|_| length(text));
    GivenChecksums: RunnerChecksums::EXPECTED, |text| match text {
        "" => Ok(Self(None)),
        text => RunnerChecksums::parse(text).map(Some).map(Self).map_err(|_| length(text)),
    };
    ApiUrl: Self::EXPECTED, |text| Self::new(text).map_err(|_| length(text));
    LabelMappings: "a JSON array of label mappings", mappings;
    Id: "a number", |text| text.parse().map(Self).map_err(said);
    Count: "a number from 1", |text| text.parse().map(Self).map_err(said);
    Flag: "true or false", |text| text.parse().map(Self).map_err(|_| length(text));
    Minutes: "a number of minutes, 1 to 525600", |text| match text.parse::<u32>().map_err(said)? {
        minutes @ 1..=525_600 => Ok(Self(Seconds::from_minutes(minutes))),
        _ => Err("it is out of range".to_owned()),
    };
    SubnetIds: "subnet ids, separated by commas", |text| {
        let ids: Vec<_> = text.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        match ids.iter().position(|id| !id.starts_with("subnet-")) {
            Some(place) => Err(format!("entry {place} (counted from 0) is none")),
            None if ids.is_empty() => Err("there is none".to_owned()),
            None => Ok(Self(ids)),
        }
    };
    RunnerScope: "`repository` or `organization`", |text| {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| length(text))
    };
}
