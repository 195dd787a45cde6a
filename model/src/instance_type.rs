//! What an instance type's name tells about its machines.

use crate::{choices::Architecture, name::InstanceType, parameter::Pattern};

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
