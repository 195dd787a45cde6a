//! What ARNs are made of
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>).

/// The ARN of a resource.
#[derive(Debug)]
pub(crate) struct Arn {
    /// The service, as ARNs call it.
    pub service: &'static str,
    /// What the resource belongs to.
    pub scope: Scope,
    /// What follows, from the start to the end.
    pub name: &'static [ArnPart],
}

/// Where a resource is the only one of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In a region of an account.
    Region,
    /// In an account; the ARN names no region.
    Account,
    /// In a region; the ARN names no account.
    RegionOnly,
}

/// A part of the end of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArnPart {
    /// This text.
    Literal(&'static str),
    /// What the property states.
    Property(&'static str),
    /// What the property states, or this where nobody states it.
    PropertyOr(&'static str, &'static str),
    /// What the property states and a slash; nothing where it is this, or where nobody states it.
    PrefixUnless(&'static str, &'static str),
    /// The id that the service makes.
    Id,
}

impl ArnPart {
    /// The property that it takes.
    #[cfg(test)]
    pub(super) const fn property(self) -> Option<&'static str> {
        match self {
            Self::Property(name) | Self::PropertyOr(name, _) | Self::PrefixUnless(name, _) => Some(name),
            Self::Literal(_) | Self::Id => None,
        }
    }
}
