//! Several machines: how tasks are divided among them, against brute force and against plans of
//! single machines; what a fleet's file may say; whole plans, read by a person and kept; and plans
//! carried out and watched on nodes that a stand-in for ssh reaches.

mod brute_force;
mod emit;
mod file;
mod hosts;
mod over_ssh;
mod plans;
mod shards;
