//! Numbers for what happens, so that two runs can be compared.

use crate::{ec2::Ec2Event, github::GithubEvent};

/// A number for what GitHub did.
pub(crate) fn github_mark(event: &GithubEvent) -> u64 {
    match event {
        GithubEvent::Webhook { body, .. } => u64::try_from(body.len()).unwrap_or(u64::MAX),
        GithubEvent::JobStarted { runner_id, .. } => *runner_id << 2,
        GithubEvent::JobEnded { runner_id, .. } => (*runner_id << 2) | 1,
        GithubEvent::Dropped { runner_id } => (*runner_id << 2) | 2,
        GithubEvent::Ghosted { runner_id } => (*runner_id << 2) | 3,
    }
}

/// A number for what happened to an instance.
pub(crate) fn ec2_mark(event: &Ec2Event) -> u64 {
    let (kind, text) = match event {
        Ec2Event::Booted { instance } => (0, instance.as_str()),
        Ec2Event::Interrupting { instance } => (1, instance.as_str()),
        Ec2Event::Ended { instance, cause } => (2 + *cause as u64, instance.as_str()),
        Ec2Event::Notice { body } => (8, body.as_str()),
    };
    text.bytes().rev().take(16).fold(kind, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}
