//! What can be deployed and will probably not do what was meant.

use std::net::Ipv4Addr;

use super::{ChoiceProblem, Choices, RunnerScope, rules::Problems};
use crate::name::Cidr;

impl Choices {
    /// Choices that are valid and suspicious, in the order of the configuration file.
    pub fn advice(&self) -> Vec<ChoiceProblem> {
        let mut advice = Problems::default();
        let runners = &self.runners;
        if runners.group != 1 && runners.scope == RunnerScope::Repository {
            advice.add(
                &["runners", "group"],
                format!(
                    "runner groups belong to organizations: with `scope: repository`, group {} is not used; \
                     set `scope: organization`, or remove `group`",
                    runners.group
                ),
            );
        }
        let is_public = self.github_api_url.is_public();
        if is_public && !runners.egress.iter().any(|rule| rule.is_https() && reaches_public(&rule.cidr)) {
            advice.add(
                &["runners", "egress"],
                format!(
                    "no rule for tcp 443 leads to public IPv4 addresses, where `{}` and what runners download are",
                    self.github_api_url
                ),
            );
        }
        if !is_public {
            let port = self.github_api_url.port();
            if !runners.egress.iter().any(|rule| rule.is_tcp(port)) {
                advice.add(
                    &["runners", "egress"],
                    format!("no rule for tcp {port}, where `{}` is; add one", self.github_api_url),
                );
            }
        }
        advice.0
    }
}

/// Whether there are public IPv4 addresses in the range. GitHub has no others
/// (<https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-githubs-ip-addresses>).
fn reaches_public(range: &Cidr) -> bool {
    let Some((address, bits)) = range.as_str().split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<Ipv4Addr>(), bits.parse::<u32>()) else { return false };
    // The ranges of RFC 1918 and the one that carriers share. One that holds more than they do is public in part.
    let private = [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([100, 64, 0, 0], 10)];
    !private.into_iter().any(|(network, mask)| {
        let mask_bits = u32::MAX << (32 - mask);
        bits >= mask && address.to_bits() & mask_bits == Ipv4Addr::from(network).to_bits()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        choices::{EgressRule, Protocol},
        name::{ApiUrl, RuleDescription},
    };

    fn told(change: impl FnOnce(&mut Choices)) -> Vec<String> {
        let mut choices = Choices::default();
        change(&mut choices);
        assert_eq!(choices.problems(), []);
        choices.advice().into_iter().map(|advice| advice.path.join(".")).collect()
    }

    fn only_to(choices: &mut Choices, cidr: &str) {
        choices.runners.egress = vec![EgressRule {
            protocol: Protocol::Tcp,
            port: 443,
            cidr: Cidr::new(cidr).unwrap(),
            description: RuleDescription::new("HTTPS").unwrap(),
        }];
    }

    #[test]
    fn the_defaults_need_none() {
        assert_eq!(told(|_| {}), [""; 0]);
    }

    #[test]
    fn a_group_is_an_organizations() {
        assert_eq!(told(|choices| choices.runners.group = 7), ["runners.group"]);
        let in_organization = |choices: &mut Choices| {
            choices.runners.group = 7;
            choices.runners.scope = RunnerScope::Organization;
        };
        assert_eq!(told(in_organization), [""; 0]);
    }

    #[test]
    fn a_server_may_be_at_another_port() {
        let at = |port: &str| {
            let api = ApiUrl::new(format!("https://github.example.com{port}/api/v3")).unwrap();
            told(|choices| choices.github_api_url = api)
        };
        assert_eq!((at(""), at(":443")), (Vec::new(), Vec::new()));
        assert_eq!(at(":8443"), ["runners.egress"]);
    }

    #[test]
    fn github_has_public_addresses() {
        for cidr in ["10.0.0.0/8", "10.1.0.0/16", "172.16.0.0/12", "192.168.7.0/24", "100.64.0.0/10", "::/0"]
        {
            assert_eq!(told(|choices| only_to(choices, cidr)), ["runners.egress"], "{cidr}");
            // A server of one's own may be there.
            let own = |choices: &mut Choices| {
                only_to(choices, cidr);
                choices.github_api_url = ApiUrl::new("https://github.example.com/api/v3").unwrap();
            };
            assert_eq!(told(own), [""; 0], "{cidr}");
        }
        for cidr in ["0.0.0.0/0", "140.82.112.0/20", "10.0.0.0/7", "172.0.0.0/8"] {
            assert_eq!(told(|choices| only_to(choices, cidr)), [""; 0], "{cidr}");
        }
    }
}
