//! Wider registers where the processor has them. Rust never fuses multiplication and addition, so the bits do not change.

/// Runs `work` compiled for AVX2 where that is there. What `work` calls must be `#[inline(always)]` to take part.
#[inline(always)]
pub fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { avx2(work) };
        }
    }
    work()
}
