//! Compares a Terraform module with a `CloudFormation` template: whether both say the same, and what the model says.
//!
//! ```text
//! files -> located tree -> canonical graph -> rules -> compare -> differences
//! ```
//!
//! It shares the model with the emitters that write the files, and nothing else. Its tables are its own, so that a mistake of
//! an emitter is a difference here.
//!
//! ```
//! use jit_runners_check::{SourceFile, check};
//!
//! let module = SourceFile::new("main.tf", "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n");
//! let template = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: job\n";
//! let report = check(&[module], &SourceFile::new("template.yaml", template), None)?;
//! assert!(!report.is_equivalent());
//! # Ok::<(), jit_runners_check::Unreadable>(())
//! ```

mod check;
mod cloudformation;
mod compare;
mod difference;
mod graph;
mod problem;
mod read;
mod readers;
pub mod report;
mod rules;
mod terraform;

pub use check::{
    IgnoreList, Partial, Report, Subject, Unreadable, Verdict, check, check_among, check_partly, check_plan,
};
pub use difference::{Difference, DifferenceKind, Given, Ignored, LeftOut, Reason, Side, Unknown, Wrong};
pub use read::SourceFile;
pub use readers::{MAX_PLAN_BYTES, ignored};
pub use rules::{defaults, rules};
pub use terraform::{Beside, FileRole, ListBeside, OtherFiles, ReadBeside};
