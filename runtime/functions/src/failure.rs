//! What went wrong with a call of AWS, for those who must know whether it may have been carried out.

use std::{error::Error, fmt};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The service refused it, or failed inside and said so.
    Refused {
        /// The service's code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It did not leave: nothing was done.
    NotSent(String),
    /// It left, and no answer came that can be read: it was done, or not.
    NoAnswer(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, message } => write!(f, "{code}: {message}"),
            Self::NotSent(reason) => write!(f, "the request was not sent: {reason}"),
            Self::NoAnswer(reason) => write!(f, "no answer: {reason}"),
        }
    }
}

/// What `error` says.
pub fn failure<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Failure {
    match error {
        SdkError::ServiceError(refused) => {
            let (refusal, status) = (refused.err(), refused.raw().status().as_u16());
            match refusal.code() {
                Some(code) => Failure::Refused {
                    code: code.to_owned(),
                    message: refusal.message().unwrap_or_default().to_owned(),
                },
                None => Failure::NoAnswer(format!("status {status} without an error code")),
            }
        }
        SdkError::ConstructionFailure(_) => Failure::NotSent(words(error)),
        SdkError::DispatchFailure(failed) => {
            // A connection that was never made carried nothing.
            let unsent = failed.as_connector_error().is_some_and(|it| it.is_user() || is_refused(it));
            if unsent { Failure::NotSent(words(error)) } else { Failure::NoAnswer(words(error)) }
        }
        _ => Failure::NoAnswer(words(error)),
    }
}

/// Whether nobody listened at the other end.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return error.kind() == std::io::ErrorKind::ConnectionRefused;
        }
        cause = error.source();
    }
    false
}

/// An error with its causes, in one line.
fn words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
