//! `planner catalog list`: which models to list.

use clap::Args as ClapArgs;

use crate::app::Engine;
use crate::app::catalog::ListRequest;
use crate::cli::context;

const EXAMPLES: &str = "\
Examples:
  planner catalog list qwen3 coder
      models whose id, name or publisher has both words
  planner catalog list --engine mlx --fits m4-max-64gb";

/// Arguments of `catalog list`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ListArgs {
    /// Only models whose id, name or publisher has all of these words
    words: Vec<String>,
    /// Only variants for this engine: llama.cpp or mlx
    #[arg(long, value_name = "ENGINE", value_parser = context::engine_arg)]
    engine: Option<Engine>,
    /// Only variants that fit on this machine, at least with a context of 4,096 tokens
    #[arg(long, value_name = "MACHINE")]
    fits: Option<String>,
}

impl ListArgs {
    /// As the use case takes it.
    pub(super) fn request(&self) -> ListRequest {
        ListRequest {
            words: self.words.clone(),
            engine: self.engine,
            fits: self.fits.clone(),
        }
    }
}
