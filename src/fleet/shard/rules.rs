//! What llama.cpp's RPC backend asks for, each with where that is known from.

/// Nodes of a unit at most.
pub const MOST_NODES: usize = 4;

/// Something that a sharded model is planned and run by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What.
    pub says: &'static str,
    /// Where it is from.
    pub source: &'static str,
}

/// All of them.
pub const RULES: [Rule; 8] = [
    Rule {
        says: "llama.cpp is of the same build on all nodes: others speak another protocol, and a client of an older one goes on without the other nodes",
        source: "run with b10434 (RPC 5.0.0) and b11434 (7.0.0)",
    },
    Rule {
        says: "each model has an RPC server of its own on each node: one serves a single client at a time",
        source: "run; github.com/ggml-org/llama.cpp, issue 28908",
    },
    Rule {
        says: "the head's own GPU is the last device, so that the output matrix lies there and logits cross no link",
        source: "run: from another node they are 4 bytes for each entry of the vocabulary and token",
    },
    Rule {
        says: "`tensor-split` counts layers, and one for the output matrix: in whole numbers that sum to the model's layers and one they are placed exactly so",
        source: "llama.cpp b11434, llama-model.cpp, and run",
    },
    Rule {
        says: "layers are split, not tensors: those cross the link four times for each layer and token",
        source: "run: 4.3 round trips for each layer",
    },
    Rule {
        says: "an RPC server is bound to the node's private address: it has no password, and is not made for an open network",
        source: "llama.cpp b11434, tools/rpc/README.md",
    },
    Rule {
        says: "only over links that the fleet's file declares, from the head to each other node, and over four nodes at most: more were measured nowhere",
        source: "jeffgeerling.com 2025, \"1.5 TB of VRAM\"; three servers and more were seen to hang, github.com/ggml-org/llama.cpp, issue 28487",
    },
    Rule {
        says: "when one node is lost the model is down, on all of them",
        source: "run: llama-server aborts, and is started anew at the next request",
    },
];
