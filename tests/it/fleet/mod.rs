//! Several machines: how tasks are divided among them, against brute force and against plans of
//! single machines; what a fleet's file may say; and whole plans, read by a person and kept.

mod brute_force;
mod emit;
mod file;
mod plans;
mod shards;
