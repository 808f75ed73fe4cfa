//! The catalog of measured models: what it holds, how it is read, layered and checked.
//!
//! Never decides: it says what is known, by whom, and what is wrong with it.

pub mod schema;
