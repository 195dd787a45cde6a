//! The table of all functions that Terraform has, by name.

use std::{ops::RangeInclusive, rc::Rc};

use hcl_edit::expr::FuncCall;

use super::{
    Arguments,
    attempt::{attempt, can},
    collection, scalar, text,
};
use crate::{
    graph::Held,
    read::Place,
    terraform::{
        evaluator::{Evaluator, Outcome, Scope},
        instance::{keys_of, length_of, one_of, values_of},
        reference::Operand,
        repetition::Instances,
    },
};

/// A function, and how it is evaluated.
pub(super) struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// How it is evaluated.
    pub evaluation: Evaluation,
}

/// How a function is evaluated.
pub(super) enum Evaluation {
    /// From the values of its arguments, of which there are this many.
    OfValues(RangeInclusive<usize>, OfValues),
    /// From the value of its only argument, or from all instances of a block.
    OfOne(OfValues, OfInstances),
    /// From expressions, in some places. Elsewhere it is not followed, and this is what to do instead.
    OfExpressions(OfExpressions, &'static str),
    /// It makes something of a text or a file that is compared with nothing: it is a value of its own.
    Digest,
    /// Not at all, and this is what to do instead.
    None(&'static str),
}

/// A function of values.
pub(super) type OfValues = for<'e, 'a, 'p> fn(&'e mut Evaluator<'a>, Arguments<'p>) -> Outcome<Held>;

/// A function of all instances of a block.
pub(super) type OfInstances =
    for<'e, 'a, 'p> fn(&'e mut Evaluator<'a>, &'p Rc<Instances<'a>>, &'p Place) -> Outcome<Operand<'a>>;

/// A function of expressions.
pub(super) type OfExpressions =
    for<'e, 'a, 'p> fn(&'e mut Evaluator<'a>, &'p Scope<'a>, &'a FuncCall, &'p Place) -> Outcome<Operand<'a>>;

/// As many arguments as anybody wants.
pub(super) const MANY: usize = usize::MAX;

const FILES: &str = "the check reads the module's own files only: write the result";
const CHANGES: &str = "what changes from run to run cannot be compared";
const WRITE: &str = "write the result";
/// What to do instead of a function that only validations may call.
pub(super) const IN_VALIDATIONS: &str = "whether this can be evaluated, only Terraform knows; in the validation of a variable, the check understands it";

/// All functions, by name.
pub(super) const TABLE: &[Builtin] = &[
    of("abs", 1..=1, scalar::abs),
    none("abspath", FILES),
    of("alltrue", 1..=1, scalar::alltrue),
    of("anytrue", 1..=1, scalar::anytrue),
    of("base64encode", 1..=1, text::base64encode),
    digest("base64gzip"),
    digest("base64sha256"),
    digest("base64sha512"),
    none("basename", FILES),
    none("bcrypt", CHANGES),
    Builtin { name: "can", evaluation: Evaluation::OfExpressions(can, IN_VALIDATIONS) },
    of("ceil", 1..=1, scalar::ceil),
    of("chomp", 1..=1, text::chomp),
    none("cidrhost", WRITE),
    none("cidrnetmask", WRITE),
    none("cidrsubnet", WRITE),
    none("cidrsubnets", WRITE),
    of("coalesce", 1..=MANY, scalar::coalesce),
    of("compact", 1..=1, collection::compact),
    of("concat", 1..=MANY, collection::concat),
    of("contains", 2..=2, collection::contains),
    none("csvdecode", WRITE),
    none("dirname", FILES),
    of("distinct", 1..=1, collection::distinct),
    of("element", 2..=2, collection::element),
    of("endswith", 2..=2, text::endswith),
    of("file", 1..=1, text::file),
    digest("filebase64"),
    digest("filebase64sha256"),
    digest("filebase64sha512"),
    none("fileexists", FILES),
    digest("filemd5"),
    none("fileset", FILES),
    digest("filesha1"),
    digest("filesha256"),
    digest("filesha512"),
    of("flatten", 1..=1, collection::flatten),
    of("floor", 1..=1, scalar::floor),
    of("format", 1..=MANY, text::format),
    none("formatdate", CHANGES),
    of("formatlist", 1..=MANY, text::formatlist),
    of("indent", 2..=2, text::indent),
    of("join", 2..=MANY, text::join),
    of("jsondecode", 1..=1, text::jsondecode),
    of("jsonencode", 1..=1, text::jsonencode),
    of_one("keys", collection::keys, keys_of),
    of_one("length", collection::length, length_of),
    of("lookup", 2..=3, collection::lookup),
    of("lower", 1..=1, text::lower),
    of("max", 1..=MANY, scalar::max),
    digest("md5"),
    of("merge", 1..=MANY, collection::merge),
    of("min", 1..=MANY, scalar::min),
    of("nonsensitive", 1..=1, scalar::same),
    of_one("one", collection::one, one_of),
    none("pathexpand", FILES),
    none("plantimestamp", CHANGES),
    of("range", 1..=3, collection::range),
    none("regex", IN_VALIDATIONS),
    none("regexall", IN_VALIDATIONS),
    of("replace", 3..=3, text::replace),
    of("reverse", 1..=1, collection::reverse),
    none("rsadecrypt", CHANGES),
    of("sensitive", 1..=1, scalar::same),
    of("setintersection", 1..=MANY, collection::setintersection),
    of("setsubtract", 2..=2, collection::setsubtract),
    of("setunion", 1..=MANY, collection::setunion),
    digest("sha1"),
    digest("sha256"),
    digest("sha512"),
    of("slice", 3..=3, collection::slice),
    of("sort", 1..=1, collection::sort),
    of("split", 2..=2, text::split),
    of("startswith", 2..=2, text::startswith),
    of("strcontains", 2..=2, text::strcontains),
    of("substr", 3..=3, text::substr),
    of("sum", 1..=1, scalar::sum),
    digest("templatefile"),
    none("templatestring", FILES),
    none("timeadd", CHANGES),
    none("timestamp", CHANGES),
    of("title", 1..=1, text::title),
    of("tobool", 1..=1, scalar::tobool),
    of("tolist", 1..=1, collection::tolist),
    of("tomap", 1..=1, collection::tomap),
    of("tonumber", 1..=1, scalar::tonumber),
    of("toset", 1..=1, collection::toset),
    of("tostring", 1..=1, text::tostring),
    of("trim", 2..=2, text::trim),
    of("trimprefix", 2..=2, text::trimprefix),
    of("trimspace", 1..=1, text::trimspace),
    of("trimsuffix", 2..=2, text::trimsuffix),
    Builtin { name: "try", evaluation: Evaluation::OfExpressions(attempt, IN_VALIDATIONS) },
    of("upper", 1..=1, text::upper),
    none("uuid", CHANGES),
    none("uuidv5", CHANGES),
    of_one("values", collection::values, values_of),
    none("yamldecode", WRITE),
    none("yamlencode", WRITE),
    of("zipmap", 2..=2, collection::zipmap),
];

const fn of(name: &'static str, arguments: RangeInclusive<usize>, function: OfValues) -> Builtin {
    Builtin { name, evaluation: Evaluation::OfValues(arguments, function) }
}

const fn of_one(name: &'static str, function: OfValues, of_instances: OfInstances) -> Builtin {
    Builtin { name, evaluation: Evaluation::OfOne(function, of_instances) }
}

const fn digest(name: &'static str) -> Builtin {
    Builtin { name, evaluation: Evaluation::Digest }
}

const fn none(name: &'static str, instead: &'static str) -> Builtin {
    Builtin { name, evaluation: Evaluation::None(instead) }
}

impl Builtin {
    /// Whether it is evaluated wherever it is called.
    pub(super) const fn is_evaluated(&self) -> bool {
        matches!(self.evaluation, Evaluation::OfValues(..) | Evaluation::OfOne(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_and_in_order() {
        assert!(TABLE.is_sorted_by(|left, right| left.name < right.name));
    }

    #[test]
    fn each_function_that_is_evaluated_is_tested() {
        let tests = include_str!("../tests/expressions.rs");
        for builtin in TABLE.iter().filter(|builtin| builtin.is_evaluated()) {
            assert!(tests.contains(&format!("{}(", builtin.name)), "no test calls `{}`", builtin.name);
        }
    }
}
