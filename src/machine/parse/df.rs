//! `df -P -k FOLDER`: the volume that holds a folder.

use super::ParseError;
use crate::units::Bytes;

const FROM: &str = "df";

/// One line of `df`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Where it is mounted.
    pub mount_point: String,
    /// Its size.
    pub total_bytes: Bytes,
    /// What may still be written.
    pub available_bytes: Bytes,
}

/// Reads what `df -P -k FOLDER` prints: a header and one volume. The columns that macOS adds
/// without `-P` (inodes) are passed over.
///
/// # Errors
/// When the header does not say 1024-byte blocks, or there is not exactly one volume, or a volume
/// of no size.
pub fn parse_df(text: &str) -> Result<Volume, ParseError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().unwrap_or_default();
    if !header.contains("1024-blocks") {
        return Err(ParseError::unexpected(
            FROM,
            "a header with `1024-blocks`",
            header,
        ));
    }
    let line = lines
        .next()
        .ok_or_else(|| ParseError::absent(FROM, "a line for the volume"))?;
    if let Some(more) = lines.next() {
        return Err(ParseError::unexpected(FROM, "one volume", more));
    }
    volume(line, header.contains("%iused")).ok_or_else(|| {
        ParseError::unexpected(FROM, "size, used, available, share, mount point", line)
    })
}

/// The device before the figures may hold spaces (`map auto_home`, a share's name), and so may the
/// mount point after them; the share with its `%` marks the place.
fn volume(line: &str, inodes: bool) -> Option<Volume> {
    line.match_indices('%').find_map(|(at, _)| {
        let (figures, rest) = (&line[..at], &line[at + 1..]);
        let mut figures = figures.split_whitespace().rev().map(str::parse::<u64>);
        let (_share, available) = (figures.next()?.ok()?, figures.next()?.ok()?);
        let (_used, total) = (figures.next()?.ok()?, figures.next()?.ok()?);
        let mount_point = (0..if inodes { 3 } else { 0 }).try_fold(rest.trim(), |rest, _| {
            rest.split_once(char::is_whitespace)
                .map(|(_, after)| after.trim_start())
        })?;
        (total > 0 && !mount_point.is_empty()).then_some(Volume {
            mount_point: mount_point.to_owned(),
            total_bytes: Bytes(total.checked_mul(1024)?),
            available_bytes: Bytes(available.checked_mul(1024)?),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: &str = include_str!("../../../tests/data/probe/df-apfs.txt");

    /// The capture's header over one of its lines: what asking for that volume's folder prints.
    fn only(part: &str) -> String {
        let header = MAC.lines().next().unwrap();
        let line = MAC.lines().find(|line| line.ends_with(part)).unwrap();
        format!("{header}\n{line}\n")
    }

    #[test]
    fn the_data_volume_of_a_1_tb_mac() {
        let volume = parse_df(&only(
            "28%     2500320 6720659640    0%   /System/Volumes/Data",
        ))
        .unwrap();
        assert_eq!(volume.mount_point, "/System/Volumes/Data");
        assert!((0.9..1.0).contains(&(volume.total_bytes.gb() / 1000.0)));
        assert_eq!(volume.available_bytes, Bytes(672_065_964 * 1024));
    }

    #[test]
    fn spaces_in_devices_and_mount_points_are_kept_apart_from_figures() {
        let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                    //me@nas/My 100% Share 15496412064 14070807296 1425604768 91% /Volumes/My Models\n";
        let volume = parse_df(text).unwrap();
        assert_eq!(volume.mount_point, "/Volumes/My Models");
        assert_eq!(volume.available_bytes, Bytes(1_425_604_768 * 1024));
    }

    #[test]
    fn what_is_not_one_volume_in_kibibytes_is_refused() {
        let header = MAC.lines().next().unwrap();
        let sizeless = only("/System/Volumes/Data/home");
        let blocks = only("/System/Volumes/VM").replace("1024-blocks", "512-blocks");
        for text in [
            "",
            header,
            MAC,
            &sizeless,
            &blocks,
            "1024-blocks\nnothing here\n",
        ] {
            assert!(parse_df(text).is_err(), "`{text}` was accepted");
        }
    }
}
