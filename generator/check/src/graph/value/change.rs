//! Changes values: one visitor that reaches every symbol and every comparison, and leaves a well-formed value behind.
//!
//! After a change inside a value, sets must be sorted again, and choices and conditions must be made again by
//! [`Value::choice`] and by the functions of [`Condition`]. The visitor does that. The readers limit the depth of values.

use super::{Call, Choice, Condition, Held, Properties, Segment, Symbol, SymbolicText, Value};

/// Says what stands in the place of symbols and comparisons. By default, each method changes nothing.
pub(crate) trait Changer: Sized {
    /// What stands in the place of `symbol`. Where it is nothing, the symbol stays, and its arguments are changed.
    fn symbol(&mut self, _symbol: &Symbol) -> Option<Value> {
        None
    }

    /// What becomes of a call whose arguments have been changed.
    fn call(&mut self, call: Call) -> Value {
        Value::Text(Symbol::Call(call).into())
    }

    /// What becomes of a comparison whose sides have been changed.
    fn comparison(&mut self, comparison: Condition) -> Condition {
        comparison
    }
}

/// Replaces symbols by texts.
struct Replace<F>(F);

impl<F: FnMut(&Symbol) -> Option<SymbolicText>> Changer for Replace<F> {
    fn symbol(&mut self, symbol: &Symbol) -> Option<Value> {
        (self.0)(symbol).map(Value::Text)
    }
}

impl Value {
    /// Changes everything inside the value.
    pub(crate) fn change(&mut self, with: &mut impl Changer) {
        match self {
            Self::Text(text) => {
                if let Some(changed) = changed_text(text, with) {
                    *self = changed;
                }
            }
            Self::Choice(choice) => {
                let condition = std::mem::replace(&mut choice.condition, Condition::Always);
                choice.condition = condition.changed(with);
                self.change_inside(&mut |held| held.change(with));
            }
            value => value.change_inside(&mut |held| held.change(with)),
        }
    }

    /// Gives each value that stands directly inside this one to `change`: items, entries, the document of a JSON text,
    /// both sides of a choice.
    pub(crate) fn change_inside(&mut self, change: &mut dyn FnMut(&mut Held)) {
        match self {
            Self::Absent | Self::Null | Self::Flag(_) | Self::Number(_) | Self::Text(_) => {}
            Self::List(items) => items.iter_mut().for_each(change),
            Self::Set(items) => {
                let mut items = std::mem::take(items);
                items.iter_mut().for_each(change);
                *self = Self::set(items);
            }
            Self::Map(entries) => entries.values_mut().for_each(change),
            Self::Json(held) => change(held),
            Self::Choice(_) => {
                let Self::Choice(choice) = std::mem::replace(self, Self::Absent) else { return };
                let Choice { condition, mut then, mut otherwise } = *choice;
                change(&mut then);
                change(&mut otherwise);
                *self = Self::choice(condition, then, otherwise);
            }
        }
    }
}

impl Held {
    /// Changes everything inside the value.
    pub(crate) fn change(&mut self, with: &mut impl Changer) {
        self.value.change(with);
    }

    /// Replaces symbols by the texts that `with` gives for them.
    pub(crate) fn rewrite(&mut self, with: &mut impl FnMut(&Symbol) -> Option<SymbolicText>) {
        self.change(&mut replacing(with));
    }

    /// Gives each value that this can be to `change`: both, where it is one of two.
    pub(crate) fn each_alternative(&mut self, change: &mut dyn FnMut(&mut Self)) {
        if matches!(self.value, Value::Choice(_)) {
            self.value.change_inside(&mut |side| side.each_alternative(change));
        } else {
            change(self);
        }
    }

    /// Gives the properties of the object that this is, or can be, to `change`.
    pub(crate) fn each_object(&mut self, change: &mut dyn FnMut(&mut Properties)) {
        self.each_alternative(&mut |held| {
            if let Value::Map(entries) = &mut held.value {
                change(entries);
            }
        });
    }

    /// Gives the items of the list or the set that this is, or can be, to `change`.
    pub(crate) fn each_list(&mut self, change: &mut dyn FnMut(&mut Vec<Self>)) {
        self.each_alternative(&mut |held| match &mut held.value {
            Value::List(items) => change(items),
            Value::Set(items) => {
                let mut items = std::mem::take(items);
                change(&mut items);
                held.value = Value::set(items);
            }
            _ => {}
        });
    }

    /// Gives the text that this is, or can be, to `change`.
    pub(crate) fn each_text(&mut self, change: &mut dyn FnMut(&mut SymbolicText)) {
        self.each_alternative(&mut |held| {
            if let Value::Text(text) = &mut held.value {
                change(text);
            }
        });
    }
}

impl SymbolicText {
    /// Replaces symbols by the texts that `with` gives for them.
    pub(crate) fn rewrite(&mut self, with: &mut impl FnMut(&Symbol) -> Option<SymbolicText>) {
        if let Some(Value::Text(changed)) = changed_text(self, &mut replacing(with)) {
            *self = changed;
        }
    }
}

impl Condition {
    /// The same condition with everything inside it changed.
    pub(crate) fn changed(self, with: &mut impl Changer) -> Self {
        match self {
            Self::Always | Self::Never => self,
            Self::Equals(mut left, mut right) => {
                left.change(with);
                right.change(with);
                match Self::equals(*left, *right) {
                    comparison @ Self::Equals(..) => with.comparison(comparison),
                    certain => certain,
                }
            }
            Self::Not(condition) => Self::not(condition.changed(with)),
            Self::All(all) => {
                let all: Vec<_> = all.into_iter().map(|condition| condition.changed(with)).collect();
                Self::all(all)
            }
            Self::Any(any) => {
                let any: Vec<_> = any.into_iter().map(|condition| condition.changed(with)).collect();
                Self::any(any)
            }
        }
    }

    /// The same condition with symbols replaced by the texts that `with` gives for them.
    pub(crate) fn rewritten(self, with: &mut impl FnMut(&Symbol) -> Option<SymbolicText>) -> Self {
        self.changed(&mut replacing(with))
    }
}

fn replacing<F: FnMut(&Symbol) -> Option<SymbolicText>>(
    with: &mut F,
) -> Replace<impl FnMut(&Symbol) -> Option<SymbolicText>> {
    Replace(|symbol: &Symbol| with(symbol))
}

/// What becomes of `text`; nothing, where nothing in it is changed.
fn changed_text(text: &SymbolicText, with: &mut impl Changer) -> Option<Value> {
    if text.as_literal().is_some() {
        return None;
    }
    if let Some(symbol) = text.as_symbol() {
        return changed_symbol(symbol, with);
    }
    let changed: Vec<_> = text
        .segments()
        .iter()
        .map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Symbol(symbol) => changed_symbol(symbol, with),
        })
        .collect();
    // Most texts have no symbol that is changed, and putting them together again takes time.
    if changed.iter().all(Option::is_none) {
        return None;
    }
    let mut all = SymbolicText::new();
    for (segment, changed) in text.segments().iter().zip(changed) {
        match (segment, changed) {
            (_, Some(Value::Text(text))) => all.append(&text),
            (_, Some(Value::Number(number))) => all.push_str(number.as_str()),
            (_, Some(Value::Flag(flag))) => all.push_str(if flag { "true" } else { "false" }),
            (Segment::Literal(literal), _) => all.push_str(literal),
            // Nothing else can be a part of a text.
            (Segment::Symbol(symbol), _) => all.push_symbol(symbol.clone()),
        }
    }
    Some(Value::Text(all))
}

/// What becomes of `symbol`; nothing, where it stays.
fn changed_symbol(symbol: &Symbol, with: &mut impl Changer) -> Option<Value> {
    if let Some(value) = with.symbol(symbol) {
        return Some(value);
    }
    match symbol {
        Symbol::Call(Call { function, arguments }) => {
            let mut arguments = arguments.clone();
            for argument in &mut arguments {
                argument.change(with);
            }
            Some(with.call(Call { function: *function, arguments }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            tests::{everything, held, input, is_set, small_values},
            visit::Visit as _,
        },
        *,
    };

    struct Identity;

    impl Changer for Identity {}

    fn all_values() -> impl Iterator<Item = Value> {
        small_values().into_iter().chain([everything()])
    }

    #[test]
    fn the_identity_changes_nothing() {
        let mut count = 0;
        for before in all_values() {
            let mut after = before.clone();
            after.change(&mut Identity);
            assert_eq!(before, after);
            count += 1;
        }
        assert!(count > 500, "{count}");
    }

    #[test]
    fn both_visitors_see_the_same_symbols_in_the_same_order() {
        for value in all_values() {
            let mut read = Vec::new();
            value.symbols(|symbol| read.push(symbol.clone()));
            let mut changed = Vec::new();
            held(value.clone()).rewrite(&mut |symbol| {
                changed.push(symbol.clone());
                None
            });
            assert_eq!(read, changed, "{value}");
        }
    }

    #[test]
    fn every_symbol_can_be_replaced() {
        for value in all_values() {
            let mut changed = held(value.clone());
            changed.rewrite(&mut |symbol| match symbol {
                Symbol::Input(_) => Some(SymbolicText::literal("text")),
                _ => None,
            });
            let is_input = |symbol: &Symbol| matches!(symbol, Symbol::Input(_));
            assert!(!changed.has_symbol(is_input), "{value}");
            // What is left is well-formed: it changes no more.
            let mut again = changed.clone();
            again.change(&mut Identity);
            assert_eq!(again, changed, "{value}");
        }
    }

    #[test]
    fn sets_stay_sorted_and_choices_collapse() {
        let replaced = |symbol: &Symbol| match symbol {
            Symbol::Input(name) if &**name == "Last" => Some(SymbolicText::literal("a")),
            Symbol::Input(name) if &**name == "Same" => Some(SymbolicText::literal("b")),
            _ => None,
        };
        let mut set = held(Value::set(vec![held("b"), held(input("Last")), held(input("Same"))]));
        set.rewrite(&mut { replaced });
        assert_eq!(set.value.to_string(), r#"["a", "b"]"#);
        let mut choice = held(Value::choice(is_set("X"), held(input("Same")), held("b")));
        choice.rewrite(&mut { replaced });
        assert_eq!(choice.value, "b".into());
        let mut certain = held(Value::choice(is_set("Same"), held("then"), held("else")));
        certain.rewrite(&mut { replaced });
        assert_eq!(certain.value, "then".into());
    }

    #[test]
    fn alternatives_are_changed_one_by_one() {
        let lists = |items: &[&str]| held(Value::set(items.iter().map(|item| held(*item)).collect()));
        let mut choice = held(Value::choice(is_set("X"), lists(&["a", "b"]), lists(&["a", "c"])));
        choice.each_list(&mut |items| items.truncate(1));
        assert_eq!(choice.value.to_string(), r#"["a"]"#);
    }
}
