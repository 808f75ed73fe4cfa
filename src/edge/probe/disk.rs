//! The volume that holds a folder.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sysinfo::{DiskRefreshKind, Disks};

use super::answer::{in_time, unread};
use crate::machine::assemble::Answer;
use crate::machine::reading::{Disk, NotRead};
use crate::units::Bytes;

/// The volume of a folder; a volume that does not answer in time is none.
pub(super) fn holding(folder: &Path) -> Answer<Disk> {
    let folder = folder.to_owned();
    in_time("the list of volumes", move || find(&folder))
}

/// A folder is on the volume that has its device number, and where several are mounted from one
/// device, on the one whose mount point is nearest above it.
fn find(folder: &Path) -> Answer<Disk> {
    let named = folder.to_string_lossy().into_owned();
    let absent = |error: std::io::Error| NotRead::NotHere(format!("{named}: {error}"));
    let device = fs::metadata(folder).map_err(absent)?.dev();
    let real = fs::canonicalize(folder).map_err(absent)?;
    let storage = DiskRefreshKind::nothing().with_storage();
    let disks = Disks::new_with_refreshed_list_specifics(storage)
        .map_err(|error| unread("sysinfo", &error))?;
    disks
        .iter()
        .filter(|disk| disk.total_space() > 0)
        .filter(|disk| fs::metadata(disk.mount_point()).is_ok_and(|m| m.dev() == device))
        .max_by_key(|disk| {
            let mount = disk.mount_point();
            (real.starts_with(mount), mount.components().count())
        })
        .map(|disk| Disk {
            folder: named.clone(),
            mount_point: disk.mount_point().to_string_lossy().into_owned(),
            total_bytes: Bytes(disk.total_space()),
            available_bytes: Bytes(disk.available_space()),
        })
        .ok_or_else(|| NotRead::NotHere(format!("no volume with a size holds {named}")))
}
