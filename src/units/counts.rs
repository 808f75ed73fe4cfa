//! Counts of tokens and other whole numbers as people write them.

/// A count of tokens as people write it: `128k` for 131072, else with thousands apart.
#[must_use]
pub fn tokens(count: u32) -> String {
    if count >= 1024 && count.is_multiple_of(1024) {
        format!("{}k", count / 1024)
    } else {
        thousands(u64::from(count))
    }
}

/// A count of tokens in full, where every count of an answer is to read alike: `131,072 tokens`.
#[must_use]
pub fn exact_tokens(count: u32) -> String {
    format!("{} tokens", thousands(u64::from(count)))
}

/// A whole number with thousands apart: `130,025,542,816`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
