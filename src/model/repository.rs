//! What the file names of a repository say: which files make a model together, and in which
//! quantizations it is there.
//!
//! Names choose between files, and nothing else: figures always come from what a file holds.

use super::gguf::PartName;
use crate::units::Bytes;

/// One model of a repository, in one file or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GgufSet {
    /// What people ask for: `Q4_K_M`; the name of the file where it names none.
    pub quantization: String,
    /// Paths in the order of the parts.
    pub paths: Vec<String>,
    /// All of its bytes.
    pub bytes: Bytes,
}

/// The models of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// GGUF models, the smallest first.
    pub gguf: Vec<GgufSet>,
    /// Vision projectors, the smallest first.
    pub projectors: Vec<GgufSet>,
    /// Whether there is a `config.json` with safetensors files.
    pub safetensors: bool,
}

impl Repository {
    /// Sorts the files of a repository, given by path and size.
    #[must_use]
    pub fn of(files: &[(String, Bytes)]) -> Self {
        let mut repository = Self::default();
        for (path, _) in files {
            let name = file_name(path);
            let first = PartName::parse(name).is_none_or(|part| part.part == 1);
            if !has_ending(name, ".gguf") || !first || is_matrix(name) {
                continue;
            }
            let set = set(path, files);
            if name.to_ascii_lowercase().starts_with("mmproj") {
                repository.projectors.push(set);
            } else {
                repository.gguf.push(set);
            }
        }
        let by_size = |a: &GgufSet, b: &GgufSet| a.bytes.cmp(&b.bytes).then(a.paths.cmp(&b.paths));
        repository.gguf.sort_by(by_size);
        repository.projectors.sort_by(by_size);
        let at_top = |wanted: &dyn Fn(&str) -> bool| files.iter().any(|(path, _)| wanted(path));
        repository.safetensors = at_top(&|p| p == "config.json")
            && at_top(&|p| !p.contains('/') && has_ending(p, ".safetensors"));
        repository
    }

    /// The projector that goes with every model: of 16 bits where there is one, else the largest.
    #[must_use]
    pub fn projector(&self) -> Option<&GgufSet> {
        let of = |quantization: &str| {
            self.projectors
                .iter()
                .find(|p| p.quantization == quantization)
        };
        of("F16").or_else(|| of("BF16")).or(self.projectors.last())
    }

    /// The model of this quantization; upper and lower case are one.
    #[must_use]
    pub fn find(&self, quantization: &str) -> Option<&GgufSet> {
        self.gguf
            .iter()
            .find(|set| set.quantization.eq_ignore_ascii_case(quantization))
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.len() > ending.len() && name.to_ascii_lowercase().ends_with(ending)
}

/// The importance matrix that a quantization was made by; it is no model.
fn is_matrix(name: &str) -> bool {
    name.to_ascii_lowercase().contains("imatrix")
}

fn set(path: &str, files: &[(String, Bytes)]) -> GgufSet {
    let name = file_name(path);
    let folder = &path[..path.len() - name.len()];
    let paths: Vec<String> = match PartName::parse(name) {
        Some(part) => part.all().map(|p| format!("{folder}{p}")).collect(),
        None => vec![path.to_owned()],
    };
    let size = |path: &String| files.iter().find(|(p, _)| p == path).map(|(_, b)| *b);
    let stem = PartName::parse(name).map_or_else(
        || name[..name.len() - ".gguf".len()].to_owned(),
        |part| part.stem,
    );
    GgufSet {
        quantization: quantization(&stem).unwrap_or(stem),
        bytes: paths.iter().filter_map(size).sum(),
        paths,
    }
}

/// The quantization at the end of a name: `UD-Q4_K_XL` of `GLM-4.6-UD-Q4_K_XL`.
#[must_use]
pub fn quantization(stem: &str) -> Option<String> {
    let is_mark = |c: char| matches!(c, '-' | '.');
    let last = stem.rsplit(is_mark).next()?;
    if !names_a_format(last) {
        return None;
    }
    let before = stem[..stem.len() - last.len()].trim_end_matches(is_mark);
    let dynamic = before
        .rsplit(is_mark)
        .next()
        .filter(|b| b.eq_ignore_ascii_case("ud"));
    let last = last.to_ascii_uppercase();
    Some(dynamic.map_or_else(|| last.clone(), |_| format!("UD-{last}")))
}

/// `Q4_K_M`, `IQ2_XXS`, `TQ1_0`, `BF16`, `MXFP4_MOE`: letters of a family, then a number.
fn names_a_format(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    ["Q", "IQ", "TQ", "BF", "F", "MXFP", "NVFP"]
        .iter()
        .any(|family| {
            let rest = word.strip_prefix(family).unwrap_or_default();
            rest.starts_with(|c: char| c.is_ascii_digit())
                && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_their_quantization() {
        for (stem, expected) in [
            ("MiniMax-M2.1-Q4_K_S", Some("Q4_K_S")),
            ("GLM-4.6-UD-Q4_K_XL", Some("UD-Q4_K_XL")),
            ("gpt-oss-20b-mxfp4", Some("MXFP4")),
            ("qwen3.5-27b.iq2_xxs", Some("IQ2_XXS")),
            ("model-BF16", Some("BF16")),
            ("model", None),
            ("Qwen3-Fast", None),
        ] {
            assert_eq!(quantization(stem).as_deref(), expected, "{stem}");
        }
    }

    #[test]
    fn parts_make_one_model_and_projectors_stand_apart() {
        let files: Vec<(String, Bytes)> = [
            ("Q8_0/m-Q8_0-00001-of-00002.gguf", 40),
            ("Q8_0/m-Q8_0-00002-of-00002.gguf", 30),
            ("m-Q4_K_M.gguf", 35),
            ("mmproj-F16.gguf", 3),
            ("m.imatrix.gguf", 1),
            ("README.md", 1),
        ]
        .map(|(path, n)| (path.to_owned(), Bytes(n)))
        .to_vec();
        let repository = Repository::of(&files);
        let found: Vec<(&str, u64, usize)> = repository
            .gguf
            .iter()
            .map(|s| (s.quantization.as_str(), s.bytes.0, s.paths.len()))
            .collect();
        assert_eq!(found, [("Q4_K_M", 35, 1), ("Q8_0", 70, 2)]);
        assert_eq!(repository.projectors.len(), 1);
        assert!(repository.find("q8_0").is_some());
        assert!(!repository.safetensors);
    }
}
