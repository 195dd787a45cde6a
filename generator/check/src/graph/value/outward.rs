//! Moves choices outwards: a function of values that depend on conditions is evaluated once for each way in which the
//! conditions can turn out, so that inside each branch all is known.

use std::collections::BTreeSet;

use super::{Choice, Condition, Held, Value};
use crate::read::Place;

/// How far into a value choices are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The value itself.
    Surface,
    /// The value, the items of lists in it, and what is inside other choices.
    Items,
}

/// Evaluates functions of choices within its own limits.
pub(crate) trait Branches: Sized {
    /// Why something was not evaluated.
    type Refused;

    /// How far into a value choices are looked for.
    const REACH: Reach;

    /// Whether the second branch is evaluated, and complained about, where the first one was refused.
    const BOTH: bool;

    /// The condition that is decided first; nothing, where there is none left.
    fn first_condition(&mut self, values: &[Held], place: &Place)
    -> Result<Option<Condition>, Self::Refused>;

    /// Pays for a copy of `values`.
    fn pay_for(&mut self, values: &[Held], place: &Place) -> Result<(), Self::Refused>;

    /// Evaluates the branches of one condition.
    fn deeper<T>(
        &mut self,
        _place: &Place,
        evaluate: impl FnOnce(&mut Self) -> Result<T, Self::Refused>,
    ) -> Result<T, Self::Refused> {
        evaluate(self)
    }
}

/// What a function of values gives.
pub(crate) type Function<'f, B> =
    &'f mut dyn FnMut(&mut B, Vec<Held>) -> Result<Held, <B as Branches>::Refused>;

/// What `function` gives for `values`, once for each way in which the conditions in them can turn out.
pub(crate) fn for_each_branch<B: Branches>(
    evaluator: &mut B,
    values: Vec<Held>,
    place: &Place,
    function: Function<'_, B>,
) -> Result<Held, B::Refused> {
    let Some(condition) = evaluator.first_condition(&values, place)? else {
        return function(evaluator, values);
    };
    let decided = |holds| values.iter().map(|held| assuming(held, &condition, holds, B::REACH)).collect();
    let (then, otherwise): (Vec<_>, Vec<_>) = (decided(true), decided(false));
    evaluator.pay_for(&then, place)?;
    evaluator.deeper(place, |evaluator| {
        let then = for_each_branch(evaluator, then, place, function);
        if then.is_err() && !B::BOTH {
            return then;
        }
        let otherwise = for_each_branch(evaluator, otherwise, place, function);
        Ok(Held::new(Value::choice(condition.clone(), then?, otherwise?), place.clone()))
    })
}

/// The condition of the first of `values` that is a choice.
pub(crate) fn condition_of_first(values: &[Held]) -> Option<Condition> {
    values.iter().find_map(|held| match &held.value {
        Value::Choice(choice) => Some(choice.condition.clone()),
        _ => None,
    })
}

/// The conditions on which `values`, the items of lists in them, and what is inside other choices, depend.
pub(crate) fn conditions_of_all(values: &[Held]) -> BTreeSet<&Condition> {
    let mut conditions = BTreeSet::new();
    for held in values {
        collect(held, &mut conditions);
    }
    conditions
}

fn collect<'h>(held: &'h Held, conditions: &mut BTreeSet<&'h Condition>) {
    match &held.value {
        Value::Choice(choice) => {
            conditions.insert(&choice.condition);
            collect(&choice.then, conditions);
            collect(&choice.otherwise, conditions);
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, conditions)),
        _ => {}
    }
}

/// `held`, where it is known whether `condition` `holds`.
fn assuming(held: &Held, condition: &Condition, holds: bool, reach: Reach) -> Held {
    let value = match &held.value {
        Value::Choice(choice) if choice.condition == *condition => {
            let side = if holds { &choice.then } else { &choice.otherwise };
            return assuming(side, condition, holds, reach);
        }
        Value::Choice(choice) if reach == Reach::Items => {
            let Choice { condition: other, then, otherwise } = choice.as_ref();
            let side = |held| assuming(held, condition, holds, reach);
            Value::choice(other.clone(), side(then), side(otherwise))
        }
        Value::List(items) if reach == Reach::Items => {
            Value::List(items.iter().map(|item| assuming(item, condition, holds, reach)).collect())
        }
        _ => return held.clone(),
    };
    Held { value, place: held.place.clone(), rule: held.rule }
}

impl Choice {
    /// The choice between what `change` makes of both sides.
    pub(crate) fn map(self, mut change: impl FnMut(Held) -> Held) -> Value {
        let Self { condition, then, otherwise } = self;
        let (then, otherwise) = (change(then), change(otherwise));
        Value::choice(condition, then, otherwise)
    }

    /// The same, where a side of which nothing is left says nothing.
    pub(crate) fn filter_map(self, mut change: impl FnMut(Held) -> Option<Held>) -> Value {
        self.map(|held| {
            let place = held.place.clone();
            change(held).unwrap_or(Held::new(Value::Absent, place))
        })
    }
}

impl Held {
    /// The value if `condition` holds, else nothing.
    pub(crate) fn under(self, condition: Condition) -> Self {
        let (place, rule) = (self.place.clone(), self.rule);
        let nothing = Self::new(Value::Absent, place.clone());
        Self { value: Value::choice(condition, self, nothing), place, rule }
    }

    /// The items of a list or a set, each with the condition under which it is there; nothing, where the list is not
    /// written out. What `may_look` refuses is left out.
    pub(crate) fn into_items(
        self,
        may_look: &mut dyn FnMut(&Condition, &Place) -> bool,
    ) -> Option<Vec<(Condition, Self)>> {
        let mut items = Vec::new();
        let is_list = items_of(self, Condition::Always, may_look, &mut items);
        is_list.then_some(items)
    }
}

type MayLook<'l> = &'l mut dyn FnMut(&Condition, &Place) -> bool;

fn items_of(held: Held, when: Condition, may_look: MayLook<'_>, all: &mut Vec<(Condition, Held)>) -> bool {
    match held.value {
        Value::Absent => true,
        Value::List(items) | Value::Set(items) => {
            for item in items {
                item_of(item, when.clone(), may_look, all);
            }
            true
        }
        Value::Choice(choice) => {
            let (yes, no) = choice.condition.sides(when);
            items_of(choice.then, yes, may_look, all) && items_of(choice.otherwise, no, may_look, all)
        }
        Value::Null | Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) | Value::Json(_) => {
            false
        }
    }
}

fn item_of(held: Held, when: Condition, may_look: MayLook<'_>, all: &mut Vec<(Condition, Held)>) {
    if !may_look(&when, &held.place) {
        return;
    }
    match held.value {
        Value::Absent => {}
        Value::Choice(choice) => {
            let (yes, no) = choice.condition.sides(when);
            item_of(choice.then, yes, may_look, all);
            item_of(choice.otherwise, no, may_look, all);
        }
        value => all.push((when, Held { value, ..held })),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{held, is_set},
        *,
    };

    /// Counts what it pays for, and refuses text that says so.
    #[derive(Default)]
    struct Counting<const ITEMS: bool> {
        paid: usize,
        calls: Vec<String>,
    }

    impl<const ITEMS: bool> Branches for Counting<ITEMS> {
        type Refused = ();
        const REACH: Reach = if ITEMS { Reach::Items } else { Reach::Surface };
        const BOTH: bool = ITEMS;

        fn first_condition(&mut self, values: &[Held], _: &Place) -> Result<Option<Condition>, ()> {
            Ok(if ITEMS {
                conditions_of_all(values).first().map(|condition| (*condition).clone())
            } else {
                condition_of_first(values)
            })
        }

        fn pay_for(&mut self, values: &[Held], _: &Place) -> Result<(), ()> {
            self.paid += values.len();
            Ok(())
        }
    }

    fn of<const ITEMS: bool>(values: Vec<Held>) -> (Result<String, ()>, Counting<ITEMS>) {
        let mut evaluator = Counting::<ITEMS>::default();
        let place = held("").place;
        let found = for_each_branch(&mut evaluator, values, &place, &mut |evaluator, values| {
            let all: Vec<_> = values.iter().map(|held| held.value.to_string()).collect();
            let all = all.join(" ");
            evaluator.calls.push(all.clone());
            if all.contains("refused") { Err(()) } else { Ok(held(all.replace('"', "").as_str())) }
        });
        (found.map(|held| held.value.to_string()), evaluator)
    }

    fn choice(name: &str, then: &str, otherwise: &str) -> Held {
        held(Value::choice(Condition::not(is_set(name)), held(then), held(otherwise)))
    }

    #[test]
    fn inside_each_branch_all_is_known() {
        let values = || vec![choice("A", "a", "b"), choice("A", "c", "d"), choice("B", "e", "f")];
        let expected = r#""a c e" if "" = <B>, else "a c f""#;
        let (found, evaluator) = of::<false>(values());
        assert_eq!(evaluator.calls, [r#""a" "c" "e""#, r#""a" "c" "f""#, r#""b" "d" "e""#, r#""b" "d" "f""#]);
        assert!(found.unwrap().starts_with(&expected.replace("<B>", "\"<B>\"")));
        assert_eq!(of::<true>(values()).1.calls, evaluator.calls);
        // One copy of three values for `A`, and one in each of its branches for `B`.
        assert_eq!(evaluator.paid, 9);
    }

    #[test]
    fn branches_of_one_value_are_no_choice() {
        assert_eq!(of::<false>(vec![choice("A", "a", "b"), held("c")]).0.unwrap().matches("if").count(), 1);
        let same = held(Value::choice(is_set("A"), held("x"), held("x")));
        assert_eq!(of::<false>(vec![same]).0.unwrap(), r#""x""#);
    }

    #[test]
    fn items_are_looked_at_where_an_evaluator_says_so() {
        let list = || held(Value::List(vec![choice("A", "a", "b")]));
        assert_eq!(of::<false>(vec![list()]).1.calls.len(), 1);
        assert_eq!(of::<true>(vec![list()]).1.calls, [r#"["a"]"#, r#"["b"]"#]);
    }

    #[test]
    fn a_refused_branch_ends_it_or_not() {
        let values = || vec![choice("A", "refused", "also refused")];
        assert_eq!(of::<false>(values()).1.calls.len(), 1);
        assert_eq!(of::<true>(values()).1.calls.len(), 2);
        assert!(of::<true>(values()).0.is_err());
    }

    #[test]
    fn items_come_with_their_conditions() {
        let list = |items| held(Value::List(items));
        let only = held("a").under(is_set("A"));
        let inner = held(Value::choice(is_set("B"), list(vec![only, held("b")]), held(Value::Absent)));
        let items = inner.clone().into_items(&mut |_, _| true).unwrap();
        let shown: Vec<_> = items.iter().map(|(when, item)| format!("{} if {when}", item.value)).collect();
        assert_eq!(shown, [r#""a" if ("" != "<A>") and ("" != "<B>")"#, r#""b" if "" != "<B>""#]);
        assert_eq!(inner.into_items(&mut |_, _| false), Some(Vec::new()));
        assert_eq!(held("text").into_items(&mut |_, _| true), None);
    }
}
