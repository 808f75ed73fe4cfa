//! What machines cost, as people write it.

/// A machine's id and its price, of `MACHINE=PRICE`; the price in any currency, not below zero.
///
/// # Errors
/// With how it is written, where it is written otherwise.
pub fn parse(text: &str) -> Result<(String, f64), String> {
    let price = text.rsplit_once('=').and_then(|(machine, price)| {
        let price: f64 = price.parse().ok()?;
        (price.is_finite() && price >= 0.0).then(|| (machine.to_owned(), price))
    });
    price.ok_or_else(|| "write `MACHINE=PRICE`, such as `m3-ultra-512gb=11699`".to_owned())
}
