//! Sizes of recurrent states: numbers kept per layer and sequence, by the keys of each family.

use super::error::ConfigError;
use super::keys::Keys;

/// Numbers of the short convolution and of the state.
pub(super) fn elements(keys: &Keys, hidden: u32) -> Result<(u64, u64), ConfigError> {
    let wide = u64::from;
    if let Some(values) = keys.count("linear_num_value_heads")? {
        // Gated delta-net (Qwen3-Next, Qwen3.5).
        let key_heads = keys.needed(&["linear_num_key_heads"])?;
        let key = keys.needed(&["linear_key_head_dim"])?;
        let value = keys.needed(&["linear_value_head_dim"])?;
        let kernel = keys.needed(&["linear_conv_kernel_dim"])?;
        let inner = wide(values) * wide(value);
        return Ok((
            convolution(kernel, inner, wide(key_heads), key),
            times(inner, key),
        ));
    }
    if let Some(linear) = keys.below("linear_attn_config") {
        // Kimi delta attention.
        let head = linear.needed(&["head_dim"])?;
        let inner = wide(linear.needed(&["num_heads"])?) * wide(head);
        let kernel = linear.needed(&["short_conv_kernel_size"])?;
        return Ok((
            times(inner, kernel.saturating_sub(1)).saturating_mul(3),
            times(inner, head),
        ));
    }
    if let Some(length) = keys.count("conv_L_cache")? {
        // LFM2: a short convolution and nothing else.
        return Ok((times(wide(hidden), length.saturating_sub(1)), 0));
    }
    let size = keys.needed(&["mamba_d_state", "ssm_state_size", "state_size"])?;
    let kernel = keys.needed(&["mamba_d_conv", "conv_kernel", "d_conv"])?;
    let groups = keys.first(&["mamba_n_groups", "n_groups"])?.unwrap_or(0);
    let inner = inner(keys, hidden)?;
    Ok((
        convolution(kernel, inner, wide(groups), size),
        times(inner, size),
    ))
}

/// Inner width of a Mamba layer.
fn inner(keys: &Keys, hidden: u32) -> Result<u64, ConfigError> {
    if let Some(inner) = keys.count("mamba_d_ssm")? {
        return Ok(inner.into());
    }
    let heads = keys.first(&["mamba_n_heads", "mamba_num_heads"])?;
    let head = keys.first(&["mamba_d_head", "mamba_head_dim"])?;
    if let (Some(heads), Some(head)) = (heads, head) {
        return Ok(u64::from(heads) * u64::from(head));
    }
    let expand = keys.needed(&["mamba_expand", "expand"])?;
    Ok(u64::from(hidden) * u64::from(expand))
}

fn convolution(kernel: u32, inner: u64, groups: u64, size: u32) -> u64 {
    let channels = inner.saturating_add(times(groups, size).saturating_mul(2));
    times(channels, kernel.saturating_sub(1))
}

fn times(a: u64, b: u32) -> u64 {
    a.saturating_mul(u64::from(b))
}
