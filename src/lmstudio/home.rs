//! Where LM Studio keeps its things.
//!
//! The home is what the pointer file in the user's home folder names, else the first default that
//! exists (`findLMStudioHome` of github.com/lmstudio-ai/lmstudio-js).

use std::path::{Path, PathBuf};

/// The file below the user's home folder that names LM Studio's home, where it was moved.
pub const HOME_POINTER: &str = ".lmstudio-home-pointer";

/// LM Studio's homes below the user's home folder, the older one first; the last one where none
/// exists yet.
pub const DEFAULT_HOMES: [&str; 2] = [".cache/lm-studio", ".lmstudio"];

/// LM Studio's home: `pointer` is the text of the pointer file, `exists` tells of a folder.
#[must_use]
pub fn home_of(user_home: &Path, pointer: Option<&str>, exists: &dyn Fn(&Path) -> bool) -> PathBuf {
    if let Some(named) = pointer.map(str::trim).filter(|p| !p.is_empty()) {
        return PathBuf::from(named);
    }
    let [older, newer] = DEFAULT_HOMES.map(|h| user_home.join(h));
    if exists(&older) { older } else { newer }
}

/// The folder that models are downloaded to: `settings` is the text of `settings.json`, which may
/// name one; else `models` below LM Studio's home.
#[must_use]
pub fn downloads_folder(home: &Path, settings: Option<&str>) -> PathBuf {
    let named = settings
        .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
        .and_then(|json| json.get("downloadsFolder")?.as_str().map(PathBuf::from));
    named.unwrap_or_else(|| home.join("models"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_wins_then_the_older_home_then_the_newer() {
        let home = Path::new("/Users/ada");
        let nothing = |_: &Path| false;
        let everything = |_: &Path| true;
        assert_eq!(
            home_of(home, Some("/Volumes/big/lm\n"), &everything),
            Path::new("/Volumes/big/lm")
        );
        assert_eq!(
            home_of(home, Some(" \n"), &everything),
            Path::new("/Users/ada/.cache/lm-studio")
        );
        assert_eq!(
            home_of(home, None, &nothing),
            Path::new("/Users/ada/.lmstudio")
        );
    }

    #[test]
    fn settings_may_name_another_models_folder() {
        let home = Path::new("/Users/ada/.lmstudio");
        let named = r#"{"downloadsFolder": "/Volumes/big/models", "other": 1}"#;
        assert_eq!(
            downloads_folder(home, Some(named)),
            Path::new("/Volumes/big/models")
        );
        for nothing in [None, Some("{}"), Some("not JSON")] {
            assert_eq!(
                downloads_folder(home, nothing),
                Path::new("/Users/ada/.lmstudio/models")
            );
        }
    }
}
