//! Arguments and help texts.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  jit-runners init                     write a commented jit-runners.yaml to edit
  jit-runners generate                 write the Terraform module and the CloudFormation template
  jit-runners generate --check         fail if the files are stale, for CI
  jit-runners check                    prove that both say the same
  jit-runners show model --format mermaid

Exit codes:
  0  fine
  1  could not run: the configuration is invalid, or a file cannot be read or written
  2  wrong usage
  4  stale: the files differ from what would be generated (generate --check)
  5  not equivalent: the two dialects say different things (check, generate)
  6  no difference in what could be compared (check --partial)";

const GENERATE_EXAMPLES: &str = "\
Examples:
  jit-runners generate
  jit-runners generate --config staging.yaml --out staging
  jit-runners generate --check

Exit codes:
  0  fine: everything is written, or with --check, fresh
  1  could not run; nothing was written
  2  wrong usage
  4  with --check: stale
  5  what was generated is not equivalent: a mistake in jit-runners";

const CHECK_EXAMPLES: &str = "\
Examples:
  jit-runners check
  jit-runners check --format json | jq '.differences[].path'
  jit-runners check --terraform infra --cloudformation template.yaml --format markdown
  jit-runners check --terraform infra --cloudformation template.yaml --partial
  jit-runners check --plan plan.json --parameters parameters.json

Exit codes:
  0  equivalent
  1  could not run: a file cannot be read, or holds what the check does not understand
  2  wrong usage
  5  not equivalent
  6  with --partial: no difference in what could be compared, and something could not";

const SHOW_EXAMPLES: &str = "\
Examples:
  jit-runners show model | jq '.resources[].logical_id'
  jit-runners show terraform --format mermaid
  jit-runners show cloudformation --config staging.yaml";

const INIT_EXAMPLES: &str = "\
Examples:
  jit-runners init
  jit-runners init --config staging.yaml

Exit codes:
  0  fine
  1  could not run, for example because the file is already there; nothing was written";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  jit-runners schema > jit-runners.schema.json";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  jit-runners completions bash > ~/.local/share/bash-completion/completions/jit-runners
  jit-runners completions zsh > \"${fpath[1]}/_jit-runners\"
  jit-runners completions fish > ~/.config/fish/completions/jit-runners.fish";

/// Deploys on-demand GitHub Actions runners, as Terraform and as CloudFormation
///
/// Writes one deployment of jit-runners in two dialects: a module for OpenTofu and Terraform, and a template for
/// CloudFormation. Both come from the same model, so they describe the same infrastructure. What can be chosen
/// stands in the optional file jit-runners.yaml; what differs from one deployment to the next stays an input of the
/// module and of the template.
#[derive(Debug, Parser)]
#[command(name = "jit-runners", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// In a terminal that shows them
    Auto,
    /// Also in pipes and files
    Always,
    /// Not at all
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(Generate),
    Check(Check),
    Show(Show),
    Init(Init),
    Schema(Schema),
    Completions(Completions),
}

/// Write the Terraform module and the CloudFormation template
///
/// Writes what differs and leaves all other files alone. Files that an earlier run wrote and that are no longer needed
/// are removed; files that no run wrote, such as your terraform.tfvars, are never touched. A file that somebody edited
/// by hand is shown with its differences before it is replaced, and the edited text stays beside it as FILE.orig, or as
/// FILE.orig.2 and so on if there is one already.
#[derive(Debug, Args)]
#[command(after_help = GENERATE_EXAMPLES)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub config: Config,

    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "generated", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Write nothing; show what differs, and exit with 4 if anything does
    #[arg(long)]
    pub check: bool,
}

/// Compare a Terraform module with a CloudFormation template, and both with the model
///
/// Without options, the generated files are compared with each other and with the model that they come from. With
/// --terraform and --cloudformation, any pair is compared that uses the same types of resources, in whatever style it is
/// written; the model is only asked if --config names one. With --plan, what Terraform plans to make, the provider's
/// defaults included, is compared with what the template makes of the same inputs. Every attribute, reference, policy, input and output is
/// compared by its meaning; what the check does not understand is an error with file, line and column. With --partial it is
/// listed instead, and the rest is compared.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES, group = ArgGroup::new("module").args(["terraform", "plan"]))]
pub(crate) struct Check {
    /// The folder of a Terraform module
    #[arg(long, value_name = "DIR", requires = "cloudformation", value_hint = ValueHint::DirPath)]
    pub terraform: Option<PathBuf>,

    /// A CloudFormation template, in YAML or JSON
    #[arg(long, value_name = "FILE", requires = "module", value_hint = ValueHint::FilePath)]
    pub cloudformation: Option<PathBuf>,

    /// A plan of the module, as `terraform show -json PLAN` prints it, instead of the module
    #[arg(long, value_name = "FILE", requires = "parameters", conflicts_with = "file", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,

    /// The values of the template's parameters for --plan, as `aws cloudformation` takes them
    #[arg(long, value_name = "FILE", requires = "plan", value_hint = ValueHint::FilePath)]
    pub parameters: Option<PathBuf>,

    /// The folder that `generate` wrote to
    #[arg(
        long,
        value_name = "DIR",
        default_value = "generated",
        conflicts_with = "terraform",
        value_hint = ValueHint::DirPath
    )]
    pub out: PathBuf,

    #[command(flatten)]
    pub config: Config,

    /// A list of differences to ignore, each with a reason [default: check-ignore.yaml, where it exists, with --terraform]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ignore: Option<PathBuf>,

    /// Compare what can be read, and list every resource and every value that cannot
    #[arg(long, conflicts_with = "plan")]
    pub partial: bool,

    /// How to print the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

/// How to print a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a person in a terminal
    Text,
    /// For a program
    Json,
    /// For a comment on a pull request
    Markdown,
    /// For code hosts that show findings beside the code
    Sarif,
    /// For the log of a GitHub workflow, which shows it beside the code
    Github,
}

/// Print the deployment for people and scripts to look at
///
/// Nothing is written to disk. The model is what both dialects are made from.
#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// Which view of the deployment
    #[arg(value_enum)]
    pub what: What,

    /// All of it as JSON, or which resource refers to which as a Mermaid diagram
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,

    #[command(flatten)]
    pub config: Config,
}

/// A view of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// What both dialects are made from
    Model,
    /// The Terraform module
    Terraform,
    /// The CloudFormation template
    Cloudformation,
}

/// How to print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// JSON with every value
    Json,
    /// A Mermaid flowchart of resources and references
    Mermaid,
}

/// Write a commented jit-runners.yaml that holds every choice
///
/// Every choice stands in the file with its default, commented out, so that the file changes nothing until you remove
/// a `#`. The file's JSON Schema is written beside it as jit-runners.schema.json; editors with a YAML language server
/// use it to complete and check what you type.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub(crate) struct Init {
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = crate::config::DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    pub config: PathBuf,

    /// Overwrite files that are already there
    #[arg(long)]
    pub force: bool,
}

/// Print the JSON Schema of jit-runners.yaml (draft 2020-12)
#[derive(Debug, Args)]
#[command(after_help = SCHEMA_EXAMPLES)]
pub(crate) struct Schema {}

/// Print a script that completes commands and options in a shell
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Where the choices are.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// The configuration file [default: jit-runners.yaml, if there is one]
    #[arg(long = "config", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn help_texts() {
        let mut cli = Cli::command().term_width(100);
        cli.build();
        let names: Vec<_> = cli.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        assert_eq!(names, ["generate", "check", "show", "init", "schema", "completions", "help"]);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!("help", cli.render_long_help().to_string());
            insta::assert_snapshot!("help-short", cli.render_help().to_string());
            for name in names.iter().filter(|name| *name != "help") {
                let command = cli.find_subcommand_mut(name).unwrap();
                insta::assert_snapshot!(format!("help-{name}"), command.render_long_help().to_string());
            }
        });
    }

    #[test]
    fn arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
