//! Whose kernels compute, and what they have to unpack.

/// Whose kernels compute: programs built upon an engine share its kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernels {
    /// llama.cpp's Metal kernels.
    LlamaCpp,
    /// MLX.
    Mlx,
    /// ds4, an engine for DeepSeek V4 and its kin.
    Ds4,
}

impl Kernels {
    /// The kernels that a variant's engine computes with; none where the engine has its own or
    /// reads the weights from a disk.
    #[must_use]
    pub fn of_engine(engine: &str) -> Option<Self> {
        match engine {
            "llama.cpp" => Some(Self::LlamaCpp),
            // Ollama has both; the catalog's variants of its own are those of its MLX engine.
            "mlx" | "omlx" | "ollama" => Some(Self::Mlx),
            "ds4" => Some(Self::Ds4),
            _ => None,
        }
    }

    /// The engine's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Mlx => "mlx",
            Self::Ds4 => "ds4",
        }
    }
}

/// How weights are stored, as far as unpacking them costs time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coding {
    /// llama.cpp's K-quants.
    K,
    /// Its IQ-quants.
    I,
    /// MLX's scale and bias by group.
    Affine,
    /// What unpacks in next to no time: Q8_0, Q4_0, four-bit floats, 16 bits.
    Plain,
}

impl Coding {
    /// From the quantization's name.
    #[must_use]
    pub fn of(quantization: &str, kernels: Kernels) -> Self {
        let name = quantization.to_ascii_uppercase();
        let has = |parts: &[&str]| parts.iter().any(|p| name.contains(p));
        if kernels == Kernels::Mlx {
            return if has(&["F16", "FP4", "FP8"]) {
                Self::Plain
            } else {
                Self::Affine
            };
        }
        if has(&["IQ", "TQ"]) {
            Self::I
        } else if has(&[
            "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "DYNAMIC", "1-BIT", "2-BIT", "3-BIT", "Q2",
        ]) {
            Self::K
        } else {
            Self::Plain
        }
    }
}
