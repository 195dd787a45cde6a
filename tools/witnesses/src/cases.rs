//! The cases of the check: a Terraform module, a CloudFormation template, and what is expected of the two.
//!
//! A case is a Markdown page, or a folder with the same files. `generator/check/tests/cases/README.md` describes both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::files;

/// What a template may be called.
const TEMPLATES: [&str; 2] = ["template.yaml", "template.json"];

/// A pair of a module and a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The page or the folder.
    pub path: PathBuf,
    /// The files by name: `terraform/main.tf`, `template.yaml`.
    pub sources: BTreeMap<String, Vec<u8>>,
    /// The lines that say what is expected, if there are any.
    pub expected: Vec<String>,
}

impl Case {
    /// The case of this page or folder.
    pub fn read(path: &Path) -> Result<Self> {
        let read = if path.is_dir() { folder(path) } else { file(path) };
        read.and_then(|(sources, expected)| {
            let templates = TEMPLATES.iter().filter(|name| sources.contains_key(**name)).count();
            ensure!(templates > 0, "the template is missing, `template.yaml` or `template.json`");
            ensure!(templates == 1, "there are two templates, and only one can be compared");
            ensure!(sources.len() > 1, "the module is missing: no `terraform/*.tf`");
            let lines =
                expected.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            Ok(Self { path: path.to_owned(), expected: lines.map(str::to_owned).collect(), sources })
        })
        .with_context(|| format!("the case {}", path.display()))
    }

    /// All cases below a folder, sorted; none at all is an error.
    pub fn all_below(folder: &Path) -> Result<Vec<Self>> {
        let mut cases = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder)? {
                if path.is_dir() && !holds_a_case(&path)? {
                    folders.push(path);
                } else if path.is_dir() || ends_in(&path, "md") && !path.ends_with("README.md") {
                    cases.push(Self::read(&path)?);
                }
            }
        }
        ensure!(!cases.is_empty(), "no cases below {}", folder.display());
        cases.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(cases)
    }

    /// The case's name: the page's name without its extension, or the folder's.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_suffix(".md").unwrap_or(&name).to_owned()
    }

    /// The files of the module, by name, and their content.
    pub fn module(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.sources
            .iter()
            .filter_map(|(name, content)| Some((name.strip_prefix("terraform/")?, content.as_slice())))
    }

    /// The template's name and content.
    pub fn template(&self) -> (&str, &[u8]) {
        let template = self.sources.iter().find(|(name, _)| TEMPLATES.contains(&name.as_str()));
        template.map_or(("", &[]), |(name, content)| (name, content))
    }

    /// Writes the sources as files into a folder, which is then the same case without what is expected.
    pub fn write_to(&self, folder: &Path) -> Result<()> {
        self.sources.iter().try_for_each(|(name, content)| files::write(&folder.join(name), content))
    }
}

type Read = (BTreeMap<String, Vec<u8>>, String);

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    listed.with_context(|| format!("listing {}", folder.display()))
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}

/// Whether a folder is a case, and not a folder of cases.
fn holds_a_case(folder: &Path) -> Result<bool> {
    let entries = entries(folder)?;
    Ok(entries.iter().any(|path| {
        ends_in(path, "tf")
            || path.ends_with("terraform")
            || TEMPLATES.iter().any(|name| path.ends_with(name))
    }))
}

/// A case that is a folder. Its module is in `terraform/`, with those that it calls below it; or it is beside the template.
fn folder(path: &Path) -> Result<Read> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("reading {}", path.display()));
    let mut sources = BTreeMap::new();
    let below = path.join("terraform");
    let mut folders = vec![if below.is_dir() { below.clone() } else { path.to_owned() }];
    while let Some(folder) = folders.pop() {
        for file in entries(&folder)? {
            if file.is_dir() && below.is_dir() {
                folders.push(file);
            } else if ends_in(&file, "tf") {
                // Beside the template there is only the module itself.
                let name = file.strip_prefix(&below).or_else(|_| file.strip_prefix(path))?.display();
                sources.insert(format!("terraform/{name}"), read(&file)?);
            }
        }
    }
    for name in TEMPLATES {
        if path.join(name).exists() {
            sources.insert(name.to_owned(), read(&path.join(name))?);
        }
    }
    let expected = path.join("expected.txt");
    let expected = if expected.exists() { String::from_utf8(read(&expected)?)? } else { String::new() };
    Ok((sources, expected))
}

/// A case that is a page.
fn file(path: &Path) -> Result<Read> {
    let text = String::from_utf8(fs::read(path)?);
    page(&text.context("a page is UTF-8; a case with a source that is not needs a folder")?)
}

/// The named blocks of a page, and the one below `## Expected`.
fn page(text: &str) -> Result<Read> {
    ensure!(text.starts_with("# "), "line 1: the title is missing, `# ` and what the case shows");
    let (mut sources, mut expected) = (BTreeMap::new(), None);
    let mut lines = text.split_inclusive('\n').zip(1..);
    let (mut heading, mut named) = ("", None);
    while let Some((line, number)) = lines.next() {
        let line = line.trim_end();
        let fence = line.bytes().take_while(|byte| *byte == b'`').count();
        if fence < 3 {
            let begins = line.trim_start();
            ensure!(
                !begins.starts_with("```") && !begins.starts_with("~~~"),
                "line {number}: a block begins with backticks at the start of its line"
            );
            if line.is_empty() {
                continue;
            }
            if let Some(name) = named {
                bail!("line {number}: the block of `{name}` is missing above");
            }
            if line.starts_with('#') {
                heading = line;
            }
            named = name(line);
            continue;
        }
        let mut content = String::new();
        loop {
            let Some((line, _)) = lines.next() else { bail!("line {number}: the block does not end") };
            let end = line.trim_end();
            if end.len() >= fence && end.bytes().all(|byte| byte == b'`') {
                break;
            }
            content.push_str(line);
        }
        match named.take() {
            Some(name) if !is_source(name) => bail!(
                "line {number}: a source is called `terraform/…`, `template.yaml` or `template.json`, and not `{name}`"
            ),
            Some(name) => {
                let doubled = sources.insert(name.to_owned(), content.into_bytes()).is_some();
                ensure!(!doubled, "line {number}: `{name}` is there twice");
            }
            None if heading == "## Expected" => {
                ensure!(
                    expected.replace(content).is_none(),
                    "line {number}: a second block of what is expected"
                );
            }
            None => {
                bail!("line {number}: the block has no name; write one above, such as `terraform/main.tf`")
            }
        }
    }
    if let Some(name) = named {
        bail!("the block of `{name}` is missing at the end");
    }
    ensure!(
        text.lines().any(|line| line.trim_end() == "## Expected"),
        "the heading `## Expected` is missing"
    );
    Ok((sources, expected.unwrap_or_default()))
}

/// The name in a line that has nothing else: `` `terraform/main.tf` ``.
fn name(line: &str) -> Option<&str> {
    line.strip_prefix('`')?.strip_suffix('`').filter(|name| !name.contains(['`', ' ']))
}

fn is_source(name: &str) -> bool {
    let in_module = |name: &str| !name.is_empty() && !name.contains("..");
    TEMPLATES.contains(&name) || name.strip_prefix("terraform/").is_some_and(in_module)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# A title\n\n`terraform/main.tf`\n\n````hcl\na = <<EOT\n```\nEOT\n````\n\n`template.yaml`\n\n\
        ```yaml\nA: 1\n\n```\n\n## Expected\n\n```text\noutput A\n```\n";

    #[test]
    fn blocks_are_read_as_they_stand() {
        let (sources, expected) = page(PAGE).unwrap();
        assert_eq!(sources["terraform/main.tf"], b"a = <<EOT\n```\nEOT\n");
        assert_eq!(sources["template.yaml"], b"A: 1\n\n");
        assert_eq!(expected, "output A\n");
    }

    #[test]
    fn what_a_page_lacks_is_said_with_its_line() {
        for (from, to, says) in [
            ("# A title", "A title", "line 1: the title is missing"),
            ("`template.yaml`\n", "", "line 12: the block has no name"),
            ("`template.yaml`", "`template.toml`", "line 13: a source is called"),
            ("`template.yaml`", "`terraform/main.tf`", "line 13: `terraform/main.tf` is there twice"),
            (
                "`template.yaml`",
                "`template.yaml`\n\nWords.",
                "line 13: the block of `template.yaml` is missing",
            ),
            ("output A\n```\n", "output A\n", "line 20: the block does not end"),
            ("## Expected\n\n```text\noutput A\n```\n", "", "the heading `## Expected` is missing"),
            ("```yaml", "~~~yaml", "line 13: a block begins with backticks"),
        ] {
            let broken = PAGE.replacen(from, to, 1);
            assert_ne!(broken, PAGE);
            let error = page(&broken).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}, and not {says}");
        }
    }

    #[test]
    fn a_case_has_a_module_and_one_template() {
        let folder = tempfile::tempdir().unwrap();
        for (from, to, says) in [
            ("template.yaml", "terraform/more.tf", "the template is missing"),
            ("terraform/main.tf", "template.json", "there are two templates"),
        ] {
            let path = folder.path().join("case.md");
            files::write(&path, PAGE.replacen(from, to, 1)).unwrap();
            let error = format!("{:#}", Case::read(&path).unwrap_err());
            assert!(error.contains("case.md: ") && error.contains(says), "{error}");
        }
        let path = folder.path().join("empty/README.md");
        files::write(&path, "").unwrap();
        let error = Case::all_below(path.parent().unwrap()).unwrap_err();
        assert!(error.to_string().starts_with("no cases below "), "{error}");
    }
}
