//! Which installed model is meant: by its repository and files, as a copy that another repository
//! has of them, or by quantization and size.
//!
//! A key is read from LM Studio's own list and never made up. Where nothing or more than one thing
//! matches, that is the answer, with the candidates.

use super::listing::Installed;
use crate::units::Bytes;

/// Files of one model in two listings differ by less than this share.
const SIZE_TOLERANCE: f64 = 0.03;
/// Files of one model and quantization that two repositories made differ by less than this share: what
/// they say of themselves at their heads, not the weights.
const COPY_TOLERANCE: f64 = 0.001;

/// What is known of a model's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `publisher/repository` on Hugging Face.
    pub repository: Option<String>,
    /// Which files of it: a pattern with `*`.
    pub files: Option<String>,
    /// Quantization.
    pub quantization: String,
    /// Bytes of the files.
    pub size: Bytes,
    /// The key, where the user named it.
    pub key: Option<String>,
}

/// What an installed model was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its repository and files, or the key that the user named.
    Name,
    /// A repository of the same name under another owner, quantization and size.
    Copy,
    /// Quantization and size alone: no repository was known to compare.
    Size,
}

/// Which installed model it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'a> {
    /// This one.
    Found {
        /// The model.
        model: &'a Installed,
        /// What speaks for it.
        by: By,
    },
    /// The right files by name, of another size: a download that did not end, or another version.
    WrongSize(&'a Installed),
    /// More than one, and no way to tell.
    Several(Vec<&'a Installed>),
    /// None; with those of the same quantization or size.
    Missing(Vec<&'a Installed>),
}

/// `publisher/repository` of a Hugging Face address.
#[must_use]
pub fn repository_path(address: &str) -> Option<&str> {
    let path = address.strip_prefix("https://huggingface.co/")?;
    let path = path.trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), [a, b] if !a.is_empty() && !b.is_empty()).then_some(path)
}

/// Finds the model among what is installed on this device.
#[must_use]
pub fn find<'a>(wanted: &Wanted, installed: &'a [Installed]) -> Match<'a> {
    // By quantization and size alone an embedding model is not told from another.
    let named = wanted.repository.is_some() || wanted.key.is_some();
    let local: Vec<&Installed> = installed
        .iter()
        .filter(|m| m.kind == "llm" || (named && m.kind == "embedding"))
        .filter(|m| m.device_identifier.is_none())
        .collect();
    let such = |keep: &dyn Fn(&Installed) -> bool| -> Vec<&'a Installed> {
        local.iter().copied().filter(|m| keep(m)).collect()
    };
    let or_near = |found: Vec<&'a Installed>, by| match one_of(wanted, &found, by) {
        Some(found) => found,
        None => Match::Missing(such(&|m| near(wanted, m))),
    };
    if let Some(key) = &wanted.key {
        return match such(&|m| m.model_key == *key).as_slice() {
            [model] => Match::Found {
                model,
                by: By::Name,
            },
            _ => Match::Missing(such(&|m| near(wanted, m))),
        };
    }
    let Some(repository) = &wanted.repository else {
        let alike = such(&|m| same_quantization(wanted, m) && same_size(wanted, m));
        return or_near(alike, By::Size);
    };
    let named = such(&|m| in_repository(wanted, repository, m));
    match named.is_empty() {
        true => or_near(such(&|m| is_copy(wanted, repository, m)), By::Copy),
        false => or_near(named, By::Name),
    }
}

/// Which of those found it is; none where there are none.
fn one_of<'a>(wanted: &Wanted, found: &[&'a Installed], by: By) -> Option<Match<'a>> {
    Some(match found {
        [] => return None,
        [model] if by != By::Name || same_size(wanted, model) => Match::Found { model, by },
        [model] => Match::WrongSize(model),
        _ => Match::Several(found.to_vec()),
    })
}

/// Who converts what others released, and changes nothing: a folder of such an owner is what its name
/// says.
const CONVERTERS: [&str; 2] = ["lmstudio-community", "mlx-community"];

/// The same files from another owner: those of LM Studio's own community most often. The repository's
/// name and the file's both have to be the model's own, so that no finetune is taken for it.
fn is_copy(wanted: &Wanted, repository: &str, model: &Installed) -> bool {
    let differs = wanted.size.minus(model.size_bytes).unsigned_abs();
    let alike = differs <= wanted.size.share(COPY_TOLERANCE).0 && same_quantization(wanted, model);
    let plain = |name: &str| plain_name(name, &wanted.quantization);
    let Some(own) = repository.split('/').nth(1).map(plain) else {
        return false;
    };
    // Some owners put the publisher before it: `Qwen_Qwen3-8B-GGUF`.
    let is_own = |name: &str| {
        let name = plain(name);
        name == own || name.split_once('_').is_some_and(|(_, name)| name == own)
    };
    let mut parts = model.path.split('/');
    let (owner, folder, file) = (parts.next(), parts.next(), parts.next_back());
    let file_is_own = match file {
        Some(file) => is_own(without_shard(file)),
        None => owner.is_some_and(|owner| CONVERTERS.contains(&owner)),
    };
    alike && folder.is_some_and(is_own) && file_is_own
}

/// A file's name without its ending and its number among several.
fn without_shard(file: &str) -> &str {
    let stem = file.strip_suffix(".gguf").unwrap_or(file);
    let number = stem.split_once("-of-").map(|(first, _)| first);
    let first = number.and_then(|first| first.rsplit_once('-'));
    first.map_or(stem, |(name, _)| name)
}

/// What the name of a repository or a file says of the model alone: `gpt-oss-20b` of
/// `gpt-oss-20b-GGUF`.
fn plain_name(name: &str, quantization: &str) -> String {
    let mut name = name.to_lowercase();
    let said = [quantization.to_lowercase(), "gguf".into(), "mlx".into()];
    let without = |name: &str| {
        let ends = said
            .iter()
            .filter_map(|end| name.strip_suffix(end.as_str()));
        let mut ends = ends.filter_map(|rest| rest.strip_suffix(['-', '.']));
        ends.next().map(str::to_owned)
    };
    while let Some(shorter) = without(&name) {
        name = shorter;
    }
    name
}

fn in_repository(wanted: &Wanted, repository: &str, model: &Installed) -> bool {
    let Some(rest) = model.path.strip_prefix(repository) else {
        return false;
    };
    match rest.strip_prefix('/') {
        None => rest.is_empty(),
        Some(file) => wanted.files.as_deref().is_none_or(|p| holds(p, file)),
    }
}

fn near(wanted: &Wanted, model: &Installed) -> bool {
    same_quantization(wanted, model) || same_size(wanted, model)
}

fn same_quantization(wanted: &Wanted, model: &Installed) -> bool {
    let name = model.quantization.as_ref().map(|q| q.name.as_str());
    name.is_some_and(|n| n.eq_ignore_ascii_case(&wanted.quantization))
}

fn same_size(wanted: &Wanted, model: &Installed) -> bool {
    wanted.size.minus(model.size_bytes).unsigned_abs() <= wanted.size.share(SIZE_TOLERANCE).0
}

/// Whether a name follows a pattern in which `*` stands for anything.
#[must_use]
pub fn holds(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || name.ends_with(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(key: &str, path: &str, quantization: &str, gb: u64) -> Installed {
        serde_json::from_value(serde_json::json!({
            "type": "llm", "modelKey": key, "format": "gguf", "path": path,
            "sizeBytes": gb * 1_000_000_000, "quantization": {"name": quantization, "bits": 4},
        }))
        .unwrap()
    }

    fn wanted() -> Wanted {
        Wanted {
            repository: Some("unsloth/M-GGUF".to_owned()),
            files: Some("*Q4_K_S*".to_owned()),
            quantization: "Q4_K_S".to_owned(),
            size: Bytes(130_000_000_000),
            key: None,
        }
    }

    #[test]
    fn repository_files_and_size_must_all_speak_for_it() {
        let mine = model(
            "m@q4_k_s",
            "unsloth/M-GGUF/Q4_K_S/M-Q4_K_S-00001-of-00003.gguf",
            "Q4_K_S",
            130,
        );
        let all = [
            model(
                "m@q4_k_m",
                "unsloth/M-GGUF/Q4_K_M/M-Q4_K_M-00001-of-00003.gguf",
                "Q4_K_M",
                138,
            ),
            model(
                "other",
                "unsloth/M-GGUF-finetuned/M-Q4_K_S.gguf",
                "Q4_K_S",
                130,
            ),
            mine.clone(),
        ];
        assert_eq!(
            find(&wanted(), &all),
            Match::Found {
                model: &mine,
                by: By::Name
            }
        );
        let half = [model("m", &mine.path, "Q4_K_S", 60)];
        assert_eq!(find(&wanted(), &half), Match::WrongSize(&half[0]));
        let far = [Installed {
            device_identifier: Some("dev2".to_owned()),
            ..mine
        }];
        assert_eq!(find(&wanted(), &far), Match::Missing(vec![]));
    }

    #[test]
    fn another_owner_s_copy_is_the_same_files() {
        let copy = model(
            "m",
            "lmstudio-community/M-GGUF/M-Q4_K_S-00001-of-00003.gguf",
            "Q4_K_S",
            130,
        );
        let found =
            |all: &[Installed]| matches!(find(&wanted(), all), Match::Found { by: By::Copy, .. });
        assert!(found(std::slice::from_ref(&copy)));
        let like = |path: &str, quantization: &str, gb| [model("m", path, quantization, gb)];
        assert!(found(&like(
            "bartowski/Pub_M-GGUF/Pub_M-Q4_K_S.gguf",
            "q4_k_s",
            130
        )));
        assert!(found(&like("mlx-community/M", "Q4_K_S", 130)));
        // A finetune has its files' size and quantization, and is another model.
        for path in [
            "x/M-abliterated-GGUF/M-abliterated-Q4_K_S.gguf",
            "lmstudio-community/M-GGUF/my-merge-Q4_K_S.gguf",
            "lmstudio-community/M-GGUF/M-abliterated-Q4_K_S.gguf",
            "someone/M",
        ] {
            assert!(!found(&like(path, "Q4_K_S", 130)), "{path}");
        }
        let same = "lmstudio-community/M-GGUF/M-Q4_K_S.gguf";
        assert!(!found(&like(same, "Q4_K_M", 130)));
        assert!(!found(&like(same, "Q4_K_S", 131)));
        // Its own repository speaks before any other.
        let own = model("own", "unsloth/M-GGUF/M-Q4_K_S.gguf", "Q4_K_S", 130);
        let both = [copy, own.clone()];
        assert_eq!(
            find(&wanted(), &both),
            Match::Found {
                model: &own,
                by: By::Name
            }
        );
    }

    #[test]
    fn absence_and_ambiguity_are_told_with_candidates() {
        let all = [
            model("a", "x/a/Q4_K_S.gguf", "q4_k_s", 130),
            model("b", "x/b/Q4_K_S.gguf", "Q4_K_S", 131),
            model("c", "x/c/Q8_0.gguf", "Q8_0", 260),
        ];
        assert_eq!(
            find(&wanted(), &all),
            Match::Missing(vec![&all[0], &all[1]])
        );
        let unknown = Wanted {
            repository: None,
            files: None,
            ..wanted()
        };
        assert_eq!(find(&unknown, &all), Match::Several(vec![&all[0], &all[1]]));
        assert_eq!(
            find(&unknown, &all[1..]),
            Match::Found {
                model: &all[1],
                by: By::Size
            }
        );
        let named = Wanted {
            key: Some("c".to_owned()),
            ..wanted()
        };
        assert_eq!(
            find(&named, &all),
            Match::Found {
                model: &all[2],
                by: By::Name
            }
        );
        let misnamed = Wanted {
            key: Some("C".to_owned()),
            ..wanted()
        };
        assert!(matches!(find(&misnamed, &all), Match::Missing(_)));
    }

    #[test]
    fn patterns_hold_what_a_shell_would_hold() {
        for (pattern, name, expected) in [
            ("*Q4_K_S*", "Q4_K_S/M-Q4_K_S-00001-of-00003.gguf", true),
            ("*Q4_K_S*", "M-Q4_K_M.gguf", false),
            ("*.gguf", "a.gguf", true),
            ("*.gguf", "a.gguf.part", false),
            ("a.gguf", "a.gguf", true),
            ("a", "ab", false),
            ("a*b", "aXbXb", true),
        ] {
            assert_eq!(holds(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn only_an_address_of_a_repository_is_one() {
        assert_eq!(
            repository_path("https://huggingface.co/unsloth/M-GGUF/"),
            Some("unsloth/M-GGUF")
        );
        for no in [
            "https://huggingface.co/unsloth",
            "https://example.com/a/b",
            "a/b",
        ] {
            assert_eq!(repository_path(no), None, "{no}");
        }
    }
}
