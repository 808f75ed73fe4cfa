//! What every system answers in the same way.

use std::path::Path;

use super::{disk, processes};
use crate::machine::assemble::CommonAnswers;
use crate::machine::reading::NotRead;

pub(super) fn answers(folder: Option<&Path>) -> CommonAnswers {
    let unknown = || NotRead::NotHere("the home folder is not known".to_owned());
    CommonAnswers {
        processes: processes::read(),
        disk: folder.ok_or_else(unknown).and_then(disk::holding),
    }
}
