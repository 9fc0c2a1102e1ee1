//! Integer rasteriser with the top-left rule; twin of reference/rasterize.ts and triangle.ts.

use std::ops::{Add, BitOr, Mul, Sub};

use crate::batch::Batch;
use crate::mesh::Mesh;
use crate::points::{snap_all, Point, POINTS, SMALL, SUBPIXEL};
use crate::scratch::with_scratch;
use crate::simd::{vectorized, LANES};

/// Largest coordinate of a target in pixels.
const REACH: u32 = 1 << 20;

/// Where depth and ids lie in the picture.
pub struct Window {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Window {
    /// `numbers`: x, y, width, height.
    pub fn new(numbers: &[i32]) -> Result<Self, String> {
        let &[x, y, width, height] = numbers else {
            return Err("Expected x, y, width and height for the target.".into());
        };
        let near =
            |from: i32, size: i32| from.abs_diff(0) <= REACH && i64::from(from) + i64::from(size) <= i64::from(REACH);
        if width < 0 || height < 0 || !near(x, width) || !near(y, height) {
            return Err(format!(
                "Expected a target within 2^20 pixels but received {width} x {height} at {x}, {y}."
            ));
        }
        Ok(Self { x, y, width, height })
    }

    /// For a target of these lengths.
    pub fn of(numbers: &[i32], depth: usize, ids: usize) -> Result<Self, String> {
        let window = Self::new(numbers)?;
        let size = window.size();
        if size == depth && size == ids {
            return Ok(window);
        }
        Err(format!(
            "Expected {size} numbers for the target but received {depth} and {ids}."
        ))
    }

    pub fn size(&self) -> usize {
        self.width as usize * self.height as usize
    }
}

pub struct Picture<'a> {
    pub data: &'a mut [u8],
    pub width: i32,
    pub height: i32,
    pub channels: usize,
}

impl<'a> Picture<'a> {
    pub fn new(data: &'a mut [u8], width: u32, height: u32, channels: u32) -> Result<Self, String> {
        let size = u64::from(width) * u64::from(height) * u64::from(channels);
        if size > i32::MAX as u64 {
            return Err(format!(
                "Expected a picture of at most {} bytes but received {width} x {height} x {channels}.",
                i32::MAX
            ));
        }
        if !(channels == 3 || channels == 4) || size != data.len() as u64 {
            return Err(format!(
                "Expected {width} x {height} x {channels} bytes of picture but received {}.",
                data.len()
            ));
        }
        Ok(Self {
            data,
            width: width as i32,
            height: height as i32,
            channels: channels as usize,
        })
    }

    pub fn holds(&self, window: &Window) -> bool {
        let &Window { x, y, width, height } = window;
        x >= 0 && y >= 0 && x + width <= self.width && y + height <= self.height
    }
}

/// Whole numbers wide enough for the edge functions of a triangle.
trait Whole:
    Copy + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + BitOr<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;
    fn of(value: i32) -> Self;
    fn to_f32(self) -> f32;
}

macro_rules! whole {
    ($type:ty) => {
        impl Whole for $type {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            #[inline(always)]
            fn of(value: i32) -> Self {
                value as $type
            }
            #[inline(always)]
            fn to_f32(self) -> f32 {
                self as f32
            }
        }
    };
}

whole!(i32);
whole!(i64);

/// (q - p) x (at - p): positive on one side of the line p -> q, in 1/256 pixel^2.
#[inline(always)]
fn edge<T: Whole>(p: (i32, i32), q: (i32, i32), at: (i32, i32)) -> T {
    T::of(q.0 - p.0) * T::of(at.1 - p.1) - T::of(q.1 - p.1) * T::of(at.0 - p.0)
}

/// An edge function walked over pixel centres, positive inside whatever the winding.
struct Walker<T> {
    row: T,
    step_x: T,
    step_y: T,
    /// 0 when pixels on the edge belong to the triangle (top and left edges), else 1.
    bias: T,
}

impl<T: Whole> Walker<T> {
    #[inline(always)]
    fn new(p: (i32, i32), q: (i32, i32), start: (i32, i32), sign: i32) -> Self {
        let (dx, dy) = (sign * (q.0 - p.0), sign * (q.1 - p.1));
        let owned = dy < 0 || (dy == 0 && dx > 0);
        Self {
            row: T::of(dx) * T::of(start.1 - p.1) - T::of(dy) * T::of(start.0 - p.0),
            step_x: T::of(-dy * SUBPIXEL),
            step_y: T::of(dx * SUBPIXEL),
            bias: if owned { T::ZERO } else { T::ONE },
        }
    }
}

/// What triangles are drawn into.
pub trait Layer {
    /// Whether it takes `grey`.
    const SHADED: bool;
    fn window(&self) -> &Window;
    /// Draws a pixel unless something nearer, or as near and of a lower id, is there. `grey`: what the corners carry,
    /// interpolated.
    fn put(&mut self, pixel: usize, value: f32, id: i32, grey: f32);
}

struct Target<'a> {
    window: &'a Window,
    depth: &'a mut [f32],
    ids: &'a mut [i32],
}

impl Layer for Target<'_> {
    const SHADED: bool = false;

    #[inline(always)]
    fn window(&self) -> &Window {
        self.window
    }

    #[inline(always)]
    fn put(&mut self, pixel: usize, value: f32, id: i32, _: f32) {
        if value > self.depth[pixel] || (value == self.depth[pixel] && id < self.ids[pixel]) {
            self.depth[pixel] = value;
            self.ids[pixel] = id;
        }
    }
}

/// Draws the mesh; its triangle t gets the id `first_id + t`.
pub fn rasterize(mesh: &Mesh, window: &Window, depth: &mut [f32], ids: &mut [i32], first_id: i32) {
    let mut target = Target { window, depth, ids };
    with_scratch(&POINTS, |points| rasterize_all(mesh, points, &mut target, first_id));
}

vectorized! {
    fn rasterize_all(mesh: &Mesh, points: &mut Vec<Point>, target: &mut Target, first_id: i32) {
        snap_all(mesh.vertices, points);
        draw_all(mesh.triangles, points, target, first_id);
    }
}

/// Draws triangles whose corners are among the points.
#[inline(always)]
pub fn draw_all<L: Layer>(triangles: &[[u32; 3]], points: &[Point], layer: &mut L, first_id: i32) {
    let mut batch = Batch::default();
    let (whole, rest) = triangles.as_chunks::<LANES>();
    let mut id = first_id;
    for triangles in whole {
        batch.put::<L>(triangles, points);
        let mut larger = batch.draw(layer, id);
        while larger != 0 {
            let lane = larger.trailing_zeros();
            larger &= larger - 1;
            draw_one(
                layer,
                triangles[lane as usize].map(|v| points[v as usize]),
                id + lane as i32,
            );
        }
        id += LANES as i32;
    }
    for (triangle, id) in rest.iter().zip(id..) {
        draw_one(layer, triangle.map(|v| points[v as usize]), id);
    }
}

#[inline(never)]
fn draw_one(layer: &mut impl Layer, [a, b, c]: [Point; 3], id: i32) {
    let window = layer.window();
    let (min_x, max_x) = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
    let (min_y, max_y) = (a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y));
    let x1 = ((min_x + SUBPIXEL - 1) >> 4).max(window.x);
    let x2 = (max_x >> 4).min(window.x + window.width - 1);
    let y1 = ((min_y + SUBPIXEL - 1) >> 4).max(window.y);
    let y2 = (max_y >> 4).min(window.y + window.height - 1);
    if min_x == i32::MIN || x1 > x2 || y1 > y2 {
        return;
    }
    let (z, grey) = ([a.z, b.z, c.z], [a.grey, b.grey, c.grey]);
    let range = [x1, x2, y1, y2];
    let [a, b, c] = [(a.x, a.y), (b.x, b.y), (c.x, c.y)];
    if max_x - min_x < SMALL && max_y - min_y < SMALL {
        fill::<i32>(layer, [a, b, c], z, grey, range, id);
    } else {
        fill::<i64>(layer, [a, b, c], z, grey, range, id);
    }
}

#[inline(always)]
fn fill<T: Whole>(
    layer: &mut impl Layer,
    [a, b, c]: [(i32, i32); 3],
    z: [f32; 3],
    grey: [f32; 3],
    range: [i32; 4],
    id: i32,
) {
    let area: T = edge(a, b, c);
    if area == T::ZERO {
        return;
    }
    let sign = if area < T::ZERO { -1 } else { 1 };
    let [x1, x2, y1, y2] = range;
    let start = (x1 * SUBPIXEL, y1 * SUBPIXEL);
    let [mut bc, mut ca, mut ab] = [(b, c), (c, a), (a, b)].map(|(p, q)| Walker::<T>::new(p, q, start, sign));
    let &Window { x, y, width, .. } = layer.window();
    let mut row = (y1 - y) as usize * width as usize + (x1 - x) as usize;
    for _ in y1..=y2 {
        let (mut e0, mut e1, mut e2) = (bc.row, ca.row, ab.row);
        for pixel in row..=row + (x2 - x1) as usize {
            // One test for all three signs.
            if (e0 - bc.bias) | (e1 - ca.bias) | (e2 - ab.bias) >= T::ZERO {
                let inverse = 1.0 / (T::of(sign) * area).to_f32();
                let (w1, w2) = (e1.to_f32() * inverse, e2.to_f32() * inverse);
                layer.put(pixel, between(z, w1, w2), id, between(grey, w1, w2));
            }
            (e0, e1, e2) = (e0 + bc.step_x, e1 + ca.step_x, e2 + ab.step_x);
        }
        (bc.row, ca.row, ab.row) = (bc.row + bc.step_y, ca.row + ca.step_y, ab.row + ab.step_y);
        row += width as usize;
    }
}

/// What the corners carry, at the place of these weights of the second and the third.
#[inline(always)]
pub fn between([a, b, c]: [f32; 3], w1: f32, w2: f32) -> f32 {
    a + (b - a) * w1 + (c - a) * w2
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: [i32; 4] = [-3, 2, 40, 30];

    fn draw(work: impl FnOnce(&mut Target)) -> (Vec<u32>, Vec<i32>) {
        let window = Window::of(&WINDOW, 1200, 1200).unwrap();
        let (mut depth, mut ids) = (vec![f32::NEG_INFINITY; 1200], vec![-1; 1200]);
        work(&mut Target {
            window: &window,
            depth: &mut depth,
            ids: &mut ids,
        });
        (depth.into_iter().map(f32::to_bits).collect(), ids)
    }

    /// Triangles of about `size` pixels, some of them beyond the window, some broken.
    fn soup(size: f32) -> Vec<f32> {
        let mut state = 7u32;
        let mut next = move || {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        let mut vertices = Vec::new();
        for t in 0..500 {
            let middle = [next() * 50.0 - 8.0, next() * 40.0 - 4.0, next() * 9.0];
            for _ in 0..3 {
                vertices.extend(middle.map(|m| m + (next() - 0.5) * size));
            }
            if t % 50 == 0 {
                vertices[9 * t + t % 9] = f32::NAN;
            }
        }
        vertices
    }

    #[test]
    fn batches_draw_what_single_triangles_draw() {
        let triangles: Vec<u32> = (0..1500).collect();
        for size in [0.5, 2.0, 5.0, 30.0, 3000.0] {
            let vertices = soup(size);
            let mesh = Mesh::new(&vertices, &triangles).unwrap();
            let mut points = Vec::new();
            snap_all(mesh.vertices, &mut points);
            let together = draw(|t| rasterize(&mesh, t.window, t.depth, t.ids, 7));
            let singly = draw(|t| {
                for (triangle, id) in mesh.triangles.iter().zip(7..) {
                    draw_one(t, triangle.map(|v| points[v as usize]), id);
                }
            });
            assert!(together.1.iter().any(|&id| id >= 0));
            assert_eq!(together, singly, "size {size}");
        }
    }

    #[test]
    fn bad_windows_are_refused() {
        assert!(Window::of(&[0, 0, 10, 10], 99, 100).is_err());
        assert!(Window::new(&[0, 0, -1, 10]).is_err());
        assert!(Window::new(&[i32::MAX, 0, 1, 1]).is_err());
        assert!(Window::new(&[i32::MIN, 0, 1, 1]).is_err());
        assert!(Window::new(&[]).is_err());
    }
}
