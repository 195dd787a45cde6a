//! Templates: text with expressions and directives in it, and its literals: which white space `~` takes away, and `<<-`.
//!
//! Literals are as Terraform has them, one step after the other: each line of a heredoc is a token, `~` takes the white space
//! of one token, and only then is the common indent of the lines found
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser_template.go>).

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::{
    Span as _,
    template::{
        Directive, Element, ForDirective, HeredocTemplate, IfDirective, StringTemplate, Strip, Template,
    },
};

use super::{
    evaluator::{Evaluator, Outcome, Scope},
    interface::InputType,
    reference::Operand,
};
use crate::{
    graph::{Call, Condition, Function, Held, Symbol, SymbolicText, Value},
    read::{HclFile, Place},
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
        let literals = Literals::of(scope.file, template.iter(), LiteralForm::Quoted);
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
        let form = if is_indented { LiteralForm::Indented } else { LiteralForm::Lines };
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
        let items = self.collection(scope, &for_expr.collection_expr, &place)?;
        self.demand_order(&items, &place)?;
        for (key, item) in items {
            self.spend(1, &place)?;
            let mut inner = scope.with(for_expr.value_var.as_str(), item);
            if let Some(name) = &for_expr.key_var {
                inner = inner.with(name.as_str(), Operand::Value(Rc::new(key)));
            }
            pieces.push(self.inner(&inner, &for_expr.template, literals, &place)?);
        }
        Ok(())
    }

    /// Joins `pieces` to one text.
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
            outcome?;
            let text = this.composed(text, place)?;
            Ok(Held::new(this.become_text(text), place.clone()))
        })
    }

    /// `text`, which is text even where it is nothing but a number or a flag.
    fn become_text(&self, text: SymbolicText) -> SymbolicText {
        match text.as_symbol().map(|symbol| self.type_of(symbol)) {
            Some(InputType::Number | InputType::Flag) => {
                let arguments = vec![Held::new(text, Place::whole("".into()))];
                SymbolicText::from(Symbol::Call(Call { function: Function::Text, arguments }))
            }
            _ => text,
        }
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
                if let Some(Value::Text(text)) = self.json_text(document) {
                    self.spend(text.segments().len(), &held.place)?;
                    return Ok(text);
                }
                let arguments = vec![self.copy(document, &held.place)?];
                Ok(SymbolicText::from(Symbol::Call(Call { function: Function::ToJsonString, arguments })))
            }
            Value::Choice(_) => self.not_known(&held.place, "a part of a text", &held.value),
            value @ (Value::Absent | Value::Null | Value::List(_) | Value::Set(_) | Value::Map(_)) => {
                self.wrong(&held.place, "a part of a text", "text", value.noun().to_owned())
            }
        }
    }
}

/// How literals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LiteralForm {
    /// Between quotes, with escapes.
    Quoted,
    /// `<<EOT`: line by line, without escapes.
    Lines,
    /// `<<-EOT`: without the indent that all lines have.
    Indented,
}

/// The characters of the literals of a template and of all templates in its directives, by where each literal begins.
#[derive(Debug, Default)]
struct Literals(BTreeMap<usize, String>);

#[derive(Default)]
struct Tokens {
    all: Vec<Token>,
    trims_next: bool,
}

enum Token {
    Literal { begin: usize, text: String },
    Other,
}

impl Literals {
    /// The literals of the template that `elements` are.
    pub(super) fn of<'t>(
        file: &HclFile,
        elements: impl IntoIterator<Item = &'t Element>,
        form: LiteralForm,
    ) -> Self {
        let mut tokens = Tokens::default();
        for element in elements {
            tokens.element(file, element, form);
        }
        let mut tokens = tokens.all;
        if form == LiteralForm::Indented {
            dedent(&mut tokens);
        }
        let mut literals = BTreeMap::<usize, String>::new();
        for token in tokens {
            if let Token::Literal { begin, text } = token {
                literals.entry(begin).or_default().push_str(&text);
            }
        }
        Self(literals)
    }

    /// The characters of the literal that begins at `begin`.
    pub(super) fn at(&self, begin: usize) -> &str {
        self.0.get(&begin).map(String::as_str).unwrap_or_default()
    }
}

impl Tokens {
    fn element(&mut self, file: &HclFile, element: &Element, form: LiteralForm) {
        match element {
            Element::Literal(literal) => {
                let begin = literal.span().unwrap_or_default().start;
                if form == LiteralForm::Quoted {
                    self.literal(begin, literal.as_str());
                } else {
                    for line in file.source(literal).split_inclusive('\n') {
                        self.literal(begin, &line.replace("$${", "${").replace("%%{", "%{"));
                    }
                }
            }
            Element::Interpolation(interpolation) => self.control(interpolation.strip),
            Element::Directive(directive) => match directive.as_ref() {
                Directive::If(directive) => {
                    self.control(directive.if_expr.strip);
                    for element in &directive.if_expr.template {
                        self.element(file, element, form);
                    }
                    if let Some(otherwise) = &directive.else_expr {
                        self.control(otherwise.strip);
                        for element in &otherwise.template {
                            self.element(file, element, form);
                        }
                    }
                    self.control(directive.endif_expr.strip);
                }
                Directive::For(directive) => {
                    self.control(directive.for_expr.strip);
                    for element in &directive.for_expr.template {
                        self.element(file, element, form);
                    }
                    self.control(directive.endfor_expr.strip);
                }
            },
        }
    }

    fn literal(&mut self, begin: usize, text: &str) {
        let text = if std::mem::take(&mut self.trims_next) { text.trim_start() } else { text };
        self.all.push(Token::Literal { begin, text: text.to_owned() });
    }

    fn control(&mut self, strip: Strip) {
        if matches!(strip, Strip::Start | Strip::Both)
            && let Some(Token::Literal { text, .. }) = self.all.last_mut()
        {
            text.truncate(text.trim_end().len());
        }
        self.all.push(Token::Other);
        self.trims_next = matches!(strip, Strip::End | Strip::Both);
    }
}

/// Takes away the white space that all lines begin with. Lines of white space alone do not count, and keep theirs.
fn dedent(tokens: &mut [Token]) {
    let mut least = usize::MAX;
    let mut lines = Vec::new();
    let mut begins_line = true;
    for token in tokens {
        let indent = match &*token {
            Token::Literal { text, .. } if text.ends_with('\n') && text.trim().is_empty() => usize::MAX,
            Token::Literal { text, .. } => text.chars().take_while(|c| c.is_whitespace()).count(),
            Token::Other => 0,
        };
        if begins_line {
            least = least.min(indent);
        }
        let begins_next = matches!(&*token, Token::Literal { text, .. } if text.ends_with('\n'));
        if let Token::Literal { text, .. } = token
            && begins_line
            && indent < usize::MAX
        {
            lines.push(text);
        }
        begins_line = begins_next;
    }
    for text in lines {
        let width: usize =
            text.chars().take(least).take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
        text.drain(..width);
    }
}
