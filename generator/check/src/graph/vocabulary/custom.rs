//! `AWS::CloudFormation::CustomResource`.

use super::{Field, Shape, field, number, text, texts};

pub(super) const CUSTOM_RESOURCE: &[Field] = &[
    // `Custom::` and what somebody chose: what it is called in the events of a stack.
    text("Type"),
    text("ServiceToken"),
    number("ServiceTimeout"),
    // What the function is handed under this name: every property but the two above.
    field("ResourceProperties", Shape::Document(&Shape::MapOf(&Shape::Json))),
    // When the function is called, which only Terraform's users choose, and in which words it is told why.
    text("LifecycleScope"),
    text("TerraformKey"),
    text("Qualifier"),
    // What has Terraform replace it, which is a call to delete.
    field("Triggers", Shape::MapOf(&Shape::Text)),
    texts("ReplaceTriggeredBy"),
    texts("DependsOn"),
    text("DeletionPolicy"),
];
