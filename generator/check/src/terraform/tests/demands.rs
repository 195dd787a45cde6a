//! What preconditions and postconditions demand.

use super::module;

const VARIABLES: &str = "variable \"p\" { type = string }\nvariable \"o\" { type = string }\nvariable \"f\" { type = bool }\n\
                         variable \"n\" { type = number }\nlocals {\n  is_set = var.o != \"\"\n}\n";

/// A precondition of a resource demands what is shown as `expected`.
#[track_caller]
fn demands(condition: &str, expected: &[&str]) {
    demand(
        &format!(
            "resource \"t\" \"x\" {{\n  lifecycle {{\n    precondition {{\n      condition = {condition}\n      error_message = \"No.\"\n    }}\n  }}\n}}\n"
        ),
        expected,
    );
}

#[track_caller]
fn demand(block: &str, expected: &[&str]) {
    let module = module(&format!("{VARIABLES}{block}"));
    let found: Vec<_> = module.requirements.iter().map(|one| one.demand.to_string()).collect();
    assert_eq!(found, expected, "{block}");
}

#[test]
fn conditions_that_a_template_can_state() {
    demands("var.p == \"x\"", &[r#""x" = "<p>""#]);
    demands(
        "contains([\"x\", \"y\"], var.p) || var.o != \"\"",
        &[r#"("x" = "<p>") or ("y" = "<p>") or ("" != "<o>")"#],
    );
    demands("local.is_set && var.f", &[r#""true" = "<f>""#, r#""" != "<o>""#]);
    demands("var.f ? var.o != \"\" : true", &[r#"("" != "<o>") or ("true" != "<f>")"#]);
    demands("true", &[]);
}

#[test]
fn conditions_in_terraforms_own_words() {
    demands("var.n > 3", &["var.n > 3"]);
    demands("can(regex(\"^a\",\n  var.p))", &["can(regex(\"^a\", var.p))"]);
    demands(
        "alltrue([for x in jsondecode(var.p) : x.a == 1])",
        &["alltrue([for x in jsondecode(var.p) : x.a == 1])"],
    );
    // What it could not evaluate is nobody's mistake.
    demands("t.y.missing == self.id", &["t.y.missing == self.id"]);
}

#[test]
fn wherever_they_stand() {
    const BLOCK: &str = "{\n      condition = var.p == \"x\"\n      error_message = \"No.\"\n    }";
    let condition = r#""x" = "<p>""#;
    demand(
        &format!("data \"aws_region\" \"r\" {{\n  lifecycle {{\n    postcondition {BLOCK}\n  }}\n}}\n"),
        &[condition],
    );
    demand(&format!("output \"o\" {{\n  value = 1\n  precondition {BLOCK}\n}}\n"), &[condition]);
    // Under the condition of the resource.
    demand(
        &format!(
            "resource \"t\" \"x\" {{\n  count = var.f ? 1 : 0\n  lifecycle {{\n    precondition {BLOCK}\n  }}\n}}\n"
        ),
        &[r#"("x" = "<p>") or ("true" != "<f>")"#],
    );
    demand(
        &format!(
            "resource \"t\" \"x\" {{\n  count = 0\n  lifecycle {{\n    precondition {BLOCK}\n  }}\n}}\n"
        ),
        &[],
    );
}
