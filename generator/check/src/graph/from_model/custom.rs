//! `AWS::CloudFormation::CustomResource`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>).

use jit_runners_model::resource::CustomResource;

use super::converter::{Converter, entries};
use crate::graph::{Properties, ResourceAttribute, Symbol, SymbolicText};

impl Converter {
    pub(super) fn custom_resource(&self, custom: &CustomResource) -> Properties {
        let CustomResource { type_name, description: _, function, service_timeout, properties, depends_on } =
            custom;
        let handed = properties.iter().map(|(name, value)| ((*name).to_owned(), self.text(value)));
        let waits_for = depends_on.iter().map(|link| {
            self.held(SymbolicText::from(Symbol::attribute(link.id().logical_id, ResourceAttribute::Id)))
        });
        entries([
            ("Type", self.held(format!("Custom::{type_name}").as_str())),
            ("ServiceToken", self.attribute(function, ResourceAttribute::Arn)),
            ("ServiceTimeout", self.held(service_timeout.get())),
            ("ResourceProperties", self.held(handed.collect::<Properties>())),
            ("LifecycleScope", self.held("CRUD")),
            // Where the function looks for what Terraform does, as the provider has it when nobody says.
            ("TerraformKey", self.held("tf")),
            ("DependsOn", self.list(waits_for)),
        ])
    }
}
