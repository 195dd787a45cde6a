//! Rules for the template. A test shows for each rule that it finds what it should.

use std::collections::BTreeSet;

use jit_runners_generator::{files, read_choices};
use jit_runners_model::{Choices, Deployment};
use jit_runners_witnesses::{files::root, process, tools};
use regex_lite::Regex;

use crate::template::{Template, inner, written};

/// The generated file with the values that image and stack share.
const AGREED: &str = "packer/stack.pkrvars.hcl";

/// Everything that is wrong with a template.
fn problems(template: &Template) -> Vec<String> {
    let mut problems = Vec::new();
    variables(template, &mut problems);
    locals(template, &mut problems);
    functions(template, &mut problems);
    versions(template, &mut problems);
    arguments(template, &mut problems);
    builder(template, &mut problems);
    order(template, &mut problems);
    problems
}

/// The names after `start.` in the template.
fn names(template: &Template, start: &str) -> BTreeSet<String> {
    let pattern = Regex::new(&format!(r"\b{start}\.([a-z0-9_]+)")).unwrap();
    pattern.captures_iter(&template.code()).map(|found| found[1].to_owned()).collect()
}

fn variables(template: &Template, problems: &mut Vec<String>) {
    let used = names(template, "var");
    for (name, block) in template.variables() {
        if written(block, "description").len() < 20 {
            problems.push(format!("the variable {name} has no description"));
        }
        if written(block, "type").is_empty() {
            problems.push(format!("the variable {name} has no type"));
        }
        // https://developer.hashicorp.com/packer/docs/templates/hcl_templates/variables#custom-validation-rules
        for rule in block.body().blocks().filter(|inner| inner.identifier() == "validation") {
            let message = written(rule, "error_message");
            let text = message.trim_matches('"');
            if !text.starts_with(|first: char| first.is_ascii_uppercase()) || !text.ends_with('.') {
                problems.push(format!("Packer takes only sentences: {text}"));
            }
        }
        // The use in its own validation does not count.
        let own = block.body().blocks().filter(|inner| inner.identifier() == "validation");
        let own: String = own.map(|inner| written(inner, "condition")).collect();
        let word = Regex::new(&format!(r"\bvar\.{name}\b")).unwrap();
        if word.find_iter(&template.code()).count() <= word.find_iter(&own).count() {
            problems.push(format!("the variable {name} is not used"));
        }
    }
    let declared: BTreeSet<_> = template.variables().map(|(name, _)| name.to_owned()).collect();
    problems.extend(used.difference(&declared).map(|name| format!("no variable is called {name}")));
}

fn locals(template: &Template, problems: &mut Vec<String>) {
    let (used, declared) = (names(template, "local"), template.locals());
    let declared: BTreeSet<_> = declared.into_iter().map(str::to_owned).collect();
    problems.extend(
        used.symmetric_difference(&declared).map(|name| format!("the local {name} is unused or not there")),
    );
}

/// Packer does not have all functions of Terraform
/// (<https://developer.hashicorp.com/packer/docs/templates/hcl_templates/functions>).
fn functions(template: &Template, problems: &mut Vec<String>) {
    let known = ["can", "contains", "formatdate", "join", "regex", "timestamp"];
    let call = Regex::new(r"\b([a-z_0-9]+)\(").unwrap();
    for found in call.captures_iter(&template.code()) {
        let is_type = ["list", "map"].contains(&&found[1]);
        if !is_type && !known.contains(&&found[1]) {
            problems.push(format!("is there a function {}?", &found[1]));
        }
    }
}

fn versions(template: &Template, problems: &mut Vec<String>) {
    let packer = template.blocks("packer").next().unwrap();
    let plugins = written(inner(packer, "required_plugins").unwrap(), "amazon");
    if !Regex::new(r#"version"?\s*=\s*"= \d+\.\d+\.\d+""#).unwrap().is_match(&plugins) {
        problems.push("the plugin's version is not pinned".to_owned());
    }
}

/// Arguments of the plugin:
/// <https://developer.hashicorp.com/packer/integrations/hashicorp/amazon/latest/components/builder/ebs>, compared with
/// its `builder/ebs/builder.hcl2spec.go`.
fn arguments(template: &Template, problems: &mut Vec<String>) {
    let known = [
        "ami_description",
        "ami_groups",
        "ami_name",
        "ami_regions",
        "associate_public_ip_address",
        "imds_support",
        "instance_type",
        "region",
        "run_tags",
        "run_volume_tags",
        "snapshot_tags",
        "ssh_clear_authorized_keys",
        "ssh_username",
        "subnet_id",
        "tags",
        "temporary_key_pair_type",
        "temporary_security_group_source_public_ip",
    ];
    let blocks = ["aws_polling", "launch_block_device_mappings", "metadata_options", "source_ami_filter"];
    let body = template.builder().body();
    for name in body.attributes().map(hcl::Attribute::key).filter(|name| !known.contains(name)) {
        problems.push(format!("amazon-ebs has no argument {name}, or this test does not know it"));
    }
    for name in body.blocks().map(hcl::Block::identifier).filter(|name| !blocks.contains(name)) {
        problems.push(format!("amazon-ebs has no block {name}, or this test does not know it"));
    }
}

/// The image is private and encrypted, allows `IMDSv2` only, and nobody else can reach the builder.
fn builder(template: &Template, problems: &mut Vec<String>) {
    let builder = template.builder();
    let mut must = |what: String, wanted: &str, why: &str| {
        if what != wanted {
            problems.push(format!("{why}: found `{what}`, expected `{wanted}`"));
        }
    };
    let metadata = inner(builder, "metadata_options").unwrap();
    must(written(metadata, "http_tokens"), "\"required\"", "the builder answers without a token");
    must(written(builder, "imds_support"), "\"v2.0\"", "instances answer without a token");
    let volume = inner(builder, "launch_block_device_mappings").unwrap();
    must(written(volume, "encrypted"), "!var.public", "the volume is not encrypted");
    must(written(volume, "delete_on_termination"), "true", "volumes outlive their instances");
    must(written(builder, "ami_groups"), "var.public ? [\"all\"] : []", "the image is public");
    for name in ["associate_public_ip_address", "temporary_security_group_source_public_ip"] {
        must(written(builder, name), "var.subnet_id == null", name);
    }
    let filter = inner(builder, "source_ami_filter").unwrap();
    must(written(filter, "owners"), "[\"amazon\"]", "anybody's image would do");
    for (name, block) in template.variables() {
        match name {
            "public" => must(written(block, "default"), "false", "images are public by default"),
            "copy_regions" => must(written(block, "default"), "[]", "images are copied by default"),
            _ => {}
        }
    }
}

fn order(template: &Template, problems: &mut Vec<String>) {
    let mut scripts = template.scripts();
    if scripts.last().is_none_or(|last| !last.ends_with("verify.sh")) {
        problems.push("the last script does not verify the image".to_owned());
    }
    let last = template.provisioners().pop().unwrap();
    if !written(last, "scripts").contains("verify.sh") {
        problems.push("something follows the script that verifies the image".to_owned());
    }
    let written = scripts.clone();
    scripts.sort();
    if scripts != written {
        problems.push(format!("the scripts are not run in the order of their names: {written:?}"));
    }
}

#[test]
fn the_template_keeps_all_rules() {
    assert_eq!(problems(&Template::of_the_repository()), Vec::<String>::new());
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let template = Template::of_the_repository();
    for (from, to, expected) in [
        ("\"= 1.3.9\"", "\">= 1.3.9\"", "pinned"),
        ("\"required\"", "\"optional\"", "the builder answers"),
        ("\"v2.0\"", "null", "instances answer"),
        ("= !var.public", "= false", "encrypted"),
        ("var.public ? [\"all\"] : []", "[\"all\"]", "the image is public"),
        ("= var.subnet_id == null", "= true", "associate_public_ip_address"),
        ("[\"amazon\"]", "[\"self\"]", "anybody's image"),
        ("ami_regions ", "ami_region ", "no argument ami_region"),
        ("aws_polling", "polling", "no block polling"),
        ("formatdate", "formattime", "function formattime"),
        ("var.base_image", "\"al2023*\"", "base_image is not used"),
        ("var.volume_size", "var.size", "no variable is called size"),
        ("local.builders", "local.types", "the local types"),
        ("description = \"Whether everybody", "summary = \"Whether everybody", "public has no description"),
        ("The tools need", "the tools need", "only sentences"),
        ("50-runner.sh", "05-runner.sh", "order of their names"),
        ("80-verify.sh", "80-look.sh", "does not verify"),
        (
            "type        = bool\n  default     = false",
            "type        = bool\n  default     = true",
            "public by default",
        ),
        ("default     = []", "default     = [\"eu-west-1\"]", "copied by default"),
    ] {
        let found = problems(&template.with(from, to));
        assert!(found.iter().any(|problem| problem.contains(expected)), "`{to}`: {found:?}");
    }
}

/// Every required variable except the region is generated, and no generated variable has a default. So image and stack
/// cannot differ.
#[test]
fn what_must_be_given_is_what_is_generated() {
    let template = Template::of_the_repository();
    let required: BTreeSet<_> = template.required().into_iter().map(str::to_owned).collect();
    for configuration in [None, Some("arm64-ghes.yaml"), Some("everything.yaml")] {
        let mut given = agreed(configuration);
        given.insert("region".to_owned());
        assert_eq!(given, required, "{configuration:?}");
    }
}

/// The variables whose values are generated.
fn agreed(configuration: Option<&str>) -> BTreeSet<String> {
    let choices = configuration.map_or_else(Choices::default, |name| {
        read_choices(&root().join("generator/tests/configurations").join(name)).unwrap()
    });
    let deployment = Deployment::new(choices).unwrap();
    let file = files(&deployment).into_iter().find(|file| file.path == AGREED).unwrap();
    let body = hcl::parse(&file.contents).unwrap();
    body.attributes().map(|attribute| attribute.key().to_owned()).collect()
}

/// The commands pass this file to Packer.
#[test]
fn what_is_generated_is_where_packer_looks_for_it() {
    assert!(root().join("generated").join(AGREED).is_file());
}

#[test]
fn the_template_is_laid_out_as_terraform_would() {
    let Some(terraform) = tools::require("layout of packer/", "terraform").unwrap() else { return };
    // `terraform fmt` reads only files with its own extensions.
    let folder = tempfile::tempdir().unwrap();
    for name in ["image", "variables"] {
        let text = std::fs::read_to_string(root().join(format!("packer/{name}.pkr.hcl"))).unwrap();
        jit_runners_witnesses::files::write(&folder.path().join(format!("{name}.tf")), text).unwrap();
    }
    let mut command = jit_runners_witnesses::terraform::command(&terraform, folder.path());
    process::stdout_of(command.args(["fmt", "-check", "-diff"])).unwrap();
}
