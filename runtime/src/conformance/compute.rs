//! Cases for EC2: what `RunInstances` guarantees about tokens and counts, and what terminating an instance means
//! (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>).

use std::{fmt::Debug, time::Duration};

use jit_runners_model::{
    InstanceType, Label,
    contract::{message::Repository, runner_release::RunnerRelease},
};

use super::Differences;
use crate::{
    port::{
        Clock, ComputeError, EndInstances, Launch, LaunchInstances, ListInstances, LookAtImages,
        LookAtInstances,
    },
    record::{InstanceId, IntentId, Market, Pool},
    retry::{InstanceClass, instance_class, is_image_missing},
};

/// How long EC2 may take to show a new instance.
const SHOWN_WITHIN: Duration = Duration::from_secs(10);
/// How long an instance may take to shut down.
const UNTIL_TERMINATED: Duration = Duration::from_mins(2);
/// An image that exists nowhere.
pub const NOBODYS_IMAGE: &str = "ami-0ffffffffffffffff";
/// An instance that nobody has.
const UNKNOWN: &str = "i-0fffffffffffffff0";
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs every case. There are no instances before.
pub async fn compute(
    ports: &(impl LaunchInstances + LookAtImages + ListInstances + LookAtInstances + EndInstances + Clock),
) -> Differences {
    let mut differences = Differences::default();
    let Some(launch) = launch() else {
        differences.expect("the sample's names are valid", &false, &true);
        return differences;
    };
    let image = ports.image(&launch.image).await.map(|image| image.fits(&launch.pool.instance_type));
    differences.expect("an image that is there says for which machines it is", &image, &Ok(true));
    let missing = ports.image(NOBODYS_IMAGE).await;
    let is_missing = missing.as_ref().err().is_some_and(is_image_missing);
    differences.expect("an image that is not there is missing", &is_missing, &true);
    let first = launched(ports, &launch, "a launch", &mut differences).await;
    differences.expect("a launch of two has two instances", &first.len(), &2);
    let again = launched(ports, &launch, "the same launch again", &mut differences).await;
    differences.expect(
        "the same token and values have the same instances",
        &sorted(again),
        &sorted(first.clone()),
    );
    let other = Launch { count: 1, ..launch.clone() };
    let code = refused(ports.run_instances(&other).await);
    differences.expect("one token with other values", &code, &"IdempotentParameterMismatch".to_owned());
    let second = Launch { token: "conformance-2".to_owned(), count: 1, ..launch.clone() };
    let second = launched(ports, &second, "a second launch", &mut differences).await;
    differences.expect(
        "another token has other instances",
        &second.iter().any(|id| first.contains(id)),
        &false,
    );

    let all: Vec<_> = first.iter().chain(&second).cloned().collect();
    let mut shown = Vec::new();
    let until = ports.now() + SHOWN_WITHIN;
    while shown.len() < all.len() && ports.now() < until {
        ports.sleep_until(ports.now() + PAUSE).await;
        shown = ports.instances().await.unwrap_or_default();
    }
    let ids = shown.iter().map(|instance| instance.id.clone()).collect();
    differences.expect("every instance is shown", &sorted(ids), &sorted(all.clone()));
    for instance in &shown {
        differences.expect("an instance that was launched is not ending", &instance.state.is_live(), &true);
        differences.expect("its tag names the launch", &instance.intent, &Some(launch.intent.clone()));
        let recent = ports.now().since(instance.launched_at) < Duration::from_mins(5);
        differences.expect("it was launched now", &recent, &true);
    }

    let unknown = InstanceId::new(UNKNOWN);
    let with_unknown: Vec<_> = second.iter().cloned().chain([unknown]).collect();
    let class = ports.terminate(&with_unknown).await.as_ref().err().map(instance_class);
    differences.expect("ending one that is not there", &class, &Some(InstanceClass::NotFound));
    let live = is_live(ports, &second).await;
    differences.expect("then none of the others is ended either", &live, &true);
    let ended = ports.terminate(&all).await.map_err(|error| error.to_string());
    differences.expect("instances are ended", &ended, &Ok(()));
    let ended = ports.terminate(&all).await.map_err(|error| error.to_string());
    differences.expect("instances that end are ended again", &ended, &Ok(()));
    differences.expect("none of them lives", &is_live(ports, &all).await, &false);
    let asked = [first.clone(), vec![InstanceId::new(UNKNOWN)]].concat();
    let looked = ports.look_at(&asked).await.unwrap_or_default();
    differences.expect("of single ones, those that are known are shown", &looked.len(), &first.len());
    for instance in &looked {
        let code = instance.ended.as_ref().map(|reason| reason.code.as_str());
        differences.expect("one that was ended says why", &code, &Some("Client.UserInitiatedShutdown"));
    }
    let mut code = refused(ports.run_instances(&launch).await);
    let until = ports.now() + UNTIL_TERMINATED;
    while code.starts_with("Ok") && ports.now() < until {
        ports.sleep_until(ports.now() + PAUSE).await;
        code = refused(ports.run_instances(&launch).await);
    }
    differences.expect("the token of ended instances", &code, &"IdempotentInstanceTerminated".to_owned());
    differences
}

fn launch() -> Option<Launch> {
    Some(Launch {
        token: "conformance-1".to_owned(),
        pool: Pool {
            instance_type: InstanceType::new("c5.large").ok()?,
            subnet: "subnet-0a".to_owned(),
            market: Market::Spot,
        },
        image: "ami-0a".to_owned(),
        release: RunnerRelease::newest_shipped(),
        count: 2,
        intent: IntentId::from("conformance".to_owned()),
        repository: Repository::new("octo-org/cat.food").ok()?,
        labels: ["linux", "self-hosted"].map(Label::new).into_iter().collect::<Result<_, _>>().ok()?,
    })
}

async fn launched(
    ports: &impl LaunchInstances,
    launch: &Launch,
    what: &str,
    differences: &mut Differences,
) -> Vec<InstanceId> {
    ports.run_instances(launch).await.unwrap_or_else(|error| {
        differences.expect(what, &error.to_string(), &"instances".to_owned());
        Vec::new()
    })
}

async fn is_live(ports: &impl ListInstances, instances: &[InstanceId]) -> bool {
    let shown = ports.instances().await.unwrap_or_default();
    let mut live = shown.iter().filter(|instance| instance.state.is_live());
    live.any(|instance| instances.contains(&instance.id))
}

fn refused<T: Debug>(result: Result<T, ComputeError>) -> String {
    match result {
        Err(ComputeError::Refused { code, .. }) => code,
        other => format!("{other:?}"),
    }
}

fn sorted(mut instances: Vec<InstanceId>) -> Vec<InstanceId> {
    instances.sort();
    instances
}
