//! What the constants must agree on.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_kind_has_a_type_of_its_own() {
    let types: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.facts().cloudformation_type).collect();
    assert_eq!(types.len(), Kind::ALL.len());
    assert!(types.iter().all(|name| name.starts_with("AWS::")), "{types:?}");
}

#[test]
fn what_tells_a_resource_from_others_is_a_property() {
    for kind in Kind::ALL {
        let facts = kind.facts();
        for property in facts.identity {
            assert!(facts.fields.iter().any(|field| field.name == *property), "{kind:?}.{property}");
        }
    }
}
