//! Tags by which the deployment finds what belongs to it.

/// On everything that can carry tags: the deployment's name. Roles may only terminate instances that have it,
/// and may only launch instances with it.
pub const DEPLOYMENT: &str = "jit-runners:deployment";
/// On instances: the key of the launch intent in the table, so that an instance whose launch was cut off is
/// found again.
pub const INTENT: &str = "jit-runners:intent";
/// On instances: `owner/name` of the repository whose jobs it was launched for.
pub const REPOSITORY: &str = "jit-runners:repository";
/// On instances: the label set that it was launched for, joined by blanks.
pub const LABELS: &str = "jit-runners:labels";
/// On instances: what people see first in the console.
pub const NAME: &str = "Name";
