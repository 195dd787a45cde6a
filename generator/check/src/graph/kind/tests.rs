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
fn what_a_constant_names_is_a_property_of_its_kind() {
    for kind in Kind::ALL {
        let facts = kind.facts();
        let in_arn = facts.arn.iter().flat_map(|arn| arn.name).filter_map(|part| part.property());
        let name = facts.name.iter().map(|name| name.property);
        let off = facts.off.iter().filter_map(|off| off.path.split('.').next());
        for property in facts.identity.iter().copied().chain(name).chain(in_arn).chain(off) {
            assert!(facts.fields.iter().any(|field| field.name == property), "{kind:?}.{property}");
        }
    }
}
