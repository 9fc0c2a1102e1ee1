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
        for ((out, v), n) in out.chunks_mut(LANES).zip(vertices.chunks(LANES)).zip(normals.chunks(LANES)) {
            let grey = shine(&frame, &columns(v), &columns(n), lamp);
            for (out, grey) in out.iter_mut().zip(grey) {
                *out = [grey; 3];
            }
        }
    }
}

/// x, y and z of up to `LANES` points.
#[inline(always)]
fn columns(points: &[[f32; 3]]) -> [Floats; 3] {
    let mut columns = [[0f32; LANES]; 3];
    let whole;
    let points = match points.first_chunk::<LANES>() {
        Some(points) => points,
        None => {
            whole = std::array::from_fn(|lane| points.get(lane).copied().unwrap_or_default());
            &whole
        }
    };
    for l in 0..LANES {
        for axis in 0..3 {
            columns[axis][l] = points[l][axis];
        }
    }
    columns
}

/// Light on vertices with these normals.
#[inline(always)]
pub fn shine(frame: &UnitFrame, v: &[Floats; 3], n: &[Floats; 3], lamp: &Lamp) -> Floats {
    let mut grey = [0f32; LANES];
    for l in 0..LANES {
        // From vertex to light, which is also from vertex to viewer.
        let x = lamp.position[0] - frame.place(v[0][l], 0);
        let y = lamp.position[1] - frame.place(v[1][l], 1);
        let z = lamp.position[2] - frame.place(v[2][l], 2);
        let length = dot(x, y, z, x, y, z).sqrt();
        let lit = length > 0.0;
        let [dx, dy, dz] = [x, y, z].map(|d| if lit { d / length } else { 0.0 });
        let [nx, ny, nz] = [n[0][l], n[1][l], n[2][l]];
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
pub struct UnitFrame {
    min: [f32; 3],
    scale: f32,
    half: [f32; 3],
}

impl UnitFrame {
    /// Coordinates that are not finite do not count.
    #[inline(always)]
    pub fn of(vertices: &[[f32; 3]]) -> Self {
        let (mut low, mut high) = ([f32::INFINITY; 3 * LANES], [f32::NEG_INFINITY; 3 * LANES]);
        let (whole, rest) = vertices.as_chunks::<LANES>();
        for vertices in whole {
            extend(&mut low, &mut high, vertices.as_flattened());
        }
        extend(&mut low, &mut high, rest.as_flattened());
        let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for i in 0..3 * LANES {
            min[i % 3] = min[i % 3].min(low[i]);
            max[i % 3] = max[i % 3].max(high[i]);
        }
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

/// Lowest and highest of what each place has held; never NaN.
#[inline(always)]
fn extend(low: &mut [f32], high: &mut [f32], numbers: &[f32]) {
    for ((low, high), &number) in low.iter_mut().zip(high).zip(numbers) {
        *low = if (number < *low) & (number > f32::NEG_INFINITY) {
            number
        } else {
            *low
        };
        *high = if (number > *high) & (number < f32::INFINITY) {
            number
        } else {
            *high
        };
    }
}
