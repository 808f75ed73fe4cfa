//! `system_profiler SPDisplaysDataType -json`: the GPU's cores, which no sysctl tells.

use serde_json::Value;

use super::error::ParseError;

const FROM: &str = "system_profiler SPDisplaysDataType";
const CORES: &str = "sppci_cores";

/// Reads how many cores the GPU has.
///
/// # Errors
/// When the text is not that report, or no GPU in it tells its cores (Intel Macs), or two do.
pub fn parse_gpu_cores(text: &str) -> Result<u32, ParseError> {
    let report: Value = serde_json::from_str(text)
        .map_err(|error| ParseError::unexpected(FROM, "JSON", &error.to_string()))?;
    let gpus = report
        .get("SPDisplaysDataType")
        .and_then(Value::as_array)
        .ok_or_else(|| ParseError::absent(FROM, "a list `SPDisplaysDataType`"))?;
    let cores: Vec<u32> = gpus
        .iter()
        .filter_map(|gpu| gpu.get(CORES))
        .map(cores)
        .collect::<Result<_, _>>()?;
    match cores[..] {
        [cores] => Ok(cores),
        [] => Err(ParseError::absent(FROM, format!("a GPU with `{CORES}`"))),
        _ => Err(ParseError::unexpected(
            FROM,
            format!("one GPU with `{CORES}`"),
            &format!("{} of them", cores.len()),
        )),
    }
}

/// macOS writes the count as text; a number is taken too.
fn cores(value: &Value) -> Result<u32, ParseError> {
    let count = match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|n| u32::try_from(n).ok()),
    };
    count.filter(|n| *n > 0).ok_or_else(|| {
        ParseError::unexpected(FROM, format!("a count for `{CORES}`"), &value.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cores_of_an_m1_and_an_m2_max_are_read_past_their_displays() {
        let m1 = include_str!("../../../tests/data/probe/displays-m1.json");
        assert_eq!(parse_gpu_cores(m1), Ok(7));
        let m2_max = include_str!("../../../tests/data/probe/displays-m2-max.json");
        assert_eq!(parse_gpu_cores(m2_max), Ok(30));
    }

    #[test]
    fn an_intel_mac_has_no_count_and_that_is_said() {
        let intel = r#"{"SPDisplaysDataType":[{"_name":"Intel Iris Graphics 6100","sppci_bus":"spdisplays_builtin","sppci_device_type":"spdisplays_gpu","sppci_model":"Intel Iris Graphics 6100"}]}"#;
        let error = parse_gpu_cores(intel).unwrap_err().to_string();
        assert_eq!(
            error,
            "system_profiler SPDisplaysDataType does not have a GPU with `sppci_cores`"
        );
    }

    #[test]
    fn malformed_reports_are_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"SPDisplaysDataType":{}}"#,
            r#"{"SPDisplaysDataType":[]}"#,
            r#"{"SPDisplaysDataType":[{"sppci_cores":"many"}]}"#,
            r#"{"SPDisplaysDataType":[{"sppci_cores":"0"}]}"#,
            r#"{"SPDisplaysDataType":[{"sppci_cores":-3}]}"#,
            r#"{"SPDisplaysDataType":[{"sppci_cores":"8"},{"sppci_cores":"8"}]}"#,
        ] {
            assert!(parse_gpu_cores(text).is_err(), "`{text}` was accepted");
        }
    }
}
