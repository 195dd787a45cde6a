//! Lays trees out as `terraform fmt` does, so that its output is a fixed point of it.
//!
//! Two blanks a level; a blank line around blocks and around attributes of several lines; the `=` of neighbouring
//! attributes of one line stand in one column; lists and objects that do not fit in a line have one item a line.

use hcl_edit::{
    Decor, Decorate,
    expr::{
        Array, Expression, FuncArgs, Object, ObjectKey, ObjectKeyMut, ObjectValue, ObjectValueTerminator,
    },
    structure::{Attribute, Block, Body, Structure},
};

use super::tree::comment_lines;

/// Lists longer than this have one item a line.
const WIDTH: usize = 110;

/// The text of `body`, a whole file.
pub(crate) fn print(mut body: Body) -> String {
    body_at(&mut body, 0);
    body.to_string()
}

/// The text of `expression` in one line, without its comments.
pub(super) fn one_line(expression: &Expression) -> String {
    let mut expression = expression.clone();
    flat(&mut expression);
    expression.to_string()
}

/// Attributes that stand apart from what is above them.
const PARAGRAPHS: [&str; 3] = ["tags", "depends_on", "expect_failures"];
/// Attributes that stand apart from what is below them.
const OPENINGS: [&str; 2] = ["count", "command"];

fn body_at(body: &mut Body, level: usize) {
    let shapes = body.iter_mut().map(|mut structure| {
        if let Some(block) = structure.as_block_mut() {
            block_at(block, level);
        }
        if let Some(mut attribute) = structure.as_attribute_mut() {
            let column = level * 2 + attribute.get().key.as_str().len() + " = ".len();
            expression_at(attribute.value_mut(), level, column);
        }
        comment_lines(structure.decor().prefix())
    });
    let comments: Vec<_> = shapes.collect();
    let gaps = gaps(body);
    let names: Vec<_> = body.iter().map(name_of_line).collect();
    let starts: Vec<_> = (0..names.len()).map(|at| gaps[at] || !comments[at].is_empty()).collect();
    let widths = widths(&names, &starts);
    for (at, mut structure) in body.iter_mut().enumerate() {
        let gap = if gaps[at] { "\n" } else { "" };
        structure.decor_mut().set_prefix(format!("{gap}{}", lead(&comments[at], level)));
        if let Some(mut attribute) = structure.as_attribute_mut() {
            let length = attribute.get().key.as_str().len();
            *attribute.key_decor_mut() = Decor::new("", padding(length, widths[at]));
        }
    }
}

fn block_at(block: &mut Block, level: usize) {
    if block.body.is_empty() {
        block.body.set_prefer_oneline(true);
    } else {
        body_at(&mut block.body, level + 1);
        block.body.decor_mut().set_suffix(indent(level));
    }
}

/// Before which structures there is a blank line.
fn gaps(body: &Body) -> Vec<bool> {
    let structures: Vec<_> = body.iter().collect();
    let before = |pair: &[&Structure]| match (pair[0], pair[1]) {
        (Structure::Attribute(above), Structure::Attribute(below)) => {
            is_long(above)
                || is_long(below)
                || !comment_lines(below.decor().prefix()).is_empty()
                || PARAGRAPHS.contains(&below.key.as_str())
                || OPENINGS.contains(&above.key.as_str())
        }
        (Structure::Block(_), _) | (_, Structure::Block(_)) => true,
    };
    // The first structure has nothing above it.
    std::iter::once(false).take(structures.len()).chain(structures.windows(2).map(before)).collect()
}

fn is_long(attribute: &Attribute) -> bool {
    attribute.value.to_string().contains('\n')
}

/// The name of an attribute that takes one line.
fn name_of_line(structure: &Structure) -> Option<usize> {
    match structure {
        Structure::Attribute(attribute) => (!is_long(attribute)).then(|| attribute.key.as_str().len()),
        Structure::Block(_) => None,
    }
}

/// How wide names are in the run of lines that each line belongs to. `names` has the width of each line's name,
/// or nothing where something else than a line stands; `starts` says where a run cannot go on.
fn widths(names: &[Option<usize>], starts: &[bool]) -> Vec<usize> {
    let mut widths = vec![0; names.len()];
    let mut from = 0;
    while from < names.len() {
        let mut to = from + 1;
        while names[from].is_some() && to < names.len() && names[to].is_some() && !starts[to] {
            to += 1;
        }
        let widest = names[from..to].iter().flatten().max().copied().unwrap_or(0);
        widths[from..to].fill(widest);
        from = to;
    }
    widths
}

/// Blanks after a name of `length`, up to the `=`.
fn padding(length: usize, width: usize) -> String {
    " ".repeat(width.saturating_sub(length) + 1)
}

fn indent(level: usize) -> String {
    "  ".repeat(level)
}

/// Comments and the indentation of the line that follows them.
fn lead(comments: &[String], level: usize) -> String {
    let mut lead = String::new();
    for line in comments {
        if !line.is_empty() {
            lead.push_str(&indent(level));
            lead.push_str(line);
        }
        lead.push('\n');
    }
    lead.push_str(&indent(level));
    lead
}

/// Lays `expression` out, which starts in `column` of a line that is indented by `level`.
fn expression_at(expression: &mut Expression, level: usize, column: usize) {
    if !needs_lines(expression) && column + one_line(expression).chars().count() <= WIDTH {
        flat(expression);
        return;
    }
    match expression {
        Expression::Object(object) => object_at(object, level),
        Expression::Array(array) => array_at(array, level),
        Expression::FuncCall(call) => {
            let column = column + call.name.name.as_str().len() + 1;
            for argument in &mut call.args {
                expression_at(argument, level, column);
            }
        }
        // Nothing else has lines to break.
        _ => {}
    }
}

/// Whether an object may stand in one line: at most one entry, a plain one.
fn is_small(object: &Object) -> bool {
    let is_plain = |(key, value): (&ObjectKey, &ObjectValue)| {
        comment_lines(key.decor().prefix()).is_empty()
            && !matches!(value.expr(), Expression::Object(_) | Expression::Array(_))
    };
    object.len() <= 1 && object.iter().all(is_plain)
}

/// Whether there is an object in `expression` that takes several lines wherever it stands.
fn needs_lines(expression: &Expression) -> bool {
    match expression {
        Expression::Object(object) => !is_small(object),
        Expression::Array(array) => array.iter().any(needs_lines),
        Expression::FuncCall(call) => call.args.iter().any(needs_lines),
        _ => false,
    }
}

fn object_at(object: &mut Object, level: usize) {
    let inner = level + 1;
    let mut comments = Vec::new();
    let mut names = Vec::new();
    for (mut key, value) in object.iter_mut() {
        comments.push(comment_lines(key.decor().prefix()));
        let length = key_length(&mut key);
        expression_at(value.expr_mut(), inner, inner * 2 + length + " = ".len());
        value.set_terminator(ObjectValueTerminator::Newline);
        let is_line = !value.expr().to_string().contains('\n');
        names.push((length, is_line));
    }
    let lines: Vec<_> = names.iter().map(|&(length, is_line)| is_line.then_some(length)).collect();
    let starts: Vec<_> = comments.iter().map(|comment| !comment.is_empty()).collect();
    let widths = widths(&lines, &starts);
    for (at, (mut key, _)) in object.iter_mut().enumerate() {
        let first = if at == 0 { "\n" } else { "" };
        let prefix = format!("{first}{}", lead(&comments[at], inner));
        *key.decor_mut() = Decor::new(prefix, padding(names[at].0, widths[at]));
    }
    object.set_trailing(indent(level));
}

/// How long a key is, with its quotes.
fn key_length(key: &mut ObjectKeyMut<'_>) -> usize {
    match key.get() {
        ObjectKey::Ident(name) => name.as_str().chars().count(),
        ObjectKey::Expression(expression) => one_line(expression).chars().count(),
    }
}

fn array_at(array: &mut Array, level: usize) {
    let inner = level + 1;
    for item in array.iter_mut() {
        expression_at(item, inner, inner * 2);
        *item.decor_mut() = Decor::new(format!("\n{}", indent(inner)), "");
    }
    array.set_trailing_comma(true);
    array.set_trailing(format!("\n{}", indent(level)));
}

/// Puts all of `expression` in one line.
fn flat(expression: &mut Expression) {
    *expression.decor_mut() = Decor::default();
    match expression {
        Expression::Object(object) => flat_object(object),
        Expression::Array(array) => flat_array(array),
        Expression::FuncCall(call) => flat_arguments(&mut call.args),
        _ => {}
    }
}

fn flat_arguments(arguments: &mut FuncArgs) {
    arguments.iter_mut().for_each(flat);
    arguments.set_trailing("");
}

fn flat_array(array: &mut Array) {
    array.iter_mut().for_each(flat);
    array.set_trailing_comma(false);
    array.set_trailing("");
}

fn flat_object(object: &mut Object) {
    let last = object.len().saturating_sub(1);
    for (at, (mut key, value)) in object.iter_mut().enumerate() {
        *key.decor_mut() = Decor::new(" ", " ");
        flat(value.expr_mut());
        let between = if at == last { ObjectValueTerminator::None } else { ObjectValueTerminator::Comma };
        value.set_terminator(between);
    }
    object.set_trailing(if object.is_empty() { "" } else { " " });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that is laid out already stays as it is; everything in it was written by hand.
    #[track_caller]
    fn stays(text: &str) {
        assert_eq!(print(text.parse().unwrap()), text);
    }

    #[track_caller]
    fn becomes(text: &str, expected: &str) {
        assert_eq!(print(text.parse().unwrap()), expected);
        stays(expected);
    }

    #[test]
    fn neighbouring_lines_are_aligned() {
        becomes("a = 1\nlong_name = 2\n", "a         = 1\nlong_name = 2\n");
        becomes("o = {\na = 1\n\"b:c\" = 2\n}\n", "o = {\n  a     = 1\n  \"b:c\" = 2\n}\n");
    }

    #[test]
    fn several_lines_end_a_run() {
        becomes(
            "name = 1\no = {\na = 1\nbcd = {\ne = [{\nf = 1\ng = 2\n}]\n}\nhi = 2\n}\nlonger_name = 2\nx = 3\n",
            "name = 1\n\no = {\n  a = 1\n  bcd = {\n    e = [\n      {\n        f = 1\n        g = 2\n      },\n    ]\n  }\n  hi = 2\n}\n\nlonger_name = 2\nx           = 3\n",
        );
    }

    #[test]
    fn comments_stay_and_end_a_run() {
        stays("# above\na = 1\n\n# why\nlong = 2\n");
        stays(
            "b \"x\" {\n  o = {\n    # inside\n    # of it\n    Sid = 1\n    # again\n    Action = 2\n  }\n}\n",
        );
        stays("# Heading\n\nb {}\n");
    }

    #[test]
    fn blocks_stand_apart() {
        becomes(
            "b \"x\" {\na = 1\nc {\n}\nd {\ne = 1\n}\n}\nf {}\n",
            "b \"x\" {\n  a = 1\n\n  c {}\n\n  d {\n    e = 1\n  }\n}\n\nf {}\n",
        );
    }

    #[test]
    fn paragraphs_of_a_resource_stand_apart() {
        becomes(
            "r {\ncount = 1\nname = 2\ntags = 3\ndepends_on = [a.b]\n}\n",
            "r {\n  count = 1\n\n  name = 2\n\n  tags = 3\n\n  depends_on = [a.b]\n}\n",
        );
    }

    #[test]
    fn lists_break_where_the_line_ends() {
        let item = format!("\"{}\"", "x".repeat(60));
        becomes(&format!("a = [{item}]\n"), &format!("a = [{item}]\n"));
        becomes(&format!("a = [{item}, {item}]\n"), &format!("a = [\n  {item},\n  {item},\n]\n"));
    }

    #[test]
    fn one_line_has_no_comments_and_no_breaks() {
        let call: Expression = "f({\n  # why\n  a = [\n    1,\n    2,\n  ]\n  b = {}\n})".parse().unwrap();
        assert_eq!(one_line(&call), "f({ a = [1, 2], b = {} })");
    }
}
