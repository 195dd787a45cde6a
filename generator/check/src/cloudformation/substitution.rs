//! The text of `Fn::Sub`, in segments
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>).

use super::problem::TemplateProblem;

/// A part of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SubstitutionPart<'a> {
    /// Characters that mean themselves.
    Literal(&'a str),
    /// `${Name}`.
    Name(&'a str),
}

/// The parts of `text`.
pub(super) fn parts(text: &str) -> Result<Vec<SubstitutionPart<'_>>, TemplateProblem> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        parts.push(SubstitutionPart::Literal(before));
        let Some((name, behind)) = after.split_once('}') else {
            return Err(TemplateProblem::Unclosed { found: format!("${{{after}") });
        };
        if let Some(literal) = name.strip_prefix('!') {
            parts.extend([
                SubstitutionPart::Literal("${"),
                SubstitutionPart::Literal(literal),
                SubstitutionPart::Literal("}"),
            ]);
        } else {
            parts.push(SubstitutionPart::Name(name));
        }
        rest = behind;
    }
    parts.push(SubstitutionPart::Literal(rest));
    parts.retain(|part| *part != SubstitutionPart::Literal(""));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_literals_and_escapes() {
        assert_eq!(
            parts("a-${AWS::Region}$x${!aws:userid}${Q.Arn}").unwrap(),
            [
                SubstitutionPart::Literal("a-"),
                SubstitutionPart::Name("AWS::Region"),
                SubstitutionPart::Literal("$x"),
                SubstitutionPart::Literal("${"),
                SubstitutionPart::Literal("aws:userid"),
                SubstitutionPart::Literal("}"),
                SubstitutionPart::Name("Q.Arn"),
            ]
        );
        assert_eq!(parts("").unwrap(), []);
        assert_eq!(parts("a $ {b} $").unwrap(), [SubstitutionPart::Literal("a $ {b} $")]);
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        assert_eq!(parts("a${b").unwrap_err(), TemplateProblem::Unclosed { found: "${b".into() });
    }
}
