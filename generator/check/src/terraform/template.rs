//! Templates: text with expressions and directives in it.

use std::rc::Rc;

use hcl_edit::{
    Span as _,
    template::{Directive, Element, ForDirective, HeredocTemplate, IfDirective, StringTemplate, Template},
};

use super::{
    evaluator::{Evaluator, Outcome, Scope},
    literal::{Form, Literals},
    reference::Operand,
    variable::InputType,
};
use crate::{
    graph::{Call, Condition, Function, Held, Symbol, SymbolicText, Value},
    read::Place,
};

impl<'a> Evaluator<'a> {
    /// `"..."`. A single expression between the quotes is the value itself.
    pub(super) fn quoted(
        &mut self,
        scope: &Scope<'a>,
        template: &'a StringTemplate,
        place: &Place,
    ) -> Outcome<Value> {
        if template.len() == 1
            && let Some(Element::Interpolation(interpolation)) = template.iter().next()
        {
            return Ok(self.value(scope, &interpolation.expr)?.value);
        }
        self.spend(scope.file.source(template).len() / 64, place)?;
        let literals = Literals::of(scope.file, template.iter(), Form::Quoted);
        let mut pieces = Vec::new();
        self.elements(scope, template.iter(), &literals, &mut pieces)?;
        Ok(self.joined(pieces, place)?.value)
    }

    /// `<<EOT` and `<<-EOT`.
    pub(super) fn heredoc(
        &mut self,
        scope: &Scope<'a>,
        heredoc: &'a HeredocTemplate,
        place: &Place,
    ) -> Outcome<Value> {
        self.spend(scope.file.source(heredoc).len() / 64, place)?;
        let is_indented = scope.file.source(heredoc).starts_with("<<-");
        let form = if is_indented { Form::Indented } else { Form::Lines };
        let literals = Literals::of(scope.file, heredoc.template.iter(), form);
        let mut pieces = Vec::new();
        self.elements(scope, heredoc.template.iter(), &literals, &mut pieces)?;
        Ok(self.joined(pieces, place)?.value)
    }

    fn elements(
        &mut self,
        scope: &Scope<'a>,
        elements: impl IntoIterator<Item = &'a Element>,
        literals: &Literals,
        pieces: &mut Vec<Held>,
    ) -> Outcome<()> {
        let mut outcome = Ok(());
        for element in elements {
            match element {
                Element::Literal(literal) => {
                    let place = scope.file.place(literal);
                    let text = literals.at(literal.span().unwrap_or_default().start);
                    self.spend(1 + text.len() / 64, &place)?;
                    pieces.push(Held::new(SymbolicText::literal(text), place));
                }
                Element::Interpolation(interpolation) => match self.value(scope, &interpolation.expr) {
                    Ok(held) => pieces.push(held),
                    Err(refused) => outcome = Err(refused),
                },
                Element::Directive(directive) => {
                    let done = match directive.as_ref() {
                        Directive::If(directive) => self.if_directive(scope, directive, literals, pieces),
                        Directive::For(directive) => self.for_directive(scope, directive, literals, pieces),
                    };
                    outcome = outcome.and(done);
                }
            }
        }
        outcome
    }

    fn inner(
        &mut self,
        scope: &Scope<'a>,
        template: &'a Template,
        literals: &Literals,
        place: &Place,
    ) -> Outcome<Held> {
        let mut pieces = Vec::new();
        self.deeper(place, |this| this.elements(scope, template.iter(), literals, &mut pieces))?;
        self.joined(pieces, place)
    }

    fn if_directive(
        &mut self,
        scope: &Scope<'a>,
        directive: &'a IfDirective,
        literals: &Literals,
        pieces: &mut Vec<Held>,
    ) -> Outcome<()> {
        let IfDirective { if_expr, else_expr, .. } = directive;
        let held = self.value(scope, &if_expr.cond_expr)?;
        let condition = self.condition(&held)?;
        let mut then = Held::new("", held.place.clone());
        if condition != Condition::Never {
            then = self.inner(scope, &if_expr.template, literals, &held.place)?;
        }
        let mut otherwise = Held::new("", held.place.clone());
        if let Some(part) = else_expr
            && condition != Condition::Always
        {
            otherwise = self.inner(scope, &part.template, literals, &held.place)?;
        }
        pieces.push(Held::new(Value::choice(condition, then, otherwise), held.place));
        Ok(())
    }

    fn for_directive(
        &mut self,
        scope: &Scope<'a>,
        directive: &'a ForDirective,
        literals: &Literals,
        pieces: &mut Vec<Held>,
    ) -> Outcome<()> {
        let ForDirective { for_expr, .. } = directive;
        let place = scope.file.place(&for_expr.collection_expr);
        for (key, item) in self.collection(scope, &for_expr.collection_expr, &place)? {
            self.spend(1, &place)?;
            let mut inner = scope.with(for_expr.value_var.as_str(), item);
            if let Some(name) = &for_expr.key_var {
                inner = inner.with(name.as_str(), Operand::Value(Rc::new(key)));
            }
            pieces.push(self.inner(&inner, &for_expr.template, literals, &place)?);
        }
        Ok(())
    }

    /// One text of all `pieces`.
    pub(super) fn joined(&mut self, pieces: Vec<Held>, place: &Place) -> Outcome<Held> {
        self.each_branch(pieces, place, &mut |this, pieces| {
            let mut text = SymbolicText::new();
            let mut outcome = Ok(());
            for piece in pieces {
                match this.as_text(&piece) {
                    Ok(piece) => text.append(&piece),
                    Err(refused) => outcome = Err(refused),
                }
            }
            outcome.map(|()| Held::new(text, place.clone()))
        })
    }

    /// `held` as part of a longer text.
    fn as_text(&mut self, held: &Held) -> Outcome<SymbolicText> {
        match &held.value {
            Value::Text(text) => {
                if let Some(symbol) = text.as_symbol()
                    && let kind @ (InputType::List | InputType::Other) = self.type_of(symbol)
                {
                    let found = format!("{} (`{symbol}`)", kind.noun());
                    return self.wrong(&held.place, "a part of a text", "text", found);
                }
                Ok(text.clone())
            }
            Value::Number(number) => Ok(SymbolicText::literal(number.as_str())),
            Value::Flag(flag) => Ok(SymbolicText::literal(flag.to_string())),
            Value::Json(document) => {
                let arguments = vec![self.copy(document, &held.place)?];
                Ok(SymbolicText::from(Symbol::Call(Call { function: Function::ToJsonString, arguments })))
            }
            Value::Choice(_) => self.not_known(&held.place, "a part of a text", &held.value),
            value @ (Value::Absent | Value::List(_) | Value::Set(_) | Value::Map(_)) => {
                self.wrong(&held.place, "a part of a text", "text", value.noun().to_owned())
            }
        }
    }
}
