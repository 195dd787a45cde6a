//! `aws_sqs_queue_redrive_policy` and `aws_sqs_queue_redrive_allow_policy`.

use super::{CompanionBlock, Merger};
use crate::graph::{Address, Kind, Value};

use super::super::{body::says_nothing, problem::TranslationProblem};

/// Puts the properties of the companion into its queue.
pub(super) fn merge(merger: &mut Merger<'_>, mut companion: CompanionBlock) {
    let queue = companion.properties.remove("Queue");
    let Some(index) = merger.owner(&companion, Kind::Queue, "aws_sqs_queue", queue.as_ref()) else { return };
    for (property, held) in std::mem::take(&mut companion.properties) {
        let Some(node) = merger.nodes.get_mut(index) else { return };
        let is_said = node.properties.get(&property).is_some_and(|said| !says_nothing(&said.value));
        if is_said {
            let (address, owner) = (Address::clone(&companion.address), Address::clone(&node.address));
            let problem = TranslationProblem::SaidTwice { address, owner, property };
            merger.refuse(&companion.place, problem);
            continue;
        }
        let held = held.under(companion.condition.clone().beyond(&node.condition));
        if held.value != Value::Absent {
            node.properties.insert(property, held);
        }
    }
}
