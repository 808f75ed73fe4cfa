//! Places and boxes on a picture, in its units from the top left.

use serde::Serialize;

/// A place on a picture: across, and down.
pub(super) type Place = (f64, f64);

/// A box on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    /// The box around a place.
    pub(super) const fn around((x, y): Place, half: f64) -> Self {
        Self {
            left: x - half,
            top: y - half,
            right: x + half,
            bottom: y + half,
        }
    }

    /// The place in its middle.
    pub(super) const fn middle(&self) -> Place {
        (
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        )
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub(super) fn holds(&self, other: &Self) -> bool {
        other.left >= self.left
            && other.right <= self.right
            && other.top >= self.top
            && other.bottom <= self.bottom
    }
}
