//! What is chosen when the deployment is made: `CloudFormation`'s parameters, Terraform's variables.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment};
//!
//! let deployment = Deployment::new(Choices::default())?;
//! let first = &deployment.parameters()[0];
//! assert_eq!((first.id.cloudformation, first.id.terraform), ("GitHubAppId", "github_app_id"));
//! assert_eq!(first.default, None);
//! # Ok::<(), jit_runners_model::Refused>(())
//! ```

use crate::{label_mapping::LabelMappings, name::ImageId};

/// Both names of an input. Users have them in their scripts, so they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId {
    /// `CloudFormation`'s name of it, for example `GitHubAppId`.
    pub cloudformation: &'static str,
    /// Terraform's name of it, for example `github_app_id`.
    pub terraform: &'static str,
}

/// A heading under which inputs are shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterGroup {
    /// The GitHub App and its secrets.
    GitHub,
    /// Where the functions' packages are.
    Packages,
    /// Where runners launch.
    Network,
    /// Which machines run the jobs.
    Runners,
    /// When a runner is given up.
    Lifetime,
    /// Whom alarms tell.
    Notifications,
}

impl ParameterGroup {
    /// Every group, in the order in which people are shown them.
    pub const ALL: [Self; 6] =
        [Self::GitHub, Self::Packages, Self::Network, Self::Runners, Self::Lifetime, Self::Notifications];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub App",
            Self::Packages => "Function packages",
            Self::Network => "Network",
            Self::Runners => "Runners",
            Self::Lifetime => "Runner lifetime and recovery",
            Self::Notifications => "Notifications",
        }
    }
}

/// A regular expression over the whole value, in the subset that Java (`CloudFormation`) and RE2
/// (Terraform) understand alike: anchored, no look-around, no back-references, no count above 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern(&'static str);

impl Pattern {
    /// A pattern; that it is anchored on both sides and that its counts are small enough is checked when the
    /// model is compiled.
    ///
    /// # Panics
    /// At compile time, when the pattern is not anchored, or counts further than RE2 does.
    pub const fn new(pattern: &'static str) -> Self {
        let bytes = pattern.as_bytes();
        assert!(bytes.len() >= 2 && bytes[0] == b'^' && bytes[bytes.len() - 1] == b'$', "anchor the pattern");
        let (mut at, mut in_braces, mut count) = (0, false, 0_u32);
        while at < bytes.len() {
            match bytes[at] {
                b'{' => in_braces = true,
                b'}' => in_braces = false,
                _ => {}
            }
            let is_digit = in_braces && bytes[at].is_ascii_digit();
            count = if is_digit { count * 10 + (bytes[at] - b'0') as u32 } else { 0 };
            assert!(count <= 1_000, "RE2 refuses the pattern: a count is above 1,000");
            at += 1;
        }
        Self(pattern)
    }

    /// The regular expression.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// What values an input takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterType {
    /// Text that a pattern describes.
    Text {
        /// What the whole value must look like.
        pattern: Pattern,
        /// The most characters, where that is fewer than both dialects accept.
        longest: Option<usize>,
    },
    /// Which machine runs which label: JSON that [`LabelMappings::from_json`] reads.
    LabelMappings,
    /// A whole number.
    Integer {
        /// Smallest value.
        min: u32,
        /// Largest value.
        max: u32,
    },
    /// True or false.
    Flag,
    /// The id of a VPC in the deployment's region.
    VpcId,
    /// The ids of one or more subnets in the deployment's region.
    SubnetIds,
    /// The id of a machine image in the deployment's region.
    ImageId,
}

impl ParameterType {
    /// The most characters of a value, where that is fewer than both dialects accept.
    pub const fn longest(&self) -> Option<usize> {
        match self {
            Self::Text { pattern: _, longest } => *longest,
            Self::LabelMappings => Some(LabelMappings::MOST_BYTES),
            Self::Integer { .. } | Self::Flag | Self::VpcId | Self::SubnetIds | Self::ImageId => None,
        }
    }

    /// What one value looks like, where text is what is asked for. `CloudFormation` checks its own id types
    /// against the account; Terraform checks the same ids against this pattern.
    pub const fn pattern(&self) -> Option<Pattern> {
        match self {
            Self::Text { pattern, longest: _ } => Some(*pattern),
            Self::LabelMappings => Some(LabelMappings::PATTERN),
            Self::VpcId => Some(Pattern::new("^vpc-[0-9a-z]+$")),
            Self::SubnetIds => Some(Pattern::new("^subnet-[0-9a-z]+$")),
            Self::ImageId => Some(ImageId::PATTERN),
            Self::Integer { .. } | Self::Flag => None,
        }
    }
}

/// The value of an input that is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(u32),
    /// True or false.
    Flag(bool),
}

/// One input of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its two names.
    pub id: ParameterId,
    /// The heading under which it is shown.
    pub group: ParameterGroup,
    /// What it means, in one or two sentences, for the person who fills it in.
    pub description: &'static str,
    /// Which values it takes.
    pub kind: ParameterType,
    /// What was expected, for the message when a value is refused.
    pub expected: &'static str,
    /// Its value when it is not given; an input without one is required.
    pub default: Option<DefaultValue>,
    /// A value that could be real, for the example files.
    pub example: &'static str,
}

/// A yes-or-no question about the inputs, on which a field may depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputCondition {
    /// The input is not the empty text.
    IsSet(ParameterId),
}

impl InputCondition {
    /// The input that it asks about.
    pub const fn parameter(self) -> ParameterId {
        match self {
            Self::IsSet(id) => id,
        }
    }
}
