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

/// Four bytes, of which every pattern is a number.
pub trait Word: Copy {}
impl Word for f32 {}
impl Word for u32 {}

/// Four rows as four columns. Compilers alone go through memory for this, a number at a time.
#[inline(always)]
pub fn transpose<T: Word>(rows: [&[T; 4]; 4]) -> [[T; 4]; 4] {
    const { assert!(size_of::<T>() == 4) };
    #[cfg(target_arch = "x86_64")]
    // SAFETY: four words are as large as a register, and every pattern of bits is either; SSE2 is everywhere.
    unsafe {
        use std::arch::x86_64::*;
        let [a, b, c, d] = rows.map(|row| _mm_loadu_si128(row.as_ptr().cast()));
        let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
        let (ab_end, cd_end) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
        let columns = [
            _mm_unpacklo_epi64(ab, cd),
            _mm_unpackhi_epi64(ab, cd),
            _mm_unpacklo_epi64(ab_end, cd_end),
            _mm_unpackhi_epi64(ab_end, cd_end),
        ];
        std::mem::transmute_copy(&columns)
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|i| rows.map(|row| row[i]))
}

/// Asks for `length` bytes from `from` on, as far as they are there.
#[inline(always)]
pub fn prefetch(bytes: &[u8], from: usize, length: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.iter().skip(from).take(length).step_by(64) {
        // SAFETY: a hint, which reads nothing; SSE is everywhere.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(line).cast())
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, from, length);
}

/// (b - a) x (c - a) of points in space, as z, x, y and a number that means nothing: turning the product as well would take
/// another step. (What compilers make of the plain form takes twice as long.)
#[inline(always)]
pub fn cross([a, b, c]: [&[f32; 4]; 3]) -> [f32; 4] {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: four numbers are as large as a register; SSE2 is everywhere.
    unsafe {
        use std::arch::x86_64::*;
        let [a, b, c] = [a, b, c].map(|row| _mm_loadu_ps(row.as_ptr()));
        let (u, w) = (_mm_sub_ps(b, a), _mm_sub_ps(c, a));
        // y, z, x.
        let (u1, w1) = (_mm_shuffle_ps::<0xc9>(u, u), _mm_shuffle_ps::<0xc9>(w, w));
        std::mem::transmute(_mm_sub_ps(_mm_mul_ps(u, w1), _mm_mul_ps(u1, w)))
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let u: [f32; 3] = std::array::from_fn(|k| b[k] - a[k]);
        let w: [f32; 3] = std::array::from_fn(|k| c[k] - a[k]);
        let n = |i: usize, k: usize| u[i] * w[k] - u[k] * w[i];
        [n(0, 1), n(1, 2), n(2, 0), 0.0]
    }
}

/// A bit for each negative number.
#[inline(always)]
pub fn negatives(numbers: &[i32; LANES]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the four loads take sixteen bytes each of the sixty-four; SSE2 is everywhere.
    unsafe {
        use std::arch::x86_64::*;
        let [a, b, c, d] = [0, 4, 8, 12].map(|from| _mm_loadu_si128(numbers.as_ptr().add(from).cast()));
        // Saturation keeps signs.
        _mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d))) as u32
    }
    #[cfg(not(target_arch = "x86_64"))]
    numbers
        .iter()
        .rev()
        .fold(0, |bits, &number| bits << 1 | u32::from(number < 0))
}
