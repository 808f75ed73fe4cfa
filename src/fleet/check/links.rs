//! The links of a fleet's file.

use toml::Spanned;

use super::place::InFile;
use crate::fault;
use crate::fleet::error::FleetError;
use crate::fleet::file::LinkEntry;
use crate::fleet::link::{Link, LinkFigure};
use crate::fleet::node::Node;
use crate::suggest;

/// Microseconds that nobody's link takes.
const MOST_LATENCY: f64 = 1e6;

pub(super) fn read(
    at: &InFile<'_>,
    entries: &[Spanned<LinkEntry>],
    nodes: &[Node],
) -> Result<Vec<Link>, FleetError> {
    let mut links: Vec<Link> = Vec::new();
    for spanned in entries {
        let link = one(at, spanned, nodes)?;
        let [a, b] = &link.between;
        let same = |other: &Link| other.between.contains(a) && other.between.contains(b);
        if links.iter().any(same) {
            return Err(at.error_at(
                spanned,
                fault!(
                    "`{a}` and `{b}` are joined twice";
                    "keep the link that models are to use, the faster one"
                ),
            ));
        }
        links.push(link);
    }
    Ok(links)
}

fn one(at: &InFile<'_>, spanned: &Spanned<LinkEntry>, nodes: &[Node]) -> Result<Link, FleetError> {
    let entry = spanned.get_ref();
    let [a, b] = entry.between.as_slice() else {
        return Err(at.error_at(
            spanned,
            fault!(
                "a link between {} nodes", entry.between.len();
                "write `between = [\"a\", \"b\"]`, one link for each pair"
            ),
        ));
    };
    for end in [a, b] {
        known(at, end, nodes)?;
    }
    if a.get_ref() == b.get_ref() {
        return Err(at.error_at(
            b,
            fault!(
                "a link from `{}` to itself", a.get_ref();
                "name the other node, or leave the link out"
            ),
        ));
    }
    if let Some(latency) = &entry.latency_microseconds
        && !(0.0..=MOST_LATENCY).contains(latency.get_ref())
    {
        return Err(at.error_at(
            latency,
            fault!(
                "a latency of {} microseconds", latency.get_ref();
                "give what was measured one way, from 0 to 1000000, or leave it out"
            ),
        ));
    }
    let latency = entry.latency_microseconds.as_ref().map(|l| *l.get_ref());
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes per second stay below 2^53"
    )]
    let bandwidth = (entry.bandwidth_per_second.as_ref()).map(|b| b.get_ref().0.0 as f64);
    Ok(Link {
        between: [a.get_ref().clone(), b.get_ref().clone()],
        kind: entry.kind,
        latency_microseconds: LinkFigure::of(latency, entry.kind.usual_latency()),
        bandwidth_bytes_per_second: LinkFigure::of(bandwidth, entry.kind.usual_bandwidth()),
    })
}

fn known(at: &InFile<'_>, end: &Spanned<String>, nodes: &[Node]) -> Result<(), FleetError> {
    let name = end.get_ref();
    if nodes.iter().any(|node| node.name == *name) {
        return Ok(());
    }
    let names = || nodes.iter().map(|node| node.name.as_str());
    let near = suggest::nearest(name, names());
    let all: Vec<String> = names().map(|n| format!("`{n}`")).collect();
    Err(at.error_at(
        end,
        fault!(
            "node not found: `{name}`{}", suggest::or_nothing(near.as_deref());
            "the nodes are {}", all.join(", ")
        ),
    ))
}
