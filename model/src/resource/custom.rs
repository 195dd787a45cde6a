//! `AWS::CloudFormation::CustomResource`: what a function of the deployment makes, and takes away again.

use super::{Describe, FieldValue, Fields, Function};
use crate::{
    reference::{AnyRef, Ref},
    unit::Seconds,
    value::Text,
};

/// Calls a function when it is created, when what it hands over changes, and when it is deleted; each call has to succeed
/// before anything goes on
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html>).
///
/// In `CloudFormation` it is a custom resource, in Terraform an `aws_lambda_invocation` with the lifecycle scope `CRUD`.
/// Neither has anything that would replace it: a replacement deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomResource {
    /// What `CloudFormation` calls its type after `Custom::`, in the events of a stack.
    pub type_name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The function. Its name stays the same as long as the deployment does.
    pub function: Ref<Function>,
    /// How long `CloudFormation` waits for the function's answer: 1 s to 1 hour. Terraform waits for the function itself.
    pub service_timeout: Seconds,
    /// What the function is handed, by name. When one of these changes, it is called to update.
    pub properties: Vec<(&'static str, Text)>,
    /// What has to be there whenever the function is called, besides what the function itself refers to: it is made
    /// before this resource, and deleted after it.
    pub depends_on: Vec<AnyRef>,
}

impl Describe for CustomResource {
    const IS_TAGGED: bool = false;

    fn physical_name(&self) -> Option<(&Text, usize)> {
        None
    }

    fn purpose(&self) -> &'static str {
        self.description
    }

    fn fields(&self) -> Fields<'_> {
        let Self { type_name, description, function, service_timeout, properties, depends_on } = self;
        let depends_on = depends_on.iter().map(|link| FieldValue::Link(link.id()));
        vec![
            ("type_name", (*type_name).into()),
            ("description", (*description).into()),
            ("function", function.into()),
            ("service_timeout_seconds", service_timeout.get().into()),
            ("properties", FieldValue::pairs(properties)),
            ("depends_on", FieldValue::List(depends_on.collect())),
        ]
    }
}
