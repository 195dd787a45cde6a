//! Packages of functions.

use std::io::{Cursor, Write as _};

use anyhow::Result;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip with one executable `bootstrap`, compressed at a level from 1 to 9, or not at all.
pub fn zipped(bootstrap: &[u8], level: Option<i64>) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let method = if level.is_some() { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method).compression_level(level);
    zip.start_file("bootstrap", options.unix_permissions(0o755))?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}
