//! Messages as Lambda hands them over.

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// SQS's id of it, by which a batch response names it.
    pub id: String,
    /// Its text.
    pub body: String,
}
