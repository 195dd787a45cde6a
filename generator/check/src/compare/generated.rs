//! Names that Terraform makes up where nobody states one: they are compared with nothing.

use crate::graph::{Graph, Kind, Properties, Value};

/// How names begin that the reader put in the place of those that Terraform would make up.
const MADE_UP: &str = "generated-";

/// Whether nobody stated the name.
pub(super) fn is_made_up(name: &str) -> bool {
    name.strip_prefix(MADE_UP).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Where items stand by names that may be made up.
const NAMED: &[(Kind, &str)] =
    &[(Kind::EventRule, "Targets"), (Kind::Role, "Policies"), (Kind::Role, "AttachedPolicies")];

/// Gives items of one and the same resource that have made up names those that equal items have elsewhere; or the only one
/// that is left.
pub(super) fn name_items(graphs: &mut [Graph], nodes: &[Option<usize>]) {
    let nodes: Vec<(usize, usize)> =
        nodes.iter().enumerate().filter_map(|(graph, node)| Some((graph, (*node)?))).collect();
    for (kind, property) in NAMED {
        for (index, (graph, node)) in nodes.iter().enumerate() {
            let of = |(graph, node): (usize, usize)| {
                let node = graphs[graph].resources.get(node).filter(|node| node.kind == *kind)?;
                match &node.properties.get(*property)?.value {
                    Value::Map(items) => Some(items),
                    _ => None,
                }
            };
            let Some(own) = of((*graph, *node)).filter(|own| own.keys().any(|name| is_made_up(name))) else {
                continue;
            };
            let mut others = nodes.iter().enumerate().filter(|(other, _)| *other != index);
            let Some(others) = others.find_map(|(_, other)| of(*other)) else { continue };
            let named = named_like(own, others);
            if let Some(held) = graphs[*graph].resources[*node].properties.get_mut(*property) {
                held.value = Value::Map(named);
            }
        }
    }
}

/// The items of `own`, with the names that they have among `others`.
fn named_like(own: &Properties, others: &Properties) -> Properties {
    let (made_up, mut named): (Properties, Properties) =
        own.clone().into_iter().partition(|(name, _)| is_made_up(name));
    let mut left = Vec::new();
    for (name, held) in made_up {
        let equal = others.iter().find(|(other, item)| !named.contains_key(*other) && **item == held);
        match equal {
            Some((other, _)) => drop(named.insert(other.clone(), held)),
            None => left.push((name, held)),
        }
    }
    let free: Vec<_> = others.keys().filter(|name| !named.contains_key(*name)).collect();
    if let ([only], [(_, held)]) = (free.as_slice(), left.as_slice()) {
        named.insert((*only).clone(), held.clone());
        return named;
    }
    for (mut name, held) in left {
        while named.contains_key(&name) {
            name.push('0');
        }
        named.insert(name, held);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::value::tests::held;

    fn items<const N: usize>(items: [(&str, &str); N]) -> Properties {
        items.map(|(name, item)| (name.to_owned(), held(item))).into()
    }

    #[test]
    fn made_up_names_are_those_of_equal_items() {
        let own = items([("generated-1", "a"), ("generated-2", "b"), ("c", "c")]);
        let others = items([("generated-1", "b"), ("x", "a"), ("c", "d")]);
        assert_eq!(named_like(&own, &others), items([("generated-1", "b"), ("x", "a"), ("c", "c")]));
        assert_eq!(named_like(&items([("generated-1", "a")]), &items([("x", "b")])), items([("x", "a")]));
        assert!(!is_made_up("generated-x"));
    }
}
