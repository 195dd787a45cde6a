//! How much values may hold: one way of weighing, and one budget.
//!
//! A short file can mean very much, by copies of copies. So whoever copies or makes values weighs them and pays from a
//! budget. What a value costs, and how much there is, stands with the users.

use super::{
    Condition, Symbol, Value,
    visit::{Visit, Visitor},
};

/// How much something holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Values, conditions and symbols in it, itself included.
    pub values: usize,
    /// Bytes of its texts, numbers and names.
    pub bytes: usize,
    /// How many values, conditions and symbols stand inside each other.
    pub levels: usize,
}

impl Size {
    /// How much `whole` holds.
    pub(crate) fn of(whole: &impl Visit) -> Self {
        let mut scale = Scale::default();
        whole.visit(&mut scale);
        scale.size
    }

    /// Its bytes, with `value` bytes for each value.
    pub(crate) const fn weight(self, value: usize) -> usize {
        self.values.saturating_mul(value).saturating_add(self.bytes)
    }
}

#[derive(Default)]
struct Scale {
    size: Size,
    level: usize,
}

impl Scale {
    fn inside(&mut self, whole: &impl Visit) {
        self.size.values += 1;
        self.level += 1;
        self.size.levels = self.size.levels.max(self.level);
        whole.visit_inside(self);
        self.level -= 1;
    }
}

impl<'v> Visitor<'v> for Scale {
    fn value(&mut self, value: &'v Value) {
        self.inside(value);
    }

    fn condition(&mut self, condition: &'v Condition) {
        self.inside(condition);
    }

    fn symbol(&mut self, symbol: &'v Symbol) {
        self.inside(symbol);
    }

    fn characters(&mut self, characters: &'v str) {
        self.size.bytes += characters.len();
    }
}

/// What is left of a number of bytes, and of a number of levels.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    levels: usize,
    is_exceeded: bool,
}

/// There was not enough left. From here on, nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// Whether it happened for the first time: one message is enough.
    pub is_first: bool,
}

impl Budget {
    /// `bytes` and `levels`, all of them left.
    pub(crate) const fn new(bytes: usize, levels: usize) -> Self {
        Self { bytes, levels, is_exceeded: false }
    }

    /// Takes `bytes`.
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Exceeded> {
        match self.bytes.checked_sub(bytes) {
            Some(left) if !self.is_exceeded => {
                self.bytes = left;
                Ok(())
            }
            _ => Err(Exceeded { is_first: !std::mem::replace(&mut self.is_exceeded, true) }),
        }
    }

    /// Takes one level; whether there was one.
    pub(crate) const fn enter(&mut self) -> bool {
        match self.levels.checked_sub(1) {
            Some(left) => {
                self.levels = left;
                true
            }
            None => false,
        }
    }

    /// Gives a level back.
    pub(crate) const fn leave(&mut self) {
        self.levels += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{held, input, is_set},
        *,
    };

    #[track_caller]
    fn check(whole: &impl Visit, values: usize, bytes: usize, levels: usize) {
        assert_eq!(Size::of(whole), Size { values, bytes, levels });
    }

    #[test]
    fn values_texts_and_conditions_weigh() {
        check(&Value::Absent, 1, 0, 1);
        check(&Value::from(1234), 1, 4, 1);
        check(&Value::from("text"), 1, 4, 1);
        check(&Value::Text(input("A")), 2, 0, 2);
        check(&input("A"), 1, 0, 1);
        check(&Value::Map([("key".to_owned(), held("text"))].into()), 2, 7, 2);
        // Not, the comparison, two texts, one symbol.
        check(&is_set("A"), 5, 0, 4);
        // The condition is turned round: the comparison, two texts, one symbol.
        check(&Value::choice(is_set("A"), held("a"), held("b")), 7, 2, 4);
        assert_eq!(Size { values: 3, bytes: 5, levels: 1 }.weight(16), 53);
    }

    #[test]
    fn a_budget_is_exceeded_once() {
        let mut budget = Budget::new(10, 1);
        assert_eq!(budget.spend(6), Ok(()));
        assert_eq!(budget.spend(4), Ok(()));
        assert_eq!(budget.spend(0), Ok(()));
        assert_eq!(budget.spend(1), Err(Exceeded { is_first: true }));
        assert_eq!(budget.spend(0), Err(Exceeded { is_first: false }));
    }

    #[test]
    fn levels_come_back() {
        let mut budget = Budget::new(0, 1);
        assert!(budget.enter());
        assert!(!budget.enter());
        budget.leave();
        assert!(budget.enter());
    }
}
