//! The one table of ggml's number formats: name, elements per block, bytes per block.
//!
//! Numbers and sizes follow `enum ggml_type` in `ggml/include/ggml.h` and the block structures in
//! `ggml/src/ggml-common.h` of github.com/ggml-org/llama.cpp. A number that is not in the table
//! is kept as it is; its size is unknown, never assumed.

use std::fmt;

/// The type of a tensor's elements, by its number in ggml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TensorType(pub u32);

/// How a type lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// ggml's number of the type.
    pub number: u32,
    /// Its name as ggml prints it.
    pub name: &'static str,
    /// Elements in one block.
    pub block_elements: u64,
    /// Bytes of one block.
    pub block_bytes: u64,
}

const fn row(number: u32, name: &'static str, block_elements: u64, block_bytes: u64) -> Layout {
    Layout {
        number,
        name,
        block_elements,
        block_bytes,
    }
}

/// Every type that ggml still reads. Removed numbers (4, 5, 31 to 33, 36 to 38) are left out.
pub const LAYOUTS: &[Layout] = &[
    row(0, "f32", 1, 4),
    row(1, "f16", 1, 2),
    row(2, "q4_0", 32, 18),
    row(3, "q4_1", 32, 20),
    row(6, "q5_0", 32, 22),
    row(7, "q5_1", 32, 24),
    row(8, "q8_0", 32, 34),
    row(9, "q8_1", 32, 36),
    row(10, "q2_K", 256, 84),
    row(11, "q3_K", 256, 110),
    row(12, "q4_K", 256, 144),
    row(13, "q5_K", 256, 176),
    row(14, "q6_K", 256, 210),
    row(15, "q8_K", 256, 292),
    row(16, "iq2_xxs", 256, 66),
    row(17, "iq2_xs", 256, 74),
    row(18, "iq3_xxs", 256, 98),
    row(19, "iq1_s", 256, 50),
    row(20, "iq4_nl", 32, 18),
    row(21, "iq3_s", 256, 110),
    row(22, "iq2_s", 256, 82),
    row(23, "iq4_xs", 256, 136),
    row(24, "i8", 1, 1),
    row(25, "i16", 1, 2),
    row(26, "i32", 1, 4),
    row(27, "i64", 1, 8),
    row(28, "f64", 1, 8),
    row(29, "iq1_m", 256, 56),
    row(30, "bf16", 1, 2),
    row(34, "tq1_0", 256, 54),
    row(35, "tq2_0", 256, 66),
    row(39, "mxfp4", 32, 17),
    row(40, "nvfp4", 64, 36),
    row(41, "q1_0", 128, 18),
    row(42, "q2_0", 64, 18),
];

impl TensorType {
    /// How the type lies in memory; `None` for a number that we do not know.
    #[must_use]
    pub fn layout(self) -> Option<&'static Layout> {
        LAYOUTS.iter().find(|layout| layout.number == self.0)
    }
}

/// ggml's name of the type, or `type 77` where we do not know it.
impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layout() {
            Some(layout) => f.pad(layout.name),
            None => f.pad(&format!("type {}", self.0)),
        }
    }
}

impl Layout {
    /// Bytes of a tensor of this shape; `None` where a row is no whole number of blocks or the
    /// size does not fit 63 bits.
    #[must_use]
    pub fn bytes(&self, dimensions: &[u64]) -> Option<u64> {
        let row = dimensions.first().copied().unwrap_or(1);
        if !row.is_multiple_of(self.block_elements) {
            return None;
        }
        let blocks = dimensions
            .iter()
            .skip(1)
            .try_fold(row / self.block_elements, |product, &d| {
                product.checked_mul(d)
            })?;
        let bytes = blocks.checked_mul(self.block_bytes)?;
        (bytes <= i64::MAX.unsigned_abs()).then_some(bytes)
    }
}
