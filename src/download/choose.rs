//! Which files of a repository make a model, and where each goes below the models folder.

use std::collections::BTreeMap;

use crate::model::repository::{GgufSet, Repository};

/// A file of a repository, and its place in the model's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// Its path in the repository.
    pub path: String,
    /// Its path below `OWNER/REPOSITORY`.
    pub local: String,
}

/// Endings of the files that an MLX model is made of: those that mlx-lm downloads
/// (`mlx_lm/utils.py`), code left out.
const FOLDER_ENDINGS: [&str; 6] = [".json", ".jsonl", ".jinja", ".txt", ".tiktoken", ".model"];

/// A GGUF model with its projector, which goes beside it. The part by which it is found comes last,
/// so that it is seen when everything else is there.
#[must_use]
pub fn gguf_files(set: &GgufSet, offered: &Repository) -> Vec<LocalFile> {
    let folder = set.paths.first().and_then(|p| p.rsplit_once('/'));
    let beside = |name: &str| match folder {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    };
    let projector = offered.projector().and_then(|p| p.paths.first());
    let projector = projector.map(|path| LocalFile {
        path: path.clone(),
        local: beside(path.rsplit('/').next().unwrap_or(path)),
    });
    let parts = set.paths.iter().rev().map(as_it_is);
    projector.into_iter().chain(parts).collect()
}

/// The files of an MLX model: weights first, `config.json` last, by which it is found.
#[must_use]
pub fn folder_files<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<LocalFile> {
    let wanted = |path: &str| {
        let lower = path.to_ascii_lowercase();
        let ending = |e: &str| lower.ends_with(e);
        !path.contains('/')
            && !path.starts_with('.')
            && (ending(".safetensors") || FOLDER_ENDINGS.into_iter().any(ending))
    };
    let mut files: Vec<&str> = paths.into_iter().filter(|p| wanted(p)).collect();
    files.sort_by_key(|p| (*p == "config.json", !p.ends_with(".safetensors"), *p));
    files.into_iter().map(as_it_is).collect()
}

fn as_it_is(path: impl AsRef<str>) -> LocalFile {
    let path = path.as_ref().to_owned();
    LocalFile {
        local: path.clone(),
        path,
    }
}

/// Why a path of a repository is not written to this disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSound {
    /// It leads elsewhere, or has a name that no file of a model has.
    #[error("`{0}` is no path of a model's file")]
    Path(String),
    /// Two files would have one place.
    #[error("`{0}` and `{1}` would have the same place on this disk")]
    Twice(String, String),
}

/// Whether these paths can be written below a folder: none leads out of it or hides, and no two are
/// the same where upper and lower case are one.
///
/// # Errors
/// With the first that can't.
pub fn sound(files: &[LocalFile]) -> Result<(), NotSound> {
    let plain = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment.len() < 200
            && !segment.contains(|c: char| c.is_control() || "\\:*?\"<>|".contains(c))
    };
    let mut places: BTreeMap<String, &str> = BTreeMap::new();
    for file in files {
        if ![&file.path, &file.local]
            .iter()
            .all(|p| p.split('/').all(plain))
            || crate::printable::printable(&file.path) != file.path.as_str()
        {
            return Err(NotSound::Path(file.path.clone()));
        }
        if let Some(other) = places.insert(file.local.to_lowercase(), &file.path) {
            return Err(NotSound::Twice(other.to_owned(), file.path.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Bytes;

    fn locals(files: &[LocalFile]) -> Vec<&str> {
        files.iter().map(|f| f.local.as_str()).collect()
    }

    #[test]
    fn what_a_model_is_found_by_comes_last() {
        let paths = [
            "Q8_0/m-Q8_0-00001-of-00002.gguf",
            "Q8_0/m-Q8_0-00002-of-00002.gguf",
            "mmproj-F32.gguf",
            "mmproj-F16.gguf",
        ];
        let files: Vec<(String, Bytes)> = paths
            .map(|p| (p.to_owned(), Bytes(p.len() as u64)))
            .to_vec();
        let offered = Repository::of(&files);
        let all = gguf_files(&offered.gguf[0], &offered);
        assert_eq!(locals(&all), ["Q8_0/mmproj-F16.gguf", paths[1], paths[0]]);
        let folder = [
            ".gitattributes",
            "README.md",
            "config.json",
            "model-00002-of-00002.safetensors",
            "model-00001-of-00002.safetensors",
            "tokenizer.json",
            "original/model.safetensors",
            "chat_template.jinja",
            "modeling.py",
            "model.bin",
        ];
        assert_eq!(
            locals(&folder_files(folder)),
            [
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
                "chat_template.jinja",
                "tokenizer.json",
                "config.json",
            ]
        );
    }

    #[test]
    fn paths_that_lead_out_or_meet_are_refused() {
        for path in [
            "../x.gguf",
            "/etc/x.gguf",
            "a//x",
            "a/../b",
            ".ssh/x",
            "a\\b",
            "x\n.gguf",
            "x\u{202e}.gguf",
            "",
        ] {
            assert!(sound(&[as_it_is(path)]).is_err(), "{path}");
        }
        let two = ["a/Model.gguf", "a/model.gguf"].map(as_it_is);
        assert!(matches!(sound(&two), Err(NotSound::Twice(..))));
        assert!(sound(&["a/m-Q4_K_M.gguf", "b.gguf"].map(as_it_is)).is_ok());
    }
}
