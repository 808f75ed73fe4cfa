//! What all use cases stand on, each part made when it is first needed.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Result, bail};

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
    catalog: OnceLock<Catalog>,
    speed: OnceLock<SpeedModel>,
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

    /// The catalog: its layers merged. It may be empty where the shipped one is left out.
    ///
    /// # Errors
    /// When a layer can't be read, or does not fit on the ones below.
    pub fn catalog(&self) -> Result<&Catalog> {
        if let Some(catalog) = self.catalog.get() {
            return Ok(catalog);
        }
        let catalog = self.layers.read()?;
        Ok(self.catalog.get_or_init(|| catalog))
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
    fn read(&self) -> Result<Catalog> {
        let mut catalog = if self.shipped {
            Catalog::embedded()?
        } else {
            Catalog::default()
        };
        if let Some(folder) = files::user_catalog().filter(|_| self.own) {
            catalog = catalog.with_layer(&layer(&files::read_toml_folder(&folder)?)?)?;
        }
        for folder in &self.folders {
            let texts = files::read_toml_folder(folder)?;
            if texts.is_empty() {
                bail!(fault!(
                    "--catalog {}: there is no .toml file in it", folder.display();
                    "`planner catalog add MODEL --out {}` writes one", folder.join("model.toml").display()
                ));
            }
            catalog = catalog.with_layer(&layer(&texts)?)?;
        }
        Ok(catalog)
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
