//! Literals of a template: which white space `~` takes away, and `<<-`.
//!
//! As Terraform does it, one after the other: each line of a heredoc is a token, `~` takes the white space of one
//! token, and only then is the common indent of the lines found
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser_template.go>).

use std::collections::BTreeMap;

use hcl_edit::{
    Span as _,
    template::{Directive, Element, Strip},
};

use crate::read::HclFile;

/// How literals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Between quotes, with escapes.
    Quoted,
    /// `<<EOT`: line by line, without escapes.
    Lines,
    /// `<<-EOT`: without the indent that all lines have.
    Indented,
}

/// What the literals of a template, and of all templates in its directives, say; by where they begin.
#[derive(Debug, Default)]
pub(super) struct Literals(BTreeMap<usize, String>);

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
    /// Of the template that `elements` are.
    pub(super) fn of<'t>(
        file: &HclFile,
        elements: impl IntoIterator<Item = &'t Element>,
        form: Form,
    ) -> Self {
        let mut tokens = Tokens::default();
        for element in elements {
            tokens.element(file, element, form);
        }
        let mut tokens = tokens.all;
        if form == Form::Indented {
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

    /// What the literal says that begins at `begin`.
    pub(super) fn at(&self, begin: usize) -> &str {
        self.0.get(&begin).map(String::as_str).unwrap_or_default()
    }
}

impl Tokens {
    fn element(&mut self, file: &HclFile, element: &Element, form: Form) {
        match element {
            Element::Literal(literal) => {
                let begin = literal.span().unwrap_or_default().start;
                if form == Form::Quoted {
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

/// Takes away the white space that all lines begin with. Lines of nothing else do not count, and keep it.
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
