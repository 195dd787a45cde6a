//! What DynamoDB's errors mean for a read and for a write
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>).

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};
use jit_runners_runtime::port::{CommitError, ReadError};

use crate::cloud::{Failure, failure};

/// Another transaction is changing the item.
const CONFLICTS: [&str; 2] = ["ConditionalCheckFailed", "TransactionConflict"];
/// The same, for one item.
const CONFLICT_EXCEPTIONS: [&str; 2] = ["ConditionalCheckFailedException", "TransactionConflictException"];
/// DynamoDB itself failed: it may have written everything or nothing.
const FAILED_INSIDE: [&str; 3] = ["InternalServerError", "InternalFailure", "ServiceUnavailable"];

/// Errors of calls that write.
pub(super) trait Refusal: ProvideErrorMetadata + std::error::Error + 'static {
    /// Why each write of a transaction was refused, if that is what happened.
    fn reasons(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Refusal for aws_sdk_dynamodb::operation::put_item::PutItemError {}

impl Refusal for TransactWriteItemsError {
    fn reasons(&self) -> Vec<String> {
        let Self::TransactionCanceledException(canceled) = self else { return Vec::new() };
        canceled.cancellation_reasons().iter().filter_map(|reason| reason.code.clone()).collect()
    }
}

/// What a failed write means.
pub(super) fn commit_error<E: Refusal>(error: &SdkError<E>) -> CommitError {
    if let Some(refusal) = error.as_service_error() {
        let reasons = refusal.reasons();
        if reasons.iter().any(|reason| CONFLICTS.contains(&reason.as_str())) {
            return CommitError::Conflict;
        }
    }
    match failure(error) {
        Failure::Refused { code, .. } if CONFLICT_EXCEPTIONS.contains(&code.as_str()) => {
            CommitError::Conflict
        }
        Failure::Refused { code, message } if FAILED_INSIDE.contains(&code.as_str()) => {
            CommitError::Unknown(format!("{code}: {message}"))
        }
        Failure::Refused { code, message } => CommitError::Throttled(format!("{code}: {message}")),
        Failure::NotSent(reason) => CommitError::Throttled(reason),
        Failure::NoAnswer(reason) => CommitError::Unknown(reason),
    }
}

/// What a failed read means.
pub(super) fn read_error<E: ProvideErrorMetadata + std::error::Error + 'static>(
    error: &SdkError<E>,
) -> ReadError {
    ReadError::Unavailable(failure(error).to_string())
}

#[cfg(test)]
mod tests {
    use jit_runners_runtime::{
        port::{Table as _, Write},
        record::{Fleet, Lease, Rotation},
        time::Time,
    };

    use super::*;
    use crate::{
        cloud::Cloud,
        scripted::{Service, run},
        table::DynamoTable,
    };

    /// The result of a write with this answer of DynamoDB; with one item, or two.
    fn committed(items: usize, status: u16, body: impl Into<String>) -> Result<(), CommitError> {
        let service = Service::answering(status, body);
        let lease = Lease { name: "x".to_owned(), until: Time::default(), rotation: Rotation::default() };
        let writes =
            [Write::create(Fleet::default()), Write::create(lease)].into_iter().take(items).collect();
        let table = DynamoTable::new(Cloud::from(service.configuration.clone()).dynamodb(), "t");
        let outcome = run(table.commit(writes));
        service.only_request();
        outcome
    }

    fn of(kind: &str) -> String {
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"words"}}"#)
    }

    #[test]
    fn a_condition_that_does_not_hold_is_a_conflict() {
        for kind in ["ConditionalCheckFailedException", "TransactionConflictException"] {
            assert_eq!(committed(1, 400, of(kind)), Err(CommitError::Conflict), "{kind}");
        }
    }

    #[test]
    fn a_transaction_says_by_its_reasons_why_it_was_cancelled() {
        let cancelled = |reasons: &str| {
            let body = format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"m","CancellationReasons":[{reasons}]}}"#
            );
            committed(2, 400, body)
        };
        for reason in ["ConditionalCheckFailed", "TransactionConflict"] {
            let reasons = format!(r#"{{"Code":"None"}},{{"Code":"{reason}","Message":"m"}}"#);
            assert_eq!(cancelled(&reasons), Err(CommitError::Conflict), "{reason}");
        }
        let throttled = cancelled(r#"{"Code":"None"},{"Code":"ThrottlingError","Message":"m"}"#);
        assert!(matches!(throttled, Err(CommitError::Throttled(_))), "{throttled:?}");
    }

    #[test]
    fn a_throttled_write_was_not_made() {
        for kind in ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
        {
            let outcome = committed(1, 400, of(kind));
            assert!(
                matches!(&outcome, Err(CommitError::Throttled(why)) if why.contains(kind)),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn a_write_without_an_answer_that_can_be_read_may_have_been_made() {
        for (status, body) in
            [(500, of("InternalServerError")), (503, String::new()), (200, "no JSON".to_owned())]
        {
            let outcome = committed(1, status, body);
            assert!(matches!(outcome, Err(CommitError::Unknown(_))), "{status}: {outcome:?}");
        }
    }

    #[test]
    fn a_refused_write_says_what_is_missing() {
        let outcome = committed(1, 400, of("AccessDeniedException"));
        assert!(
            matches!(&outcome, Err(CommitError::Throttled(why)) if why.contains("AccessDenied")),
            "{outcome:?}"
        );
    }
}
