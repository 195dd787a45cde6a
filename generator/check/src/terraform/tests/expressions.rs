//! Expressions, and the functions that they call.

use super::*;

#[test]
fn literals_and_templates() {
    is("1.50", "1.5");
    is("-3", "-3");
    is("true", "true");
    is("null", "nothing");
    is(r#""a\tb\"\u00e4""#, r#""a\tb\"ä""#);
    is(r#""$${aws:userid} %%{x}""#, r#""${aws:userid} %{x}""#);
    is(r#""${var.name}-a${1 + 1}${true}""#, r#""<name>-a2true""#);
    is(r#""${var.items}""#, r#""<items>""#);
    is(r#"{ a = 1, "b" : [2], (var.flag ? "c" : "c") = 3, null = 4 }"#, "{a: 1, b: [2], c: 3, null: 4}");
    is("[1, [2], {},]", "[1, [2], {}]");
    is("(((1)))", "1");
    is_refused("{ (var.name) = 1 }", "the key of an object must be known from the files alone");
    is_refused("{ a.b = 1 }", "a reference as a key");
    is_refused("{ a = 1, \"a\" = 2 }", "`a` stands twice");
    is_refused("\"a${null}\"", "a part of a text must be text; this is nothing");
    is_refused("\"a${[1]}\"", "a part of a text must be text; this is a list");
    is_refused("\"a${var.items}\"", "this is a list (`<items>`)");
    is_refused("01", "a decimal number");
}

#[test]
fn references() {
    is("aws_sqs_queue.a.arn", "\"<aws_sqs_queue.a.arn>\"");
    is("aws_sqs_queue.a[\"arn\"]", "\"<aws_sqs_queue.a.arn>\"");
    is("aws_sqs_queue.a.name", "\"<name>-a\"");
    is("aws_sqs_queue.a.delay_seconds", "5");
    is("aws_sqs_queue.spare[0].arn", "\"<aws_sqs_queue.spare.arn>\"");
    is("aws_sqs_queue.spare[*].arn", "[\"<aws_sqs_queue.spare.arn>\"] if \"true\" = \"<flag>\", else []");
    is("aws_sqs_queue.spare.*.arn", "[\"<aws_sqs_queue.spare.arn>\"] if \"true\" = \"<flag>\", else []");
    is(
        "one(aws_sqs_queue.spare[*].arn)",
        "\"<aws_sqs_queue.spare.arn>\" if \"true\" = \"<flag>\", else nothing",
    );
    is(
        "try(aws_sqs_queue.spare[0].arn, \"\")",
        "\"<aws_sqs_queue.spare.arn>\" if \"true\" = \"<flag>\", else \"\"",
    );
    is(
        "join(\"\", aws_sqs_queue.spare[*].id)",
        "\"<aws_sqs_queue.spare.id>\" if \"true\" = \"<flag>\", else \"\"",
    );
    is("length(aws_sqs_queue.spare) > 0 ? 1 : 2", "1 if \"true\" = \"<flag>\", else 2");
    is("aws_sqs_queue.two[1].arn", "\"<aws_sqs_queue.two[1].arn>\"");
    is("aws_sqs_queue.two[1].name", "\"two-1\"");
    is("aws_sqs_queue.two[*].name", "[\"two-0\", \"two-1\"]");
    is("aws_sqs_queue.two.*.name[1]", "\"two-1\"");
    is("length(aws_sqs_queue.two)", "2");
    is(
        "aws_sqs_queue.each[\"x\"].arn",
        "\"<aws_sqs_queue.each[\"x\"].arn>\"".replace("[\"x\"]", "[\\\"x\\\"]").as_str(),
    );
    is("values(aws_sqs_queue.each)[*].name", "[\"x-1\", \"y-2\"]");
    is("[for q in values(aws_sqs_queue.each) : q.name]", "[\"x-1\", \"y-2\"]");
    is("{ for k, q in aws_sqs_queue.each : k => q.name }", "{x: \"x-1\", y: \"y-2\"}");
    is("[for q in aws_sqs_queue.two : q.name]", "[\"two-0\", \"two-1\"]");
    is("keys(aws_sqs_queue.each)", "[\"x\", \"y\"]");
    is("var.items[0]", "\"<Select(0, \"<items>\")>\"".replace("\"<items>\"", "\\\"<items>\\\"").as_str());
    is("[\"a\", \"b\"][1]", "\"b\"");
    is("{ a = { b = 1 } }.a[\"b\"]", "1");
    is("var.items[*]", "\"<items>\"");
    is("data.aws_region.current.name", "\"<region>\"");
    is("data.aws_caller_identity.current.account_id", "\"<account>\"");
    is("data.aws_partition.current.partition", "\"<partition>\"");
    is("data.aws_partition.current.dns_suffix", "\"<url suffix>\"");
    is_refused("var.nam", "`var.nam` is not declared in these files; did you mean `var.name`?");
    is_refused("local.x", "`local.x` is not declared");
    is_refused(
        "aws_sqs_queue.b.arn",
        "`aws_sqs_queue.b` is not declared in these files; did you mean `aws_sqs_queue.a`?",
    );
    is_refused("aws_sqs_queue.a.colour", "does not know the attribute `colour` of `aws_sqs_queue.a`");
    is_refused("aws_sqs_queue.a", "a resource as a whole");
    is_refused("aws_sqs_queue.a[0].arn", "`aws_sqs_queue.a` has no `0`");
    is_refused("aws_sqs_queue.spare.arn", "which has `count`");
    is_refused("aws_sqs_queue.two[2].arn", "`aws_sqs_queue.two` has no `2`");
    is_refused("aws_sqs_queue.each[\"z\"].arn", "`aws_sqs_queue.each` has no `z`");
    is_refused("aws_sqs_queue.each[*].arn", "write `values(...)[*]`");
    is_refused("var.settings.a", "no value: give it a default");
    is_refused("var.name.a", "text has no `a`");
    is_refused("[1][1]", "the list has no `1`");
    is_refused("each.key", "it has a value only in a block with");
    is("path.module", "\".\"");
    is("\"${path.root}/x.zip\"", "\"./x.zip\"");
    is_refused("path.cwd", "only what the files themselves say");
    is_refused("terraform.workspace", "only what the files themselves say");
    is_refused("var", "`var` is not declared");
    is_refused("foo", "`foo` is not declared");
    is_refused("data.aws_region.current.description", "does not know the attribute `description`");
    is("try(var.name, \"\")", "\"<name>\"");
}

#[test]
fn conditions_on_inputs_stay_conditions() {
    is("var.flag ? \"a\" : \"b\"", "\"a\" if \"true\" = \"<flag>\", else \"b\"");
    is("!var.flag ? \"a\" : \"b\"", "\"b\" if \"true\" = \"<flag>\", else \"a\"");
    is(
        "var.name == \"x\" && var.flag ? 1 : 2",
        "1 if (\"true\" = \"<flag>\") and (\"x\" = \"<name>\"), else 2",
    );
    is(
        "var.name == \"x\" || var.flag ? 1 : 2",
        "2 if (\"true\" != \"<flag>\") and (\"x\" != \"<name>\"), else 1",
    );
    is("var.name != \"\"", "false if \"\" = \"<name>\", else true");
    is("length(var.name) > 0 ? 1 : 2", "2 if \"\" = \"<name>\", else 1");
    is("0 < length(var.name) ? 1 : 2", "2 if \"\" = \"<name>\", else 1");
    is("length(var.name) == 0 ? 1 : 2", "1 if \"\" = \"<name>\", else 2");
    is("length(var.items) > 0 ? 1 : 2", "2 if \"0\" = \"<Length(\\\"<items>\\\")>\", else 1");
    is("var.maybe == null ? 1 : 2", "1 if nothing = \"<maybe>\", else 2");
    is("var.name == null ? 1 : 2", "2");
    is("var.count == 3 ? 1 : 2", "1 if \"3\" = \"<count>\", else 2");
    is("true ? 1 : local.missing", "1");
    is("\"a\" == \"a\" ? 1 : 2", "1");
}

#[test]
fn conditions_go_through_what_is_made_of_them() {
    is(
        "\"${var.flag ? \"a\" : \"b\"}-${var.flag ? \"c\" : \"d\"}\"",
        "\"a-c\" if \"true\" = \"<flag>\", else \"b-d\"",
    );
    is("concat([1], var.flag ? [2] : [])", "[1, 2] if \"true\" = \"<flag>\", else [1]");
    is("merge({ a = 1 }, var.flag ? { b = 2 } : {})", "{a: 1, b: 2} if \"true\" = \"<flag>\", else {a: 1}");
    is("{ a = (var.flag ? [1] : [2])[0] }", "{a: 1 if \"true\" = \"<flag>\", else 2}");
    is("(var.flag ? 1 : 2) < 2 ? \"a\" : \"b\"", "\"a\" if \"true\" = \"<flag>\", else \"b\"");
    is("(var.flag ? \"x\" : \"y\") == \"x\"", "true if \"true\" = \"<flag>\", else false");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    is("var.count > 3 ? 1 : 2", r#"1 if "true" = "<>(\"<count>\", 3)>", else 2"#);
    is("var.count * 2", r#""<*(\"<count>\", 2)>""#);
    is_refused("var.name * 2", "a number in a calculation must be known");
    is_refused("length(var.name) == 3 ? 1 : 2", "the length of text that is not known");
    is_refused("var.items == [] ? 1 : 2", "comparing a list");
    is_refused("var.count == \"3\" ? 1 : 2", "comparing a number with text");
    is_refused("\"1\" == 1 ? 1 : 2", "comparing text with a number");
    is_refused("var.items ? 1 : 2", "a condition must be true or false; this is a list");
    is_refused("\"maybe\" ? 1 : 2", "a condition must be true or false; this is the text");
    is("1 + var.count", r#""<+(1, \"<count>\")>""#);
    is_refused("\"a\" + 1", "a number in a calculation must be a number");
    is_refused("1 / 0", "a calculation with fractions");
    is_refused("0.1 + 0.2", "a calculation with fractions");
}

#[test]
fn calculations() {
    is("1 + 2 * 3 - 4 / 2", "5");
    is("-7 % 4", "-3");
    is("0.5 + 0.25", "0.75");
    is("10 / 4", "2.5");
    is("-(1 + 2)", "-3");
    is("60 * 60 * 24 * 14", "1209600");
    is("\"5\" + 1", "6");
    is("1 < 2 && 2.5 >= 2.5 && !(3 <= 2)", "true");
}

#[test]
fn for_goes_through_what_is_known() {
    is("[for x in [1, 2, 3] : x * 2 if x != 2]", "[2, 6]");
    is("[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]", "[\"0a\", \"1b\"]");
    is("{ for k, v in { a = 1, b = 2 } : upper(k) => v + 1 }", "{A: 2, B: 3}");
    is("[for x in toset([\"b\", \"a\"]) : x]", "[\"a\", \"b\"]");
    is("[for x in [\"a\"] : \"${var.name}-${x}\"]", "[\"<name>-a\"]");
    is_refused("[for x in var.items : upper(x)]", "what `for` goes through must be known");
    is_refused("[for x in [1] : x if var.flag]", "the condition of a `for` must be known");
    is_refused("{ for x in [1, 1] : \"a\" => x }", "`a` stands twice");
    is_refused("{ for x in [1] : \"a\" => x... }", "`...` in a `for`");
}

#[test]
fn heredocs_and_directives() {
    is("<<EOT\n  a\n ${var.name}$${x}\\n\nEOT", "\"  a\\n <name>${x}\\\\n\\n\"");
    is("<<-EOT\n    a\n      ${var.name}\n\n    b\n  EOT", "\"a\\n  <name>\\n\\nb\\n\"");
    is("<<-EOT\n    a\n${1}\n  EOT", "\"    a\\n1\\n\"");
    is("<<-EOT\n    a\n  \n    b\n    EOT", "\"a\\n  \\nb\\n\"");
    is("<<EOT\nEOT", "\"\"");
    is("<<EOT\n%{ for x in [1, 2] ~}\n<${x}>\n%{ endfor ~}\nend\nEOT", "\"<1>\\n<2>\\nend\\n\"");
    is("<<-EOT\n  %{ if true }\n  a\n  %{ endif }\n  EOT", "\"\\na\\n\\n\"");
    is(
        "<<-EOT\n    x\n    %{ for x in [1, 2] ~}\n    <${x}>\n    %{ endfor ~}\n    end\n  EOT",
        "\"x\\n    <1>\\n    <2>\\n    end\\n\"",
    );
    is("<<EOT\nfoo\n\n${~ 1 ~}\n\n   bar\nEOT", "\"foo\\n1\\n   bar\\n\"");
    is("\"%{ if var.flag }a%{ else }b%{ endif }c\"", "\"ac\" if \"true\" = \"<flag>\", else \"bc\"");
    is("\"a  ${~ 1 ~}  b\"", "\"a1b\"");
    is("\"a %{~ if true ~} b %{~ endif ~} c\"", "\"abc\"");
    is("\"%{ for i, x in [\"a\"] }${i}${x}%{ endfor }\"", "\"0a\"");
    is_refused("\"%{ for x in var.items }x%{ endfor }\"", "what `for` goes through must be known");
}

#[test]
fn json() {
    is("jsonencode({ a = var.name, b = [1, null] })", "{a: \"<name>\", b: [1, null]}");
    is(
        "jsonencode({ a = var.count, b = \"${var.flag}\", c = tostring(var.flag), d = var.items })",
        r#"{a: "<count without quotes>", b: "<flag without quotes>", c: "<Text(\"<flag>\")>", d: "<items>"}"#,
    );
    is("jsondecode(jsonencode([null, var.count]))", "[nothing, \"<count>\"]");
    is("jsonencode(var.flag ? 1 : \"a\")", r#""1" if "true" = "<flag>", else "a""#);
    is("jsonencode(true ? 1 : \"a\")", r#""1""#);
    is("jsonencode(true ? var.count : \"a\")", r#""<Text(\"<count>\")>""#);
    is("jsonencode(tolist([1, var.name]))", r#"["1", "<name>"]"#);
    is("jsondecode(\"{\\\"a\\\": [1, true, null]}\")", "{a: [1, true, nothing]}");
    is("jsondecode(jsonencode({ a = var.name })).a", "\"<name>\"");
    is("\"x${jsonencode([1])}\"", "\"x[1]\"");
    is("base64encode(\"foobar\")", "\"Zm9vYmFy\"");
    is("base64encode(\"a${var.name}\")", "\"<Base64(\\\"a<name>\\\")>\"");
    is_refused("jsondecode(\"{\")", "must be a JSON document");
    is_refused("jsondecode(var.name)", "must be known");
}

#[test]
fn text() {
    is("join(\"-\", [\"a\", var.name, 1])", "\"a-<name>-1\"");
    is("join(\",\", var.items)", "\"<Join(\\\",\\\", \\\"<items>\\\")>\"");
    is(
        "format(\"%s-%d-%v-%q-%%-%02d|%-3s|%3s\", var.name, 3, true, \"a\", 7, \"b\", \"c\")",
        "\"<name>-3-true-\\\"a\\\"-%-07|b  |  c\"",
    );
    is("format(\"%d\", var.count)", r#""<Text(\"<count>\")>""#);
    is("format(\"%q\", \"a\\\"${var.name}\")", r#""\"a\\\"<name>\"""#);
    is("formatlist(\"%s:%s\", \"a\", [1, 2])", "[\"a:1\", \"a:2\"]");
    is("lower(\"AB\")", "\"ab\"");
    is("upper(\"ab\")", "\"AB\"");
    is("title(\"hello big-world o'neil\")", "\"Hello Big-World O'Neil\"");
    is("format(\"%q\", \"a<b\")", "\"\\\"a\\\\u003cb\\\"\"");
    is("replace(\"a-b-c\", \"-\", \"_\")", "\"a_b_c\"");
    is("trimspace(\"  a \")", "\"a\"");
    is("trim(\"xxaxx\", \"x\")", "\"a\"");
    is("trimprefix(\"ab\", \"a\")", "\"b\"");
    is("trimsuffix(\"ab\", \"b\")", "\"a\"");
    is("substr(\"hello\", 1, 3)", "\"ell\"");
    is("substr(\"hello\", -2, -1)", "\"lo\"");
    is("split(\",\", \"a,b\")", "[\"a\", \"b\"]");
    is("split(\",\", var.name)", "\"<Split(\\\",\\\", \\\"<name>\\\")>\"");
    is(
        "split(\",\", var.name)[0]",
        "\"<Select(0, \\\"<Split(\\\\\\\",\\\\\\\", \\\\\\\"<name>\\\\\\\")>\\\")>\"",
    );
    is("chomp(\"a\\n\")", "\"a\"");
    is("indent(2, \"a\\nb\")", "\"a\\n  b\"");
    is("startswith(\"ab\", \"a\") && endswith(\"ab\", \"b\") && strcontains(\"abc\", \"b\")", "true");
    is("tostring(1)", "\"1\"");
    is("tostring(var.count)", r#""<Text(\"<count>\")>""#);
    is("tonumber(\"1\")", "1");
    is("tonumber(var.name)", "\"<name>\"");
    is("tobool(\"true\")", "true");
    is("sensitive(nonsensitive(var.name))", "\"<name>\"");
    is("lower(var.name)", r#""<lower(\"<name>\")>""#);
    is("startswith(var.name, \"a\") ? 1 : 2", r#"1 if "true" = "<startswith(\"<name>\", \"a\")>", else 2"#);
    is_refused("replace(\"a\", \"/x/\", \"\")", "`replace` with a pattern");
    is_refused("join(\",\", \"a\")", "a list of `join` must be known");
    is_refused("format(\"%s\")", "as many values as its format has");
    is_refused("format(\"%s\", 1, 2)", "as many values as its format has");
    is_refused("format(\"%.2f\", 1)", "`%.2f` in a format");
    is_refused("format(\"%999999999s\", \"a\")", "in a format is outside");
    is_refused("format(\"%d\", 1.5)", "a value of `%d` must be a whole number");
    is_refused("format(\"100%\")", "a `%` at the end");
    is_refused("split(\",\", var.items)", "what `split` takes apart must be text");
    is_refused("substr(\"a\", 5, 1)", "inside the text");
    is_refused("tonumber(\"a\")", "must be a number");
}

#[test]
fn lists() {
    is("concat([1], [2, 3])", "[1, 2, 3]");
    is("flatten([[1, [2]], 3])", "[1, 2, 3]");
    is("flatten([[1], var.flag ? [2] : []])", "[1, 2] if \"true\" = \"<flag>\", else [1]");
    is("distinct([\"b\", \"a\", \"b\"])", "[\"b\", \"a\"]");
    is("compact([\"a\", \"\", null])", "[\"a\"]");
    is("compact([var.name])", "[] if \"\" = \"<name>\", else [\"<name>\"]");
    is("compact([aws_sqs_queue.a.arn, \"x${var.name}\"])", "[\"<aws_sqs_queue.a.arn>\", \"x<name>\"]");
    is("coalesce(null, \"\", \"a\", \"b\")", "\"a\"");
    is("coalesce(var.name, \"a\")", "\"a\" if \"\" = \"<name>\", else \"<name>\"");
    is(
        "coalesce(var.maybe, \"a\")",
        "\"<maybe>\" if (nothing != \"<maybe>\") and (\"\" != \"<maybe>\"), else \"a\"",
    );
    is("element([\"a\", \"b\"], 3)", "\"b\"");
    is("element(var.items, 0)", "\"<Select(0, \\\"<items>\\\")>\"");
    is("length([1, 2]) + length({ a = 1 }) + length(\"äb\")", "5");
    is("contains([\"a\"], \"a\")", "true");
    is(
        "contains([\"a\", \"b\"], var.name) ? 1 : 2",
        "2 if (\"a\" != \"<name>\") and (\"b\" != \"<name>\"), else 1",
    );
    is("toset([\"b\", \"a\", \"b\"])", "[\"a\", \"b\"]");
    is("toset([\"b\", 1, true])", "[\"1\", \"b\", \"true\"]");
    is("tolist(var.items)", "\"<items>\"");
    is("setunion([\"a\"], [\"b\", \"a\"])", "[\"a\", \"b\"]");
    is("setintersection([\"a\", \"b\"], [\"b\"])", "[\"b\"]");
    is("setsubtract([\"a\", \"b\"], [\"b\"])", "[\"a\"]");
    is("sort([\"b\", \"a\"])", "[\"a\", \"b\"]");
    is("reverse([1, 2])", "[2, 1]");
    is("slice([1, 2, 3], 1, 2)", "[2]");
    is("range(3)", "[0, 1, 2]");
    is("range(1, 6, 2)", "[1, 3, 5]");
    is("one([])", "nothing");
    is("one([1])", "1");
    is("max(1, 3, 2) + min([4, 5]...) + abs(-1) + ceil(1.2) + floor(1.8) + sum([1, 2])", "14");
    is("alltrue([true, 1 == 1]) && !anytrue([])", "true");
    is_refused("distinct([var.name, \"a\"])", "each item of `distinct` must be known");
    is_refused("concat(var.items, [1])", "a list of `concat` must be known");
    is_refused("flatten([var.items, [1]])", "a list of `flatten` must be known");
    is_refused("one([1, 2])", "of at most one item");
    is_refused("slice([1], 0, 2)", "inside the list");
    is_refused("range(0, 1, 0)", "other than 0");
    is_refused("element([], 0)", "the list has no `0`");
    is_refused("concat(\"a\")", "must be known");
}

#[test]
fn objects() {
    is("merge({ a = 1 }, { a = 2, b = 3 }, null)", "{a: 2, b: 3}");
    is("keys({ b = 1, a = 2 })", "[\"a\", \"b\"]");
    is("values({ b = 1, a = 2 })", "[2, 1]");
    is("lookup({ a = 1 }, \"a\", 2)", "1");
    is("lookup({ a = 1 }, \"b\", 2)", "2");
    is("zipmap([\"a\", \"b\"], [1, 2])", "{a: 1, b: 2}");
    is("tomap({ a = 1 })", "{a: 1}");
    is_refused("lookup({ a = 1 }, \"b\")", "the object has no `b`");
    is("lookup({ a = 1 }, var.name, 2)", r#"1 if "a" = "<name>", else 2"#);
    is(
        "{ a = { b = 1 }, c = { b = 2 } }[var.name].b",
        r#"1 if "a" = "<name>", else 2 if "c" = "<name>", else "<no such key>""#,
    );
    is("try({ a = 1 }[var.name], 5)", r#"1 if "a" = "<name>", else 5"#);
    is("try({ a = 1 }.b, [1][3], 5)", "5");
    is("can({ a = 1 }.b)", "false");
    is("can({ a = 1 }[var.name])", r#"true if "a" = "<name>", else false"#);
    is_refused("try({ a = 1 }.b)", "only Terraform knows");
    is_refused("try(timestamp(), 1)", "what changes from run to run");
    is_refused("merge(var.settings, {})", "no value: give it a default");
    is_refused("zipmap([\"a\"], [])", "of one length");
}

#[test]
fn functions_that_cannot_be_followed_say_why() {
    is_refused("file(\"x\")", "the file `x` is outside what the check understands");
    is_refused("fileexists(\"x\")", "the check reads the module's own files only");
    is_refused("timestamp()", "what changes from run to run");
    is("sha256(\"x\")", r#""<sha256(\"x\")>""#);
    is_refused(
        "jsonencod({})",
        "`jsonencod` is no function that the check knows; did you mean `jsonencode`?",
    );
    is_refused("provider::aws::arn_parse(\"\")", "`provider::aws::arn_parse` is no function");
    is_refused("lower()", "`lower` takes 1 arguments; these are 0");
    is_refused("merge()", "`merge` takes 1 or more arguments");
}
