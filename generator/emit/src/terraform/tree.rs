//! Builds HCL trees: bodies, blocks, references, calls. Layout is the printer's job ([`super::print`]); what a
//! tree carries besides its meaning are comments.

use hcl_edit::{
    Decorate, Decorated, Ident, RawString,
    expr::{
        Array, BinaryOp, BinaryOperator, Conditional, Expression, ForCond, ForExpr, ForIntro, FuncArgs,
        FuncCall, Object, ObjectKey, ObjectValue, Traversal, TraversalOperator,
    },
    structure::{Attribute, Block, Body, Structure},
};

/// What stands between the braces of a block, or in a file, in the order in which it was put there.
#[derive(Debug, Default)]
pub(crate) struct Contents(Body);

impl Contents {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds the attribute `name`.
    #[must_use]
    pub(crate) fn set(mut self, name: &str, value: impl Into<Expression>) -> Self {
        self.0.push(attribute(name, value));
        self
    }

    /// Adds the attribute `name` where there is a value for it.
    #[must_use]
    pub(crate) fn set_some(self, name: &str, value: Option<impl Into<Expression>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Adds the attribute `name`, which holds one text: the commonest case.
    #[must_use]
    pub(crate) fn set_literal(self, name: &str, value: &str) -> Self {
        self.set(name, literal(value))
    }

    /// Adds a block without labels.
    #[must_use]
    pub(super) fn block(self, name: &str, contents: Self) -> Self {
        self.structure(block(name, &[], contents))
    }

    /// Adds a block or an attribute.
    #[must_use]
    pub(crate) fn structure(mut self, structure: impl Into<Structure>) -> Self {
        self.0.push(structure);
        self
    }

    /// Adds several blocks.
    #[must_use]
    pub(super) fn blocks(self, blocks: impl IntoIterator<Item = Block>) -> Self {
        blocks.into_iter().fold(self, Self::structure)
    }

    pub(crate) fn into_body(self) -> Body {
        self.0
    }
}

/// An attribute.
pub(crate) fn attribute(name: &str, value: impl Into<Expression>) -> Attribute {
    Attribute::new(Ident::new(name), value)
}

/// A block with labels, which stand in quotes.
pub(super) fn block(name: &str, labels: &[&str], contents: Contents) -> Block {
    let mut block = Block::new(Ident::new(name));
    block.labels = labels.iter().map(|&label| label.into()).collect();
    block.body = contents.0;
    block
}

/// Puts a comment above `item`. Several lines are several comment lines; a blank line at the end sets the comment
/// apart, as a heading.
pub(crate) fn commented<T: Decorate>(mut item: T, comment: &str) -> T {
    let mut lines = String::new();
    for line in comment.split('\n') {
        if !line.is_empty() {
            lines.push_str("# ");
            lines.push_str(line);
        }
        lines.push('\n');
    }
    item.decor_mut().set_prefix(lines);
    item
}

/// The lines of the comment above something: `#` and text, or nothing for a blank line.
pub(super) fn comment_lines(prefix: Option<&RawString>) -> Vec<String> {
    let Some(prefix) = prefix else { return Vec::new() };
    // The last piece is what stands in the line of the thing itself: its indentation.
    let mut lines: Vec<_> = prefix.split('\n').map(str::trim).collect();
    lines.pop();
    lines.into_iter().skip_while(|line| line.is_empty()).map(str::to_owned).collect()
}

/// A text that means itself, whatever is in it.
///
/// The library escapes a marker (`${`, `%{`) rightly where it is the first of its piece, so texts with several are
/// handed over in pieces that start at each marker.
pub(crate) fn literal(text: &str) -> Expression {
    match pieces_by_marker(text).as_slice() {
        [] => Expression::from(""),
        [one] => Expression::from(*one),
        pieces => template(pieces.iter().map(|piece| TemplatePart::Literal(piece))),
    }
}

/// Part of a template.
pub(super) enum TemplatePart<'a> {
    /// Characters that mean themselves.
    Literal(&'a str),
    /// A value that is turned into text.
    Value(Expression),
}

/// A text with values in it.
pub(super) fn template<'a>(parts: impl IntoIterator<Item = TemplatePart<'a>>) -> Expression {
    use hcl_edit::template::{Element, Interpolation, StringTemplate};
    // No blanks between the braces and the value, as everybody writes it.
    let interpolation = |value: Expression| Element::from(Interpolation::new(value.decorated(("", ""))));
    let mut elements: Vec<Element> = Vec::new();
    let mut parts = parts.into_iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            TemplatePart::Literal(text) => {
                // In front of a value, `$` would escape the value's own marker.
                let before_value = matches!(parts.peek(), Some(TemplatePart::Value(_)));
                let safe = if before_value { text.trim_end_matches(['$', '%']) } else { text };
                elements.extend(pieces_by_marker(safe).into_iter().map(Element::from));
                let rest = &text[safe.len()..];
                elements.extend((!rest.is_empty()).then(|| interpolation(Expression::from(rest))));
            }
            TemplatePart::Value(value) => elements.push(interpolation(value)),
        }
    }
    elements.into_iter().collect::<StringTemplate>().into()
}

/// `text`, cut in front of each marker.
fn pieces_by_marker(text: &str) -> Vec<&str> {
    let mut cuts: Vec<_> = text
        .match_indices("${")
        .chain(text.match_indices("%{"))
        .map(|(at, _)| at)
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect()
}

/// A path such as `var.aws_region` or `aws_sqs_queue.scaleup.arn`.
pub(super) fn path(steps: &[&str]) -> Expression {
    let (first, rest) = steps.split_first().expect("a path has a first step");
    let first = Expression::from(Ident::new(*first));
    if rest.is_empty() {
        return first;
    }
    let steps =
        rest.iter().map(|&step| Decorated::new(TraversalOperator::GetAttr(Decorated::new(Ident::new(step)))));
    Traversal::new(first, steps.collect()).into()
}

/// A call of a function of the language.
pub(super) fn call(name: &str, arguments: impl IntoIterator<Item = Expression>) -> Expression {
    FuncCall::new(Ident::new(name), arguments.into_iter().collect::<FuncArgs>()).into()
}

/// `left operator right`.
pub(super) fn binary(
    left: impl Into<Expression>,
    operator: BinaryOperator,
    right: impl Into<Expression>,
) -> Expression {
    BinaryOp::new(left, Decorated::new(operator), right).into()
}

/// `condition ? yes : no`.
pub(super) fn either(
    condition: impl Into<Expression>,
    yes: impl Into<Expression>,
    no: impl Into<Expression>,
) -> Expression {
    Conditional::new(condition, yes, no).into()
}

/// `[for name in list : value]`.
pub(super) fn for_each(name: &str, list: Expression, value: Expression) -> Expression {
    let name = Decorated::new(Ident::new(name)).decorated((" ", " "));
    ForExpr::new(ForIntro::new(name, list), value).into()
}

/// `[for name in list : value if condition]`.
pub(super) fn for_each_if(
    name: &str,
    list: Expression,
    value: Expression,
    condition: Expression,
) -> Expression {
    let name = Decorated::new(Ident::new(name)).decorated((" ", " "));
    let mut each = ForExpr::new(ForIntro::new(name, list), value);
    each.cond = Some(ForCond::new(condition));
    each.into()
}

/// A list.
pub(crate) fn list<T: Into<Expression>>(items: impl IntoIterator<Item = T>) -> Expression {
    items.into_iter().map(Into::into).collect::<Array>().into()
}

/// An object, in the order given.
pub(crate) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Expression)>) -> Expression {
    entries.into_iter().map(|(name, value)| (key(name), value)).collect::<Object>().into()
}

/// An object with a comment inside, above its first entry.
pub(super) fn explained<'a>(
    comment: &str,
    entries: impl IntoIterator<Item = (&'a str, Expression)>,
) -> Expression {
    let mut entries = entries.into_iter();
    let first = entries.next().map(|(name, value)| (commented(key(name), comment), value));
    let rest = entries.map(|(name, value)| (key(name), value));
    first
        .into_iter()
        .chain(rest)
        .map(|(key, value)| (key, ObjectValue::new(value)))
        .collect::<Object>()
        .into()
}

/// The name of an object's entry, in quotes where the language asks for them.
fn key(name: &str) -> ObjectKey {
    match Ident::try_new(name) {
        Ok(name) => name.into(),
        Err(_) => literal(name).into(),
    }
}

#[cfg(test)]
mod tests {
    use hcl_edit::parser::parse_expr;

    use super::*;

    /// Evaluates a text or a template whose values are texts, as the language does.
    fn evaluate(expression: &Expression) -> String {
        let parsed: hcl::Expression = parse_expr(&expression.to_string()).unwrap().into();
        hcl::eval::Evaluate::evaluate(&parsed, &hcl::eval::Context::new())
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_policy_variable_stays_a_literal() {
        assert_eq!(literal("${aws:userid}").to_string(), r#""$${aws:userid}""#);
        assert_eq!(literal("%{if}").to_string(), r#""%%{if}""#);
    }

    #[test]
    fn any_literal_means_itself() {
        // Every text of up to five of these, which holds every way to put markers side by side.
        let alphabet = ["$", "%", "{", "}", "\"", "\\", "a", "\n"];
        let mut texts = vec![String::new()];
        let mut longest = texts.clone();
        for _ in 0..4 {
            longest = longest.iter().flat_map(|text| alphabet.map(|next| format!("{text}{next}"))).collect();
            texts.extend(longest.clone());
        }
        texts.extend(
            ["tab\t", "\r\n", "\u{1}", "\u{7f}", "ünïcödé \u{1f980}", "# no comment", "'"].map(str::to_owned),
        );
        for text in &texts {
            assert_eq!(evaluate(&literal(text)), *text, "{}", literal(text));
            let around = template([
                TemplatePart::Literal(text),
                TemplatePart::Value("value".into()),
                TemplatePart::Literal(text),
            ]);
            assert_eq!(evaluate(&around), format!("{text}value{text}"), "{around}");
        }
    }

    #[test]
    fn names_of_entries_are_quoted_where_they_must_be() {
        assert_eq!(key("Sid"), ObjectKey::from(Ident::new("Sid")));
        assert_eq!(key("aws:SourceArn"), ObjectKey::from(Expression::from("aws:SourceArn")));
    }
}
