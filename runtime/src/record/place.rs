//! What GitHub said when runners were registered at one place, a repository or an organization.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{port::RegistrationTarget, time::Time};

/// The time from the first refusal until the next try. It doubles with each further refusal.
const FIRST_REST: Duration = Duration::from_mins(1);
/// The longest time between two tries: somebody may have fixed the cause, and should not have to wait long.
const LONGEST_REST: Duration = Duration::from_mins(15);
/// How long one invocation may take for a try that no other makes at the same time.
const TRY_TIME: Duration = Duration::from_secs(30);
/// How soon a registration that somebody makes proves a place: EC2 takes a second or two for a launch, and GitHub less
/// for a registration.
const PROVEN_WITHIN: Duration = Duration::from_secs(8);
/// For this long after a registration succeeded, the next ones are expected to succeed, too.
const PROVEN_FOR: Duration = Duration::from_hours(24);
/// Label sets of a place that are remembered because they were refused.
const MOST_LABEL_SETS: usize = 50;
/// The status of GitHub's answer if there is a runner of that name.
const NAME_TAKEN: u16 = 409;
/// Characters of GitHub's words that are kept.
const LONGEST_REASON: usize = 300;

/// What GitHub said at one place.
///
/// A refusal that is not a rate limit usually lasts: an organization forbids runners of single repositories, the App
/// lacks a permission, a label does not exist. So it is remembered, and a registration is tried before the next instance
/// is launched.
///
/// ```
/// # use jit_runners_model::contract::message::Repository;
/// use std::time::Duration;
/// use jit_runners_runtime::{port::RegistrationTarget, record::{Concerns, Place}, time::Time};
///
/// let now = Time::from_millis(60_000);
/// let mut place = Place::new(&RegistrationTarget::Repository(Repository::new("octo/cat")?));
/// place.refused(Concerns::Everything, 403, "forbidden by the organization", now);
/// let refusal = place.refusal("any labels").ok_or("no refusal")?;
/// assert_eq!(refusal.again_at, now + Duration::from_mins(1));
/// place.registered("any labels", now + Duration::from_mins(1));
/// assert_eq!(place.refusal("any labels"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The part of its key that stands for it ([`RegistrationTarget::identity`]).
    pub identity: String,
    /// Its name, for people who read the table.
    pub name: String,
    /// When a registration last succeeded. It is stored about once a day.
    pub registered_at: Option<Time>,
    /// When a registration that no instance has was first tried of which something may be left.
    pub tried_at: Option<Time>,
    /// How many registrations have been tried, whatever came of them.
    #[serde(default)]
    tries: u32,
    /// When instances were first launched here lately, although no registration had succeeded.
    launched_at: Option<Time>,
    /// How many have been launched since then.
    launched: u32,
    /// The refusal of every registration.
    everything: Option<StandingRefusal>,
    /// Refusals of single label sets.
    label_sets: BTreeMap<String, StandingRefusal>,
}

/// What a refusal concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concerns<'a> {
    /// Every registration at the place.
    Everything,
    /// Registrations with these labels.
    LabelSet(&'a str),
}

/// Which one of the registrations at a place that are only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TryId {
    /// Its place among all of them.
    number: u32,
    /// Nothing was left of an earlier one.
    is_only: bool,
}

/// A refusal that holds until a registration succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingRefusal {
    /// The HTTP status.
    pub status: u16,
    /// GitHub's words.
    pub reason: String,
    /// When GitHub first refused.
    pub since: Time,
    /// How often it has refused.
    pub times: u32,
    /// When a registration may be tried again.
    pub again_at: Time,
}

impl Place {
    /// A place about which nothing is known.
    pub fn new(target: &RegistrationTarget) -> Self {
        Self {
            identity: target.identity(),
            name: target.name().to_owned(),
            registered_at: None,
            tried_at: None,
            tries: 0,
            launched_at: None,
            launched: 0,
            everything: None,
            label_sets: BTreeMap::new(),
        }
    }

    /// The refusal that stands for runners of `label_set`. Of two, the one that rests longer: so a label set that is refused itself does
    /// not use up the tries of the others.
    pub fn refusal(&self, label_set: &str) -> Option<&StandingRefusal> {
        let of_labels = self.label_sets.get(label_set);
        self.everything.iter().chain(of_labels).max_by_key(|refusal| refusal.again_at)
    }

    /// Whether a registration has succeeded lately.
    pub fn is_proven(&self, now: Time) -> bool {
        self.registered_at.is_some_and(|at| now < at + PROVEN_FOR)
    }

    /// How many instances were launched lately although no registration had succeeded. They may soon prove that one does.
    pub fn launched_unproven(&self, now: Time) -> u32 {
        self.launched_at.filter(|at| now < *at + TRY_TIME).map_or(0, |_| self.launched)
    }

    /// Whether somebody is just making a registration that will prove the place, or show that it is refused: an instance
    /// was launched some moments ago, or a registration is tried.
    pub fn is_about_to_be_proven(&self, now: Time) -> bool {
        [self.launched_at, self.tried_at].into_iter().flatten().any(|at| now < at + PROVEN_WITHIN)
    }

    /// Notes that `count` instances are launched. Only those of a place that is not proven are counted.
    pub fn launch(&mut self, count: u32, now: Time) {
        if self.is_proven(now) {
            return;
        }
        self.launched = self.launched_unproven(now) + count;
        if self.launched == count {
            self.launched_at = Some(now);
        }
    }

    /// GitHub refused.
    pub fn refused(&mut self, concerns: Concerns<'_>, status: u16, reason: &str, now: Time) {
        let before = match concerns {
            Concerns::Everything => self.everything.take(),
            Concerns::LabelSet(label_set) => self.label_sets.remove(label_set),
        };
        if status == NAME_TAKEN {
            // Earlier requests whose answers were lost may have taken the names.
            self.tried_at.get_or_insert(now);
        }
        let (since, times) = before.map_or((now, 0), |before| (before.since, before.times));
        let rest = (FIRST_REST * 2_u32.saturating_pow(times.min(16))).min(LONGEST_REST);
        let reason = reason.chars().take(LONGEST_REASON).collect();
        let refusal =
            StandingRefusal { status, reason, since, times: times.saturating_add(1), again_at: now + rest };
        match concerns {
            Concerns::Everything => self.everything = Some(refusal),
            Concerns::LabelSet(label_set) => {
                if self.label_sets.len() >= MOST_LABEL_SETS {
                    let oldest = self.label_sets.iter().min_by_key(|(_, it)| it.again_at);
                    let oldest = oldest.map(|(label_set, _)| label_set.clone());
                    drop(oldest.and_then(|oldest| self.label_sets.remove(&oldest)));
                }
                self.label_sets.insert(label_set.to_owned(), refusal);
                // This says nothing about others. One of them may try at once.
                if let Some(everything) = &mut self.everything {
                    everything.again_at = everything.again_at.min(now);
                }
            }
        }
    }

    /// A registration of a runner of `label_set` succeeded.
    pub fn registered(&mut self, label_set: &str, now: Time) {
        self.registered_at = Some(now);
        self.everything = None;
        self.label_sets.remove(label_set);
    }

    /// One invocation is about to try a registration. Where one was refused, nobody else tries at the same time.
    pub fn try_registration(&mut self, label_set: &str, now: Time) -> TryId {
        let is_only = self.tried_at.is_none();
        self.tried_at.get_or_insert(now);
        self.tries = self.tries.wrapping_add(1);
        let refusal = self.everything.as_mut().or_else(|| self.label_sets.get_mut(label_set));
        if let Some(refusal) = refusal {
            refusal.again_at = now + TRY_TIME;
        }
        TryId { number: self.tries, is_only }
    }

    /// Nothing is left of `try_id`. Of one that began before or after it, something may be.
    pub fn leaves_nothing(&mut self, try_id: TryId) {
        if try_id.is_only && try_id.number == self.tries {
            self.tried_at = None;
        }
    }

    /// Where it is; `None` if its name is not one.
    pub fn target(&self) -> Option<RegistrationTarget> {
        RegistrationTarget::of_identity(&self.identity, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, minutes, repository, seconds};

    fn place() -> Place {
        Place::new(&RegistrationTarget::Repository(repository()))
    }

    fn rest(place: &Place, now: Time) -> Duration {
        place.refusal("set").unwrap().again_at.since(now)
    }

    #[test]
    fn refusals_are_tried_ever_more_rarely_and_at_least_every_quarter_of_an_hour() {
        let mut place = place();
        let rests: Vec<_> = (0..7)
            .map(|_| {
                place.refused(Concerns::Everything, 403, "no", NOW);
                rest(&place, NOW)
            })
            .collect();
        assert_eq!(rests, [1, 2, 4, 8, 15, 15, 15].map(minutes));
        assert_eq!(place.refusal("set").unwrap().times, 7);
    }

    #[test]
    fn where_names_are_taken_something_may_be_left() {
        let mut place = place();
        place.refused(Concerns::Everything, 403, "no", NOW);
        assert_eq!(place.tried_at, None);
        place.refused(Concerns::Everything, 409, "already exists", NOW);
        assert_eq!(place.tried_at, Some(NOW));
    }

    #[test]
    fn refused_labels_do_not_use_up_the_tries_of_a_place_that_was_refused() {
        let mut place = place();
        place.refused(Concerns::Everything, 403, "no", NOW - minutes(2));
        place.try_registration("set", NOW);
        let again = |place: &Place, label_set| place.refusal(label_set).unwrap().again_at;
        assert!(again(&place, "set") > NOW && again(&place, "other") > NOW, "nobody else tries meanwhile");
        place.refused(Concerns::LabelSet("set"), 422, "no such label", NOW + seconds(1));
        assert_eq!(again(&place, "set"), NOW + seconds(61));
        assert_eq!(again(&place, "other"), NOW + seconds(1), "the others may try at once");
        place.refused(Concerns::Everything, 403, "no", NOW + seconds(2));
        assert_eq!(
            again(&place, "other"),
            NOW + seconds(2) + minutes(2),
            "how often it refused is still known"
        );
    }

    #[test]
    fn a_refusal_of_labels_concerns_no_others() {
        let mut place = place();
        place.refused(Concerns::LabelSet("set"), 422, "no such label", NOW);
        assert!(place.refusal("set").is_some() && place.refusal("other").is_none());
        place.registered("other", NOW);
        assert!(place.refusal("set").is_some(), "another label set says nothing about this one");
        place.registered("set", NOW);
        assert!(place.refusal("set").is_none());
    }

    #[test]
    fn only_one_invocation_tries_at_a_time() {
        let mut place = place();
        place.refused(Concerns::Everything, 404, "no", NOW);
        place.try_registration("set", NOW + minutes(1));
        assert_eq!(rest(&place, NOW), minutes(1) + seconds(30));
        assert_eq!(place.launched_unproven(NOW + minutes(1)), 0, "no instance was launched");
    }

    #[test]
    fn what_a_try_leaves_is_looked_for_until_every_try_has_left_nothing() {
        let mut place = place();
        let first = place.try_registration("set", NOW);
        place.leaves_nothing(first);
        assert_eq!(place.tried_at, None);
        let first = place.try_registration("set", NOW);
        let second = place.try_registration("other", NOW + seconds(1));
        for try_id in [first, second] {
            place.leaves_nothing(try_id);
            assert_eq!(place.tried_at, Some(NOW), "the other one may have left something");
        }
    }

    #[test]
    fn a_success_proves_the_place_for_a_day() {
        let mut place = place();
        assert!(!place.is_proven(NOW));
        place.launch(2, NOW);
        place.launch(1, NOW + seconds(20));
        let lately = [29, 30].map(|after| place.launched_unproven(NOW + seconds(after)));
        assert_eq!(lately, [3, 0]);
        let soon = [7, 8].map(|after| place.is_about_to_be_proven(NOW + seconds(after)));
        assert_eq!(soon, [true, false]);
        place.registered("set", NOW);
        assert!(place.is_proven(NOW + Duration::from_hours(23)));
        assert!(!place.is_proven(NOW + Duration::from_hours(24)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut place = place();
        for number in 0..200_u64 {
            let reason = "long ".repeat(1_000);
            place.refused(
                Concerns::LabelSet(&number.to_string()),
                422,
                &reason,
                NOW + Duration::from_secs(number),
            );
        }
        assert_eq!(place.label_sets.len(), MOST_LABEL_SETS);
        assert!(place.refusal("199").is_some() && place.refusal("0").is_none(), "the oldest are forgotten");
        assert!(serde_json::to_string(&place).unwrap().len() < 32 * 1_024);
    }
}
