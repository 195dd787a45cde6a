//! The language of templates: intrinsic functions, conditions, references, and the values that they make.
//!
//! ```text
//! located tree -> Term -> Evaluator -> Value, Condition
//! ```
//!
//! What depends on inputs stays an expression; what depends on a condition stays a choice. What a template's sections and
//! resources mean is known elsewhere (`readers/from_cloudformation/`).

mod condition;
pub(crate) mod evaluate;
mod function;
mod reference;
pub(crate) mod term;

use crate::graph::Kind;

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceType {
    /// A node of the graph.
    Node(Kind),
    /// A part of other nodes.
    Companion(Companion),
}

/// A resource that says something about another one and is merged into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Companion {
    /// A policy of roles.
    Policy,
    /// A policy of one role.
    RolePolicy,
    /// A policy that roles attach.
    ManagedPolicy,
    /// A rule of a security group.
    Ingress,
    /// A rule of a security group.
    Egress,
}

impl Companion {
    /// The kinds that it may be on its own.
    pub(crate) const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Policy | Self::RolePolicy => &[Kind::RolePolicy],
            Self::ManagedPolicy => &[Kind::ManagedPolicy],
            Self::Ingress | Self::Egress => &[],
        }
    }

    /// What it belongs to, and the properties there that it may be a part of.
    pub(crate) const fn owner(self) -> (Kind, &'static [&'static str]) {
        match self {
            Self::Policy | Self::RolePolicy | Self::ManagedPolicy => {
                (Kind::Role, &["Policies", "AttachedPolicies", "ManagedPolicyArns"])
            }
            Self::Ingress | Self::Egress => {
                (Kind::SecurityGroup, &["SecurityGroupIngress", "SecurityGroupEgress"])
            }
        }
    }
}

impl ResourceType {
    /// Every type that the check understands.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        const COMPANIONS: [Companion; 5] = [
            Companion::Policy,
            Companion::RolePolicy,
            Companion::ManagedPolicy,
            Companion::Ingress,
            Companion::Egress,
        ];
        // Policies are parts of roles, unless their roles are elsewhere.
        let is_policy = |kind: &Kind| matches!(kind, Kind::ManagedPolicy | Kind::RolePolicy);
        let kinds = Kind::ALL.iter().copied().filter(move |kind| !is_policy(kind)).map(Self::Node);
        kinds.chain(COMPANIONS.into_iter().map(Self::Companion))
    }

    /// The type of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if is_custom(name) {
            return Some(Self::Node(Kind::CustomResource));
        }
        Self::all().find(|resource_type| resource_type.as_str() == name)
    }

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Node(kind) => kind.facts().cloudformation_type,
            Self::Companion(companion) => match companion {
                Companion::Policy => "AWS::IAM::Policy",
                Companion::RolePolicy => "AWS::IAM::RolePolicy",
                Companion::ManagedPolicy => "AWS::IAM::ManagedPolicy",
                Companion::Ingress => "AWS::EC2::SecurityGroupIngress",
                Companion::Egress => "AWS::EC2::SecurityGroupEgress",
            },
        }
    }
}

/// Whether somebody chose the name of a type: `Custom::` and up to 60 letters, digits, `_`, `@` and `-`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>).
fn is_custom(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_@-".contains(c);
    name.strip_prefix("Custom::")
        .is_some_and(|chosen| (1..=60).contains(&chosen.len()) && chosen.chars().all(is_allowed))
}
