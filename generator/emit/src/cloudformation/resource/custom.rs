//! Custom resources
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>).

use jit_runners_model::resource::CustomResource;

use crate::cloudformation::tree::{Map, Value};

pub(super) fn custom_resource(custom: &CustomResource) -> Map {
    let CustomResource {
        // Part of its type.
        type_name: _,
        description: _,
        function,
        service_timeout,
        properties,
        // Beside its properties.
        depends_on: _,
    } = custom;
    let own = Map::new().with("ServiceToken", function.arn()).with("ServiceTimeout", service_timeout.get());
    own.join(properties.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value))).collect())
}
