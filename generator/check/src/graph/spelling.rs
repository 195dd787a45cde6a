//! Names that were probably meant.

/// Names that are looked through for one that was meant, at most.
const MOST_COMPARED: usize = 1_000;
/// Bytes of a name, at most: a longer one is none that anybody mistyped, and comparing it would take its time.
const MOST_BYTES: usize = 100;
/// Slips of the finger between two names that are almost alike, at most.
const MOST_SLIPS: usize = 2;

/// The one of `known` that is spelled almost like `name`.
pub(crate) fn alike<K: AsRef<str> + Ord>(name: &str, known: impl Iterator<Item = K>) -> Option<K> {
    if name.len() > MOST_BYTES {
        return None;
    }
    known
        .take(MOST_COMPARED)
        // Each slip is worth a letter, so that most names need no comparison.
        .filter(|known| known.as_ref().len().abs_diff(name.len()) <= MOST_SLIPS)
        .map(|known| (strsim::osa_distance(known.as_ref(), name), known))
        .filter(|(slips, _)| *slips <= MOST_SLIPS && slips * 2 < name.len())
        .min()
        .map(|(_, known)| known)
}

/// What a message says about the name that was probably meant.
pub(crate) fn meant<N: std::fmt::Display>(name: Option<N>) -> String {
    name.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(alike(name, ["queue_url", "queue_arn", "name"].into_iter()), expected);
    }

    #[test]
    fn the_nearest_name_was_meant() {
        check("queue_ulr", Some("queue_url"));
        check("queue_an", Some("queue_arn"));
        check("nme", Some("name"));
        check("policy", None);
    }

    #[test]
    fn nobody_meant_a_very_long_name() {
        let long = "x".repeat(101);
        assert_eq!(alike(&long, [long.as_str()].into_iter()), None);
        assert_eq!(alike("x", [long.as_str()].into_iter()), None);
    }
}
