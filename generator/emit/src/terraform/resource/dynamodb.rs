//! `aws_dynamodb_table`.

use jit_runners_model::resource::{
    Attribute, AttributeDefinition, Encryption, GlobalSecondaryIndex, ResourceId, Table,
};

use super::{Emit, Emitted, Mocked};
use crate::terraform::{
    tree::{Contents, block},
    value::text,
};

impl Emit for Table {
    const TYPE: &'static str = "aws_dynamodb_table";
    const NAME_IS_RELIED_ON: bool = true;
    const MOCKED: Mocked = &[(Attribute::Arn, "arn:aws:dynamodb:us-east-1:123456789012:table/mock")];

    fn emit(&self, _: ResourceId) -> Emitted {
        let Self {
            table_name,
            attribute_definitions,
            hash_key,
            global_secondary_indexes,
            time_to_live_attribute,
            point_in_time_recovery,
            encryption,
        } = self;
        let contents = Contents::new()
            .set("name", text(table_name))
            .set_literal("billing_mode", "PAY_PER_REQUEST")
            .set_literal("hash_key", hash_key)
            .blocks(attribute_definitions.iter().map(|AttributeDefinition { name, kind }| {
                let definition = Contents::new().set_literal("name", name).set_literal("type", kind.as_str());
                block("attribute", &[], definition)
            }))
            .blocks(global_secondary_indexes.iter().map(|index| {
                let GlobalSecondaryIndex { index_name, hash_key, range_key } = index;
                let index = Contents::new()
                    .set_literal("name", index_name)
                    .set_literal("hash_key", hash_key)
                    .set_literal("range_key", range_key)
                    .set_literal("projection_type", "ALL");
                block("global_secondary_index", &[], index)
            }))
            .block(
                "ttl",
                Contents::new().set_literal("attribute_name", time_to_live_attribute).set("enabled", true),
            )
            .block("point_in_time_recovery", Contents::new().set("enabled", *point_in_time_recovery));
        match encryption {
            // DynamoDB encrypts with its own key unless told otherwise.
            Encryption::ServiceOwned => contents,
            Encryption::CustomerManaged(key) => contents.block(
                "server_side_encryption",
                Contents::new().set("enabled", true).set("kms_key_arn", text(key)),
            ),
        }
        .into()
    }
}
