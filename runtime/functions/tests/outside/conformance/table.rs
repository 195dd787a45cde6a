//! The table.

use anyhow::Result;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use jit_runners_functions::{cloud::Cloud, log::Log, ports::Ports, table::DynamoTable};
use jit_runners_model::contract::{
    Handler,
    table::{BY_AGE, BY_LABEL_SET, KEY, LABEL_SET, OPEN_KIND, SINCE},
};
use jit_runners_runtime::conformance;

use super::emulated::{run, start};

/// The table of the contract. The end-to-end tests use the generated one.
async fn create(client: &Client, name: &str) -> Result<()> {
    let attribute =
        |name: &str, kind| AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build();
    let element = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let index = |name: &str, key: &str| -> Result<GlobalSecondaryIndex> {
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(element(key, KeyType::Hash)?)
            .key_schema(element(SINCE, KeyType::Range)?)
            .projection(Projection::builder().projection_type(ProjectionType::All).build());
        Ok(index.build()?)
    };
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(element(KEY, KeyType::Hash)?)
        .attribute_definitions(attribute(KEY, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(LABEL_SET, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(OPEN_KIND, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(SINCE, ScalarAttributeType::N)?)
        .global_secondary_indexes(index(BY_LABEL_SET, LABEL_SET)?)
        .global_secondary_indexes(index(BY_AGE, OPEN_KIND)?)
        .send()
        .await?;
    Ok(())
}

#[test]
fn the_table_is_one_that_handlers_can_rely_on() -> Result<()> {
    let Some((_emulator, configuration)) = start("conformance of the table")? else { return Ok(()) };
    run(async {
        let client = Cloud::from(configuration).dynamodb();
        create(&client, "conformance").await?;
        let table = DynamoTable::new(client, "conformance");
        let log = Log::new(Handler::Rebalancer, "conformance");
        let ports = Ports { table, compute: (), github: (), jobs: (), events: (), account: (), log };
        assert_eq!(conformance::table(&ports).await.as_slice(), [""; 0]);
        Ok(())
    })
}
