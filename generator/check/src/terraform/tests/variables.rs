use super::*;

/// A variable `x` with one condition.
#[track_caller]
fn says(condition: &str, expected: &str) {
    let text = format!(
        "variable \"x\" {{\n  validation {{\n    condition = {condition}\n    error_message = \"No.\"\n  }}\n}}\n"
    );
    let module = module(&text);
    let Value::List(validations) = &module.variables[0].arguments["validation"].value else { panic!() };
    let Value::Map(validation) = &validations[0].value else { panic!() };
    assert_eq!(validation["error_message"].value.to_string(), "\"No.\"");
    assert!(validation.contains_key("source"));
    let mut said = String::new();
    for (name, held) in
        validation.iter().filter(|(name, _)| !["error_message", "source"].contains(&name.as_str()))
    {
        write!(said, "{name}={} ", held.value).unwrap();
    }
    assert_eq!(said.trim_end(), expected, "{condition}");
}

#[test]
fn conditions_are_understood_where_cloudformation_can_say_them() {
    says("can(regex(\"^a\\\\d$\", var.x))", "pattern=\"^a\\\\d$\"");
    says("length(regexall(\"a\", var.x)) > 0", "pattern=\"a\"");
    says("alltrue([for i in var.x : can(regex(\"a\", i))])", "each=true pattern=\"a\"");
    says("length(var.x) <= 5 && length(var.x) >= 2", "max_length=5 min_length=2");
    says("length(var.x) > 0", "min_length=1");
    says("length(var.x) < 10", "max_length=9");
    says("length(var.x) == 12", "max_length=12 min_length=12");
    says("var.x != \"\"", "min_length=1");
    says("var.x >= 1 && (var.x <= 10) && floor(var.x) == var.x", "max=10 min=1 whole=true");
    says("1 <= var.x && 10 >= var.x && var.x == ceil(var.x)", "max=10 min=1 whole=true");
    says("var.x > 0 && var.x < 10 && var.x % 1 == 0", "max=9 min=1 whole=true");
    says("contains([\"a\", \"b\"], var.x)", "values=[\"a\", \"b\"]");
    says("var.x == \"a\" || (var.x == \"b\" || \"c\" == var.x)", "values=[\"a\", \"b\", \"c\"]");
    says("var.x == \"a\"", "values=[\"a\"]");
}

#[test]
fn conditions_that_were_not_understood_are_handed_on_as_they_stand() {
    says(
        "lower(substr(var.x,  0,\n 3)) != \"a  b\"",
        "other=[\"lower(substr(var.x, 0, 3)) != \\\"a  b\\\"\"]",
    );
    says("can(regex(\"a\", var.y)) && var.x >= 1", "min=1 other=[\"can(regex(\\\"a\\\", var.y))\"]");
    says("var.x > 0", "other=[\"var.x > 0\"]");
    says("var.x >= 1 && var.x >= 2", "min=1 other=[\"var.x >= 2\"]");
    says("!can(regex(\"a\", var.x))", "other=[\"!can(regex(\\\"a\\\", var.x))\"]");
    says("can(regex(\"${var.y}\", var.x))", "other=[\"can(regex(\\\"${var.y}\\\", var.x))\"]");
    says("can(regex(\"a\", var.x.y))", "other=[\"can(regex(\\\"a\\\", var.x.y))\"]");
    says(
        "var.x == null || can(regex(\"a\", var.x))",
        "other=[\"var.x == null || can(regex(\\\"a\\\", var.x))\"]",
    );
    says(
        "alltrue([for i in var.x : can(regex(\"a\", i)) if i != \"\"])",
        "other=[\"alltrue([for i in var.x : can(regex(\\\"a\\\", i)) if i != \\\"\\\"])\"]",
    );
    says(
        "anytrue([for i in var.x : can(regex(\"a\", i))])",
        "other=[\"anytrue([for i in var.x : can(regex(\\\"a\\\", i))])\"]",
    );
    says("length(regexall(\"a\", var.x)) == 0", "other=[\"length(regexall(\\\"a\\\", var.x)) == 0\"]");
}

#[test]
fn a_variable_is_what_its_block_says() {
    let module = module(
        "variable \"x\" {\n  type = list( string )\n  default = [\"a\"]\n  description = \"D\"\n  nullable = false\n  sensitive = true\n}\nvariable \"y\" {}\n",
    );
    let mut said = String::new();
    for (name, held) in &module.variables[0].arguments {
        write!(said, "{name}={} ", held.value).unwrap();
    }
    assert_eq!(
        said,
        "default=[\"a\"] description=\"D\" nullable=false sensitive=true type=\"list( string )\" "
    );
    assert!(module.variables[1].arguments.is_empty());
    refused(
        "variable \"x\" {\n  typ = string\n  validation {}\n  validations {}\n}\n",
        &[
            "2:9: `typ` is no block",
            "3:3: `the validation of var.x` needs `condition`",
            "4:3: `validations` is no block",
        ],
    );
}
