//! The tools, a file each: arguments, and the use case that they are of.

pub(super) mod apply;
pub(super) mod explain;
pub(super) mod fit;
pub(super) mod machines;
pub(super) mod models;
pub(super) mod recommend;
pub(super) mod status;
pub(super) mod whatif;
