//! Integer rasteriser with the top-left rule; twin of reference/rasterize.ts and triangle.ts.

use std::ops::{Add, BitOr, Mul, Sub};

use crate::mesh::Mesh;

const SUBPIXEL: i32 = 16;
const MAX_COORDINATE: f32 = 1_048_576.0;
/// Up to this extent in subpixels products of two differences and their sums fit 32 bits.
const SMALL: i32 = 1 << 14;

/// Where depth and ids lie in the picture.
pub struct Window {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Window {
    pub fn new(numbers: &[i32], depth: usize, ids: usize) -> Result<Self, String> {
        let &[x, y, width, height] = numbers else {
            return Err("Expected x, y, width and height for the target.".into());
        };
        let far = |from: i32, size: i32| from.checked_add(size).is_some();
        let size = i64::from(width) * i64::from(height);
        if width < 0 || height < 0 || !far(x, width) || !far(y, height) || size != depth as i64 || size != ids as i64 {
            return Err(format!(
                "Expected {width} x {height} numbers for the target but received {depth} and {ids}."
            ));
        }
        Ok(Self { x, y, width, height })
    }
}

pub struct Picture<'a> {
    data: &'a mut [u8],
    width: i32,
    height: i32,
    channels: usize,
}

impl<'a> Picture<'a> {
    pub fn new(data: &'a mut [u8], width: u32, height: u32, channels: u32) -> Result<Self, String> {
        let size = u64::from(width) * u64::from(height) * u64::from(channels);
        if !(channels == 3 || channels == 4) || size != data.len() as u64 || size > i32::MAX as u64 {
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
}

/// x, y of a vertex in 28.4 fixed point; none when it is not finite or too far away.
#[inline(always)]
fn snap(v: [f32; 3]) -> Option<(i32, i32)> {
    // The comparisons are false for NaN as well.
    let ok = v[0].abs() <= MAX_COORDINATE && v[1].abs() <= MAX_COORDINATE && v[2].abs() < f32::INFINITY;
    ok.then(|| (fixed(v[0]), fixed(v[1])))
}

/// floor(c * 16 + 0.5), for |c| up to 2^20. By truncation and a correction: `floor` is a function call on plain x86-64.
#[inline(always)]
fn fixed(c: f32) -> i32 {
    let value = f64::from(c) * f64::from(SUBPIXEL) + 0.5;
    let whole = value as i32;
    whole - i32::from(f64::from(whole) > value)
}

/// Marks a vertex that draws nothing.
const NOWHERE: (i32, i32) = (i32::MIN, i32::MIN);

#[inline(always)]
fn snap_all(mesh: &Mesh) -> Vec<(i32, i32)> {
    mesh.vertices
        .chunks_exact(3)
        .map(|v| snap([v[0], v[1], v[2]]).unwrap_or(NOWHERE))
        .collect()
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

struct Target<'a> {
    window: &'a Window,
    depth: &'a mut [f32],
    ids: &'a mut [i32],
}

pub fn rasterize(mesh: &Mesh, window: &Window, depth: &mut [f32], ids: &mut [i32], first_id: i32) {
    rasterize_all(mesh, Target { window, depth, ids }, first_id);
}

#[inline(always)]
fn rasterize_all(mesh: &Mesh, mut target: Target, first_id: i32) {
    let window = target.window;
    let points = snap_all(mesh);
    let (left, right) = (window.x, window.x + window.width - 1);
    let (top, bottom) = (window.y, window.y + window.height - 1);
    for (t, triangle) in mesh.triangles.chunks_exact(3).enumerate() {
        let [a, b, c] = [
            points[triangle[0] as usize],
            points[triangle[1] as usize],
            points[triangle[2] as usize],
        ];
        let (min_x, max_x) = (a.0.min(b.0).min(c.0), a.0.max(b.0).max(c.0));
        let (min_y, max_y) = (a.1.min(b.1).min(c.1), a.1.max(b.1).max(c.1));
        if min_x == i32::MIN {
            continue;
        }
        // Most triangles of a face lie between pixel centres and end here.
        let x1 = ((min_x + SUBPIXEL - 1) >> 4).max(left);
        let x2 = (max_x >> 4).min(right);
        let y1 = ((min_y + SUBPIXEL - 1) >> 4).max(top);
        let y2 = (max_y >> 4).min(bottom);
        if x1 > x2 || y1 > y2 {
            continue;
        }
        let z = [
            mesh.vertex(triangle[0])[2],
            mesh.vertex(triangle[1])[2],
            mesh.vertex(triangle[2])[2],
        ];
        let range = [x1, x2, y1, y2];
        let id = first_id.wrapping_add(t as i32);
        if max_x - min_x < SMALL && max_y - min_y < SMALL {
            fill::<i32>(&mut target, [a, b, c], z, range, id);
        } else {
            fill::<i64>(&mut target, [a, b, c], z, range, id);
        }
    }
}

#[inline(always)]
fn fill<T: Whole>(target: &mut Target, [a, b, c]: [(i32, i32); 3], z: [f32; 3], range: [i32; 4], id: i32) {
    let area: T = edge(a, b, c);
    if area == T::ZERO {
        return;
    }
    let sign = if area < T::ZERO { -1 } else { 1 };
    let [x1, x2, y1, y2] = range;
    let start = (x1 * SUBPIXEL, y1 * SUBPIXEL);
    let [mut bc, mut ca, mut ab] = [(b, c), (c, a), (a, b)].map(|(p, q)| Walker::<T>::new(p, q, start, sign));
    let (dz1, dz2) = (z[1] - z[0], z[2] - z[0]);
    let mut row = (y1 - target.window.y) as usize * target.window.width as usize + (x1 - target.window.x) as usize;
    for _ in y1..=y2 {
        let (mut e0, mut e1, mut e2) = (bc.row, ca.row, ab.row);
        for pixel in row..=row + (x2 - x1) as usize {
            // One test for all three signs.
            if (e0 - bc.bias) | (e1 - ca.bias) | (e2 - ab.bias) >= T::ZERO {
                let inverse = 1.0 / (T::of(sign) * area).to_f32();
                let value = z[0] + dz1 * (e1.to_f32() * inverse) + dz2 * (e2.to_f32() * inverse);
                let depth = target.depth[pixel];
                if value > depth || (value == depth && id < target.ids[pixel]) {
                    target.depth[pixel] = value;
                    target.ids[pixel] = id;
                }
            }
            (e0, e1, e2) = (e0 + bc.step_x, e1 + ca.step_x, e2 + ab.step_x);
        }
        (bc.row, ca.row, ab.row) = (bc.row + bc.step_y, ca.row + ca.step_y, ab.row + ab.step_y);
        row += target.window.width as usize;
    }
}

pub fn shade(
    mesh: &Mesh,
    colors: &[f32],
    window: &Window,
    ids: &[i32],
    picture: &mut Picture,
    opacity: f32,
    first_id: i32,
) -> Result<(), String> {
    if colors.len() != mesh.vertices.len() {
        return Err(format!(
            "Expected {} numbers for colors but received {}.",
            mesh.vertices.len(),
            colors.len()
        ));
    }
    shade_all(mesh, colors, window, ids, picture, opacity, first_id);
    Ok(())
}

#[inline(always)]
fn shade_all(
    mesh: &Mesh,
    colors: &[f32],
    window: &Window,
    ids: &[i32],
    picture: &mut Picture,
    opacity: f32,
    first_id: i32,
) {
    let count = (mesh.triangles.len() / 3) as i64;
    let points = snap_all(mesh);
    for row in 0..window.height {
        let y = row + window.y;
        if y < 0 || y >= picture.height {
            continue;
        }
        let from = row as usize * window.width as usize;
        for (column, &id) in ids[from..from + window.width as usize].iter().enumerate() {
            let t = i64::from(id) - i64::from(first_id);
            let x = column as i32 + window.x;
            if t < 0 || t >= count || x < 0 || x >= picture.width {
                continue;
            }
            let triangle = &mesh.triangles[3 * t as usize..3 * t as usize + 3];
            if let Some(weights) = weights(&points, triangle, (x * SUBPIXEL, y * SUBPIXEL)) {
                let at = (y as usize * picture.width as usize + x as usize) * picture.channels;
                paint(
                    &mut picture.data[at..at + picture.channels],
                    colors,
                    triangle,
                    weights,
                    opacity,
                );
            }
        }
    }
}

/// Barycentric weights of the second and third vertex.
#[inline(always)]
fn weights(points: &[(i32, i32)], triangle: &[u32], at: (i32, i32)) -> Option<(f32, f32)> {
    let [a, b, c] = [0, 1, 2].map(|k| points[triangle[k] as usize]);
    if a == NOWHERE || b == NOWHERE || c == NOWHERE {
        return None;
    }
    let area: i64 = edge(a, b, c);
    if area == 0 {
        return None;
    }
    // Both signs are turned by a clockwise triangle, so their quotient needs no turning.
    let inverse = 1.0 / area.to_f32();
    Some((
        edge::<i64>(c, a, at).to_f32() * inverse,
        edge::<i64>(a, b, at).to_f32() * inverse,
    ))
}

#[inline(always)]
fn paint(pixel: &mut [u8], colors: &[f32], triangle: &[u32], (w1, w2): (f32, f32), opacity: f32) {
    let corner = |k: usize| {
        let at = 3 * triangle[k] as usize;
        let color = &colors[at..at + 3];
        // A fourth, empty lane lets the compiler use one register for all channels.
        [color[0], color[1], color[2], 0.0]
    };
    let [c0, c1, c2] = [corner(0), corner(1), corner(2)];
    let under: [f32; 4] = std::array::from_fn(|k| if k < 3 { f32::from(pixel[k]) } else { 0.0 });
    let mixed: [i32; 4] = std::array::from_fn(|k| {
        let c = c0[k] + (c1[k] - c0[k]) * w1 + (c2[k] - c0[k]) * w2;
        // NaN is black.
        let low = if c > 0.0 { c } else { 0.0 };
        let value = (if low < 1.0 { low } else { 1.0 }) * 255.0;
        let mixed = if opacity == 1.0 {
            value
        } else {
            under[k] + (value - under[k]) * opacity
        };
        // SAFETY: between 0.5 and 255.5. Never negative, so truncation rounds half up.
        unsafe { (mixed + 0.5).to_int_unchecked() }
    });
    for k in 0..3 {
        pixel[k] = mixed[k] as u8;
    }
    if let Some(alpha) = pixel.get_mut(3) {
        *alpha = 255;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quad_of_two_triangles_covers_each_pixel_once() {
        let vertices = [0.0, 0.0, 1.0, 10.0, 0.0, 1.0, 10.0, 8.0, 1.0, 0.0, 8.0, 1.0];
        let mut hits = [0; 100];
        for triangle in [[0, 1, 2], [0, 2, 3]] {
            let mesh = Mesh::new(&vertices, &triangle).unwrap();
            let (mut depth, mut ids) = (vec![f32::NEG_INFINITY; 100], vec![-1; 100]);
            let window = Window::new(&[0, 0, 10, 10], 100, 100).unwrap();
            rasterize(&mesh, &window, &mut depth, &mut ids, 0);
            ids.iter()
                .zip(&mut hits)
                .for_each(|(&id, hit)| *hit += i32::from(id >= 0));
        }
        for (i, hit) in hits.iter().enumerate() {
            assert_eq!(*hit, i32::from(i / 10 < 8), "pixel {i}");
        }
    }

    #[test]
    fn small_and_large_arithmetic_agree() {
        let vertices = [1.3, 2.1, 5.0, 17.8, 3.4, -2.0, 6.2, 19.5, 9.0];
        let mesh = Mesh::new(&vertices, &[0, 2, 1]).unwrap();
        let draw = |width: i32| {
            let size = (width * 20) as usize;
            let (mut depth, mut ids) = (vec![f32::NEG_INFINITY; size], vec![-1; size]);
            let window = Window::new(&[0, 0, width, 20], size, size).unwrap();
            rasterize(&mesh, &window, &mut depth, &mut ids, 7);
            (depth, ids)
        };
        let ((depth, ids), points) = (draw(20), snap_all(&mesh));
        let (mut expected, mut expected_ids) = (vec![f32::NEG_INFINITY; 400], vec![-1; 400]);
        let window = Window::new(&[0, 0, 20, 20], 400, 400).unwrap();
        let mut target = Target {
            window: &window,
            depth: &mut expected,
            ids: &mut expected_ids,
        };
        fill::<i64>(
            &mut target,
            [points[0], points[2], points[1]],
            [5.0, 9.0, -2.0],
            [0, 19, 0, 19],
            7,
        );
        assert_eq!((depth, ids), (expected, expected_ids));
    }

    #[test]
    fn bad_windows_are_refused() {
        assert!(Window::new(&[0, 0, 10, 10], 99, 100).is_err());
        assert!(Window::new(&[0, 0, -1, 10], 0, 0).is_err());
        assert!(Window::new(&[i32::MAX, 0, 1, 1], 1, 1).is_err());
    }
}
