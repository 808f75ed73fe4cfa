//! Everything that LM Studio has on disk: as `lms ls` lists it, or as its models folder holds it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::find::find as read;
use super::found::Several;
use super::loaded;
use crate::catalog::Catalog;
use crate::edge::files;
use crate::edge::lms;
use crate::edge::lms::Lms;
use crate::fault;
use crate::fit::LeftOut;
use crate::model::gguf::PartName;

/// Looks into the folder given, else asks `lms ls`; looks into LM Studio's models folder where `lms`
/// is absent or fails.
pub(in crate::app) fn find(given: Option<&Path>, catalog: &Catalog) -> Result<Several> {
    if let Some(folder) = given {
        if !files::is_folder(folder) {
            bail!(fault!(
                "--models-folder {}: folder not found", folder.display();
                "give the folder that holds OWNER/REPOSITORY folders"
            ));
        }
        return in_folder(folder, catalog);
    }
    let folder = lms::downloads_folder();
    let listed = Lms::find().and_then(|lms| lms.installed());
    match (listed, folder) {
        (Ok(models), folder) => {
            let mut all = Several {
                source: "lms ls".to_owned(),
                found: Vec::new(),
                left_out: Vec::new(),
            };
            all.left_out.extend(models.odd.iter().map(|row| LeftOut {
                model: row.name.clone(),
                reason: format!(
                    "`lms ls` lists it in a form that can't be read: {}",
                    row.why
                ),
            }));
            for model in models.rows.iter().filter(|m| m.device_identifier.is_none()) {
                match loaded::resolve(model, folder.as_deref(), catalog) {
                    Some((found, _)) => all.found.push((model.model_key.clone(), found)),
                    None => all.left_out.push(LeftOut {
                        model: model.model_key.clone(),
                        reason: format!(
                            "its file `{}` is not in the models folder, and the catalog does not know it",
                            model.path
                        ),
                    }),
                }
            }
            Ok(all)
        }
        (Err(_), Some(folder)) if files::is_folder(&folder) => in_folder(&folder, catalog),
        (Err(error), _) => bail!(fault!(
            "{error:#}";
            "start LM Studio once, or name the folder that holds OWNER/REPOSITORY folders: `--models-folder DIR`"
        )),
    }
}

/// `owner/repository/file.gguf`, or `owner/repository` with a `config.json`.
fn in_folder(folder: &Path, catalog: &Catalog) -> Result<Several> {
    let mut all = Several {
        source: format!("the models folder {}", folder.display()),
        found: Vec::new(),
        left_out: Vec::new(),
    };
    for path in models_below(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let name = name.display().to_string();
        match read(&path.to_string_lossy(), None, catalog) {
            Ok(found) => all.found.push((name, found)),
            Err(error) => all.left_out.push(LeftOut {
                model: name,
                reason: first_line(&format!("{error:#}")),
            }),
        }
    }
    if all.found.is_empty() && all.left_out.is_empty() {
        bail!(fault!("{} holds no models", folder.display(); "LM Studio downloads them there"));
    }
    Ok(all)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn models_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for owner in folders(folder)? {
        for repository in folders(&owner)? {
            if files::is_file(&repository.join("config.json")) {
                all.push(repository);
                continue;
            }
            let names = files::names_in(&repository)?;
            let models = names.into_iter().filter(|name| {
                let lower = name.to_ascii_lowercase();
                let first = PartName::parse(name).is_none_or(|part| part.part == 1);
                lower.ends_with(".gguf") && !lower.starts_with("mmproj") && first
            });
            all.extend(models.map(|name| repository.join(name)));
        }
    }
    Ok(all)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let names = files::names_in(folder)?;
    Ok(names
        .into_iter()
        .filter(|n| !n.starts_with('.'))
        .map(|n| folder.join(n))
        .filter(|p| files::is_folder(p))
        .collect())
}
