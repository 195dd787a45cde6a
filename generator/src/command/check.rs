//! `jit-runners check`: reads two dialects and says what differs.

use std::path::Path;

use jit_runners_check::{
    IgnoreList, OtherFiles, Report, SourceFile, Verdict, check_among, check_partly, check_plan, report,
};
use jit_runners_emit::cloudformation::TEMPLATE;
use jit_runners_model::Deployment;

use super::{Error, Reason, Session, files, generate, say_advice, say_source};
use crate::{
    cli::{Check, ReportFormat},
    config::{self, Loaded},
    disk, exit,
};

/// The module's folder below the output folder.
const MODULE: &str = "terraform";

/// A list of what to ignore, where nobody names another one.
const IGNORE: &str = "check-ignore.yaml";

/// Compares the files and prints the report; for programs, also why there is none.
pub(super) fn run(arguments: &Check, session: &mut Session<'_>) -> Result<u8, Error> {
    let outcome = compare(arguments, session);
    if let Err(error) = &outcome {
        match (arguments.format, &error.0) {
            (ReportFormat::Json, Reason::Unreadable(found)) => {
                writeln!(session.out, "{:#}", report::unreadable_json(found))?;
            }
            (ReportFormat::Sarif, Reason::Unreadable(found)) => {
                writeln!(session.out, "{:#}", report::sarif_of_unreadable(found))?;
            }
            (ReportFormat::Github, Reason::Unreadable(found)) => {
                session.out.write_all(report::annotations_of_unreadable(found).as_bytes())?;
            }
            (ReportFormat::Markdown, Reason::Unreadable(found)) => {
                session.out.write_all(report::markdown_of_unreadable(found).as_bytes())?;
            }
            (ReportFormat::Json, other) => {
                let message = other.to_string();
                let told = serde_json::json!({ "equivalent": null, "problems": [{ "message": message }] });
                writeln!(session.out, "{told:#}")?;
            }
            _ => {}
        }
    }
    outcome
}

fn compare(arguments: &Check, session: &mut Session<'_>) -> Result<u8, Error> {
    let Check { terraform, cloudformation, plan, parameters, out, config, format, ignore, partial } =
        arguments;
    let template = cloudformation.clone().unwrap_or_else(|| out.join(TEMPLATE));
    let module = terraform.clone().unwrap_or_else(|| out.join(MODULE));
    let ours = [(&module, terraform.is_none() && plan.is_none()), (&template, cloudformation.is_none())];
    if let Some((missing, _)) = ours.into_iter().find(|(path, is_ours)| *is_ours && !disk::exists(path)) {
        // What is wrong with the configuration is said by that command.
        if let Ok(loaded) = config::load(config.file.as_deref()) {
            say_advice(session.err, &loaded)?;
        }
        let command = generate::command(session.program, config.file.as_deref(), Some(out));
        return Err(Reason::NotGenerated { missing: missing.display().to_string(), command }.into());
    }
    let mut found = if let (Some(plan), Some(parameters)) = (plan, parameters) {
        let plan = disk::plan_file(plan)?;
        check_plan(&plan, &disk::source_file(&template)?, &disk::source_file(parameters)?)?
    } else {
        let loaded = loaded(terraform.is_none(), config.file.as_deref())?;
        if let Some(loaded) = &loaded {
            say_advice(session.err, loaded)?;
            say_source(if *format == ReportFormat::Text { session.out } else { session.err }, loaded)?;
        }
        let model = loaded.as_ref().map(|loaded| &loaded.deployment);
        let (files, others) = match model {
            Some(model) if terraform.is_none() => generated(&module, out, model)?,
            _ => (
                disk::terraform_files(&module)?,
                OtherFiles { beside: disk::beside(&module), ..OtherFiles::default() },
            ),
        };
        let compare = if *partial { check_partly } else { check_among };
        compare(&files, &others, &disk::source_file(&template)?, model)?
    };
    if let Some(list) = ignore_list(ignore.as_deref(), terraform.is_some())? {
        list.apply(&mut found)?;
    }
    print(&found, *format, session)?;
    Ok(match found.verdict() {
        Verdict::Equivalent => exit::FINE,
        Verdict::Different => exit::NOT_EQUIVALENT,
        Verdict::Incomplete => exit::INCOMPLETE,
    })
}

/// What to ignore: what the named file says, or the one that stands here. Of our own files nothing is ignored unasked.
fn ignore_list(named: Option<&Path>, is_of_others: bool) -> Result<Option<IgnoreList>, Error> {
    let here = Path::new(IGNORE);
    let path = match named {
        Some(path) => path,
        None if is_of_others && disk::exists(here) => here,
        None => return Ok(None),
    };
    Ok(Some(IgnoreList::read(&disk::source_file(path)?)?))
}

/// Our own files are always compared with the model; other people's only where a configuration is `named`.
fn loaded(is_ours: bool, named: Option<&Path>) -> Result<Option<Loaded>, Error> {
    Ok(if is_ours || named.is_some() { Some(config::load(named)?) } else { None })
}

/// The files of the generated module, and those that somebody else put into its folder. Both what would be written now
/// and what an earlier run wrote are ours.
fn generated(module: &Path, out: &Path, model: &Deployment) -> Result<(Vec<SourceFile>, OtherFiles), Error> {
    let wanted = files(model);
    let manifest = disk::look(out, &[])?.manifest;
    let is_own = |name: &str| {
        let path = format!("{MODULE}/{name}");
        manifest.knows(&path) || wanted.iter().any(|file| file.path == path)
    };
    Ok(disk::generated_module(module, is_own)?)
}

fn print(found: &Report, format: ReportFormat, session: &mut Session<'_>) -> Result<(), Error> {
    match format {
        ReportFormat::Text => report::text(session.out, found)?,
        ReportFormat::Json => writeln!(session.out, "{:#}", report::json(found))?,
        ReportFormat::Sarif => writeln!(session.out, "{:#}", report::sarif(found))?,
        ReportFormat::Github => session.out.write_all(report::annotations(found).as_bytes())?,
        ReportFormat::Markdown => session.out.write_all(report::markdown(found).as_bytes())?,
    }
    Ok(())
}
