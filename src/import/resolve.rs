//! Which variant and which chip a row is of, and whether the catalog has it already.
//!
//! Names are compared whole, sizes to the byte. Where more than one variant fits, or none, the row
//! is refused with the candidates.

use super::rows::{ModelHint, Row};
use crate::catalog::Catalog;
use crate::catalog::same_run;
use crate::catalog::schema::{Measurement, Model, Variant};
use crate::lmstudio::matching::repository_path;
use crate::machine::profile::Chip;

/// What the user says of rows that do not say it themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Overrides<'a> {
    /// `model/variant`, for every row.
    pub variant: Option<&'a str>,
    /// Id of the chip, for every row.
    pub chip: Option<&'a str>,
    /// The engine, for rows that name none.
    pub engine: Option<&'a str>,
    /// The study that they belong to.
    pub campaign: Option<&'a str>,
}

/// What a row came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// A measurement of a model.
    New {
        /// Id of the model.
        model: String,
        /// The measurement, whole.
        measurement: Box<Measurement>,
    },
    /// The catalog has it, under this `model/variant` and source.
    Known {
        /// `model/variant`.
        variant: String,
        /// The source that the catalog names.
        source: String,
    },
    /// It can't be placed, and why.
    Refused(String),
}

/// A file that loads slower than this did something else as well, such as downloading.
const SLOWEST_LOAD_BYTES_PER_SECOND: f64 = 100e6;

/// Finds a row's place in the catalog.
#[must_use]
pub fn resolve(row: &Row, catalog: &Catalog, chips: &[Chip], say: &Overrides<'_>) -> Resolved {
    if let Some(known) = known(&row.measurement, catalog, say) {
        return known;
    }
    let (model, variant) = match place(&row.model, &row.measurement.engine, catalog, say) {
        Ok(found) => found,
        Err(reason) => return Resolved::Refused(reason),
    };
    let chip = match chip(row, chips, say) {
        Ok(chip) => chip,
        Err(reason) => return Resolved::Refused(reason),
    };
    let mut m = row.measurement.clone();
    m.variant.clone_from(&variant.id);
    m.chip = chip;
    m.campaign = say.campaign.map(str::to_owned).or(m.campaign);
    if m.engine.is_empty() {
        let in_lm_studio = m.app.as_deref().is_some_and(|a| a.starts_with("LM Studio"));
        m.engine = match say.engine {
            Some(engine) => engine.to_owned(),
            // LM Studio runs a variant on the engine that its format is for.
            None if in_lm_studio => variant.engine.clone(),
            None => {
                return Resolved::Refused(
                    "it does not say which engine ran; give it with `--engine`".to_owned(),
                );
            }
        };
    }
    sift_load(&mut m, variant);
    Resolved::New {
        model: model.id.clone(),
        measurement: Box::new(m),
    }
}

/// A load time that no disk explains is no load time.
#[expect(clippy::cast_precision_loss, reason = "a rate, for a comparison")]
fn sift_load(m: &mut Measurement, variant: &Variant) {
    let Some(seconds) = m.load_seconds else {
        return;
    };
    if seconds > 0.0 && variant.weights_bytes.0 as f64 / seconds < SLOWEST_LOAD_BYTES_PER_SECOND {
        m.load_seconds = None;
        m.notes.push(format!(
            "The file gives a load time of {seconds} s for {}: too slow for any disk, so a download or more is in it, and it is not entered.",
            variant.weights_bytes.both()
        ));
    }
}

fn chip(row: &Row, chips: &[Chip], say: &Overrides<'_>) -> Result<String, String> {
    if let Some(chip) = say.chip {
        return Ok(chip.to_owned());
    }
    if chips.iter().any(|c| c.id == row.measurement.chip) {
        return Ok(row.measurement.chip.clone());
    }
    let own = Some(&row.measurement.chip).filter(|chip| !chip.is_empty());
    let Some(name) = row.chip_name.as_ref().or(own) else {
        return Err(
            "it does not name the chip; give it with `--chip`, such as `--chip m3-ultra`"
                .to_owned(),
        );
    };
    chips
        .iter()
        .find(|c| c.brand == *name)
        .map(|c| c.id.clone())
        .ok_or_else(|| {
            format!("its chip `{name}` is not one that planner knows; give one with `--chip`")
        })
}

type Placed<'a> = (&'a Model, &'a Variant);

fn place<'a>(
    hint: &ModelHint,
    engine: &str,
    catalog: &'a Catalog,
    say: &Overrides<'_>,
) -> Result<Placed<'a>, String> {
    let say_so = "; say which with `--as MODEL/VARIANT`";
    if let Some(name) = say.variant {
        return match catalog.find(name) {
            Some((model, Some(variant))) => Ok((model, variant)),
            _ => Err(format!("variant not found: `{name}`")),
        };
    }
    let fitting = fitting(hint, engine, catalog);
    match fitting.as_slice() {
        [one] => Ok(*one),
        [] => Err(match hint.name.as_ref().or(hint.path.as_ref()) {
            Some(name) => format!("no variant of the catalog is `{name}`{say_so}"),
            None => format!("it does not name the model{say_so}"),
        }),
        many => {
            let names: Vec<String> = many
                .iter()
                .map(|(m, v)| format!("{}/{}", m.id, v.id))
                .collect();
            Err(format!(
                "`{}` may be any of {}{say_so}",
                hint.name
                    .as_ref()
                    .or(hint.path.as_ref())
                    .map_or("it", String::as_str),
                names.join(", ")
            ))
        }
    }
}

/// The variants that a hint fits: by `model/variant`; by repository; by the exact bytes of the
/// weights; by the model's id, where the quantization or a single variant settles it.
fn fitting<'a>(hint: &ModelHint, engine: &str, catalog: &'a Catalog) -> Vec<Placed<'a>> {
    let all = || {
        catalog
            .files()
            .filter(|(_, v)| engine.is_empty() || v.engine == engine)
    };
    if let Some((model, Some(variant))) = hint.name.as_deref().and_then(|n| catalog.find(n)) {
        return vec![(model, variant)];
    }
    let quantized = |v: &Variant| {
        hint.quantization
            .as_ref()
            .is_none_or(|q| v.quantization.eq_ignore_ascii_case(q))
    };
    if let Some(name) = hint.name.as_deref().filter(|n| n.contains('/')) {
        let by_repository: Vec<Placed<'_>> = all()
            .filter(|(_, v)| {
                v.repository.as_deref().and_then(repository_path) == Some(name) && quantized(v)
            })
            .collect();
        if !by_repository.is_empty() {
            return by_repository;
        }
    }
    if let Some(bytes) = hint.weights_bytes {
        let by_size: Vec<Placed<'_>> = all().filter(|(_, v)| v.weights_bytes.0 == bytes).collect();
        // Members of a family have files of one size: then the file's own name settles it.
        let by_name: Vec<Placed<'_>> = by_size
            .iter()
            .filter(|(m, v)| hint.path.as_ref().is_some_and(|p| is_file_of(p, m, v)))
            .copied()
            .collect();
        return if by_name.len() == 1 { by_name } else { by_size };
    }
    let name = hint
        .name
        .as_deref()
        .map(|n| n.rsplit('/').next().unwrap_or(n));
    all()
        .filter(|(m, v)| name == Some(m.id.as_str()) && quantized(v))
        .collect()
}

/// Whether a GGUF file is named as those of a variant are: the model's published name, the
/// quantization, and the number of the part. Each is compared whole.
fn is_file_of(path: &str, model: &Model, variant: &Variant) -> bool {
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(path)
        .to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".gguf") else {
        return false;
    };
    let whole = match stem.rsplit_once("-of-") {
        Some((before, _)) => before.rsplit_once('-').map_or(before, |(name, _part)| name),
        None => stem,
    };
    let published = model
        .repository
        .as_deref()
        .and_then(|r| r.rsplit('/').next());
    let quantization = variant.quantization.to_ascii_lowercase();
    [published, Some(model.id.as_str())]
        .into_iter()
        .flatten()
        .any(|name| whole == format!("{}-{quantization}", name.to_ascii_lowercase()))
}

/// A measurement of the catalog with the same figures, of the variant that the user names or of any.
fn known(row: &Measurement, catalog: &Catalog, say: &Overrides<'_>) -> Option<Resolved> {
    let wanted = say.variant.and_then(|v| v.split_once('/'));
    let all = catalog
        .models
        .iter()
        .flat_map(|model| model.measurements.iter().map(move |m| (model, m)));
    let (model, same) = all
        .filter(|(model, m)| wanted.is_none_or(|w| w == (model.id.as_str(), m.variant.as_str())))
        .find(|(_, m)| same_run(row, m))?;
    Some(Resolved::Known {
        variant: format!("{}/{}", model.id, same.variant),
        source: same.source.clone(),
    })
}
