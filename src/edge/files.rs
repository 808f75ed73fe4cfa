//! Files: read whole, written atomically.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::fault;

/// Larger text files than this are surely not what was meant.
const LARGEST_TEXT: u64 = 64 << 20;

/// The text of a file.
///
/// # Errors
/// When it can't be read, is not UTF-8 or is too large to be meant.
pub fn read_text(path: &Path) -> Result<String> {
    let shown = path.display();
    let meta = std::fs::metadata(path).with_context(|| format!("can't read {shown}"))?;
    if meta.is_dir() {
        bail!(fault!("{shown} is a folder"; "give a file"));
    }
    if meta.len() > LARGEST_TEXT {
        bail!(fault!(
            "{shown} is too large: {} bytes", meta.len();
            "give the right file"
        ));
    }
    let bytes = std::fs::read(path).with_context(|| format!("can't read {shown}"))?;
    String::from_utf8(bytes)
        .map_err(|_| fault!("{shown} is not UTF-8 text"; "save it as UTF-8").into())
}

/// A file opened for reading, and its length.
///
/// # Errors
/// When it is not there or can't be opened.
pub fn open(path: &Path) -> Result<(std::fs::File, crate::units::Bytes)> {
    let file =
        std::fs::File::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let meta = file
        .metadata()
        .with_context(|| format!("can't read {}", path.display()))?;
    if !meta.is_file() {
        bail!(fault!("{} is not a file", path.display(); "give a file"));
    }
    Ok((file, crate::units::Bytes(meta.len())))
}

/// The `.toml` files of a folder, by name, with their texts.
///
/// # Errors
/// When the folder or a file can't be read.
pub fn read_toml_folder(folder: &Path) -> Result<Vec<(String, String)>> {
    let paths = toml_files(folder)?.into_iter();
    paths
        .map(|p| read_text(&p).map(|text| (p.display().to_string(), text)))
        .collect()
}

/// The `.toml` files of a folder, by name.
///
/// # Errors
/// When the folder can't be read.
pub fn toml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("can't read the catalog folder {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("can't read {}", folder.display()))?
            .path();
        if path.extension().is_some_and(|e| e == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Beginning of the names of files that are being written.
const UNDER_WAY: &str = ".planner-";

/// Writes a file whole or not at all: into a neighbour first, which then takes its name. What is
/// there keeps its mode, and a link stays one, also where the file that it names is not there yet.
///
/// # Errors
/// When the folder is not there or can't be written.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_for(Reader::Anybody, path, bytes)
}

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Whom the file that is there allows; a new one is for anybody.
    Anybody,
    /// Its owner alone.
    Owner,
}

fn write_for(reader: Reader, path: &Path, bytes: &[u8]) -> Result<()> {
    let target = behind_links(path)?;
    let file = write_beside(reader, &target, bytes)?;
    // Its own words repeat the cause.
    file.persist(&target)
        .map_err(|e| e.error)
        .with_context(|| format!("can't write {}", path.display()))?;
    Ok(())
}

/// Writes a file for its owner alone where nothing is yet, and makes its folder. What another
/// program has written there meanwhile stays.
///
/// # Errors
/// When the folder can't be made or written.
pub fn write_private_first(path: &Path, bytes: &[u8]) -> Result<()> {
    make_parent(path)?;
    let file = write_beside(Reader::Owner, path, bytes)?;
    match file.persist_noclobber(path) {
        Err(e) if e.error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(e.error).with_context(|| format!("can't write {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// A neighbour of a file, whole, which is to take its name.
#[cfg_attr(not(unix), expect(unused_variables, reason = "only Unix has modes"))]
fn write_beside(reader: Reader, target: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile> {
    let shown = target.display();
    let folder = match target.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNDER_WAY);
    let before = std::fs::metadata(target)
        .ok()
        .map(|meta| meta.permissions());
    #[cfg(unix)]
    builder.permissions(match (reader, before) {
        (Reader::Owner, _) => std::os::unix::fs::PermissionsExt::from_mode(0o600),
        (Reader::Anybody, Some(before)) => before,
        (Reader::Anybody, None) => std::os::unix::fs::PermissionsExt::from_mode(0o644),
    });
    let mut file = builder
        .tempfile_in(folder)
        .with_context(|| format!("can't write into {}", folder.display()))?;
    file.write_all(bytes)
        .with_context(|| format!("can't write {shown}"))?;
    file.as_file()
        .sync_all()
        .with_context(|| format!("can't write {shown}"))?;
    Ok(file)
}

/// The file that a path means behind all links.
fn behind_links(path: &Path) -> Result<PathBuf> {
    /// More links in a row than any system follows.
    const MOST_LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        // Only what is there can be resolved at once.
        if let Ok(whole) = std::fs::canonicalize(&target) {
            return Ok(whole);
        }
        let Ok(next) = std::fs::read_link(&target) else {
            return Ok(target);
        };
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    bail!(fault!("{} is a symbolic link to itself", path.display(); "remove it"))
}

/// Removes what writing left in a folder when it was killed.
///
/// # Errors
/// When a file can't be removed.
pub fn sweep(folder: &Path) -> Result<()> {
    left_in(folder).iter().try_for_each(|path| remove(path))
}

/// What writing left in a folder when it was killed: files that are a minute old, so that none is
/// among them which is being written. None where the folder can't be read.
#[must_use]
pub fn left_in(folder: &Path) -> Vec<PathBuf> {
    const LEFT_BEHIND: std::time::Duration = std::time::Duration::from_secs(60);
    let names = names_in(folder).unwrap_or_default().into_iter();
    let under_way = names.filter(|name| name.starts_with(UNDER_WAY));
    let old = |path: &PathBuf| {
        std::fs::symlink_metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file)
            .and_then(|meta| meta.modified().ok()?.elapsed().ok())
            .is_some_and(|age| age > LEFT_BEHIND)
    };
    under_way
        .map(|name| folder.join(name))
        .filter(old)
        .collect()
}

/// Makes a folder, with those above it, where it is not there.
///
/// # Errors
/// When it can't be made, or a file has its name.
pub fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("can't make the folder {}", folder.display()))
}

/// Writes a file whole; one that is there and says something else is kept beside it first, under
/// the next free name (`report.md.1`, ...). Says where.
///
/// # Errors
/// When either can't be written.
pub fn write_backed_up(path: &Path, bytes: &[u8]) -> Result<Option<PathBuf>> {
    if !path.exists() {
        return write_atomic(path, bytes).map(|()| None);
    }
    if path.is_dir() {
        bail!(fault!("can't write {}: it is a folder", path.display(); "give the path of a file"));
    }
    if !path.is_file() {
        return write_through(path, bytes).map(|()| None);
    }
    let before = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    if before == bytes {
        return Ok(None);
    }
    let backup = first_free(|n| with_ending(path, &format!(".{n}")))?;
    write_atomic(&backup, &before)?;
    write_atomic(path, bytes)?;
    Ok(Some(backup))
}

/// Writes into what is no ordinary file, such as a device or a pipe: it is neither read nor replaced.
fn write_through(path: &Path, bytes: &[u8]) -> Result<()> {
    let open = OpenOptions::new().write(true).open(path);
    let written = open.and_then(|mut to| to.write_all(bytes));
    written.with_context(|| format!("can't write {}", path.display()))
}

/// Gives a file the next free name beside it (`model.toml.1`, ...), under which no folder of
/// catalogs counts it. Says which.
///
/// # Errors
/// When it can't be renamed.
pub fn set_aside(path: &Path) -> Result<PathBuf> {
    let aside = first_free(|n| with_ending(path, &format!(".{n}")))?;
    std::fs::rename(path, &aside).with_context(|| format!("can't rename {}", path.display()))?;
    Ok(aside)
}

/// Writes a file where nothing is yet.
///
/// # Errors
/// When something has the name, or it can't be written.
pub fn write_first(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_there(path) {
        bail!(fault!("{} already exists", path.display(); "give another name, or move it away"));
    }
    make_parent(path)?;
    write_atomic(path, bytes)
}

/// Writes a document as JSON, whole or not at all, and makes its folder.
///
/// # Errors
/// When the folder can't be made or written.
pub fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<()> {
    write_json_for(Reader::Anybody, path, value)
}

/// The same for its owner alone: a document that holds what other programs keep private.
///
/// # Errors
/// When the folder can't be made or written.
pub fn write_private_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<()> {
    write_json_for(Reader::Owner, path, value)
}

fn write_json_for<T: serde::Serialize>(reader: Reader, path: &Path, value: &T) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value)
        .with_context(|| format!("can't write {}", path.display()))?;
    text.push(b'\n');
    make_parent(path)?;
    write_for(reader, path, &text)
}

/// Writes a document as JSON in place of another, whole as long as the system runs: it is not waited
/// for until it is on the disk.
///
/// # Errors
/// When the folder can't be written.
pub(super) fn replace_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<()> {
    let new = with_ending(path, ".new");
    let written = serde_json::to_vec(value)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&new, text))
        .and_then(|()| std::fs::rename(&new, path));
    written.with_context(|| format!("can't write {}", path.display()))
}

/// Makes the folder that a file is to be in.
///
/// # Errors
/// When it can't be made.
pub fn make_parent(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), make_folder)
}

/// Removes a file, if it is there.
///
/// # Errors
/// When it can't be removed.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether there is anything of this name: a file, a folder, a link.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Writes a new file whole or not at all, and never over another: where the name is taken, a
/// number is added to it. Characters that a file's name can't hold become dashes. Gives the name
/// that it took.
///
/// # Errors
/// When the folder can't be made or written.
pub fn write_new(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf> {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let stem: String = stem
        .chars()
        .map(|c| if fine(c) { c } else { '-' })
        .collect();
    make_folder(folder)?;
    let path = first_free(|n| {
        let number = match n {
            1 => String::new(),
            n => format!("-{n}"),
        };
        folder.join(format!("{stem}{number}.{extension}"))
    })?;
    write_atomic(&path, bytes)?;
    Ok(path)
}

/// The first of the names for 1, 2, ... that nothing has, not even a link to nowhere.
pub(super) fn first_free(name: impl Fn(u32) -> PathBuf) -> Result<PathBuf> {
    let free = |path: &PathBuf| !is_there(path);
    (1..=u32::MAX).map(&name).find(free).with_context(|| {
        let first = name(1);
        fault!("no name is free beside {}", first.display(); "remove some of the old copies")
    })
}

/// A path with something at the end of its name.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The whole path of what need not be there.
///
/// # Errors
/// When the present folder is not known, or the path is no text.
pub fn absolute(path: &Path) -> Result<String> {
    let shown = path.display();
    let whole =
        std::path::absolute(path).with_context(|| format!("can't tell where {shown} is"))?;
    let text = whole.to_str().map(str::to_owned);
    text.with_context(|| fault!("{shown} is not UTF-8 text"; "give another path"))
}

/// Whether there is a folder of this name.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is a file of this name.
#[must_use]
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// What a folder holds: names, sorted. Names that are not text are left out.
///
/// # Errors
/// When it can't be read.
pub fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("can't read {}", folder.display()))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Whether a name given for a machine or a task means a file: it has a folder or an ending.
#[must_use]
pub fn means_a_file(name: &str) -> bool {
    name.contains(std::path::MAIN_SEPARATOR)
        || Path::new(name).extension().is_some_and(|e| e == "toml")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_stays_one_whether_its_file_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("below")).unwrap();
        symlink("below/second", at("first")).unwrap();
        symlink("file", at("below/second")).unwrap();
        for text in ["new", "changed"] {
            write_atomic(&at("first"), text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(at("below/file")).unwrap(), text);
            assert!(at("first").is_symlink() && at("below/second").is_symlink());
        }
        symlink("round", at("round")).unwrap();
        assert!(write_atomic(&at("round"), b"x").is_err());
        assert!(at("round").is_symlink());
    }

    #[test]
    fn a_name_that_a_link_to_nowhere_has_is_not_free() {
        let folder = tempfile::tempdir().unwrap();
        symlink("nowhere", folder.path().join("1")).unwrap();
        let free = first_free(|n| folder.path().join(n.to_string())).unwrap();
        assert_eq!(free, folder.path().join("2"));
    }
}
