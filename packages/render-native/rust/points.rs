use std::cell::RefCell;

use crate::simd::{transpose, LANES};

pub const SUBPIXEL: i32 = 16;
pub const MAX_COORDINATE: f32 = 1_048_576.0;

/// A vertex in 28.4 fixed point with its depth; `x` is `i32::MIN` where it draws nothing.
#[derive(Clone, Copy, PartialEq)]
#[repr(C, align(16))]
pub struct Point {
    pub x: i32,
    pub y: i32,
    pub z: f32,
    /// Whatever is to be interpolated.
    pub grey: f32,
}

impl Point {
    #[inline(always)]
    pub fn words(&self) -> &[u32; 4] {
        // SAFETY: both are sixteen aligned bytes without padding.
        unsafe { &*std::ptr::from_ref(self).cast() }
    }

    #[inline(always)]
    fn of(words: [u32; 4]) -> Self {
        // SAFETY: as above, and every pattern is a point.
        unsafe { std::mem::transmute(words) }
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
            *point = Point {
                x: if is_sound(x, y, z) { whole[3 * i] } else { NOWHERE.x },
                y: whole[3 * i + 1],
                z,
                grey: 0.0,
            };
        }
    }
}

/// The comparisons are false for NaN as well.
#[inline(always)]
fn is_sound(x: f32, y: f32, z: f32) -> bool {
    (x.abs() <= MAX_COORDINATE) & (y.abs() <= MAX_COORDINATE) & (z.abs() < f32::INFINITY)
}

/// Vertices at x, y and z in fixed point, carrying `grey`.
#[inline(always)]
pub fn snap([x, y, z]: &[[f32; LANES]; 3], grey: &[f32; LANES]) -> [Point; LANES] {
    let (mut left, mut top) = ([0u32; LANES], [0u32; LANES]);
    for l in 0..LANES {
        let whole = fixed(x[l]);
        left[l] = if is_sound(x[l], y[l], z[l]) { whole } else { NOWHERE.x } as u32;
        top[l] = fixed(y[l]) as u32;
    }
    let mut points = [NOWHERE; LANES];
    let (z, grey) = (z.map(f32::to_bits), grey.map(f32::to_bits));
    for (four, points) in points.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let columns = [&left, &top, &z, &grey].map(|column| &column.as_chunks::<4>().0[four]);
        *points = transpose(columns).map(Point::of);
    }
    points
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
    grey: 0.0,
};
/// Up to this extent in subpixels products of two differences and their sums fit 32 bits.
pub const SMALL: i32 = 1 << 14;
