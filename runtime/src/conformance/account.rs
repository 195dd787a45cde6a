//! Cases for IAM and CloudFormation: a role that is there is made once more, and a stack says where it stands.

use super::Differences;
use crate::port::{SpotRole, Stacks};

/// Runs every case. `stack` is one that the caller may look at, in `status`; `other` is none.
pub async fn account(
    ports: &(impl SpotRole + Stacks),
    stack: &str,
    status: &str,
    other: &str,
) -> Differences {
    let mut differences = Differences::default();
    for what in ["a role is made", "a role that is there is made again"] {
        let made = ports.make_sure_of_spot_role().await.map_err(|error| error.to_string());
        differences.expect(what, &made, &Ok(()));
    }
    let told = ports.stack_status(stack).await.map_err(|error| error.to_string());
    differences.expect("the status of a stack", &told, &Ok(status.to_owned()));
    let told = ports.stack_status(other).await;
    differences.expect("the status of no stack of ours", &told.is_err(), &true);
    differences
}
