//! Reads a guide: blocks of commands in sections, and what they print.
//!
//! The words after the language of a block say how it is tested. GitHub shows only the language.
//!
//! - `sh`: run, in this order, in one shell.
//! - `sh values`: assignments of the reader's own values, which the test replaces.
//! - `sh elsewhere="..."`: another test runs these commands; the value is its path in the repository.
//! - `sh not-run="..."`: no test runs these commands, for this reason.
//! - `text output`: the output of the commands before it; `…` matches anything.
//!
//! Scripts that nobody types are `bash`.

use std::fmt;

use anyhow::{Context as _, Result, bail, ensure};
use jit_runners_witnesses::files;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use regex_lite::Regex;

/// A Markdown file of the repository.
#[derive(Debug)]
pub(crate) struct Guide {
    /// The path from the repository's root.
    pub(crate) path: String,
    /// The titles of all its headings.
    pub(crate) headings: Vec<String>,
    pub(crate) blocks: Vec<Block>,
}

/// One block of commands, or of output.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) place: BlockLocation,
    /// The headings above it, the innermost last.
    pub(crate) sections: Vec<String>,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// Where a block begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlockLocation {
    path: String,
    line: usize,
}

/// How a block is tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Commands,
    Values,
    Elsewhere(String),
    NotRun(String),
    Output,
}

impl fmt::Display for BlockLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

impl Guide {
    /// Reads a guide.
    pub(crate) fn open(path: &str) -> Result<Self> {
        let text = std::fs::read_to_string(files::root().join(path)).with_context(|| path.to_owned())?;
        Self::parse(path, &text)
    }

    pub(super) fn parse(path: &str, text: &str) -> Result<Self> {
        let mut guide = Self { path: path.to_owned(), headings: Vec::new(), blocks: Vec::new() };
        let mut sections: Vec<(usize, String)> = Vec::new();
        let (mut in_heading, mut block): (bool, Option<Block>) = (false, None);
        for (event, range) in Parser::new(text).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let depth = level as usize;
                    sections.retain(|(above, _)| *above < depth);
                    sections.push((depth, String::new()));
                    in_heading = true;
                }
                Event::End(TagEnd::Heading(_)) => {
                    guide.headings.extend(sections.last().map(|(_, title)| title.clone()));
                    in_heading = false;
                }
                Event::Text(words) | Event::Code(words) if in_heading => {
                    if let Some((_, title)) = sections.last_mut() {
                        title.push_str(&words);
                    }
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let line = text[..range.start].lines().count() + 1;
                    let place = BlockLocation { path: path.to_owned(), line };
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let kind = Kind::of(&info).with_context(|| place.to_string())?;
                    let sections = sections.iter().map(|(_, title)| title.clone()).collect();
                    block = kind.map(|kind| Block { place, sections, kind, text: String::new() });
                }
                Event::Text(words) => {
                    if let Some(block) = &mut block {
                        block.text.push_str(&words);
                    }
                }
                Event::End(TagEnd::CodeBlock) => guide.blocks.extend(block.take()),
                _ => {}
            }
        }
        for block in &guide.blocks {
            block.check().with_context(|| block.place.to_string())?;
        }
        Ok(guide)
    }

    /// Whether a section with this title has commands.
    pub(crate) fn has(&self, section: &str) -> bool {
        self.blocks.iter().any(|block| block.is_in(section))
    }
}

impl Block {
    /// Whether it stands under a heading.
    pub(crate) fn is_in(&self, section: &str) -> bool {
        self.sections.iter().any(|title| title == section)
    }

    /// The number of commands that a reader types: lines that begin one.
    pub(crate) fn commands(&self) -> usize {
        let (mut count, mut continued) = (0, false);
        for line in self.lines() {
            let begins = line.starts_with(|first: char| first.is_ascii_alphabetic() || "[(".contains(first));
            count += usize::from(begins && !continued && !["done", "fi", "esac"].contains(&line.trim()));
            continued = line.ends_with(['\\', '|', '(']);
        }
        count
    }

    /// The lines that the shell reads as commands, without here-documents.
    fn lines(&self) -> impl Iterator<Item = &str> {
        let mut document = None::<&str>;
        self.text.lines().filter(move |line| {
            let inside = document.is_some();
            document = match document {
                Some(end) => Some(end).filter(|end| line != end),
                None => line.split_once("<<").map(|(_, end)| end.trim_matches('\'')),
            };
            !inside
        })
    }

    /// Finds what does not work in every shell that people use.
    fn check(&self) -> Result<()> {
        if self.kind == Kind::Output {
            return Ok(());
        }
        let split = Regex::new(r"(?:\bin|--[a-z-]+) \$[A-Za-z_]+")?;
        let unseen = Regex::new(r"\b(?:terraform|tofu)\b.*\b(?:apply|destroy)\b.*(?:\||>)")?;
        for line in self.lines() {
            ensure!(!split.is_match(line), "bash takes this variable apart and zsh does not: {line}");
            ensure!(!unseen.is_match(line), "nobody sees the question that this asks: {line}");
            ensure!(!line.contains('\t'), "a tab completes names where it is pasted: {line}");
            let comment = line.trim_start().starts_with('#') || line.contains(" # ");
            ensure!(!comment, "zsh takes no comments where people type: {line}");
            ensure!(!line.starts_with("$ "), "a prompt is no part of a command: {line}");
        }
        Ok(())
    }
}

impl Kind {
    /// Reads the words after the three backticks. `None` if the block has no commands.
    fn of(info: &str) -> Result<Option<Self>> {
        let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
        let reason = |name: &str| {
            rest.strip_prefix(name)
                .and_then(|rest| rest.strip_prefix("=\""))
                .and_then(|it| it.strip_suffix('"'))
        };
        Ok(Some(match (language, rest) {
            ("sh", "") => Self::Commands,
            ("sh", "values") => Self::Values,
            ("text", "output") => Self::Output,
            ("sh", _) => match (reason("elsewhere"), reason("not-run")) {
                (Some(path), _) => {
                    ensure!(files::root().join(path).exists(), "there is no {path}");
                    Self::Elsewhere(path.to_owned())
                }
                (_, Some(why)) if !why.is_empty() => Self::NotRun(why.to_owned()),
                _ => bail!("nobody knows what `{info}` means"),
            },
            ("shell" | "console" | "zsh" | "", _) => bail!("commands stand in blocks of `sh`, not `{info}`"),
            _ => return Ok(None),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_in_their_sections() {
        let text = "# A\n\n```sh values\nX=1\n```\n\n## B `c`\n\n```sh\necho \\\n  a\nb\n```\n\n```text output\na\n```\n\n## D\n\n```yaml\na: 1\n```\n\n- in a list:\n\n  ```sh not-run=\"no gh\"\n  gh\n  ```\n";
        let guide = Guide::parse("guide.md", text).unwrap();
        let kinds: Vec<_> = guide.blocks.iter().map(|block| block.kind.clone()).collect();
        let not_run = Kind::NotRun("no gh".to_owned());
        assert_eq!(kinds, [Kind::Values, Kind::Commands, Kind::Output, not_run]);
        assert_eq!(guide.blocks[1].sections, ["A", "B c"]);
        assert_eq!((guide.blocks[1].commands(), guide.blocks[1].place.line), (2, 9));
        assert_eq!(guide.blocks[3].sections, ["A", "D"]);
        assert_eq!(guide.blocks[3].text, "gh\n");
    }

    #[test]
    fn commands_of_several_lines_are_one() {
        let of = |text: &str| {
            let block = Guide::parse("g.md", &format!("```sh\n{text}\n```\n")).unwrap().blocks.remove(0);
            block.commands()
        };
        assert_eq!(of("a \\\n  b\nc |\n  d"), 2);
        assert_eq!(of("cat > f <<EOF\nx = 1\ny = 2\nEOF\nterraform plan"), 2);
        assert_eq!(of("until a; do\n  sleep 1\ndone"), 1);
    }

    #[test]
    fn what_nobody_could_paste_is_refused() {
        for block in [
            "```sh\nls # all\n```",
            "```console\n$ ls\n```",
            "```sh\n$ ls\n```",
            "```sh\nfor i in $ALL; do\n```",
            "```sh\naws --ids $ALL\n```",
            "```sh\nterraform -chdir=a destroy | grep Destroy\n```",
            "```sh\ntofu apply > log\n```",
            "```sh soon\nls\n```",
            "```sh not-run=\"\"\nls\n```",
        ] {
            assert!(Guide::parse("g.md", block).is_err(), "{block}");
        }
    }
}
