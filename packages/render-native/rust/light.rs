//! Phong light on vertices; twin of `light` in reference/lighting.ts, operation by operation.

use crate::mesh::{expect_length, Mesh};
use crate::simd::{vectorized, LANES};

type Floats = [f32; LANES];

/// Light and viewer in one place.
pub struct Lamp {
    ambient: f32,
    directional: f32,
    specular: f32,
    position: [f32; 3],
}

impl Lamp {
    /// `numbers`: ambient, directional, specular, x, y, z.
    pub fn new(numbers: &[f64]) -> Result<Self, String> {
        expect_length("lamp", numbers.len(), 6)?;
        let number = |i: usize| numbers[i] as f32;
        Ok(Self {
            ambient: number(0),
            directional: number(1),
            specular: number(2),
            position: [number(3), number(4), number(5)],
        })
    }
}

pub fn light(mesh: &Mesh, normals: &[f32], lamp: &Lamp, out: &mut [f32]) -> Result<(), String> {
    let normals = mesh.per_vertex(normals, "normals")?;
    expect_length("out", out.len(), 3 * mesh.vertices.len())?;
    shine_all(mesh.vertices, normals, lamp, out.as_chunks_mut().0);
    Ok(())
}

vectorized! {
    fn shine_all(vertices: &[[f32; 3]], normals: &[[f32; 3]], lamp: &Lamp, out: &mut [[f32; 3]]) {
        let frame = UnitFrame::of(vertices);
        let (whole, rest) = out.as_chunks_mut::<LANES>();
        for ((out, v), n) in whole.iter_mut().zip(vertices.as_chunks().0).zip(normals.as_chunks().0) {
            *out = shine(&frame, v, n, lamp).map(|grey| [grey; 3]);
        }
        let from = vertices.len() - rest.len();
        let grey = shine(&frame, &padded(&vertices[from..]), &padded(&normals[from..]), lamp);
        for (out, grey) in rest.iter_mut().zip(grey) {
            *out = [grey; 3];
        }
    }
}

/// Fewer than `LANES` points, and the first of them in the empty lanes.
#[inline(always)]
fn padded(points: &[[f32; 3]]) -> [[f32; 3]; LANES] {
    std::array::from_fn(|lane| points.get(lane).or(points.first()).copied().unwrap_or_default())
}

#[inline(always)]
fn shine(frame: &UnitFrame, v: &[[f32; 3]; LANES], n: &[[f32; 3]; LANES], lamp: &Lamp) -> Floats {
    let mut grey = [0f32; LANES];
    for l in 0..LANES {
        // From vertex to light, which is also from vertex to viewer.
        let x = lamp.position[0] - frame.place(v[l][0], 0);
        let y = lamp.position[1] - frame.place(v[l][1], 1);
        let z = lamp.position[2] - frame.place(v[l][2], 2);
        let length = dot(x, y, z, x, y, z).sqrt();
        let lit = length > 0.0;
        let [dx, dy, dz] = [x, y, z].map(|d| if lit { d / length } else { 0.0 });
        let [nx, ny, nz] = n[l];
        let cos = dot(nx, ny, nz, dx, dy, dz);
        // The mirrored direction r = 2 cos n - d; with light and viewer in one place, v . r is d . r.
        let twice = 2.0 * cos;
        let shine = dot(dx, dy, dz, twice * nx - dx, twice * ny - dy, twice * nz - dz);
        let shine = unit(shine);
        let power5 = (shine * shine) * (shine * shine) * shine;
        let value = lamp.ambient + lamp.directional * unit(cos);
        let value = value + lamp.specular * power5;
        grey[l] = unit(if cos > 0.0 { value } else { lamp.ambient });
    }
    grey
}

/// Within 0 and 1; NaN stays, and -0 becomes 0 as in JavaScript.
#[inline(always)]
#[allow(clippy::manual_clamp)]
fn unit(value: f32) -> f32 {
    if value > 1.0 {
        1.0
    } else if value <= 0.0 {
        0.0
    } else {
        value
    }
}

#[inline(always)]
fn dot(ax: f32, ay: f32, az: f32, bx: f32, by: f32, bz: f32) -> f32 {
    ax * bx + ay * by + az * bz
}

/// x, y, z from 0 by one common factor to at most 2, then each axis centred.
struct UnitFrame {
    min: [f32; 3],
    scale: f32,
    half: [f32; 3],
}

impl UnitFrame {
    /// Coordinates that are not finite do not count.
    #[inline(always)]
    fn of(vertices: &[[f32; 3]]) -> Self {
        let mut min = [[f32::INFINITY; LANES]; 3];
        let mut max = [[f32::NEG_INFINITY; LANES]; 3];
        let (whole, rest) = vertices.as_chunks::<LANES>();
        let last = (!rest.is_empty()).then(|| padded(rest));
        for points in whole.iter().chain(&last) {
            for axis in 0..3 {
                for l in 0..LANES {
                    let value = points[l][axis];
                    let (low, high) = (min[axis][l], max[axis][l]);
                    min[axis][l] = if (value < low) & (value > f32::NEG_INFINITY) {
                        value
                    } else {
                        low
                    };
                    max[axis][l] = if (value > high) & (value < f32::INFINITY) {
                        value
                    } else {
                        high
                    };
                }
            }
        }
        let min = min.map(|lanes| lanes.into_iter().fold(f32::INFINITY, f32::min));
        let max = max.map(|lanes| lanes.into_iter().fold(f32::NEG_INFINITY, f32::max));
        let extent = [max[0] - min[0], max[1] - min[1], max[2] - min[2]];
        let scale = 2.0 / extent[0].max(extent[1]).max(extent[2]);
        Self {
            min,
            scale,
            half: extent.map(|e| e * scale * 0.5),
        }
    }

    #[inline(always)]
    fn place(&self, value: f32, axis: usize) -> f32 {
        (value - self.min[axis]) * self.scale - self.half[axis]
    }
}
