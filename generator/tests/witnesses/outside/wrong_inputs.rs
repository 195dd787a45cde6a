//! Invalid inputs, each given to the tool that should refuse it: the generator, Terraform, a stack, or, as the last
//! one, the function. The message of each tool is printed in a table.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use jit_runners_model::contract::environment::{Environment as _, ScaleUpEnvironment};
use jit_runners_witnesses::emulator::Aws;
use jit_runners_witnesses::emulator::Emulator;
use jit_runners_witnesses::prerequisites::{Network, Prerequisites, Secrets, deploy_stack};
use jit_runners_witnesses::terraform::Terraform;
use jit_runners_witnesses::{files, process};
use regex_lite::Regex;
use serde_yaml::Value;
use tempfile::TempDir;

/// An input, and words of its message.
struct Wrong {
    what: &'static str,
    given: &'static str,
    says: &'static str,
}

const fn wrong(what: &'static str, given: &'static str, says: &'static str) -> Wrong {
    Wrong { what, given, says }
}

/// Prints a row of the table, and checks that the message is the expected one.
fn tell(tool: &str, wrong: &Wrong, message: &str) -> Result<()> {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    eprintln!("| {} | {tool} | {message} |", wrong.what);
    ensure!(message.contains(wrong.says), "{}: `{}` is not in `{message}`", wrong.what, wrong.says);
    Ok(())
}

/// Contents of `jit-runners.yaml`.
const CONFIGURATIONS: [Wrong; 11] = [
    wrong("GitHub's web page", "github_api_url: https://github.com", "write `https://api.github.com`"),
    wrong(
        "a server without the path of its API",
        "github_api_url: https://github.example.com",
        "write `https://github.example.com/api/v3`",
    ),
    wrong(
        "GraphQL",
        "github_api_url: https://github.example.com/api/graphql",
        "write `https://github.example.com/api/v3`",
    ),
    wrong(
        "the web page of an enterprise with data residency",
        "github_api_url: https://octocorp.ghe.com",
        "write `https://api.octocorp.ghe.com`",
    ),
    wrong(
        "egress without tcp 443",
        "runners: {egress: [{protocol: tcp, port: 80, cidr: 0.0.0.0/0, description: HTTP}]}",
        "runners.egress: no rule for tcp 443",
    ),
    wrong(
        "two architectures on the deployment's image",
        "label_mappings: [{label: arm, instance_type: m7g.large}]",
        "`m7g.large` is arm64 (Graviton), and `t3.medium` is x86_64",
    ),
    wrong(
        "two architectures on a mapping's image",
        "label_mappings: [{label: a, instance_type: c7i.large, instance_types: [c7i.large, c7g.large], ami: ami-01234567}]",
        "both start from `ami-01234567`",
    ),
    wrong(
        "text that a template resolves",
        "label_mappings: [{label: '{{resolve:ssm:x}}', instance_type: c5.large}]",
        "`{{` begins a dynamic reference",
    ),
    wrong("an input in the file", "vpc_id: vpc-0123", "given when deploying, as `VpcId`"),
    wrong("an instance type that cannot be", "runners: {default_instance_type: t3.huge}", "found `t3.huge`"),
    wrong(
        "a runner group without an organization (a warning)",
        "runners: {group: 7}",
        "warning: jit-runners.yaml:1:18: runners.group: runner groups belong to organizations",
    ),
];

#[test]
fn the_generator_says_what_is_wrong() -> Result<()> {
    for wrong in &CONFIGURATIONS {
        let folder = TempDir::new()?;
        files::write(&folder.path().join("jit-runners.yaml"), format!("{}\n", wrong.given))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_jit-runners"));
        let finished = process::run(command.arg("generate").current_dir(folder.path()))?;
        let is_warning = finished.stderr.starts_with("warning");
        ensure!(finished.status.code() == Some(i32::from(!is_warning)), "{}", finished.report());
        ensure!(folder.path().join("generated").exists() == is_warning, "{}", wrong.what);
        let lines: Vec<_> = finished.stderr.lines().skip(usize::from(!is_warning)).collect();
        ensure!(lines.len() == 1, "{}", finished.report());
        tell("generator", wrong, lines[0])?;
    }
    Ok(())
}

/// Values of variables.
const VARIABLES: [Wrong; 11] = [
    wrong(
        "no JSON",
        r#"label_mappings = "[{label:large,instance_type:c5.xlarge}]""#,
        "label_mappings must be a JSON array of objects",
    ),
    wrong(
        "JSON that ends half-way",
        r#"label_mappings = "[{\"label\":\"a\",\"instance_type\":\"t3.large\"}""#,
        "label_mappings must be a JSON array of objects",
    ),
    wrong(
        "an unknown key",
        r#"label_mappings = "[{\"label\":\"a\",\"instanceType\":\"t3.large\"}]""#,
        "label_mappings must be a JSON array of objects",
    ),
    wrong(
        "a missing key",
        r#"label_mappings = "[{\"label\":\"a\"}]""#,
        "with a label and an instance_type in each entry",
    ),
    wrong(
        "a candidate that cannot be",
        r#"label_mappings = "[{\"label\":\"a\",\"instance_type\":\"t3.large\",\"instance_types\":[\"t3.huge\"]}]""#,
        "must have instance types that EC2 could have",
    ),
    wrong(
        "a label that cannot be",
        r#"label_mappings = "[{\"label\":\"a\\tb\",\"instance_type\":\"t3.large\"}]""#,
        "without blanks and commas",
    ),
    wrong(
        "a label twice",
        r#"label_mappings = "[{\"label\":\"a\",\"instance_type\":\"t3.large\"},{\"label\":\"A\",\"instance_type\":\"t3.large\"}]""#,
        "must have each label once",
    ),
    wrong(
        "two architectures on one image",
        r#"label_mappings = "[{\"label\":\"arm\",\"instance_type\":\"t3.large\",\"instance_types\":[\"m7g.large\",\"c7g.large\"]}]""#,
        "all must be of one architecture",
    ),
    wrong(
        "the other architecture by default",
        r#"default_instance_type = "t4g.medium""#,
        "all must be of one architecture",
    ),
    wrong(
        "a release without checksums",
        r#"runner_version = "2.999.0""#,
        "runner_version needs runner_checksums",
    ),
    wrong(
        "an image that cannot be",
        r#"default_ami = "resolve:ssm:/x""#,
        "default_ami must be the id of an image",
    ),
];

/// Values that Terraform accepts: one image for each architecture, and checksums for any release.
const RIGHT: &str = r#"
  default_instance_type = "t4g.medium"
  label_mappings        = "[{\"label\":\"arm\",\"instance_type\":\"m7g.large\"},{\"label\":\"intel\",\"instance_type\":\"c7i.large\",\"ami\":\"ami-01234567\"}]"
  runner_version        = "2.999.0"
  runner_checksums      = "x64=0000000000000000000000000000000000000000000000000000000000000000,arm64=0000000000000000000000000000000000000000000000000000000000000000"
"#;

#[test]
fn terraform_says_what_is_wrong_before_it_plans() -> Result<()> {
    let folder = files::generated("terraform");
    let Some(module) = Terraform::prepare("wrong inputs in Terraform", &folder, None)? else { return Ok(()) };
    // The module's own tests begin with a mocked provider and the required variables.
    let own = module.folder().join("tests/deployment.tftest.hcl");
    let text = std::fs::read_to_string(&own)?;
    let (given, _) = text.split_once("\nrun ").context("tests have runs")?;
    let given = given.rsplit_once('}').map_or(given, |(given, _)| given);
    let run = |name: &str, given: &str| {
        format!("run \"{name}\" {{\n  command = plan\n  variables {{\n{given}\n  }}\n}}\n")
    };
    files::write(&own, format!("{given}}}\n{}", run("right", RIGHT)))?;
    module.stdout(&["test"])?;
    for wrong in &VARIABLES {
        files::write(&own, format!("{given}}}\n{}", run("wrong", &format!("  {}", wrong.given))))?;
        let finished = module.run(&["test"])?;
        ensure!(!finished.status.success(), "{}: {}", wrong.what, finished.report());
        // Each error has a title, the place with its text, the message, and the place of the rule.
        let paragraphs =
            finished.stderr.split("Error: ").skip(1).flat_map(|error| error.split("\n\n").skip(1));
        let messages = paragraphs
            .map(|paragraph| paragraph.replace(['│', '╵', '╷'], ""))
            .map(|paragraph| paragraph.trim().to_owned())
            .filter(|paragraph| !paragraph.starts_with("on ") && !paragraph.starts_with("This was checked"));
        let message = messages.collect::<Vec<_>>().join(" ");
        tell("Terraform", wrong, &message)?;
    }
    Ok(())
}

/// Values of parameters.
const PARAMETERS: [Wrong; 6] = [
    wrong("no JSON", "LabelMappings=[{label:large,instance_type:c5.xlarge}]", "a JSON array of objects"),
    wrong(
        "an unknown key",
        r#"LabelMappings=[{"label":"a","instanceType":"t3.large"}]"#,
        "a JSON array of objects",
    ),
    wrong(
        "a label with a blank",
        r#"LabelMappings=[{"label":"a b","instance_type":"t3.large"}]"#,
        "a JSON array of objects",
    ),
    wrong(
        "an image that cannot be",
        r#"LabelMappings=[{"label":"a","instance_type":"t3.large","ami":"ami-xyz"}]"#,
        "a JSON array of objects",
    ),
    wrong(
        "an instance type that cannot be",
        "DefaultInstanceType=t3.huge",
        "an instance type such as t3.medium",
    ),
    wrong("checksums in capitals", "RunnerChecksums=x64=AB", "x64=<64 hexadecimal digits>"),
];

/// The emulator ignores patterns, so this test checks them as `CloudFormation` does.
#[test]
fn a_stack_says_what_is_wrong_with_a_parameter() -> Result<()> {
    let template: Value =
        serde_yaml::from_str(&std::fs::read_to_string(files::generated("cloudformation/template.yaml"))?)?;
    for wrong in &PARAMETERS {
        let (name, value) = wrong.given.split_once('=').context("a name and a value")?;
        let parameter = &template["Parameters"][name];
        let pattern = parameter["AllowedPattern"].as_str().context("a pattern")?;
        ensure!(!Regex::new(pattern)?.is_match(value), "{}: {pattern} takes {value}", wrong.what);
        let told = parameter["ConstraintDescription"].as_str().context("a description")?;
        tell("CloudFormation", wrong, &format!("Parameter {name} failed to satisfy constraint: {told}"))?;
    }
    Ok(())
}

const RULE: Wrong =
    wrong("a release without checksums", "RunnerVersion=2.999.0", "RunnerVersion needs RunnerChecksums");

#[test]
fn a_stack_says_what_is_wrong_with_two_parameters() -> Result<()> {
    const CHECK: &str = "wrong inputs in CloudFormation";
    let Some(emulator) = Emulator::start(CHECK)? else { return Ok(()) };
    let Some(aws) = Aws::new(CHECK, &emulator)? else { return Ok(()) };
    let secrets = Secrets { webhook: "secret", private_key: "key" };
    let prerequisites = Prerequisites::around(&aws, Network::make(&aws)?, "jit-runners-wrong", &secrets)?;
    let template = files::generated("cloudformation/template.yaml");
    let mut parameters = prerequisites.parameters("v1");
    parameters.push(RULE.given.to_owned());
    let Err(refused) = deploy_stack(&aws, &template, "wrong", &parameters) else {
        anyhow::bail!("the stack was made")
    };
    let refused = format!("{refused:#}");
    let told = refused.lines().find(|line| line.contains(RULE.says)).unwrap_or(&refused);
    tell("CloudFormation", &RULE, told)
}

/// Values of a variable of the scale-up function that both dialects may have accepted.
const MAPPINGS: [Wrong; 3] = [
    wrong("a missing key", r#"[{"label":"a"}]"#, "it goes wrong in line 1, column 14"),
    wrong(
        "a label twice",
        r#"[{"label":"a","instance_type":"t3.large"},{"label":"A","instance_type":"t3.large"}]"#,
        "entries 0 and 1 (counted from 0) have the same label",
    ),
    wrong(
        "a key twice",
        r#"[{"label":"a","label":"b","instance_type":"t3.large"}]"#,
        "it goes wrong in line 1, column 21",
    ),
];

#[test]
fn the_function_says_what_is_wrong_with_the_rest() -> Result<()> {
    for wrong in &MAPPINGS {
        let read =
            ScaleUpEnvironment::read(|name| (name == "LABEL_MAPPINGS").then(|| wrong.given.to_owned()));
        let Err(refused) = read else { anyhow::bail!("it was taken: {}", wrong.given) };
        let told: Vec<_> = refused
            .problems
            .iter()
            .map(ToString::to_string)
            .filter(|told| told.starts_with("LABEL_MAPPINGS"))
            .collect();
        tell("function", wrong, &told.join(" "))?;
    }
    Ok(())
}
