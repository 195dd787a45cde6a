//! Terraform's functions (<https://developer.hashicorp.com/terraform/language/functions>): how one is called.
//!
//! All of them stand in one [`table`]. A function takes its [`Arguments`] and gives a value.

mod attempt;
mod collection;
mod scalar;
mod table;
mod text;

use std::{rc::Rc, vec};

use hcl_edit::expr::FuncCall;
use table::{Builtin, Evaluation, MANY, TABLE};
pub(super) use text::decoded;

use super::{
    characters::compose,
    evaluator::{Evaluator, Outcome, Refused, Scope},
    expression::is_order_known,
    figure::Figure,
    reference::Operand,
};
use crate::{
    graph::{Call, Function, Held, Properties, Symbol, SymbolicText, Value},
    problem::{ModuleProblem, alike},
    read::Place,
};

/// The arguments of one call, which are taken in their order.
struct Arguments<'p> {
    /// Where the function is called.
    place: &'p Place,
    /// The function.
    name: &'static str,
    rest: vec::IntoIter<Held>,
}

impl<'a> Evaluator<'a> {
    /// A call in a file.
    pub(super) fn call(
        &mut self,
        scope: &Scope<'a>,
        call: &'a FuncCall,
        place: &Place,
    ) -> Outcome<Operand<'a>> {
        let name = call.name.name.as_str();
        if call.name.is_namespaced() {
            let name = scope.file.source(call).split('(').next().unwrap_or(name).to_owned();
            return self.refuse(place, ModuleProblem::UnknownFunction { name, suggestion: None });
        }
        // Whatever the arguments are, a function that is not known cannot be evaluated.
        let builtin = find(self, name, place)?;
        match &builtin.evaluation {
            Evaluation::OfExpressions(evaluate, _) => return evaluate(self, scope, call, place),
            Evaluation::OfOne(_, of_instances) => {
                if let (Some(argument), 1) = (call.args.get(0), call.args.len()) {
                    let at = scope.file.place(argument);
                    return match self.operand(scope, argument)? {
                        Operand::Instances(instances) => of_instances(self, &instances, place),
                        operand => {
                            let held = self.held(operand, &at)?;
                            let held = self.apply(builtin, vec![Held { place: at, ..held }], place)?;
                            Ok(Operand::Value(Rc::new(held)))
                        }
                    };
                }
            }
            Evaluation::Digest => {
                let arguments: Vec<_> =
                    call.args.iter().map(|argument| self.value(scope, argument)).collect();
                let arguments = arguments.into_iter().collect::<Outcome<Vec<_>>>()?;
                return Ok(Operand::Value(Rc::new(opaque(builtin.name, arguments, place))));
            }
            Evaluation::OfValues(..) | Evaluation::None(_) => {}
        }
        let arguments: Vec<_> = call.args.iter().map(|argument| self.value(scope, argument)).collect();
        let mut arguments = arguments.into_iter().collect::<Outcome<Vec<_>>>()?;
        if call.args.expand_final() {
            match arguments.pop().map(|last| (last.value, last.place)) {
                Some((Value::List(items) | Value::Set(items), _)) => arguments.extend(items),
                Some((value, place)) => return self.not_known(&place, "a list before `...`", &value),
                None => {}
            }
        }
        let held = self.apply(builtin, arguments, place)?;
        Ok(Operand::Value(Rc::new(held)))
    }

    /// The function `name` of `arguments`.
    pub(super) fn function(&mut self, name: &str, arguments: Vec<Held>, place: &Place) -> Outcome<Held> {
        let builtin = find(self, name, place)?;
        self.apply(builtin, arguments, place)
    }

    /// The blocks in `before`, and then those in `more`.
    pub(super) fn chained(&mut self, before: Held, more: Held, place: &Place) -> Outcome<Held> {
        let held = self.each_branch(vec![before, more], place, &mut |this, lists| {
            collection::chain(this, Arguments::new("concat", lists, place))
        })?;
        self.pay(&held, place)?;
        Ok(held)
    }

    fn apply(&mut self, builtin: &'static Builtin, arguments: Vec<Held>, place: &Place) -> Outcome<Held> {
        let name = builtin.name;
        let (expected, function) = match &builtin.evaluation {
            Evaluation::OfValues(expected, function) => (expected.clone(), *function),
            Evaluation::OfOne(function, _) => (1..=1, *function),
            Evaluation::Digest => return Ok(opaque(name, arguments, place)),
            Evaluation::OfExpressions(_, instead) | Evaluation::None(instead) => {
                return not_followed(self, name, instead, place);
            }
        };
        if !expected.contains(&arguments.len()) {
            let expected = match (*expected.start(), *expected.end()) {
                (least, MANY) => format!("{least} or more"),
                (least, most) if least == most => least.to_string(),
                (least, most) => format!("{least} to {most}"),
            };
            let (name, found) = (name.to_owned(), arguments.len());
            return self.refuse(place, ModuleProblem::ArgumentCount { name, expected, found });
        }
        let held = self.each_branch(arguments, place, &mut |this, arguments| {
            if OPAQUE.contains(&name) && arguments.iter().any(is_unknown) {
                return Ok(opaque(name, arguments, place));
            }
            let mut held = function(this, Arguments::new(name, arguments, place))?;
            compose(&mut held);
            Ok(held)
        })?;
        self.pay(&held, place)?;
        Ok(held)
    }
}

/// Functions of texts and numbers that templates do not have: what they make of a value that is not known is a value that is
/// not known, either, and equal to nothing that a template can say.
const OPAQUE: &[&str] = &[
    "abs",
    "ceil",
    "chomp",
    "endswith",
    "floor",
    "lower",
    "max",
    "min",
    "replace",
    "startswith",
    "strcontains",
    "substr",
    "title",
    "trim",
    "trimprefix",
    "trimspace",
    "trimsuffix",
    "upper",
];

/// Whether `held` is a text or a number that is not known.
fn is_unknown(held: &Held) -> bool {
    matches!(&held.value, Value::Text(text) if text.as_literal().is_none())
}

/// What `name` makes of `arguments`.
fn opaque(name: &'static str, arguments: Vec<Held>, place: &Place) -> Held {
    let call = Call { function: Function::Terraform(name), arguments };
    Held::new(SymbolicText::from(Symbol::Call(call)), place.clone())
}

/// The function `name`, if the check can evaluate it somewhere.
fn find(evaluator: &mut Evaluator<'_>, name: &str, place: &Place) -> Outcome<&'static Builtin> {
    match TABLE.iter().find(|builtin| builtin.name == name) {
        Some(Builtin { evaluation: Evaluation::None(instead), .. }) => {
            not_followed(evaluator, name, instead, place)
        }
        Some(builtin) => Ok(builtin),
        None => {
            let evaluated = TABLE.iter().filter(|builtin| builtin.is_evaluated()).map(|builtin| builtin.name);
            let suggestion = alike(name, evaluated).map(str::to_owned);
            evaluator.refuse(place, ModuleProblem::UnknownFunction { name: name.to_owned(), suggestion })
        }
    }
}

fn not_followed<T>(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    instead: &'static str,
    place: &Place,
) -> Outcome<T> {
    evaluator.outside(place, format!("the function `{name}`"), instead)
}

impl<'p> Arguments<'p> {
    /// The arguments of the function `name`, which is called at `place`.
    fn new(name: &'static str, arguments: Vec<Held>, place: &'p Place) -> Self {
        Self { place, name, rest: arguments.into_iter() }
    }

    /// Other arguments for the same function at the same place.
    fn with(&self, arguments: Vec<Held>) -> Self {
        Self::new(self.name, arguments, self.place)
    }

    /// The next argument.
    fn one(&mut self) -> Outcome<Held> {
        self.rest.next().ok_or(Refused)
    }

    /// All that have not been taken.
    fn rest(&self) -> &[Held] {
        self.rest.as_slice()
    }

    /// Takes all that are left.
    fn all(self) -> Vec<Held> {
        self.rest.collect()
    }

    /// The next argument, which must be a known list.
    fn items(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<Vec<Held>> {
        let held = self.one()?;
        self.items_of(evaluator, held, &self.what("a list"))
    }

    /// The items of the next argument, whose order has no meaning here.
    fn items_in_any_order(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<Vec<Held>> {
        match self.one()? {
            Held { value: Value::Set(items), .. } => Ok(items),
            held => self.items_of(evaluator, held, &self.what("a list")),
        }
    }

    /// The items of `held`, which must be a known list. `what` is what a message calls it.
    fn items_of(&self, evaluator: &mut Evaluator<'_>, held: Held, what: &str) -> Outcome<Vec<Held>> {
        match held.value {
            Value::Set(items) if !is_order_known(&items) => {
                let what = format!("the order of a set in {what}");
                evaluator.outside(&held.place, what, "use a list: the order of a set depends on its values")
            }
            Value::List(items) | Value::Set(items) => Ok(items),
            value => self.not_such(evaluator, &value, &held.place, ("a list", what)),
        }
    }

    /// The next argument, which must be a known object.
    fn entries(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<Properties> {
        let held = self.one()?;
        match held.value {
            Value::Map(entries) => Ok(entries),
            value => self.not_such(evaluator, &value, &held.place, ("an object", &self.what("an object"))),
        }
    }

    /// Refuses `value`, which a message calls `what`: it is not `expected`, or nobody knows whether it is.
    fn not_such<T>(
        &self,
        evaluator: &mut Evaluator<'_>,
        value: &Value,
        place: &Place,
        (expected, what): (&'static str, &str),
    ) -> Outcome<T> {
        match value {
            Value::Text(_) | Value::Json(_) | Value::Choice(_) => {
                evaluator.not_known(place, &self.what(expected), value)
            }
            _ => evaluator.wrong(place, what, expected, value.noun().to_owned()),
        }
    }

    /// The next argument, which must be known text. `part` says what it is to the function.
    fn text(&mut self, evaluator: &mut Evaluator<'_>, part: &str) -> Outcome<String> {
        let held = self.one()?;
        evaluator.text(&self.what(part), &held, &held.place)
    }

    /// All arguments, which must be known texts.
    fn texts<const N: usize>(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<[String; N]> {
        let texts = [(); N].map(|()| self.text(evaluator, "an argument"));
        let texts = texts.into_iter().collect::<Outcome<Vec<_>>>()?;
        texts.try_into().map_err(|_| Refused)
    }

    /// The next argument, which must be a known number.
    fn figure(&mut self, evaluator: &mut Evaluator<'_>, part: &str) -> Outcome<Figure> {
        let held = self.one()?;
        evaluator.figure(&self.what(part), &held)
    }

    /// The next argument, which must be a known number of things.
    fn count(&mut self, evaluator: &mut Evaluator<'_>, part: &str) -> Outcome<usize> {
        let whole = self.figure(evaluator, part)?.whole();
        match whole.and_then(|whole| usize::try_from(whole).ok()) {
            Some(count) => Ok(count),
            None => self.wrong(evaluator, part, "a whole number", "none"),
        }
    }

    /// `part`, in the words of a message: "the index of `element`".
    fn what(&self, part: &str) -> String {
        format!("{part} of `{}`", self.name)
    }

    /// Notes that `part` is not what it must be.
    fn wrong<T>(
        &self,
        evaluator: &mut Evaluator<'_>,
        part: &str,
        expected: &'static str,
        found: impl Into<String>,
    ) -> Outcome<T> {
        evaluator.wrong(self.place, &self.what(part), expected, found.into())
    }

    /// What the function gives back.
    fn result(&self, value: impl Into<Value>) -> Held {
        Held::new(value, self.place.clone())
    }

    /// A list that the function gives back.
    fn list(&self, items: Vec<Held>) -> Held {
        self.result(Value::List(items))
    }
}
