//! Custom resources: invocations that Terraform makes whenever it creates, updates or deletes them
//! (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/lambda_invocation.html.markdown>).

use jit_runners_model::resource::CustomResource;

use super::{Emitted, dependency};
use crate::terraform::{
    tree::{Contents, object},
    value::{expression, jsonencode, text},
};

pub(super) fn custom_resource(custom: &CustomResource) -> Emitted {
    let CustomResource {
        // Terraform has its label.
        type_name: _,
        description: _,
        function,
        // It waits for as long as the function runs.
        service_timeout: _,
        properties,
        depends_on,
    } = custom;
    let input = object(properties.iter().map(|(name, value)| (*name, text(value))));
    // The function's name is known before anything is made, even where the function is replaced: its ARN is not, and an
    // unknown one would replace the invocation. Without `triggers`, for the same reason.
    let contents = Contents::new()
        .set("function_name", expression(&function.name()))
        .set_literal("lifecycle_scope", "CRUD")
        .set("input", jsonencode(input));
    Emitted { depends_on: depends_on.iter().map(dependency).collect(), ..contents.into() }
}
