//! Names and identifiers that are checked when they are made.
//!
//! ```
//! use jit_runners_model::{DeploymentName, InstanceType, NameError, choices::Architecture};
//!
//! assert_eq!(DeploymentName::new("acme-runners")?.as_str(), "acme-runners");
//! assert!(DeploymentName::new("acme runners").is_err());
//! assert_eq!(InstanceType::new("c7g.xlarge")?.architecture(), Architecture::Arm64);
//! # Ok::<(), NameError>(())
//! ```

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};

use crate::{choices::Architecture, parameter::Pattern};

/// Why a name was refused. The message says what was expected; the caller says where it stood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct NameError {
    /// What was given.
    pub found: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

macro_rules! checked {
    ($($(#[$doc:meta])* $name:ident: $expected:literal, $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What is expected of such a value, in words.
            pub const EXPECTED: &'static str = $expected;

            /// Checks `text`.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(NameError { found: text, expected: $expected }) }
            }

            /// The characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

checked! {
    /// The deployment's name, the prefix of every resource's name. `CloudFormation`'s rule for stack names is
    /// the strictest of all services here, so it is the rule; how long it may be follows from the resources
    /// ([`crate::Deployment::longest_name`]).
    DeploymentName: "a letter followed by letters, digits and hyphens, such as `jit-runners`, and not starting with `sg-`",
        |text| text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            // EC2 keeps these for the ids of security groups, and our group's name starts with this one:
            // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
            && !text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("sg-"));

    /// An EC2 instance type. New families appear every month, so its form is checked, not a list.
    InstanceType: "an EC2 instance type, a family and a size such as `c7i.xlarge`",
        |text| matches!(text.split_once('.'), Some((family, size)) if is_family(family) && is_size(size));

    /// The id of a machine image.
    ImageId: "an image id, `ami-` followed by hexadecimal digits",
        |text| text.strip_prefix("ami-").is_some_and(|id| {
            matches!(id.len(), 8 | 17) && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
        });

    /// A label of a job or a runner. GitHub compares labels without regard to case and stores them in lower
    /// case, so this type holds them in lower case only. It registers labels with blanks
    /// (<https://github.com/actions/runner/issues/4124>). A comma separates labels where the runner takes a list of them.
    Label: "a label in lower case without commas, or blanks at its ends, at most 256 characters",
        |text| !text.is_empty() && text.chars().count() <= 256 && text.trim() == text
            && text.chars().all(|c| (c == ' ' || !c.is_whitespace()) && !c.is_control() && c != ',')
            && text.to_lowercase() == *text;

    /// The key of a tag (<https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html>).
    TagKey: "a tag key: 1 to 128 letters, digits, blanks or any of `_.:/=+-@`, and not starting with `aws:`",
        |text| !text.is_empty() && text.chars().count() <= 128 && is_tag_text(text)
            && !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));

    /// The value of a tag (<https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html>).
    TagValue: "a tag value: at most 256 letters, digits, blanks or any of `_.:/=+-@`",
        |text| text.chars().count() <= 256 && is_tag_text(text);

    /// The ARN of a managed policy, for use as a permissions boundary.
    PolicyArn: "the ARN of an IAM policy, such as `arn:aws:iam::123456789012:policy/boundary`",
        |text| arn_resource(text, "iam").is_some_and(|rest| rest.starts_with("policy/") && rest.len() > 7);

    /// The ARN of a customer-managed KMS key.
    KeyArn: "the ARN of a KMS key, such as `arn:aws:kms:us-east-1:123456789012:key/1234abcd-...`",
        |text| arn_resource(text, "kms").is_some_and(|rest| rest.starts_with("key/") && rest.len() > 4);

    /// The address of GitHub's REST API: of github.com, of an enterprise with data residency, or of a GitHub Enterprise
    /// Server. Without TLS only on this very machine, for a GitHub of a test.
    ApiUrl: "the address of GitHub's REST API: `https://api.github.com`, `https://api.SUBDOMAIN.ghe.com`, or \
             `https://HOST/api/v3` of a GitHub Enterprise Server",
        crate::api_url::is_rest_api;

    /// A range of addresses in CIDR notation, version 4 or 6, in its one canonical spelling: the Terraform provider
    /// refuses others, and EC2 shows another than was given.
    Cidr: "a range of addresses in its shortest spelling and without bits beyond its mask, such as `10.0.0.0/8` or `::/0`",
        |text| canonical_range(text).is_some_and(|canonical| canonical == text);

    /// What a rule of a security group is for
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html>).
    RuleDescription: "a description of 1 to 255 letters, digits, blanks or any of `._-:/()#,@[]+=&;{}!$*`",
        |text| !text.is_empty() && text.len() <= 255
            && text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c));

    /// A release of the Actions runner.
    RunnerVersion: "a version of the Actions runner, three numbers such as `2.338.0`",
        |text| {
            let numbers: Vec<_> = text.split('.').collect();
            numbers.len() == 3
                && numbers.iter().all(|n| (1..=5).contains(&n.len()) && n.chars().all(|c| c.is_ascii_digit()))
        };
}

impl InstanceType {
    /// What it looks like.
    pub const PATTERN: Pattern = Pattern::new(
        "^[a-z][a-z0-9-]*[0-9][a-z0-9-]*[.](nano|micro|small|medium|large|([1-9][0-9]*)?xlarge|metal(-[0-9]{1,5}xl)?)$",
    );
}

impl RunnerVersion {
    /// Whether it came after `other`.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.numbers().gt(other.numbers())
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        // Each has at most five digits.
        self.0.split('.').map(|number| number.parse().unwrap_or_default())
    }
}

impl ImageId {
    /// What it looks like.
    pub const PATTERN: Pattern = Pattern::new("^ami-[0-9a-f]{8}([0-9a-f]{9})?$");
}

impl Label {
    /// What a label in mappings looks like, in upper or lower case.
    pub const PATTERN: Pattern = Pattern::new("^[^\\s\\pZ\\p{Cc},]{1,256}$");

    /// Checks a label in mappings. The patterns of that input, in both dialects, allow no blanks.
    pub fn in_mappings(text: impl Into<String>) -> Result<Self, NameError> {
        const EXPECTED: &str = "a label in lower case without blanks or commas, at most 256 characters";
        match Self::new(text) {
            Ok(label) if label.0.contains(' ') => Err(NameError { found: label.0, expected: EXPECTED }),
            Ok(label) => Ok(label),
            Err(error) => Err(NameError { expected: EXPECTED, ..error }),
        }
    }
}

impl Cidr {
    /// Whether the range is of IP version 6.
    pub fn is_v6(&self) -> bool {
        self.0.contains(':')
    }
}

/// The canonical spelling of a range of addresses.
fn canonical_range(text: &str) -> Option<String> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    let network = match address.parse().ok()? {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.checked_sub(bits)?).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    };
    Some(format!("{network}/{bits}"))
}

fn is_family(family: &str) -> bool {
    family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.chars().any(|c| c.is_ascii_digit())
        && family.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_size(size: &str) -> bool {
    const NAMED: [&str; 6] = ["nano", "micro", "small", "medium", "large", "xlarge"];
    let multiple = size
        .strip_suffix("xlarge")
        .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()) && !n.starts_with('0'));
    // `metal`, `metal-24xl`, and the sizes of high-memory and GPU families such as `metal-48xl`.
    let metal = size == "metal"
        || size
            .strip_prefix("metal-")
            .and_then(|n| n.strip_suffix("xl"))
            .is_some_and(|n| (1..=5).contains(&n.len()) && n.bytes().all(|byte| byte.is_ascii_digit()));
    NAMED.contains(&size) || multiple || metal
}

fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c))
}

/// The resource part of an ARN of `service`: `arn:<partition>:<service>:<region>:<account>:<resource>`.
fn arn_resource<'a>(text: &'a str, service: &str) -> Option<&'a str> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, found) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let account_fits = account == "aws" || account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    let characters_fit = resource.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c));
    (arn == "arn" && partition.starts_with("aws") && found == service && account_fits && characters_fit)
        .then_some(resource)
}

impl InstanceType {
    /// What the types of [`Architecture::Arm64`] look like, among instance types.
    pub const GRAVITON: Pattern = Pattern::new("^(a1|[a-z-]+[0-9][a-z0-9-]*g[a-z0-9-]*)[.].+$");

    /// The instruction set of its machines. After the generation's digit, `g` stands for Graviton
    /// (<https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>); the first generation is called `a1`.
    pub fn architecture(&self) -> Architecture {
        let family = self.as_str().split('.').next().unwrap_or_default();
        let options = family.trim_start_matches(|c: char| !c.is_ascii_digit());
        if family == "a1" || options.contains('g') { Architecture::Arm64 } else { Architecture::X86_64 }
    }

    /// Whether its machines are Macs, which run no Linux
    /// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-mac-instances.html>).
    pub fn is_mac(&self) -> bool {
        self.as_str().starts_with("mac")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn accepts<T>(make: fn(String) -> Result<T, NameError>, texts: &[&str]) {
        for text in texts {
            assert!(make((*text).to_owned()).is_ok(), "{text} was refused");
        }
    }

    #[track_caller]
    fn refuses<T>(make: fn(String) -> Result<T, NameError>, texts: &[&str]) {
        for text in texts {
            assert!(make((*text).to_owned()).is_err(), "{text} was accepted");
        }
    }

    #[test]
    fn instance_types() {
        accepts(
            InstanceType::new,
            &["t2.nano", "c5.xlarge", "m7i-flex.large", "u-6tb1.metal", "c7i.metal-24xl", "m6gd.16xlarge"],
        );
        refuses(
            InstanceType::new,
            &[
                "",
                "t3",
                "t3.",
                ".large",
                "t3.huge",
                "T3.large",
                "c5.0xlarge",
                "large",
                "t3 .large",
                "t3.large ",
            ],
        );
    }

    #[test]
    fn labels() {
        accepts(Label::new, &["self-hosted", "big machine", "a  b", "ß(*)\""]);
        refuses(Label::new, &["", " ", " a", "a ", "a,b", "a\tb", "a\u{a0}b", "A", &"a".repeat(257)]);
        accepts(Label::in_mappings, &["large"]);
        refuses(Label::in_mappings, &["big machine", "a,b", ""]);
    }

    #[test]
    fn deployment_names() {
        accepts(DeploymentName::new, &["jit-runners", "A1"]);
        refuses(DeploymentName::new, &["", "1a", "-a", "a_b", "a b", "ä"]);
    }

    #[test]
    fn arns() {
        accepts(
            PolicyArn::new,
            &["arn:aws:iam::123456789012:policy/boundary", "arn:aws-us-gov:iam::aws:policy/x"],
        );
        refuses(
            PolicyArn::new,
            &[
                "boundary",
                "arn:aws:iam::1234:policy/x",
                "arn:aws:iam::123456789012:role/x",
                "arn:aws:iam::123456789012:policy/",
            ],
        );
        accepts(
            KeyArn::new,
            &["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        );
        refuses(KeyArn::new, &["alias/x", "arn:aws:kms:us-east-1:123456789012:alias/x"]);
    }

    #[test]
    fn addresses() {
        accepts(Cidr::new, &["0.0.0.0/0", "10.1.0.0/16", "::/0"]);
        refuses(
            Cidr::new,
            &[
                "0.0.0.0",
                "10.0.0.0/33",
                "10.0.0/8",
                "::/129",
                "10.0.0.0/+8",
                "10.0.0.1/8",
                "2001:DB8::/32",
                "2001:db8::1/64",
            ],
        );
    }

    #[test]
    fn tags() {
        accepts(TagKey::new, &["Team", "cost:center", "a b"]);
        refuses(TagKey::new, &["", "aws:x", "AWS:x", "a\"b"]);
    }

    #[track_caller]
    fn check(architecture: Architecture, types: &[&str]) {
        for name in types {
            assert_eq!(InstanceType::new(*name).unwrap().architecture(), architecture, "{name}");
        }
    }

    #[test]
    fn graviton_is_told_by_a_letter_after_the_digit() {
        check(
            Architecture::Arm64,
            &[
                "a1.large",
                "t4g.micro",
                "m7gd.xlarge",
                "im4gn.large",
                "g5g.xlarge",
                "i8ge.large",
                "hpc7g.4xlarge",
            ],
        );
        // Families with a `g` in front are machines with graphics processors.
        check(
            Architecture::X86_64,
            &[
                "t3.medium",
                "g5.xlarge",
                "g4dn.xlarge",
                "m7i-flex.large",
                "m5.metal",
                "gr6.4xlarge",
                "u7i-6tb.112xlarge",
            ],
        );
    }
}
