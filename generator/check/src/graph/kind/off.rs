//! Values that switch something off, set no limit, or say *never*.

/// A property that says nothing while it has this value.
#[derive(Debug)]
pub(crate) struct Off {
    /// The property; one inside objects after their names and a dot each.
    pub path: &'static str,
    /// The value.
    pub value: OffValue,
}

/// A value that says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffValue {
    /// This number.
    Number(&'static str),
    /// An object in which this flag is false.
    Flag(&'static str),
    /// An object in which this member is this text.
    Member(&'static str, &'static str),
}
