//! Files in the folder of a module that are no part of it, and those in the folders below it.

use std::{collections::BTreeMap, fmt};

use crate::read::SourceFile;

/// Reads a file, by its path from the folder of the root module.
pub type ReadBeside = dyn Fn(&str) -> Option<Vec<u8>>;

/// Lists the names of the files in a folder, by its path from the folder of the root module; nothing, where there is no such folder.
pub type ListBeside = dyn Fn(&str) -> Option<Vec<String>>;

/// Files in the folder of a module that are no part of it, and those in the folders below it.
#[derive(Default)]
pub struct Beside(Option<(Box<ReadBeside>, Box<ListBeside>)>);

impl Beside {
    /// The files that `read` reads and `list` lists.
    pub fn new(
        read: impl Fn(&str) -> Option<Vec<u8>> + 'static,
        list: impl Fn(&str) -> Option<Vec<String>> + 'static,
    ) -> Self {
        Self(Some((Box::new(read), Box::new(list))))
    }

    /// These files, whose names are their paths.
    pub fn of(files: impl IntoIterator<Item = SourceFile>) -> Self {
        let files: BTreeMap<String, Vec<u8>> =
            files.into_iter().map(|file| (file.name.to_string(), file.bytes)).collect();
        let mut folders = BTreeMap::<String, Vec<String>>::new();
        for path in files.keys() {
            let mut rest = path.as_str();
            while let Some((folder, name)) = rest.rsplit_once('/') {
                let names = folders.entry(folder.to_owned()).or_default();
                if rest == path {
                    names.push(name.to_owned());
                }
                rest = folder;
            }
        }
        Self::new(move |path| files.get(path).cloned(), move |path| folders.get(path).cloned())
    }

    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.as_ref().and_then(|(read, _)| read(path))
    }

    pub(super) fn list(&self, path: &str) -> Option<Vec<String>> {
        self.0.as_ref().and_then(|(_, list)| list(path))
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Beside").field(&self.0.is_some()).finish()
    }
}
