//! How many layers lie on each node.

/// The layers of each node, of the least time: each node has one at least and no more than it holds.
/// `most` are the layers that the nodes hold, `seconds` what one takes there. Of equal nodes each has
/// as many as the others, and what can't be divided lies with the later ones, of which the last is the head. None
/// where they hold too few.
#[must_use]
pub fn split(most: &[u32], seconds: &[f64], layers: u32) -> Option<Vec<u32>> {
    let all = most.iter().fold(0_u32, |sum, n| sum.saturating_add(*n));
    let nodes = u32::try_from(most.len()).ok()?;
    if most.contains(&0) || all < layers || nodes > layers {
        return None;
    }
    let mut own = vec![1; most.len()];
    for _ in nodes..layers {
        let free = (0..most.len()).filter(|&n| own[n] < most[n]);
        // The last of those that are as good as another.
        let next = free.rev().min_by(|&a, &b| {
            let faster = seconds[a].total_cmp(&seconds[b]);
            faster.then(own[a].cmp(&own[b]))
        })?;
        own[next] += 1;
    }
    Some(own)
}
