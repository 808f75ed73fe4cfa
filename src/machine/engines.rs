//! Which processes are model engines, so that their memory can be told from other applications'.
//!
//! Names are compared whole. An engine that runs inside a general interpreter (`python` for
//! `mlx_lm.server`) cannot be told by its executable, and is counted as another application.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// A model engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum Engine {
    /// LM Studio: the app, its helpers, `llmster` and their workers.
    #[serde(rename = "lm-studio")]
    LmStudio,
    /// A `llama-server`, whoever started it: a person, or Ollama.
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama-server",
        })
    }
}

/// Executables by their whole file name. The helpers are the standard set of an Electron
/// application; `lm-studio` is the app on Linux.
const EXECUTABLES: [(&str, Engine); 8] = [
    ("LM Studio", Engine::LmStudio),
    ("LM Studio Helper", Engine::LmStudio),
    ("LM Studio Helper (GPU)", Engine::LmStudio),
    ("LM Studio Helper (Plugin)", Engine::LmStudio),
    ("LM Studio Helper (Renderer)", Engine::LmStudio),
    ("lm-studio", Engine::LmStudio),
    ("llmster", Engine::LmStudio),
    ("llama-server", Engine::LlamaCpp),
];

/// The interpreter in LM Studio's own folder. It is the process that holds the loaded model, both
/// GGUF and MLX (lmstudio-ai/lmstudio-bug-tracker issues 588, 2105 and 2249; lmstudio-ai/lms issue
/// 502). Any other `node` is somebody else's.
const LM_STUDIO_WORKER: &str = ".internal/utils/node";

/// A process and the memory it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessMemory {
    /// Process id.
    pub pid: u32,
    /// The executable's file name.
    pub name: String,
    /// The executable's whole path, where it could be read.
    pub executable: Option<String>,
    /// Resident memory.
    pub resident_bytes: Bytes,
}

/// What the processes of one engine hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EngineMemory {
    /// The engine.
    pub engine: Engine,
    /// How many processes it has.
    pub processes: usize,
    /// Their resident memory together. Pages that two of them share count twice.
    pub resident_bytes: Bytes,
}

/// The engine that a process belongs to, if it is one's.
#[must_use]
pub fn engine_of(process: &ProcessMemory) -> Option<Engine> {
    if let Some(path) = &process.executable
        && Path::new(path).ends_with(LM_STUDIO_WORKER)
    {
        return Some(Engine::LmStudio);
    }
    EXECUTABLES
        .iter()
        .find(|(name, _)| *name == process.name)
        .map(|(_, engine)| *engine)
}

/// The engines among these processes, each with what it holds.
#[must_use]
pub fn engines_among(processes: &[ProcessMemory]) -> Vec<EngineMemory> {
    [Engine::LmStudio, Engine::LlamaCpp]
        .into_iter()
        .filter_map(|engine| {
            let own: Vec<Bytes> = processes
                .iter()
                .filter(|process| engine_of(process) == Some(engine))
                .map(|process| process.resident_bytes)
                .collect();
            (!own.is_empty()).then(|| EngineMemory {
                engine,
                processes: own.len(),
                resident_bytes: own.into_iter().sum(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(path: &str) -> ProcessMemory {
        ProcessMemory {
            pid: 1,
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            executable: path.contains('/').then(|| path.to_owned()),
            resident_bytes: Bytes::from_mib(100),
        }
    }

    #[test]
    fn paths_seen_in_bug_reports_are_told_apart() {
        let lm_studio = [
            "/Applications/LM Studio.app/Contents/MacOS/LM Studio",
            "/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (GPU).app/Contents/MacOS/LM Studio Helper (GPU)",
            "/Users/n/.lmstudio/.internal/utils/node",
            "/home/admin_ia/.cache/lm-studio/.internal/utils/node",
            "llmster",
        ];
        for path in lm_studio {
            assert_eq!(engine_of(&process(path)), Some(Engine::LmStudio), "{path}");
        }
        let others = [
            "/opt/homebrew/bin/node",
            "node",
            "/Users/n/utils/node",
            "/Users/n/not.internal/utils/node",
            "LM Studio Companion",
            "ollama",
            "/Applications/Lark Helper (GPU)",
            "llama-server-proxy",
        ];
        for path in others {
            assert_eq!(engine_of(&process(path)), None, "{path}");
        }
    }

    #[test]
    fn an_engine_counts_all_its_processes_and_an_absent_one_none() {
        let processes = [
            process("/Users/n/.lmstudio/.internal/utils/node"),
            process("/opt/homebrew/bin/node"),
            process("LM Studio"),
        ];
        let found = engines_among(&processes);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].processes, 2);
        assert_eq!(found[0].resident_bytes, Bytes::from_mib(200));
    }
}
