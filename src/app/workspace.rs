//! What all use cases stand on, each part made when it is first needed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Error, Result, bail};

use super::config::Config;
use crate::catalog::{Catalog, Layer};
use crate::edge::files;
use crate::fault;
use crate::machine::Profiles;
use crate::speed::SpeedModel;
use crate::toml_text::nothing_hidden;

/// Which catalogs lie on one another, from the bottom up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    /// The catalog inside the binary.
    pub shipped: bool,
    /// The user's own, in the configuration folder, where it exists.
    pub own: bool,
    /// Further folders of catalog files.
    pub folders: Vec<PathBuf>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            shipped: true,
            own: true,
            folders: Vec::new(),
        }
    }
}

/// Catalog, profiles and the model of speeds.
#[derive(Debug)]
pub struct Workspace {
    layers: Layers,
    config: Config,
    profiles: Profiles,
    catalog: OnceLock<Layered>,
    speed: OnceLock<SpeedModel>,
}

/// The catalog, and the user's files that are not in it.
#[derive(Debug, Default)]
struct Layered {
    catalog: Catalog,
    left_out: Vec<Error>,
}

impl Workspace {
    /// A workspace that has read no catalog yet.
    ///
    /// # Errors
    /// When a shipped profile is broken, which a test rules out.
    pub fn new(layers: Layers) -> Result<Self> {
        Ok(Self {
            layers,
            config: Config::default(),
            profiles: Profiles::embedded()?,
            catalog: OnceLock::new(),
            speed: OnceLock::new(),
        })
    }

    /// The same with another catalog.
    #[must_use]
    pub fn with_catalog(&self, catalog: Catalog) -> Self {
        Self {
            layers: self.layers.clone(),
            config: self.config.clone(),
            profiles: self.profiles.clone(),
            catalog: OnceLock::from(Layered {
                catalog,
                left_out: Vec::new(),
            }),
            speed: OnceLock::new(),
        }
    }

    /// The same with the user's defaults.
    #[must_use]
    pub fn with_config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// The user's defaults.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Every chip and machine that can be planned for.
    #[must_use]
    pub const fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The catalog: its layers merged. It may be empty where the shipped one is left out. Files of
    /// the user's own that can't be used are left out: [`Self::left_out`] names them.
    ///
    /// # Errors
    /// When a folder that was named can't be read, or does not fit on the layers below.
    pub fn catalog(&self) -> Result<&Catalog> {
        if let Some(read) = self.catalog.get() {
            return Ok(&read.catalog);
        }
        let read = self.layers.read()?;
        Ok(&self.catalog.get_or_init(|| read).catalog)
    }

    /// Why files of the user's own are not in the catalog, as far as that was read.
    #[must_use]
    pub fn left_out(&self) -> &[Error] {
        self.catalog.get().map_or(&[], |read| &read.left_out)
    }

    /// The catalog, where a choice among its models is asked for.
    ///
    /// # Errors
    /// As [`Self::catalog`], and when it has no models.
    pub fn models(&self) -> Result<&Catalog> {
        let catalog = self.catalog()?;
        if catalog.models.is_empty() {
            bail!(fault!(
                "the catalog has no models";
                "leave `--no-shipped-catalog` out, or give a folder of entries with `--catalog DIR` (`planner catalog add` writes one)"
            ));
        }
        Ok(catalog)
    }

    /// The model of speeds for the catalog.
    ///
    /// # Errors
    /// As [`Self::catalog`].
    pub fn speed_model(&self) -> Result<&SpeedModel> {
        if let Some(model) = self.speed.get() {
            return Ok(model);
        }
        let model = SpeedModel::of(self.catalog()?, &self.profiles.chips)?;
        Ok(self.speed.get_or_init(|| model))
    }
}

impl Layers {
    fn read(&self) -> Result<Layered> {
        let mut read = Layered::default();
        if self.shipped {
            read.catalog = Catalog::embedded()?;
        }
        if let Some(folder) = files::user_catalog().filter(|_| self.own) {
            read.add_own(&folder);
        }
        let Layered {
            mut catalog,
            left_out,
        } = read;
        for folder in &self.folders {
            let texts = files::read_toml_folder(folder)?;
            if texts.is_empty() {
                bail!(fault!(
                    "--catalog {}: no .toml file in it", folder.display();
                    "`planner catalog add MODEL --out {}` writes one", folder.join("model.toml").display()
                ));
            }
            catalog = catalog.with_layer(&layer(&texts)?)?;
        }
        Ok(Layered { catalog, left_out })
    }
}

impl Layered {
    /// Lays the user's own files on it: together, or else each that can be used.
    fn add_own(&mut self, folder: &Path) {
        let texts = match files::read_toml_folder(folder) {
            Ok(texts) => texts,
            Err(error) => return self.left_out.push(error),
        };
        if self.add(&texts).is_ok() {
            return;
        }
        for text in texts.chunks(1) {
            if let Err(error) = self.add(text) {
                self.left_out.push(error);
            }
        }
    }

    fn add(&mut self, texts: &[(String, String)]) -> Result<()> {
        self.catalog = self.catalog.clone().with_layer(&layer(texts)?)?;
        Ok(())
    }
}

fn layer(texts: &[(String, String)]) -> Result<Layer> {
    for (path, text) in texts {
        nothing_hidden(path, text)?;
    }
    let texts = texts.iter();
    Ok(Layer::read(
        texts.map(|(path, text)| (path.as_str(), text.as_str())),
    )?)
}
