//! `packer/provision/downloads.txt`: every download has a pinned version and a checksum.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use jit_runners_model::contract::runner_release::Checksum;
use jit_runners_witnesses::files::root;

/// One line of the file.
#[derive(Debug, Clone)]
pub(crate) struct Download {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) architecture: String,
    pub(crate) checksum: String,
    pub(crate) address: String,
}

impl Download {
    /// The last part of its address.
    pub(crate) fn file(&self) -> &str {
        self.address.rsplit('/').next().unwrap()
    }
}

/// All lines of the file.
pub(crate) fn downloads() -> Vec<Download> {
    let text = fs::read_to_string(root().join("packer/provision/downloads.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            let Ok([name, version, architecture, checksum, address]) = <[String; 5]>::try_from(columns)
            else {
                panic!("not five columns: {line}")
            };
            Download { name, version, architecture, checksum, address }
        })
        .collect()
}

#[test]
fn everything_is_pinned_and_has_a_checksum_of_its_own() {
    let mut checksums = BTreeSet::new();
    for download in downloads() {
        let Download { name, version, checksum, address, .. } = &download;
        assert!(Checksum::new(checksum.as_str()).is_ok(), "{name}: {checksum}");
        assert!(checksums.insert(checksum.clone()), "{name}: the checksum of another download");
        assert!(address.starts_with("https://"), "{address}");
        assert!(address.contains(version.as_str()), "{address} does not name its version {version}");
        assert!(!address.contains("latest"), "{address}");
    }
}

#[test]
fn both_architectures_have_the_same_in_the_same_version() {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for download in downloads() {
        found.entry((download.name, download.version)).or_default().push(download.architecture);
    }
    for (download, architectures) in &found {
        assert_eq!(architectures, &["x86_64", "arm64"], "{download:?}");
    }
    let names: BTreeSet<_> = found.keys().map(|(name, _)| name).collect();
    assert_eq!(names.len(), found.len(), "a download in two versions");
}
