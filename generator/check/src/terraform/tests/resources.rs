use super::*;

#[track_caller]
fn are(text: &str, expected: &[&str]) {
    assert_eq!(resources(&module(text)), expected);
}

#[test]
fn blocks_are_lists_of_objects() {
    are(
        "resource \"t\" \"x\" {\n  a = 1\n  b {\n    c = 2\n    d { e = 3 }\n  }\n  b { c = 4 }\n}\n",
        &["t.x a=1 b=[{c: 2, d: [{e: 3}]}, {c: 4}]"],
    );
}

#[test]
fn count_and_for_each_make_instances() {
    are(
        "resource \"t\" \"x\" {\n  count = 2\n  a = \"n${count.index}\"\n}\n",
        &["t.x[0] a=\"n0\"", "t.x[1] a=\"n1\""],
    );
    are("resource \"t\" \"x\" { count = 0 }\n", &[]);
    are(
        "variable \"on\" { type = bool }\nresource \"t\" \"x\" { count = var.on ? 1 : 0 }\nresource \"t\" \"y\" { count = var.on ? 0 : 1 }\n",
        &["t.x if \"true\" = \"<on>\"", "t.y if \"true\" != \"<on>\""],
    );
    are(
        "variable \"on\" { type = bool }\nvariable \"e\" { type = string }\nlocals {\n  on = var.on && var.e == \"prod\"\n}\nresource \"t\" \"x\" { count = local.on ? 1 : 0 }\n",
        &["t.x if (\"prod\" = \"<e>\") and (\"true\" = \"<on>\")"],
    );
    are(
        "locals {\n  all = { a = { n = 1 }, b = { n = 2 } }\n}\nresource \"t\" \"x\" {\n  for_each = local.all\n  k = each.key\n  n = each.value.n\n  o = t.y[each.key].k\n}\nresource \"t\" \"y\" {\n  for_each = toset([\"a\", \"b\"])\n  k = each.value\n}\n",
        &[
            "t.x[\"a\"] k=\"a\" n=1 o=\"a\"",
            "t.x[\"b\"] k=\"b\" n=2 o=\"b\"",
            "t.y[\"a\"] k=\"a\"",
            "t.y[\"b\"] k=\"b\"",
        ],
    );
    are(
        "variable \"on\" { type = bool }\nresource \"t\" \"x\" { for_each = var.on ? toset([\"a\"]) : [] }\n",
        &["t.x[\"a\"] if \"true\" = \"<on>\""],
    );
    refused(
        "variable \"n\" { type = number }\nresource \"t\" \"x\" { count = var.n }\n",
        &["2:28: the count `<n>` is outside"],
    );
    refused("resource \"t\" \"x\" { count = -1 }\n", &["1:28: `count` must be a whole number"]);
    refused("resource \"t\" \"x\" { count = 1000000 }\n", &["1:28: the module makes more values"]);
    refused(
        "variable \"n\" { type = set(string) }\nresource \"t\" \"x\" { for_each = var.n }\n",
        &["2:31: `for_each` must be known"],
    );
    refused(
        "resource \"t\" \"x\" { for_each = [\"a\"] }\n",
        &["1:31: `for_each` must be a map or a set (`toset`); this is a list"],
    );
    refused(
        "resource \"t\" \"x\" {\n  count = 1\n  for_each = {}\n}\n",
        &["3:14: `count` beside `for_each`"],
    );
}

#[test]
fn dynamic_blocks_are_the_blocks_that_they_make() {
    are(
        "locals {\n  ports = [80, 443]\n}\nresource \"t\" \"x\" {\n  egress { port = 53 }\n  dynamic \"egress\" {\n    for_each = local.ports\n    content {\n      port = egress.value\n      n = egress.key\n    }\n  }\n}\n",
        &["t.x egress=[{port: 53}, {n: 0, port: 80}, {n: 1, port: 443}]"],
    );
    are(
        "variable \"on\" { type = bool }\nresource \"t\" \"x\" {\n  dynamic \"b\" {\n    for_each = var.on ? [1] : []\n    iterator = it\n    content { a = it.value }\n  }\n}\n",
        &["t.x b=[{a: 1}] if \"true\" = \"<on>\", else []"],
    );
    refused(
        "variable \"l\" { type = list(string) }\nresource \"t\" \"x\" {\n  dynamic \"b\" {\n    for_each = var.l\n    content {}\n  }\n}\n",
        &["4:16: `for_each` of a dynamic block must be known"],
    );
    refused(
        "resource \"t\" \"x\" {\n  dynamic \"b\" { for_each = [] }\n}\n",
        &["2:3: `dynamic b` needs `content`"],
    );
}

#[test]
fn meta_arguments_are_no_properties() {
    are(
        "resource \"t\" \"x\" {\n  provider = aws\n  a = 1\n  depends_on = [t.y, t.z[\"k\"], data.aws_region.r]\n  lifecycle {\n    ignore_changes = [a, tags[\"b\"]]\n    create_before_destroy = true\n  }\n}\nresource \"t\" \"y\" { count = 2 }\nresource \"t\" \"z\" {\n  for_each = { k = 1 }\n  lifecycle { ignore_changes = all }\n}\ndata \"aws_region\" \"r\" {}\n",
        &[
            "t.x a=1 after t.y[0] (main.tf:4:17) after t.y[1] (main.tf:4:17) after t.z[\"k\"] (main.tf:4:22) lifecycle.create_before_destroy=true lifecycle.ignore_changes=[\"a\", \"tags[\\\"b\\\"]\"]",
            "t.y[0]",
            "t.y[1]",
            "t.z[\"k\"] lifecycle.ignore_changes=\"all\"",
        ],
    );
    are(
        "resource \"t\" \"x\" { source_code_hash = filebase64sha256(\"x.zip\") }\n",
        &["t.x source_code_hash=nothing"],
    );
    refused(
        "resource \"t\" \"x\" {\n  provider = aws.east\n  provisioner \"local-exec\" {\n    command = \"x\"\n  }\n  depends_on = [t.y, module.m, \"t.x\"]\n  lifecycle {\n    precondition {\n      condition = true\n    }\n    colour = 1\n  }\n}\n",
        &[
            "2:14: the provider `aws.east` is outside",
            "3:3: a `provisioner` block is outside",
            "6:17: `t.y` is not declared",
            "6:22: each item of `depends_on` must be a resource",
            "6:32: each item of `depends_on` must be a resource",
            "11:14: `colour` is no block or argument",
        ],
    );
}
