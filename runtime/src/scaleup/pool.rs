//! Where a launch may come from, in order.

use std::collections::BTreeSet;

use jit_runners_model::{Label, contract::environment::ScaleUpEnvironment};

use crate::record::{Intent, Market, Pool};

/// After so many launches for one job that came to nothing, the full price is paid at once.
const SPOT_LAUNCHES: u32 = 2;

/// The pools of `intent`, best first: spot over all types and subnets, then on-demand. The first subnet differs from
/// launch to launch, so that one zone is not everybody's first choice.
pub(super) fn pools(settings: &ScaleUpEnvironment, intent: &Intent) -> Vec<Pool> {
    let types = match settings.label_mappings.find(&intent.labels) {
        Some(mapping) => mapping.candidates(),
        None => std::slice::from_ref(&settings.default_instance_type),
    };
    let subnets = settings.subnet_ids.as_slice();
    let turn = intent.id.as_str().bytes().map(usize::from).sum::<usize>() % subnets.len().max(1);
    let turned = || subnets.iter().cycle().skip(turn).take(subnets.len());
    let of = |market| {
        types.iter().flat_map(move |instance_type| {
            turned().map(move |subnet| Pool {
                instance_type: instance_type.clone(),
                subnet: subnet.clone(),
                market,
            })
        })
    };
    if intent.in_vain < SPOT_LAUNCHES {
        of(Market::Spot).chain(of(Market::OnDemand)).collect()
    } else {
        of(Market::OnDemand).chain(of(Market::Spot)).collect()
    }
}

/// The image for `labels`.
pub(super) fn image(settings: &ScaleUpEnvironment, labels: &BTreeSet<Label>) -> String {
    let own = settings.label_mappings.find(labels).and_then(|mapping| mapping.ami.as_ref());
    own.map_or_else(|| settings.default_ami.as_str(), |image| image.as_str()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{intent, labels, scale_up};

    #[test]
    fn spot_comes_first_until_two_launches_were_in_vain() {
        let settings = scale_up();
        let large = Intent { labels: labels("self-hosted large"), ..intent(1, 1) };
        let first = pools(&settings, &large);
        assert_eq!(first.len(), 12, "two types in three subnets, bought in two ways");
        assert!(first[..6].iter().all(|pool| pool.market == Market::Spot));
        let later = pools(&settings, &Intent { in_vain: 2, ..large.clone() });
        assert!(later[..6].iter().all(|pool| pool.market == Market::OnDemand));
        assert_eq!(image(&settings, &large.labels), "ami-0123456789abcdef1");
        assert_eq!(image(&settings, &labels("self-hosted")), "ami-0123456789abcdef0");
    }

    #[test]
    fn launches_begin_in_different_subnets() {
        let settings = scale_up();
        let begins: BTreeSet<_> =
            (1..20).map(|id| pools(&settings, &intent(id, 1))[0].subnet.clone()).collect();
        assert_eq!(begins.len(), 3);
    }
}
