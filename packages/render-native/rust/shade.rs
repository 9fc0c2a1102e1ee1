//! Colours of visible pixels, sixteen at a time; twin of `shade` in reference/rasterize.ts.

use crate::mesh::Mesh;
use crate::points::{snap_all, Point, POINTS, SMALL, SUBPIXEL};
use crate::raster::{Picture, Window};
use crate::scratch::with_scratch;
use crate::simd::{transpose, truncate, vectorized, Four, LANES};

type Ints = [i32; LANES];
type Floats = [f32; LANES];

/// Pixels that wait to be painted, a lane each.
#[derive(Default)]
struct Batch {
    count: usize,
    triangle: [u32; LANES],
    /// First byte of the pixel.
    at: [usize; LANES],
    /// Its centre, and the corners of its triangle, in subpixels.
    x: Ints,
    y: Ints,
    points: [[Ints; 2]; 3],
    /// [corner][channel]
    colors: [[Floats; 3]; 3],
    under: [u32; LANES],
}

/// What is painted, and how.
struct Surface<'a> {
    triangles: &'a [[u32; 3]],
    points: &'a [Point],
    colors: &'a [[f32; 3]],
    opacity: f32,
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
        let surface = Surface { triangles: mesh.triangles, points, colors, opacity };
        let count = mesh.triangles.len() as u32;
        let mut batch = Batch::default();
        let columns = (-window.x).clamp(0, window.width)..(picture.width - window.x).clamp(0, window.width);
        let rows = (-window.y).clamp(0, window.height)..(picture.height - window.y).clamp(0, window.height);
        for row in rows {
            let y = row + window.y;
            let line = &ids[row as usize * window.width as usize..][..window.width as usize];
            for column in columns.clone() {
                // An id below `first_id` wraps around to a large number.
                let t = line[column as usize].wrapping_sub(first_id) as u32;
                if t < count && batch.put(t, (column + window.x, y)) {
                    batch.paint(&surface, picture);
                }
            }
        }
        batch.paint(&surface, picture);
    }
}

impl Batch {
    /// True when the batch is full.
    #[inline(always)]
    fn put(&mut self, t: u32, (x, y): (i32, i32)) -> bool {
        self.triangle[self.count] = t;
        (self.x[self.count], self.y[self.count]) = (x, y);
        self.count += 1;
        self.count == LANES
    }

    /// Corners and colours of the triangles, from array of structures to structure of arrays.
    #[inline(always)]
    fn gather(&mut self, surface: &Surface, picture: &Picture) {
        for lane in 0..self.count {
            self.at[lane] = (self.y[lane] as usize * picture.width as usize + self.x[lane] as usize) * picture.channels;
            self.x[lane] *= SUBPIXEL;
            self.y[lane] *= SUBPIXEL;
        }
        // Lanes beyond `count` hold triangles of an earlier batch; they are computed and not painted.
        let triangles = self.triangle.map(|t| surface.triangles[t as usize]);
        for (four, triangles) in triangles.as_chunks::<4>().0.iter().enumerate() {
            for k in 0..3 {
                let vertices = triangles.each_ref().map(|t| t[k] as usize);
                let [x, y, _, _] = transpose(vertices.each_ref().map(|&v| surface.points[v].bits()));
                let colors = vertices.map(|v| {
                    let [r, g, b] = surface.colors[v];
                    Four([r.to_bits(), g.to_bits(), b.to_bits(), 0])
                });
                let channels = transpose(colors.each_ref());
                for i in 0..4 {
                    self.points[k][0][4 * four + i] = x.0[i] as i32;
                    self.points[k][1][4 * four + i] = y.0[i] as i32;
                }
                for (channel, values) in channels[..3].iter().enumerate() {
                    for i in 0..4 {
                        self.colors[k][channel][4 * four + i] = f32::from_bits(values.0[i]);
                    }
                }
            }
        }
        for lane in 0..self.count {
            let pixel = &picture.data[self.at[lane]..self.at[lane] + 3];
            self.under[lane] = u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0]);
        }
    }

    #[inline(always)]
    fn paint(&mut self, surface: &Surface, picture: &mut Picture) {
        if self.count == 0 {
            return;
        }
        self.gather(surface, picture);
        let (w1, w2) = self.weights();
        let mut bytes = [0i32; LANES];
        for channel in 0..3 {
            let mut under = [0i32; LANES];
            for l in 0..LANES {
                under[l] = (self.under[l] >> (8 * channel)) as i32 & 255;
            }
            let mixed = mix(
                self.colors.each_ref().map(|c| &c[channel]),
                &w1,
                &w2,
                &under,
                surface.opacity,
            );
            for l in 0..LANES {
                bytes[l] |= mixed[l] << (8 * channel);
            }
        }
        for lane in 0..self.count {
            // A triangle without area, which only the caller can have written there, paints nothing.
            if w1[lane].is_nan() {
                continue;
            }
            let pixel = &mut picture.data[self.at[lane]..self.at[lane] + picture.channels];
            pixel[..3].copy_from_slice(&bytes[lane].to_le_bytes()[..3]);
            if let Some(alpha) = pixel.get_mut(3) {
                *alpha = 255;
            }
        }
        self.count = 0;
    }

    /// Barycentric weights of the second and third corner; NaN without area.
    #[inline(always)]
    fn weights(&self) -> (Floats, Floats) {
        let (mut w1, mut w2) = ([0f32; LANES], [0f32; LANES]);
        let mut far = 0;
        for l in 0..LANES {
            // Relative to the pixel: small for what was rasterised there.
            let reach = [0, 1, 2].map(|k| {
                self.points[k][0][l].wrapping_sub(self.x[l]).unsigned_abs()
                    | self.points[k][1][l].wrapping_sub(self.y[l]).unsigned_abs()
            });
            far |= reach[0] | reach[1] | reach[2];
        }
        if far < SMALL as u32 / 2 {
            for l in 0..LANES {
                let [ax, bx, cx] = [0, 1, 2].map(|k| self.points[k][0][l] - self.x[l]);
                let [ay, by, cy] = [0, 1, 2].map(|k| self.points[k][1][l] - self.y[l]);
                let area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
                // Both signs are turned by a clockwise triangle, so their quotient needs no turning.
                let inverse = 1.0 / area as f32;
                w1[l] = if area == 0 {
                    f32::NAN
                } else {
                    (cx * ay - cy * ax) as f32 * inverse
                };
                w2[l] = (ax * by - ay * bx) as f32 * inverse;
            }
        } else {
            for l in 0..self.count {
                let [ax, bx, cx] = [0, 1, 2].map(|k| i64::from(self.points[k][0][l] - self.x[l]));
                let [ay, by, cy] = [0, 1, 2].map(|k| i64::from(self.points[k][1][l] - self.y[l]));
                let area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
                let inverse = 1.0 / area as f32;
                w1[l] = if area == 0 {
                    f32::NAN
                } else {
                    (cx * ay - cy * ax) as f32 * inverse
                };
                w2[l] = (ax * by - ay * bx) as f32 * inverse;
            }
        }
        (w1, w2)
    }
}

#[inline(always)]
fn mix([c0, c1, c2]: [&Floats; 3], w1: &Floats, w2: &Floats, under: &Ints, opacity: f32) -> Ints {
    let mut value = [0f32; LANES];
    for l in 0..LANES {
        let color = c0[l] + (c1[l] - c0[l]) * w1[l] + (c2[l] - c0[l]) * w2[l];
        // NaN is black.
        let positive = if color > 0.0 { color } else { 0.0 };
        value[l] = (if positive < 1.0 { positive } else { 1.0 }) * 255.0;
    }
    if opacity != 1.0 {
        for l in 0..LANES {
            let under = under[l] as f32;
            value[l] = under + (value[l] - under) * opacity;
        }
    }
    let mut bytes = [0i32; LANES];
    for l in 0..LANES {
        // Never negative, so truncation is rounding half up.
        bytes[l] = truncate(value[l] + 0.5, 255.0);
    }
    bytes
}
