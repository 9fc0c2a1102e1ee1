use std::cell::RefCell;

use crate::simd::LANES;

pub const SUBPIXEL: i32 = 16;
pub const MAX_COORDINATE: f32 = 1_048_576.0;

/// A vertex in 28.4 fixed point with its depth; `x` is `i32::MIN` where it draws nothing.
#[derive(Clone, Copy, PartialEq)]
#[repr(C, align(16))]
pub struct Point {
    pub x: i32,
    pub y: i32,
    pub z: f32,
    /// Fills the register.
    pub spare: u32,
}

impl Point {
    #[inline(always)]
    pub fn words(&self) -> &[u32; 4] {
        // SAFETY: both are sixteen aligned bytes without padding.
        unsafe { &*std::ptr::from_ref(self).cast() }
    }
}

thread_local! {
    /// Where `snap_all` puts its points.
    pub static POINTS: RefCell<Vec<Point>> = const { RefCell::new(Vec::new()) };
}

/// Puts the vertices in fixed point into `points`.
#[inline(always)]
pub fn snap_all(vertices: &[[f32; 3]], points: &mut Vec<Point>) {
    points.resize(vertices.len(), NOWHERE);
    for (points, vertices) in points.chunks_mut(LANES).zip(vertices.chunks(LANES)) {
        let mut padded = [[0f32; 3]; LANES];
        padded[..vertices.len()].copy_from_slice(vertices);
        let numbers = padded.as_flattened();
        let mut whole = [0i32; 3 * LANES];
        for i in 0..3 * LANES {
            whole[i] = fixed(numbers[i]);
        }
        for (i, point) in points.iter_mut().enumerate() {
            let [x, y, z] = padded[i];
            // The comparisons are false for NaN as well.
            let sound = (x.abs() <= MAX_COORDINATE) & (y.abs() <= MAX_COORDINATE) & (z.abs() < f32::INFINITY);
            *point = Point {
                x: if sound { whole[3 * i] } else { NOWHERE.x },
                y: whole[3 * i + 1],
                z,
                spare: 0,
            };
        }
    }
}

/// floor(c * 16 + 0.5) for |c| up to 2^20, in float32 without rounding: the product, its floor and their difference are exact.
#[inline(always)]
fn fixed(c: f32) -> i32 {
    let far = MAX_COORDINATE * 32.0;
    // Not `clamp`, which lets NaN through.
    let scaled = (c * SUBPIXEL as f32).max(-far).min(far);
    let floor = scaled.floor();
    // SAFETY: `max` and `min` give numbers within 2^25 even for NaN. (The checks of `as` would keep this scalar.)
    let whole: i32 = unsafe { floor.to_int_unchecked() };
    whole + i32::from(scaled - floor >= 0.5)
}

/// A vertex that draws nothing.
pub const NOWHERE: Point = Point {
    x: i32::MIN,
    y: 0,
    z: 0.0,
    spare: 0,
};
/// Up to this extent in subpixels products of two differences and their sums fit 32 bits.
pub const SMALL: i32 = 1 << 14;
