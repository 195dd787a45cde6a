use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    record::Market::{OnDemand, Spot},
    sample::{NOW, instance_id, intent, pool, seconds},
};

/// Two subnets, spot first.
fn four() -> Pools {
    Pools::open(vec![pool(0, Spot), pool(1, Spot), pool(0, OnDemand), pool(1, OnDemand)])
}

fn later() -> Time {
    NOW + seconds(3)
}

fn instances(count: u64) -> Vec<InstanceId> {
    (0..count).map(instance_id).collect()
}

#[test]
fn a_call_that_fills_all_slots_ends_the_launch() {
    let (next, given) = after(intent(1, 2), Step::Filled(instances(2)), &four(), later());
    assert_eq!((next.call, next.unfilled, next.launched), (None, 0, instances(2)));
    assert_eq!(given, Given::default());
}

#[test]
fn what_a_pool_cannot_fill_is_asked_of_the_next_one() {
    let (next, given) = after(intent(1, 3), Step::Filled(instances(1)), &four(), later());
    let call = next.call.clone().unwrap();
    assert_eq!((call.pool.clone(), call.count, call.attempt), (pool(1, Spot), 2, 2));
    assert_eq!((next.tried, next.unfilled, next.called_at), (1, 2, later()));
    assert_eq!(given, Given::default());
    assert_eq!(next.token(&call), format!("{}-2", next.id), "a token of its own");
}

#[test]
fn without_spot_at_all_the_other_market_is_tried() {
    let (next, _) = after(intent(1, 1), Step::NextMarket, &four(), later());
    assert_eq!((next.tried, next.call.unwrap().pool), (2, pool(0, OnDemand)));
    let only_spot = Pools::open(vec![pool(0, Spot), pool(1, Spot)]);
    let (next, given) = after(intent(1, 1), Step::NextMarket, &only_spot, later());
    assert_eq!((next.call, given), (None, Given { back: 1, missing: 1 }), "there is no other one");
}

#[test]
fn a_pool_that_rests_is_passed_over() {
    let (next, _) = after(intent(1, 1), Step::NextPool, &four().without(1), later());
    assert_eq!((next.tried, next.call.unwrap().pool), (2, pool(0, OnDemand)));
    let (next, _) = after(intent(1, 1), Step::NextMarket, &four().without(2), later());
    assert_eq!((next.tried, next.call.unwrap().pool), (3, pool(1, OnDemand)));
    let last = four().without(1).without(2).without(3);
    let (next, given) = after(intent(1, 1), Step::NextPool, &last, later());
    assert_eq!((next.call, given), (None, Given { back: 1, missing: 1 }), "no other may be asked");
}

#[test]
fn a_used_up_token_is_replaced_for_the_same_pool() {
    let (next, _) = after(intent(1, 1), Step::NewToken, &four(), later());
    let call = next.call.unwrap();
    assert_eq!((next.tried, call.pool, call.attempt), (0, pool(0, Spot), 2));
}

#[test]
fn slots_that_nobody_can_fill_are_given_back() {
    let last = Intent { tried: 3, ..intent(1, 2) };
    for (intent, step) in [(last, Step::NextPool), (intent(1, 2), Step::GiveUp)] {
        let (next, given) = after(intent, step, &four(), later());
        assert_eq!((next.call, next.unfilled), (None, 0));
        assert_eq!(given, Given { back: 2, missing: 2 });
    }
}

#[test]
fn a_doubtful_call_keeps_its_slots_until_scale_down_has_looked() {
    let (next, given) = after(intent(1, 2), Step::Doubtful, &four(), later());
    assert_eq!((next.state, next.since, next.unfilled), (IntentState::Abandoned, later(), 2));
    assert_eq!((next.call, given), (None, Given { back: 0, missing: 2 }));
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..4).prop_map(|count| Step::Filled(instances(count))),
        Just(Step::NextPool),
        Just(Step::NextMarket),
        Just(Step::NewToken),
        Just(Step::GiveUp),
        Just(Step::Doubtful),
    ]
}

proptest! {
    #[test]
    fn no_slot_is_lost_and_no_token_is_used_for_two_calls(slots in 1_u32..6, steps in vec(any_step(), 1..12)) {
        let mut intent = intent(1, slots);
        let (mut back, mut made, mut tokens) = (0, 0, BTreeMap::new());
        for step in steps {
            let Some(call) = intent.call.clone() else { break };
            prop_assert_eq!(call.count, intent.unfilled);
            let earlier = tokens.insert(intent.token(&call), call.clone());
            prop_assert!(earlier.is_none(), "{:?} has the token of {:?}", call, earlier);
            // EC2 never launches more than it was asked for.
            let step = match step {
                Step::Filled(mut instances) => {
                    instances.truncate(call.count as usize);
                    made += number(instances.len());
                    Step::Filled(instances)
                }
                other => other,
            };
            let (next, given) = after(intent, step, &four(), later());
            back += given.back;
            prop_assert_eq!(next.unfilled + made + back, slots);
            prop_assert!(next.call.is_some() || next.unfilled == 0 || next.state == IntentState::Abandoned);
            intent = next;
        }
    }
}
