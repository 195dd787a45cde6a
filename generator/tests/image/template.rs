//! `packer/*.pkr.hcl` as a tree, with the queries that the rules need.

use std::{collections::BTreeSet, fs};

use hcl::{Block, Body, Expression};
use jit_runners_witnesses::files;

/// The template: all its files together, as Packer reads them.
pub(crate) struct Template {
    text: String,
    body: Body,
}

impl Template {
    /// The template of the repository.
    pub(crate) fn of_the_repository() -> Self {
        let mut sources = Vec::new();
        for file in files::files_below(&files::root().join("packer")).unwrap() {
            if file.to_string_lossy().ends_with(".pkr.hcl") {
                sources.push(fs::read_to_string(file).unwrap());
            }
        }
        Self::parse(&sources.join("\n"))
    }

    /// Parses a text.
    pub(crate) fn parse(text: &str) -> Self {
        let body = hcl::parse(text).unwrap_or_else(|error| panic!("the template does not parse: {error}"));
        Self { text: text.to_owned(), body }
    }

    /// The template with `from` replaced by `to`.
    pub(crate) fn with(&self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "the template has no `{from}`");
        Self::parse(&self.text.replace(from, to))
    }

    /// The text without comments.
    pub(crate) fn code(&self) -> String {
        let code: Vec<_> = self.text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        code.join("\n")
    }

    /// Every variable's name and block.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &Block)> {
        self.blocks("variable").map(|block| (block.labels()[0].as_str(), block))
    }

    /// The names of variables without a default, which the builds must set.
    pub(crate) fn required(&self) -> BTreeSet<&str> {
        self.variables()
            .filter(|(_, block)| attribute(block, "default").is_none())
            .map(|(name, _)| name)
            .collect()
    }

    /// The names of locals.
    pub(crate) fn locals(&self) -> BTreeSet<&str> {
        self.blocks("locals").flat_map(|block| block.body().attributes()).map(hcl::Attribute::key).collect()
    }

    /// The blocks of a kind.
    pub(crate) fn blocks(&self, kind: &str) -> impl Iterator<Item = &Block> {
        self.body.blocks().filter(move |block| block.identifier() == kind)
    }

    /// The only builder.
    pub(crate) fn builder(&self) -> &Block {
        let mut sources = self.blocks("source");
        let source = sources.next().unwrap();
        assert!(sources.next().is_none(), "one builder is enough");
        source
    }

    /// The provisioners, in their order.
    pub(crate) fn provisioners(&self) -> Vec<&Block> {
        let builds = self.blocks("build");
        builds
            .flat_map(|build| build.body().blocks())
            .filter(|block| block.identifier() == "provisioner")
            .collect()
    }

    /// The scripts that the template runs, in their order, relative to its folder.
    pub(crate) fn scripts(&self) -> Vec<String> {
        let mut found = Vec::new();
        for provisioner in self.provisioners() {
            for name in ["scripts", "script"] {
                if let Some(value) = attribute(provisioner, name) {
                    found.extend(paths(&value.to_string()));
                }
            }
        }
        found
    }
}

/// The value of a block's attribute.
pub(crate) fn attribute<'a>(block: &'a Block, name: &str) -> Option<&'a Expression> {
    block.body().attributes().find(|attribute| attribute.key() == name).map(hcl::Attribute::expr)
}

/// The text of a block's attribute in one line; empty if the attribute is missing.
pub(crate) fn written(block: &Block, name: &str) -> String {
    let text = attribute(block, name).map(ToString::to_string).unwrap_or_default();
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace("[ ", "[").replace(" ]", "]")
}

/// The block in `block` that is called `name`.
pub(crate) fn inner<'a>(block: &'a Block, name: &str) -> Option<&'a Block> {
    block.body().blocks().find(|inner| inner.identifier() == name)
}

/// The paths after each `${path.root}/`.
fn paths(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split("${path.root}/").skip(1);
    parts.map(|part| part.split('"').next().unwrap_or_default().to_owned())
}
