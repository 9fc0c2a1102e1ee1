//! Wider registers where the processor has them. Rust never fuses multiplication and addition, so the bits do not change.

/// Numbers that one step of a kernel works on: two registers of AVX2, four of NEON.
pub const LANES: usize = 16;

/// Compiles a function twice, for AVX2 and for the target's baseline, and takes what the processor has. What its body calls
/// must be `#[inline(always)]` to take part. (A closure would not do: the compiler leaves large ones outside. A third copy for
/// AVX-512 was 3 to 7 % slower on Zen 4.)
macro_rules! vectorized {
    ($(#[$doc:meta])* $visibility:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        #[allow(clippy::too_many_arguments)]
        $(#[$doc])*
        $visibility fn $name($($argument: $kind),*) $(-> $result)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn plain($($argument: $kind),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                #[allow(clippy::too_many_arguments)]
                fn avx2($($argument: $kind),*) $(-> $result)? {
                    plain($($argument),*)
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { avx2($($argument),*) };
                }
            }
            plain($($argument),*)
        }
    };
}
pub(crate) use vectorized;

/// `value` without its fraction; it must lie within 0 and `limit`, and is moved there when it does not (NaN too).
#[inline(always)]
pub fn truncate(value: f32, limit: f32) -> i32 {
    // SAFETY: `max` and `min` pass no NaN on, and `limit` fits. (The checks of `as` would keep loops scalar.)
    unsafe { value.max(0.0).min(limit).to_int_unchecked() }
}
