//! What all use cases stand on; the catalog and the model of speeds are made when first needed.

use std::sync::OnceLock;

use anyhow::{Error, Result, bail};

use super::config::Config;
use super::layers::{Layered, Layers};
use crate::catalog::Catalog;
use crate::catalog::age;
use crate::edge::clock;
use crate::fault;
use crate::machine::Profiles;
use crate::speed::SpeedModel;

/// Catalog, profiles and the model of speeds.
#[derive(Debug)]
pub struct Workspace {
    layers: Layers,
    config: Config,
    profiles: Profiles,
    catalog: OnceLock<Layered>,
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

    /// The same with another catalog.
    #[must_use]
    pub fn with_catalog(&self, catalog: Catalog) -> Self {
        Self {
            layers: self.layers.clone(),
            config: self.config.clone(),
            profiles: self.profiles.clone(),
            catalog: OnceLock::from(Layered {
                catalog,
                ..Layered::default()
            }),
            speed: OnceLock::new(),
        }
    }

    /// The same without anything of the user's: the catalog at the bottom alone.
    ///
    /// # Errors
    /// When it is broken, which a test rules out.
    pub(super) fn without_own(&self) -> Result<Self> {
        let bottom = Layers {
            own: false,
            folders: Vec::new(),
            ..self.layers.clone()
        };
        Ok(self.with_catalog(bottom.read()?.catalog))
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

    /// The day that the catalog is of, where it was read and has one.
    #[must_use]
    pub fn catalog_date(&self) -> Option<&str> {
        self.catalog.get()?.catalog.date()
    }

    /// How many days old the catalog is, where it was read and is older than one should be.
    #[must_use]
    pub fn catalog_too_old(&self) -> Option<i32> {
        let days = age::days(self.catalog_date()?, &clock::today())?;
        age::is_old(days).then_some(days)
    }

    /// The layers that the catalog is made of.
    #[must_use]
    pub(super) const fn layers(&self) -> &Layers {
        &self.layers
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
        let catalog = self.catalog()?;
        let chips = &self.profiles.chips;
        // What the file of constants was fitted to needs no look at its rows.
        let untouched = self.catalog.get().is_some_and(|read| read.untouched);
        let model = match untouched {
            true => SpeedModel::from_fitted(&SpeedModel::shipped()?, chips),
            false => SpeedModel::of(catalog, chips)?,
        };
        Ok(self.speed.get_or_init(|| model))
    }
}
