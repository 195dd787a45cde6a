//! Writes the sources of all cases of the check as files: `unfold-cases OUT FOLDER..`, for whoever needs files.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jit_runners_witnesses::cases::Case;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().context("usage: unfold-cases OUT FOLDER..")?;
    for (number, folder) in arguments.enumerate() {
        for case in Case::all_below(&folder)? {
            case.write_to(&out.join(number.to_string()).join(case.path.strip_prefix(&folder)?))?;
        }
    }
    Ok(())
}
