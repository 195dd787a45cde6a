//! API Gateway before the webhook function: how many requests it lets through.

use std::time::Duration;

use jit_runners_model::{choices::Throttling, contract::Handler};
use jit_runners_runtime::{
    budget::{Bucket, BucketLevel},
    time::Time,
    webhook::Request,
};

use crate::{lambda::Work, world::World};

/// The API.
#[derive(Debug)]
pub struct Api {
    throttling: Throttling,
    level: BucketLevel,
    /// Requests that were answered with 429. GitHub notes a failed delivery, and does not send it again.
    pub refused: u64,
}

impl Api {
    /// An API that lets so many requests through.
    pub(crate) fn new(throttling: Throttling) -> Self {
        Self { throttling, level: BucketLevel::default(), refused: 0 }
    }

    /// The whole rate is available to us again.
    pub(crate) fn stop_faults(&mut self) {
        self.throttling = Throttling::default();
    }

    /// Whether a request is let through: a bucket of `burst` tokens that fills at `rate`
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>).
    fn lets_through(&mut self, now: Time) -> bool {
        let Throttling { rate, burst } = self.throttling;
        let bucket = Bucket { capacity: burst, refill: Duration::from_secs(1) / rate.max(1) };
        let mut level = self.level;
        let is_there = bucket.reserve(&mut level, 1, now) <= now;
        if is_there {
            self.level = level;
        } else {
            self.refused += 1;
        }
        is_there
    }
}

impl World {
    /// A request reaches the webhook's address.
    pub(crate) fn receive_request(&mut self, request: Request) {
        if self.api.lets_through(self.now) {
            self.invoke(Handler::Webhook, Work::Webhook(request));
        } else {
            self.tell(|| "the API answers 429");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let mut api = Api::new(Throttling { rate: 10, burst: 3 });
        let at = |millis: u64| Time::from_millis(1_000_000 + millis);
        let let_through =
            |api: &mut Api, millis: u64| (0..20).filter(|_| api.lets_through(at(millis))).count();
        assert_eq!(let_through(&mut api, 0), 3);
        assert_eq!(let_through(&mut api, 99), 0);
        assert_eq!(let_through(&mut api, 100), 1, "a token each tenth of a second");
        assert_eq!(let_through(&mut api, 60_000), 3, "no more than a burst is saved up");
        assert_eq!(api.refused, 80 - 7);
    }
}
