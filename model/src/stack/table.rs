//! The one table, as the contract describes it.

use super::{encryption, named};
use crate::{
    Ref,
    choices::Choices,
    contract::table,
    deployment::{Concern, DeploymentBuilder},
    resource::{AttributeDefinition, AttributeType, GlobalSecondaryIndex, Table},
};

pub(super) fn add(builder: &mut DeploymentBuilder, choices: &Choices) -> Ref<Table> {
    let key = |name, kind| AttributeDefinition { name, kind };
    builder.concern(Concern::State).add(
        "RunnersTable",
        "runners",
        Table {
            table_name: named("-runners"),
            attribute_definitions: vec![
                key(table::LABEL_SET, AttributeType::Text),
                key(table::OPEN_KIND, AttributeType::Text),
                key(table::KEY, AttributeType::Text),
                key(table::SINCE, AttributeType::Number),
            ],
            hash_key: table::KEY,
            global_secondary_indexes: vec![
                GlobalSecondaryIndex {
                    index_name: table::BY_AGE,
                    hash_key: table::OPEN_KIND,
                    range_key: table::SINCE,
                },
                GlobalSecondaryIndex {
                    index_name: table::BY_LABEL_SET,
                    hash_key: table::LABEL_SET,
                    range_key: table::SINCE,
                },
            ],
            time_to_live_attribute: table::TTL,
            point_in_time_recovery: true,
            encryption: encryption(choices),
        },
    )
}
