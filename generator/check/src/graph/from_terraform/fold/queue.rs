//! `aws_sqs_queue_redrive_policy` and `aws_sqs_queue_redrive_allow_policy`.

use super::{Fold, PartBlock};
use crate::graph::{Address, Kind, Value};

use super::super::{body::says_nothing, problem::TranslationProblem};

/// Puts the properties of the part into its queue.
pub(super) fn fold(fold: &mut Fold<'_>, mut part: PartBlock) {
    let queue = part.properties.remove("Queue");
    let Some(index) = fold.owner(&part, Kind::Queue, "aws_sqs_queue", queue.as_ref()) else { return };
    for (property, held) in std::mem::take(&mut part.properties) {
        let Some(node) = fold.nodes.get_mut(index) else { return };
        let is_said = node.properties.get(&property).is_some_and(|said| !says_nothing(&said.value));
        if is_said {
            let (address, owner) = (Address::clone(&part.address), Address::clone(&node.address));
            let problem = TranslationProblem::SaidTwice { address, owner, property };
            fold.refuse(&part.place, problem);
            continue;
        }
        let held = held.under(part.condition.clone().beyond(&node.condition));
        if held.value != Value::Absent {
            node.properties.insert(property, held);
        }
    }
}
