//! The best server of a task, found without pricing every model, against all of them priced.

use planner::memory::limits::Demand;
use planner::scenario::pool::Extent;
use planner::scenario::{Candidate, Pool, best_servers};

use crate::world::{World, candidates, request};

#[test]
fn the_best_server_is_the_best_of_all() {
    let figures = |c: &Candidate<'_>, t: usize| (c.scores[t], c.demand.total);
    let mut found = 0;
    for machine in ["m3-ultra-512gb", "m4-max-64gb", "macbook-air-m4-16gb"] {
        let world = World::new(machine);
        let request = request(&["code", "agent", "chat", "general"]);
        let scenario = world.scenario(&request);
        let pool = Pool::of(&scenario, Extent::Machine);
        let candidates = candidates(&pool);
        // All models; every second one; and only what takes little.
        for (step, share) in [(1, 1.0), (2, 1.0), (1, 0.2)] {
            let room = world.machine.memory.0 as f64 * share;
            let among = |n: usize| n.is_multiple_of(step);
            let fits = |demand: Demand| demand.total.0 as f64 <= room;
            let servers = best_servers(&scenario, &pool, among, fits);
            for (t, server) in servers.iter().enumerate() {
                let all = candidates.iter();
                let all = all.filter(|c| among(c.model_number) && fits(c.demand));
                let scored = all.filter(|c| c.scores[t].is_some());
                let best = scored.map(|c| figures(c, t)).max_by(|a, b| {
                    let by_memory = b.1.cmp(&a.1);
                    a.0.unwrap().total_cmp(&b.0.unwrap()).then(by_memory)
                });
                assert_eq!(
                    server.as_ref().map(|c| figures(c, t)),
                    best,
                    "{machine} {t}"
                );
                found += usize::from(best.is_some());
            }
        }
    }
    assert!(found > 24, "{found}");
}
