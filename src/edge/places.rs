//! Where planner keeps what is its user's: settings, catalogs, plans, results, records.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use etcetera::BaseStrategy as _;

use super::files::is_there;
use crate::fault;

/// The user's home folder as text; none where it is not known.
#[must_use]
pub fn home() -> Option<String> {
    let home = etcetera::home_dir().ok()?;
    home.to_str().map(str::to_owned)
}

/// Where planner keeps what it must remember: `planner` in the user's state folder.
///
/// # Errors
/// When the user's home is not known.
pub fn state_folder() -> Result<PathBuf> {
    let base = etcetera::choose_base_strategy()
        .with_context(|| fault!("the user's home folder is not known"; "set HOME"))?;
    let folder = base.state_dir().unwrap_or_else(|| base.data_dir());
    Ok(folder.join("planner"))
}

/// Where the token is kept that lets agents' programs in.
///
/// # Errors
/// When the user's home is not known.
pub fn agents_token() -> Result<PathBuf> {
    Ok(state_folder()?.join("mcp-token"))
}

/// What has the name of the user's own catalog, where anything has: a folder, if all is well.
#[must_use]
pub fn user_catalog() -> Option<PathBuf> {
    user_catalog_path().filter(|folder| is_there(folder))
}

/// Where catalogs that were taken in place of the binary's are, or would be; none where the home
/// folder is not known.
#[must_use]
pub fn editions_path() -> Option<PathBuf> {
    Some(data_folder()?.join("catalogs"))
}

/// Where the user's own catalog is, or would be; none where the home folder is not known.
#[must_use]
pub fn user_catalog_path() -> Option<PathBuf> {
    Some(config_folder()?.join("catalog"))
}

/// The same, which is needed.
///
/// # Errors
/// When the home folder is not known.
pub fn own_catalog() -> Result<PathBuf> {
    user_catalog_path().with_context(
        || fault!("the configuration folder is not known"; "set HOME or XDG_CONFIG_HOME"),
    )
}

/// Where the user's own mixes of tasks are, or would be; none where the home folder is not known.
#[must_use]
pub fn user_mixes() -> Option<PathBuf> {
    Some(config_folder()?.join("mixes"))
}

/// Where the user's defaults are, or would be; none where the home folder is not known.
#[must_use]
pub fn config_path() -> Option<PathBuf> {
    Some(config_folder()?.join("config.toml"))
}

/// Where plans that were kept by name are, or would be; none where the home folder is not known.
#[must_use]
pub fn plans_path() -> Option<PathBuf> {
    Some(data_folder()?.join("plans"))
}

/// Where results of `bench` are kept; none where the home folder is not known.
#[must_use]
pub fn results_path() -> Option<PathBuf> {
    Some(data_folder()?.join("bench"))
}

/// Where results of `bench --quality` are kept; none where the home folder is not known.
#[must_use]
pub fn trials_path() -> Option<PathBuf> {
    Some(data_folder()?.join("quality"))
}

/// Where `report --open` puts its pages; none where the home folder is not known.
#[must_use]
pub fn report_path() -> Option<PathBuf> {
    Some(data_folder()?.join("report"))
}

fn config_folder() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("planner"))
}

fn data_folder() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.data_dir().join("planner"))
}
