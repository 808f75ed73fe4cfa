//! A long text of records that are much alike, and one of them asked for after all.

/// What is kept in a depot, and where it is: which does not matter, it only fills.
const GOODS: [&str; 7] = [
    "pears",
    "lamp oil",
    "roof tiles",
    "rope",
    "dried fish",
    "window glass",
    "candles",
];
const TOWNS: [&str; 5] = ["Aldermoor", "Brackwater", "Cray", "Dunholt", "Eastry"];

/// Numbers of depots are distinct up to so many records; it is a prime.
pub(super) const MOST_RECORDS: u32 = 997;

/// A record: its depot, and the crates in it, which no two depots have alike.
const fn record(n: u32) -> (u32, u32) {
    (
        (n * 389 + 71) % MOST_RECORDS + 100,
        (n * 7919 + 13) % 8999 + 2000,
    )
}

fn word<'a>(words: &[&'a str], n: usize) -> &'a str {
    words
        .get(n % words.len().max(1))
        .copied()
        .unwrap_or_default()
}

/// A prompt of so many records, and the number that it asks for, of the record at this share of them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of at most 997 records"
)]
pub(super) fn prompt(records: u32, share: f64) -> (String, u32) {
    let records = records.clamp(1, MOST_RECORDS);
    let mut text = String::from("These are the records of a carrier's depots.\n\n");
    for n in 0..records {
        let (depot, crates) = record(n);
        let at = n as usize;
        text.push_str(&format!(
            "Depot {depot} in {} holds {crates} crates of {}, last counted by the night crew.\n",
            word(&TOWNS, at / 3),
            word(&GOODS, at),
        ));
    }
    let wanted = (f64::from(records - 1) * share.clamp(0.0, 1.0)).round() as u32;
    let (depot, crates) = record(wanted);
    text.push_str(&format!(
        "\nHow many crates does depot {depot} hold? Answer with the number alone."
    ));
    (text, crates)
}

/// The numbers in a text, commas within them passed over.
pub(super) fn numbers(text: &str) -> Vec<u64> {
    let digits: String = text
        .chars()
        .filter(|c| *c != ',')
        .map(|c| if c.is_ascii_digit() { c } else { ' ' })
        .collect();
    digits
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_records_are_of_one_depot_or_have_the_same_crates() {
        let all: Vec<_> = (0..MOST_RECORDS).map(record).collect();
        let depots: BTreeSet<u32> = all.iter().map(|r| r.0).collect();
        let crates: BTreeSet<u32> = all.iter().map(|r| r.1).collect();
        assert_eq!((depots.len(), crates.len()), (997, 997));
        assert!(depots.is_disjoint(&crates));
    }

    #[test]
    fn the_record_asked_for_stands_in_the_text_at_its_depth() {
        let (text, crates) = prompt(100, 0.25);
        let place = text.find(&format!("holds {crates} crates")).unwrap();
        let share = place as f64 / text.len() as f64;
        assert!((0.2..0.3).contains(&share), "{share}");
        assert_eq!(numbers("It holds 7,143 crates."), [7143]);
    }
}
