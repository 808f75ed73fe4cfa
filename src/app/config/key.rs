//! The keys of `config.toml`: each is the flag of the same name.

use serde::Serialize;

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In `config.toml`.
    File,
    /// After `planner config set`.
    Argument,
    /// In a variable of the environment.
    Variable,
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The machine to plan for.
    Machine,
    /// A mix of tasks by name.
    For,
    /// Tasks with their weights.
    Tasks,
    /// Memory to leave to the system.
    Reserve,
    /// Tokens in the context of a turn.
    Depth,
    /// Conversations at once.
    Agents,
    /// Only this engine.
    Engine,
    /// The clients that talk to the models.
    Clients,
    /// The hub, or a mirror of it.
    Endpoint,
    /// What machines cost.
    Price,
}

impl Key {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Machine,
        Self::For,
        Self::Tasks,
        Self::Reserve,
        Self::Depth,
        Self::Agents,
        Self::Engine,
        Self::Clients,
        Self::Endpoint,
        Self::Price,
    ];

    /// Its name, and that of its flag (`--task` of `tasks`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::For => "for",
            Self::Tasks => "tasks",
            Self::Reserve => "reserve",
            Self::Depth => "depth",
            Self::Agents => "agents",
            Self::Engine => "engine",
            Self::Clients => "clients",
            Self::Endpoint => "endpoint",
            Self::Price => "price",
        }
    }

    /// The key of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// The variable of the environment that says it too.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Machine => "PLANNER_MACHINE",
            Self::For => "PLANNER_FOR",
            Self::Tasks => "PLANNER_TASKS",
            Self::Reserve => "PLANNER_RESERVE",
            Self::Depth => "PLANNER_DEPTH",
            Self::Agents => "PLANNER_AGENTS",
            Self::Engine => "PLANNER_ENGINE",
            Self::Clients => "PLANNER_CLIENTS",
            Self::Endpoint => "HF_ENDPOINT",
            Self::Price => "PLANNER_PRICE",
        }
    }

    /// A value of it, as its variable holds it.
    const fn example(self) -> &'static str {
        match self {
            Self::Machine => "m4-max-64gb",
            Self::For => "coding",
            Self::Tasks => "code=2,chat",
            Self::Reserve => "24GiB",
            Self::Depth => "60k",
            Self::Agents => "3",
            Self::Engine => "mlx",
            Self::Clients => "opencode,zed",
            Self::Endpoint => "https://huggingface.co",
            Self::Price => "m4-max-64gb=2999",
        }
    }

    /// What it can be, where an example does not say it all.
    const fn choice(self) -> &'static str {
        match self {
            Self::Machine => "; `planner machines` lists them",
            Self::For => "; `planner tasks` lists the mixes",
            Self::Tasks => "; `planner tasks` lists them",
            Self::Agents => ", a number from 1 to 64",
            Self::Engine => ", or `llama.cpp`",
            Self::Clients => "; `planner emit --help` lists them",
            Self::Reserve | Self::Depth | Self::Endpoint | Self::Price => "",
        }
    }

    /// How a value of it is written, where one was written wrongly.
    #[must_use]
    pub fn usage(self, written: Written) -> String {
        let (name, example) = (self.name(), self.example());
        let how = match (written, self) {
            (Written::File, Self::Tasks) => r#"write `tasks = ["code=2", "chat"]`"#.to_owned(),
            (Written::File, Self::Clients) => r#"write `clients = ["opencode", "zed"]`"#.to_owned(),
            (Written::File, Self::Price) => "write `price.m4-max-64gb = 2999`".to_owned(),
            (Written::File, Self::Agents) => format!("write `agents = {example}`"),
            (Written::File, _) => format!("write `{name} = \"{example}\"`"),
            (Written::Argument, Self::Price) => {
                "`planner config set price.m4-max-64gb 2999`".to_owned()
            }
            (Written::Argument, _) => {
                format!("`planner config set {name} {}`", example.replace(',', " "))
            }
            (Written::Variable, _) => format!("set it as {}={example}", self.variable()),
        };
        how + self.choice()
    }

    /// What holds where nobody says it.
    #[must_use]
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::Machine => "this machine",
            Self::For => "coding",
            Self::Tasks => "those of the mix",
            Self::Reserve => "by the machine's memory",
            Self::Depth | Self::Agents => "each task's own",
            Self::Engine => "llama.cpp and mlx",
            Self::Clients => "the settings of all",
            Self::Endpoint => "huggingface.co",
            Self::Price => "not known",
        }
    }

    /// Whether giving this key takes the place of the other.
    pub(super) const fn replaces(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::For, Self::Tasks) | (Self::Tasks, Self::For)
        )
    }

    /// Whether it takes several values.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Tasks | Self::Clients)
    }

    /// The values in a variable or an argument.
    pub(super) fn values_of(self, text: &str) -> Vec<String> {
        match self {
            Self::Tasks | Self::Clients | Self::Price => {
                let parts = text.split(',').map(str::trim);
                let parts = parts.filter(|part| !part.is_empty());
                parts.map(str::to_owned).collect()
            }
            _ => vec![text.to_owned()],
        }
    }

    /// The values in the file; none where such a value can't stand there.
    pub(super) fn values_in(self, value: &toml::Value) -> Option<Vec<String>> {
        let plain = |value: &toml::Value| match value {
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Integer(n) => Some(n.to_string()),
            toml::Value::Float(n) => Some(n.to_string()),
            _ => None,
        };
        match (self, value) {
            (key, toml::Value::Array(items)) if key.is_list() => items.iter().map(plain).collect(),
            (Self::Price, toml::Value::Table(prices)) => {
                let price =
                    |(id, value): (&String, &toml::Value)| Some(format!("{id}={}", plain(value)?));
                prices.iter().map(price).collect()
            }
            (Self::Price, _) => None,
            (_, value) => Some(vec![plain(value)?]),
        }
    }
}
