//! The program `planner`: parses, runs, returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    planner::cli::main()
}
