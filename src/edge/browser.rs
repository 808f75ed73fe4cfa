//! Opens a page in the user's browser.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::command;
use crate::machine::reading::NotRead;

/// What opens a file as the user would, and what stands before the file: of macOS, of Windows, of
/// other systems.
const OPENER: (&str, &[&str]) = if cfg!(target_os = "macos") {
    ("open", &[])
} else if cfg!(windows) {
    ("rundll32", &["url.dll,FileProtocolHandler"])
} else {
    ("xdg-open", &[])
};
/// It hands the page on and ends.
const LIMIT: Duration = Duration::from_secs(10);

/// Opens a page.
///
/// # Errors
/// When the system has nothing that opens it.
pub fn open(page: &Path) -> Result<(), NotRead> {
    let (opener, before) = OPENER;
    let before = before.iter().map(OsStr::new);
    let args: Vec<&OsStr> = before.chain([page.as_os_str()]).collect();
    command::text(opener, &args, LIMIT).map(drop)
}
