use super::*;

#[test]
fn json() {
    is("jsonencode({ a = var.name, b = [1, null] })", "{a: \"<name>\", b: [1, nothing]}");
    is("jsondecode(\"{\\\"a\\\": [1, true, null]}\")", "{a: [1, true, nothing]}");
    is("jsondecode(jsonencode({ a = var.name })).a", "\"<name>\"");
    is("\"x${jsonencode([1])}\"", "\"x<ToJsonString([1])>\"");
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
    is("format(\"%d\", var.count)", "\"<count>\"");
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
    is("tostring(var.count)", "\"<count>\"");
    is("tonumber(\"1\")", "1");
    is("tonumber(var.name)", "\"<name>\"");
    is("tobool(\"true\")", "true");
    is("sensitive(nonsensitive(var.name))", "\"<name>\"");
    is_refused(
        "lower(var.name)",
        "an argument of `lower` must be known from the files alone; this depends on `<name>`",
    );
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
    is_refused("lookup({ a = 1 }, var.name, 2)", "the key of `lookup` must be known");
    is_refused("merge(var.settings, {})", "an object of `merge` must be known");
    is_refused("zipmap([\"a\"], [])", "of one length");
}

#[test]
fn functions_that_cannot_be_followed_say_why() {
    is_refused(
        "file(\"x\")",
        "the function `file` is outside what the check understands; only the `.tf` files are read",
    );
    is_refused("templatefile(\"x\", {})", "only the `.tf` files are read");
    is_refused("timestamp()", "what changes from run to run");
    is_refused("sha256(\"x\")", "write the result");
    is_refused("can(var.name)", "in the validation of a variable");
    is_refused(
        "jsonencod({})",
        "`jsonencod` is no function that the check knows; did you mean `jsonencode`?",
    );
    is_refused("provider::aws::arn_parse(\"\")", "`provider::aws::arn_parse` is no function");
    is_refused("lower()", "`lower` takes 1 arguments; these are 0");
    is_refused("merge()", "`merge` takes 1 or more arguments");
}
