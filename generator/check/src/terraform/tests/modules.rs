//! Modules in folders: what they are given, what they give back, and what is refused.

use super::*;
use crate::terraform::Beside;

/// The module that `main` is, with `below` in folders below it.
fn called(main: &str, below: &[(&str, &str)]) -> Result<Module, String> {
    let file = |name: &str, text: &str| SourceFile { name: name.into(), bytes: text.as_bytes().to_vec() };
    let below = below.iter().map(|(name, text)| file(name, text));
    let others = OtherFiles { beside: Beside::of(below), ..OtherFiles::default() };
    evaluate(&[file("infra/main.tf", main)], &others, schema(), &|_| true, false).map_err(|problems| {
        problems.iter().fold(String::new(), |mut text, problem| {
            writeln!(text, "{}: {}", problem.place, problem.kind).unwrap();
            text
        })
    })
}

/// What `argument` becomes for a variable with `body`.
fn given(argument: &str, body: &str) -> Result<String, String> {
    let main = format!(
        "variable \"text\" {{\n  type = string\n}}\nvariable \"number\" {{\n  type = number\n}}\nvariable \"any\" {{}}\nvariable \"items\" {{\n  type = list(string)\n}}\nvariable \"flag\" {{\n  type = bool\n}}\nmodule \"m\" {{\n  source = \"./m\"\n{argument}\n}}\noutput \"it\" {{\n  value = module.m.it\n}}\n"
    );
    let module = format!("variable \"x\" {{\n{body}\n}}\noutput \"it\" {{\n  value = var.x\n}}\n");
    Ok(called(&main, &[("m/main.tf", &module)])?.outputs[0].arguments["value"].value.to_string())
}

#[track_caller]
fn becomes(argument: &str, body: &str, expected: &str) {
    assert_eq!(given(argument, body).as_deref(), Ok(expected), "{argument}, {body}");
}

#[track_caller]
fn does_not_become(argument: &str, body: &str, expected: &str) {
    let problems = given(argument, body).expect_err(argument);
    assert!(problems.contains(expected), "{argument}, {body}: {problems}");
}

#[test]
fn a_value_takes_the_type_of_its_variable() {
    becomes("x = 5", "type = string", "\"5\"");
    becomes("x = true", "type = string", "\"true\"");
    becomes("x = \"5\"", "type = number", "5");
    becomes("x = \"true\"", "type = bool", "true");
    becomes("x = null", "type = string", "nothing");
    becomes("x = var.number", "type = number", "\"<number>\"");
    becomes("x = var.flag ? 1 : 2", "type = string", "\"1\" if \"true\" = \"<flag>\", else \"2\"");
    becomes("x = [1, 2]", "type = list(string)", "[\"1\", \"2\"]");
    becomes("x = [1, \"a\"]", "type = list(any)", "[\"1\", \"a\"]");
    becomes("x = [\"b\", \"a\", \"b\"]", "type = set(string)", "[\"a\", \"b\"]");
    becomes("x = toset([\"b\", \"a\"])", "type = list(string)", "[\"a\", \"b\"]");
    becomes("x = var.items", "type = list(string)", "\"<items>\"");
    becomes("x = { a = 1 }", "type = map(string)", "{a: \"1\"}");
    becomes("x = [1, \"2\"]", "type = tuple([string, number])", "[\"1\", 2]");
    becomes("x = [1, \"a\", {}]", "type = any", "[1, \"a\", {}]");
    becomes("x = jsonencode({ a = 1 })", "type = string", "{a: 1}");
}

#[test]
fn objects_have_the_attributes_of_their_type() {
    let kind = "type = object({ a = string, b = optional(number), c = optional(object({ d = optional(bool, true) }), {}) })";
    becomes("x = { a = 1, more = 2 }", kind, "{a: \"1\", b: nothing, c: {d: true}}");
    becomes("x = { a = \"y\", b = \"3\", c = { d = false } }", kind, "{a: \"y\", b: 3, c: {d: false}}");
    becomes("x = { a = \"y\", c = null }", kind, "{a: \"y\", b: nothing, c: {d: true}}");
    does_not_become(
        "x = { b = 1 }",
        kind,
        "main.tf:16:5: `module.m` is not given `x.a`, which has no default",
    );
    does_not_become("x = { a = [] }", kind, "`x.a` of `module.m` must be text; this is a list");
}

#[test]
fn defaults_stand_for_what_is_not_given() {
    becomes("", "default = 5", "5");
    becomes("", "type = string\ndefault = 5", "\"5\"");
    becomes("x = null", "type = string\ndefault = 5", "nothing");
    becomes("x = null", "type = string\ndefault = 5\nnullable = false", "\"5\"");
    becomes(
        "x = var.text",
        "type = string\ndefault = 5\nnullable = false",
        "\"5\" if nothing = \"<text>\", else \"<text>\"",
    );
    does_not_become("x = null", "nullable = false", "`x` of `module.m` must be a value; this is nothing");
    does_not_become("", "type = string", "`module.m` is not given `x`, which has no default");
}

#[test]
fn what_does_not_fit_or_is_not_known_is_refused() {
    does_not_become("x = []", "type = string", "`x` of `module.m` must be text; this is a list");
    does_not_become("x = \"soon\"", "type = number", "`x` of `module.m` must be a number; this is text");
    does_not_become("x = \"yes\"", "type = bool", "`x` of `module.m` must be true or false; this is text");
    does_not_become("x = \"a\"", "type = list(string)", "must be a list");
    does_not_become("x = { a = [1] }", "type = map(number)", "`x.a` of `module.m` must be a number");
    does_not_become("x = [1]", "type = tuple([string, number])", "must be a list of that length");
    does_not_become(
        "x = var.text",
        "type = number",
        "`x` of `module.m` must be a number, and `<text>` need not be",
    );
    does_not_become("x = var.any", "type = bool", "give the variable that it comes from the same type");
    does_not_become(
        "x = var.items",
        "type = list(number)",
        "must be a list of that type, and `<items>` need not be",
    );
    does_not_become(
        "x = toset([var.text, \"a\"])",
        "type = list(string)",
        "the order in which a set becomes",
    );
    does_not_become(
        "x = 1",
        "type = strin",
        "the type of a variable must be one that Terraform knows; this is `strin`",
    );
}

#[test]
fn text_of_numbers_stands_between_quotes() {
    let json = |kind: &str| {
        let main = "variable \"n\" {\n  type = number\n}\nmodule \"m\" {\n  source = \"./m\"\n  n      = var.n\n}\noutput \"it\" {\n  value = \"${module.m.it}\\n\"\n}\n";
        let module = format!(
            "variable \"n\" {{\n  type = {kind}\n}}\noutput \"it\" {{\n  value = jsonencode({{ n = var.n }})\n}}\n"
        );
        let module = called(main, &[("m/main.tf", &module)]).unwrap();
        module.outputs[0].arguments["value"].value.to_string()
    };
    assert_ne!(json("string"), json("number"));
}

const QUEUE: &str = "variable \"name\" {}\nvariable \"on\" {\n  default = true\n}\nresource \"aws_sqs_queue\" \"this\" {\n  count = var.on ? 1 : 0\n  name  = \"${var.name}-${basename_of}\"\n}\nlocals {\n  all = aws_sqs_queue.this[*].arn\n}\noutput \"arn\" {\n  value = one(local.all)\n}\noutput \"path\" {\n  value = \"${path.root} ${path.module}\"\n}\n";

#[test]
fn each_instance_has_its_own_names() {
    let queue = QUEUE.replace("${basename_of}", "q");
    let main = "variable \"flag\" {\n  type = bool\n}\nmodule \"one\" {\n  source = \"./modules/queue\"\n  name   = \"one\"\n}\nmodule \"each\" {\n  source   = \"./modules/queue\"\n  for_each = { a = \"x\", \"b.c\" = \"y\" }\n  name     = \"${each.key}-${each.value}\"\n}\nmodule \"two\" {\n  source = \"./modules/queue\"\n  count  = 2\n  name   = count.index\n}\nmodule \"maybe\" {\n  source     = \"./modules/queue\"\n  count      = var.flag ? 1 : 0\n  name       = \"maybe\"\n  depends_on = [module.one, module.each[\"a\"]]\n}\noutput \"it\" {\n  value = [module.one.arn, module.each[\"b.c\"].arn, module.two[*].arn, length(module.two), keys(module.each), try(module.maybe[0].arn, \"none\"), module.one.path, [for m in module.each : m.arn], values(module.each)[0].arn]\n}\n";
    let module = called(main, &[("modules/queue/main.tf", &queue)]).unwrap();
    assert_eq!(
        resources(&module),
        [
            "module.each[\"a\"].aws_sqs_queue.this[0] name=\"a-x-q\"",
            "module.each[\"b.c\"].aws_sqs_queue.this[0] name=\"b.c-y-q\"",
            "module.maybe.aws_sqs_queue.this[0] if \"true\" = \"<flag>\" name=\"maybe-q\" after module.one.aws_sqs_queue.this[0] (infra/main.tf:22:17) after module.each[\"a\"].aws_sqs_queue.this[0] (infra/main.tf:22:29)",
            "module.one.aws_sqs_queue.this[0] name=\"one-q\"",
            "module.two[0].aws_sqs_queue.this[0] name=\"0-q\"",
            "module.two[1].aws_sqs_queue.this[0] name=\"1-q\"",
        ]
    );
    let found = module.outputs[0].arguments["value"].value.to_string();
    for expected in [
        "<module.one.aws_sqs_queue.this[0].arn>",
        "2, [\"a\", \"b.c\"]",
        "if \"true\" = \"<flag>\", else \"none\"",
        "\". modules/queue\"",
    ] {
        assert!(found.contains(expected), "{found}");
    }
    assert_eq!(module.resources[0].place.to_string(), "infra/modules/queue/main.tf:5:1");
}

#[test]
fn circles_through_modules_are_refused() {
    let module = "variable \"x\" {\n  default = 1\n}\noutput \"y\" {\n  value = var.x\n}\noutput \"z\" {\n  value = 1\n}\nresource \"t\" \"r\" {\n  a = 1\n}\n";
    let refused = |main: &str, expected: &str| {
        let problems = called(main, &[("m/main.tf", module)]).map(|_| ()).unwrap_err();
        assert!(problems.contains(expected), "{problems}");
        assert_eq!(problems.lines().count(), 1, "{problems}");
    };
    refused(
        "module \"m\" {\n  source = \"./m\"\n  x = module.m.y\n}\n",
        "in a circle: module.m.var.x -> module.m.output.y -> module.m.var.x",
    );
    refused(
        "module \"m\" {\n  source = \"./m\"\n  depends_on = [t.r]\n}\nresource \"t\" \"r\" {\n  a = module.m.y\n}\n",
        "in a circle: t.r -> module.m -> t.r",
    );
    refused(
        "module \"m\" {\n  source = \"./m\"\n  count = length(module.m)\n}\n",
        "in a circle: module.m -> module.m",
    );
    // What an output does not need is no circle.
    called("module \"m\" {\n  source = \"./m\"\n  x = module.m.z\n}\n", &[("m/main.tf", module)]).unwrap();
}

#[test]
fn too_many_modules_are_refused() {
    let mut files = vec![("last/main.tf".to_owned(), "output \"o\" {\n  value = 1\n}\n".to_owned())];
    let call = |name: &str, to: &str| format!("module \"{name}\" {{\n  source = \"../{to}\"\n}}\n");
    for index in 0..12 {
        let to = if index == 11 { "last".to_owned() } else { format!("f{}", index + 1) };
        files.push((format!("f{index}/main.tf"), call("a", &to) + &call("b", &to)));
    }
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let problems = called("module \"m\" {\n  source = \"./f0\"\n}\n", &files).map(|_| ()).unwrap_err();
    assert!(problems.contains("more than 1000 modules, or more than 16 levels"), "{problems}");
    let many = "module \"m\" {\n  source = \"./last\"\n  for_each = toset([for x in range(900) : tostring(x)])\n}\nmodule \"n\" {\n  source = \"./last\"\n  count = 200\n}\n";
    let problems = called(many, &files).map(|_| ()).unwrap_err();
    assert!(problems.contains("the module makes more values"), "{problems}");
}

#[test]
fn what_is_wrong_in_a_module_is_said_once_at_its_place() {
    let main = "module \"m\" {\n  source = \"./m\"\n  count = 3\n}\n";
    let problems = called(
        main,
        &[(
            "m/main.tf",
            "locals {\n  a = var.b\n}\noutput \"o\" {}\nvariable \"v\" {\n  typ = string\n  default = 1\n}\n",
        )],
    );
    let problems = problems.map(|_| ()).unwrap_err();
    assert_eq!(
        problems
            .lines()
            .filter(|line| line.starts_with("infra/m/main.tf:2:7: `var.b` is not declared"))
            .count(),
        1,
        "{problems}"
    );
    assert!(problems.contains("infra/m/main.tf:4:1: `module.m[0].output.o` needs `value`"), "{problems}");
    assert!(problems.contains("infra/m/main.tf:6:9: `typ` is no block"), "{problems}");
}
