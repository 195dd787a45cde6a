//! Terraform's functions (<https://developer.hashicorp.com/terraform/language/functions>).

mod encoding;
mod format;
mod list;
mod map;
mod number;
mod question;
mod set;
mod text;

use std::{ops::RangeInclusive, rc::Rc};

use hcl_edit::{
    Span as _,
    expr::{Expression, FuncCall, TraversalOperator},
};

use super::{
    ModuleProblem,
    evaluator::{Evaluator, Outcome, Scope},
    reference::Operand,
};
use crate::{
    graph::{Held, Value, alike},
    read::Place,
};

type Implementation = for<'e, 'a> fn(&'e mut Evaluator<'a>, &'e str, Vec<Held>, &'e Place) -> Outcome<Held>;

/// A function that is evaluated.
struct Known {
    name: &'static str,
    arguments: RangeInclusive<usize>,
    implementation: Implementation,
}

const MANY: usize = usize::MAX;

const fn known(
    name: &'static str,
    arguments: RangeInclusive<usize>,
    implementation: Implementation,
) -> Known {
    Known { name, arguments, implementation }
}

const KNOWN: &[Known] = &[
    known("abs", 1..=1, number::figure),
    known("alltrue", 1..=1, question::alltrue),
    known("anytrue", 1..=1, question::anytrue),
    known("base64encode", 1..=1, encoding::base64encode),
    known("ceil", 1..=1, number::figure),
    known("chomp", 1..=1, text::simple),
    known("coalesce", 1..=MANY, question::coalesce),
    known("compact", 1..=1, question::compact),
    known("concat", 1..=MANY, list::concat),
    known("contains", 2..=2, question::contains),
    known("distinct", 1..=1, set::distinct),
    known("element", 2..=2, list::element),
    known("endswith", 2..=2, text::question),
    known("flatten", 1..=1, list::flatten),
    known("floor", 1..=1, number::figure),
    known("format", 1..=MANY, format::format),
    known("formatlist", 1..=MANY, format::formatlist),
    known("indent", 2..=2, text::indent),
    known("join", 2..=MANY, text::join),
    known("jsondecode", 1..=1, encoding::jsondecode),
    known("jsonencode", 1..=1, encoding::jsonencode),
    known("keys", 1..=1, map::keys),
    known("length", 1..=1, list::length),
    known("lookup", 2..=3, map::lookup),
    known("lower", 1..=1, text::simple),
    known("max", 1..=MANY, number::most),
    known("merge", 1..=MANY, map::merge),
    known("min", 1..=MANY, number::most),
    known("nonsensitive", 1..=1, same),
    known("one", 1..=1, list::one),
    known("range", 1..=3, number::range),
    known("replace", 3..=3, text::replace),
    known("reverse", 1..=1, list::reverse),
    known("sensitive", 1..=1, same),
    known("setintersection", 1..=MANY, set::sets),
    known("setsubtract", 2..=2, set::sets),
    known("setunion", 1..=MANY, set::sets),
    known("slice", 3..=3, list::slice),
    known("sort", 1..=1, list::sort),
    known("split", 2..=2, text::split),
    known("startswith", 2..=2, text::question),
    known("strcontains", 2..=2, text::question),
    known("substr", 3..=3, text::substr),
    known("sum", 1..=1, number::sum),
    known("title", 1..=1, text::simple),
    known("tobool", 1..=1, question::tobool),
    known("tolist", 1..=1, set::tolist),
    known("tomap", 1..=1, map::tomap),
    known("tonumber", 1..=1, number::tonumber),
    known("toset", 1..=1, set::toset),
    known("tostring", 1..=1, text::tostring),
    known("trim", 2..=2, text::trim),
    known("trimprefix", 2..=2, text::trim),
    known("trimspace", 1..=1, text::simple),
    known("trimsuffix", 2..=2, text::trim),
    known("upper", 1..=1, text::simple),
    known("values", 1..=1, map::values),
    known("zipmap", 2..=2, map::zipmap),
];

/// Functions that Terraform has and the check does not follow, and what to do.
const OUTSIDE: &[(&[&str], &str)] = &[
    (
        &[
            "file",
            "fileexists",
            "fileset",
            "filebase64",
            "filebase64sha256",
            "filebase64sha512",
            "filemd5",
            "filesha1",
            "filesha256",
            "filesha512",
            "templatefile",
            "templatestring",
            "abspath",
            "pathexpand",
            "dirname",
            "basename",
        ],
        "only the `.tf` files are read: write the text here",
    ),
    (
        &["timestamp", "plantimestamp", "uuid", "uuidv5", "bcrypt", "rsadecrypt", "timeadd", "formatdate"],
        "what changes from run to run cannot be compared",
    ),
    (
        &["md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512", "base64gzip"],
        "CloudFormation has no such function: write the result",
    ),
    (
        &["can", "try", "regex", "regexall"],
        "the check understands it in the validation of a variable; `try` also around `resource[0].attribute`",
    ),
    (
        &["cidrsubnet", "cidrsubnets", "cidrhost", "cidrnetmask", "yamlencode", "yamldecode", "csvdecode"],
        "write the result",
    ),
];

/// `sensitive` and `nonsensitive`: the value is what it is.
fn same(_: &mut Evaluator<'_>, _: &str, arguments: Vec<Held>, place: &Place) -> Outcome<Held> {
    Ok(Held { place: place.clone(), ..list::only(arguments)? })
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
        if name == "try" {
            return self.attempt(scope, call, place);
        }
        if matches!(name, "length" | "keys" | "values" | "one")
            && let (Some(argument), 1) = (call.args.get(0), call.args.len())
        {
            let at = scope.file.place(argument);
            match self.operand(scope, argument)? {
                Operand::Instances(instances) => return self.of_instances(name, &instances, place),
                operand => {
                    let held = self.held(operand, &at)?;
                    let held = self.function(name, vec![Held { place: at, ..held }], place)?;
                    return Ok(Operand::Value(Rc::new(held)));
                }
            }
        }
        // Whatever the arguments are, it cannot be evaluated.
        self.find(name, place)?;
        let arguments: Vec<_> = call.args.iter().map(|argument| self.value(scope, argument)).collect();
        let mut arguments = arguments.into_iter().collect::<Outcome<Vec<_>>>()?;
        if call.args.expand_final() {
            match arguments.pop().map(|last| (last.value, last.place)) {
                Some((Value::List(items) | Value::Set(items), _)) => arguments.extend(items),
                Some((value, place)) => return self.not_known(&place, "a list before `...`", &value),
                None => {}
            }
        }
        let held = self.function(name, arguments, place)?;
        Ok(Operand::Value(Rc::new(held)))
    }

    /// The function `name` of `arguments`.
    pub(super) fn function(&mut self, name: &str, arguments: Vec<Held>, place: &Place) -> Outcome<Held> {
        let Known { arguments: expected, implementation, .. } = self.find(name, place)?;
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
            implementation(this, name, arguments, place)
        })?;
        self.pay(&held, place)?;
        Ok(held)
    }

    fn find(&mut self, name: &str, place: &Place) -> Outcome<&'static Known> {
        if let Some(known) = KNOWN.iter().find(|known| known.name == name) {
            return Ok(known);
        }
        if let Some((_, instead)) = OUTSIDE.iter().find(|(names, _)| names.contains(&name)) {
            return self.outside(place, format!("the function `{name}`"), instead);
        }
        let suggestion = alike(name, KNOWN.iter().map(|known| known.name)).map(str::to_owned);
        self.refuse(place, ModuleProblem::UnknownFunction { name: name.to_owned(), suggestion })
    }

    /// `try(aws_x.y[0].arn, "")`, where `y` exists under a condition: the attribute then, or else the other value.
    fn attempt(&mut self, scope: &Scope<'a>, call: &'a FuncCall, place: &Place) -> Outcome<Operand<'a>> {
        let attempted = match (call.args.get(0), call.args.get(1), call.args.len()) {
            (Some(first @ Expression::Traversal(traversal)), Some(otherwise), 2) => {
                Some((first, traversal, otherwise))
            }
            _ => None,
        };
        if let Some((first, traversal, otherwise)) = attempted
            && let Expression::Variable(kind) = &traversal.expr
            && let [name, index, _, ..] = traversal.operators.as_slice()
            && let TraversalOperator::GetAttr(name) = name.value()
            && let TraversalOperator::Index(Expression::Number(index)) = index.value()
            && scope.file.source(index) == "0"
            && let Some(id) =
                self.declarations.find(super::declaration::Mode::Resource, kind.as_str(), name.as_str())
        {
            let instances = self.instances(id)?;
            if let Some(instance) = instances.get("0")
                && !instance.is_certain()
            {
                let condition = instance.condition.clone();
                let then = self.value(scope, first);
                let otherwise = self.value(scope, otherwise);
                let value = Value::choice(condition, then?, otherwise?);
                return Ok(Operand::Value(Rc::new(Held::new(value, place.clone()))));
            }
        }
        let at = if call.span().is_some() { place.clone() } else { scope.file.place(call) };
        self.find("try", &at).map(|_| ())?;
        Err(super::evaluator::Refused)
    }
}
