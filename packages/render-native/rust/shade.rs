//! Colours of visible pixels, sixteen at a time; twin of `shade` in reference/rasterize.ts.

use crate::mesh::Mesh;
use crate::points::{snap_all, Point, POINTS, SMALL, SUBPIXEL};
use crate::raster::{between, Picture, Window};
use crate::scratch::with_scratch;
use crate::simd::{transpose, truncate, vectorized, LANES};

type Ints = [i32; LANES];
type Floats = [f32; LANES];

/// Pixels that wait to be painted, a lane each.
#[derive(Default)]
struct Batch {
    triangle: [u32; LANES],
    /// Number of the pixel in the picture.
    pixel: [usize; LANES],
    /// Its centre, and the corners of its triangle, in subpixels.
    x: Ints,
    y: Ints,
    corner_x: [Ints; 3],
    corner_y: [Ints; 3],
    /// [corner][channel]
    colors: [[Floats; 3]; 3],
    under: [u32; LANES],
}

/// What is painted, and how.
struct Surface<'a> {
    triangles: &'a [[u32; 3]],
    points: &'a [Point],
    colors: &'a [[f32; 3]],
    /// Of the last vertex, where no fourth number follows.
    last_color: [f32; 4],
    /// All colours are grey (those of `light` are), and the points carry them.
    grey: bool,
    opacity: f32,
}

impl Surface<'_> {
    /// Three channels, and a number that means nothing.
    #[inline(always)]
    fn color(&self, vertex: usize) -> &[f32; 4] {
        match self.colors.as_flattened().get(3 * vertex..3 * vertex + 4) {
            Some(color) => color.try_into().expect("four numbers"),
            None => &self.last_color,
        }
    }
}

/// Paints the pixels whose id, less `first_id`, is one of the mesh's triangles. `colors`: three for each vertex.
pub fn shade(
    mesh: &Mesh,
    colors: &[[f32; 3]],
    window: &Window,
    ids: &[i32],
    picture: &mut Picture,
    opacity: f32,
    first_id: i32,
) {
    with_scratch(&POINTS, |points| {
        shade_all(mesh, colors, points, window, ids, picture, opacity, first_id)
    });
}

vectorized! {
    fn shade_all(
        mesh: &Mesh,
        colors: &[[f32; 3]],
        points: &mut Vec<Point>,
        window: &Window,
        ids: &[i32],
        picture: &mut Picture,
        opacity: f32,
        first_id: i32
    ) {
        snap_all(mesh.vertices, points);
        let grey = carry(colors, points);
        let last_color = colors.last().map_or([0.0; 4], |&[r, g, b]| [r, g, b, 0.0]);
        let surface = Surface { triangles: mesh.triangles, points, colors, last_color, grey, opacity };
        let count = mesh.triangles.len() as u32;
        let mut batch = Batch::default();
        let mut lanes = 0;
        let columns = (-window.x).clamp(0, window.width)..(picture.width - window.x).clamp(0, window.width);
        let rows = (-window.y).clamp(0, window.height)..(picture.height - window.y).clamp(0, window.height);
        for row in rows {
            let y = row + window.y;
            let line = &ids[row as usize * window.width as usize..][..window.width as usize];
            let first = y as usize * picture.width as usize;
            for column in columns.clone() {
                // An id below `first_id` wraps around to a large number.
                let t = line[column as usize].wrapping_sub(first_id) as u32;
                let x = column + window.x;
                batch.put(lanes, t, first + x as usize, x, y);
                // Another pixel takes the lane again unless this one is to be painted.
                lanes += usize::from(t < count);
                if lanes == LANES {
                    batch.paint(lanes, &surface, picture);
                    lanes = 0;
                }
            }
        }
        if lanes > 0 {
            // The last one may not be of this mesh.
            batch.triangle[lanes..].fill(0);
            batch.paint(lanes, &surface, picture);
        }
    }
}

impl Batch {
    #[inline(always)]
    fn put(&mut self, lane: usize, triangle: u32, pixel: usize, x: i32, y: i32) {
        self.triangle[lane] = triangle;
        self.pixel[lane] = pixel;
        (self.x[lane], self.y[lane]) = (x * SUBPIXEL, y * SUBPIXEL);
    }

    /// Corners and colours of the triangles, from array of structures to structure of arrays. Lanes beyond `count` keep what
    /// they held before, or the first triangle.
    #[inline(always)]
    fn gather(&mut self, lanes: usize, surface: &Surface, picture: &Picture) {
        for (four, triangles) in self.triangle.as_chunks::<4>().0.iter().enumerate() {
            let triangles = triangles.map(|t| &surface.triangles[t as usize]);
            for k in 0..3 {
                let [x, y, _, grey] = transpose(triangles.map(|t| surface.points[t[k] as usize].words()));
                for i in 0..4 {
                    let lane = 4 * four + i;
                    self.corner_x[k][lane] = x[i] as i32;
                    self.corner_y[k][lane] = y[i] as i32;
                    self.colors[k][0][lane] = f32::from_bits(grey[i]);
                }
                if !surface.grey {
                    let channels = transpose(triangles.map(|t| surface.color(t[k] as usize)));
                    for channel in 0..3 {
                        self.colors[k][channel][4 * four..][..4].copy_from_slice(&channels[channel]);
                    }
                }
            }
        }
        for lane in 0..lanes {
            let pixel = &picture.data[self.pixel[lane] * picture.channels..][..3];
            self.under[lane] = u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0]);
        }
        for lane in 0..LANES {
            self.corner_x
                .iter_mut()
                .for_each(|x| x[lane] = x[lane].wrapping_sub(self.x[lane]));
            self.corner_y
                .iter_mut()
                .for_each(|y| y[lane] = y[lane].wrapping_sub(self.y[lane]));
        }
    }

    #[inline(always)]
    fn paint(&mut self, lanes: usize, surface: &Surface, picture: &mut Picture) {
        self.gather(lanes, surface, picture);
        let (w1, w2) = self.weights();
        let mut bytes = [0i32; LANES];
        let mut color = [0f32; LANES];
        for channel in 0..3 {
            if channel == 0 || !surface.grey {
                color = interpolate(self.colors.each_ref().map(|c| &c[channel]), &w1, &w2);
            }
            let mut under = [0i32; LANES];
            for l in 0..LANES {
                under[l] = (self.under[l] >> (8 * channel)) as i32 & 255;
            }
            let mixed = mix_all(&color, &under, surface.opacity);
            for l in 0..LANES {
                bytes[l] |= mixed[l] << (8 * channel);
            }
        }
        for lane in 0..lanes {
            // A triangle without area, which only the caller can have written there, paints nothing.
            if w1[lane].is_nan() {
                continue;
            }
            let pixel = &mut picture.data[self.pixel[lane] * picture.channels..][..picture.channels];
            pixel[..3].copy_from_slice(&bytes[lane].to_le_bytes()[..3]);
            if let Some(alpha) = pixel.get_mut(3) {
                *alpha = 255;
            }
        }
    }

    /// Barycentric weights of the second and third corner; NaN without area.
    #[inline(always)]
    fn weights(&self) -> (Floats, Floats) {
        let ([ax, bx, cx], [ay, by, cy]) = (&self.corner_x, &self.corner_y);
        let (mut w1, mut w2) = ([0f32; LANES], [0f32; LANES]);
        let mut far = 0;
        for l in 0..LANES {
            for corner in [ax, bx, cx, ay, by, cy] {
                far |= corner[l].unsigned_abs();
            }
        }
        // Corners near the pixel, as those of what was rasterised there mostly are.
        if far < SMALL as u32 / 2 {
            for l in 0..LANES {
                let area = (bx[l] - ax[l]) * (cy[l] - ay[l]) - (by[l] - ay[l]) * (cx[l] - ax[l]);
                // Both signs are turned by a clockwise triangle, so their quotient needs no turning.
                let inverse = if area == 0 { f32::NAN } else { 1.0 / area as f32 };
                w1[l] = (cx[l] * ay[l] - cy[l] * ax[l]) as f32 * inverse;
                w2[l] = (ax[l] * by[l] - ay[l] * bx[l]) as f32 * inverse;
            }
        } else {
            for l in 0..LANES {
                let [ax, bx, cx, ay, by, cy] = [ax, bx, cx, ay, by, cy].map(|corner| i64::from(corner[l]));
                let area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
                // `points::NOWHERE` is farther than any other corner can be.
                let broken = [ax, bx, cx].iter().any(|x| x.abs() > 1 << 30);
                let inverse = if broken || area == 0 {
                    f32::NAN
                } else {
                    1.0 / area as f32
                };
                w1[l] = (cx * ay - cy * ax) as f32 * inverse;
                w2[l] = (ax * by - ay * bx) as f32 * inverse;
            }
        }
        (w1, w2)
    }
}

#[inline(always)]
fn interpolate([c0, c1, c2]: [&Floats; 3], w1: &Floats, w2: &Floats) -> Floats {
    let mut value = [0f32; LANES];
    for l in 0..LANES {
        value[l] = level(between([c0[l], c1[l], c2[l]], w1[l], w2[l]));
    }
    value
}

#[inline(always)]
fn mix_all(color: &Floats, under: &Ints, opacity: f32) -> Ints {
    let mut bytes = [0i32; LANES];
    for l in 0..LANES {
        bytes[l] = mix(color[l], under[l] as f32, opacity);
    }
    bytes
}

/// A colour in [0, 1] as 0 to 255; NaN is black.
#[inline(always)]
pub fn level(color: f32) -> f32 {
    let positive = if color > 0.0 { color } else { 0.0 };
    (if positive < 1.0 { positive } else { 1.0 }) * 255.0
}

/// Byte of a level over another.
#[inline(always)]
pub fn mix(level: f32, under: f32, opacity: f32) -> i32 {
    let mixed = under + (level - under) * opacity;
    // Never negative, so truncation is rounding half up.
    truncate(if opacity == 1.0 { level } else { mixed } + 0.5, 255.0)
}

/// Puts the first channel of the colours into the points; true when the other channels are the same everywhere.
#[inline(always)]
fn carry(colors: &[[f32; 3]], points: &mut [Point]) -> bool {
    let mut different = 0;
    for (point, color) in points.iter_mut().zip(colors) {
        let [r, g, b] = color.map(f32::to_bits);
        point.grey = color[0];
        different |= (r ^ g) | (r ^ b);
    }
    different == 0
}
