//! What a module says and the graph does not, with the reason: all that the tables pass over.

use std::collections::BTreeMap;

use super::{
    argument::{Argument, Meaning},
    input, lifecycle, output, provider, service,
};
use crate::terraform;

/// Types that have an argument in common, before it is no longer told for each of them.
const MANY: usize = 5;

/// What is passed over, by what it is called, and why.
pub(crate) fn ignored() -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = Vec::new();
    let settings: [(&str, &[(&str, &'static str)]); 5] = [
        ("", terraform::IGNORED_BLOCKS),
        ("provider.", provider::IGNORED),
        ("variable.", input::IGNORED),
        ("output.", output::IGNORED),
        ("lifecycle.", lifecycle::IGNORED),
    ];
    for (of, settings) in settings {
        all.extend(settings.iter().map(|(name, reason)| (format!("{of}{name}"), *reason)));
    }
    let mut arguments: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
    for of in service::all() {
        collect(of.name, of.arguments, &mut arguments);
    }
    for ((name, reason), types) in arguments {
        if types.len() > MANY {
            all.push((name.to_owned(), reason));
        } else {
            all.extend(types.iter().map(|of| (format!("{of}.{name}"), reason)));
        }
    }
    all
}

fn collect<'t>(
    of: &'t str,
    table: &'static [Argument],
    found: &mut BTreeMap<(&'static str, &'static str), Vec<&'t str>>,
) {
    for argument in table {
        match &argument.meaning {
            Meaning::Ignored(reason) => found.entry((argument.name, reason)).or_default().push(of),
            Meaning::Block(_, table) | Meaning::Blocks(_, table) => collect(of, table, found),
            Meaning::Property(_) | Meaning::Read(_) | Meaning::Provided | Meaning::Outside => {}
        }
    }
}
