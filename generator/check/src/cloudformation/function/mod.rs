//! Functions of values.

mod list;
mod lookup;
mod text;

use super::{
    evaluate::Evaluator,
    problem::TemplateProblem,
    term::{FunctionName, Term},
};
use crate::{
    graph::{Call, Function, Held, Symbol, SymbolicText, Value},
    read::Place,
};

impl<'a> Evaluator<'a> {
    fn needs_extensions(&mut self, function: FunctionName, place: &Place) -> Option<()> {
        if self.declared.extensions {
            return Some(());
        }
        let instead = "the template needs `Transform: AWS::LanguageExtensions` for it";
        self.refuse(place, TemplateProblem::Outside { found: function.as_str().to_owned(), instead })
    }

    fn wrong_argument<T>(
        &mut self,
        function: FunctionName,
        expected: &'static str,
        found: Term<'a>,
    ) -> Option<T> {
        let found_text = found.text().filter(|text| !text.is_empty()).unwrap_or(found.noun()).to_owned();
        let kind = TemplateProblem::Arguments { function: function.as_str(), expected, found: found_text };
        self.refuse(found.place, kind)
    }

    fn wrong_value<T>(
        &mut self,
        function: FunctionName,
        expected: &'static str,
        found: &Value,
        place: &Place,
    ) -> Option<T> {
        let found = found.noun().to_owned();
        self.refuse(place, TemplateProblem::Arguments { function: function.as_str(), expected, found })
    }
}

fn call(function: Function, arguments: Vec<Held>) -> Value {
    Value::Text(SymbolicText::from(Symbol::Call(Call { function, arguments })))
}
