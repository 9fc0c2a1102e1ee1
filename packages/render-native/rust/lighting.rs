//! Vertex normals and Phong light; twin of reference/lighting.ts, operation by operation.

use crate::mesh::Mesh;

fn expect_length(name: &str, received: usize, expected: usize) -> Result<(), String> {
    if received == expected {
        return Ok(());
    }
    Err(format!(
        "Expected {expected} numbers for {name} but received {received}."
    ))
}

pub fn vertex_normals(mesh: &Mesh, out: &mut [f32]) -> Result<(), String> {
    expect_length("out", out.len(), mesh.vertices.len())?;
    out.fill(0.0);
    for triangle in mesh.triangles.chunks_exact(3) {
        let [a, b, c] = [
            mesh.vertex(triangle[0]),
            mesh.vertex(triangle[1]),
            mesh.vertex(triangle[2]),
        ];
        let u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
        let w = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
        let n = [
            u[1] * w[2] - u[2] * w[1],
            u[2] * w[0] - u[0] * w[2],
            u[0] * w[1] - u[1] * w[0],
        ];
        for &vertex in triangle {
            let at = 3 * vertex as usize;
            let sum = &mut out[at..at + 3];
            sum[0] += n[0];
            sum[1] += n[1];
            sum[2] += n[2];
        }
    }
    normalize(out);
    Ok(())
}

#[inline(always)]
fn normalize(vectors: &mut [f32]) {
    for n in vectors.chunks_exact_mut(3) {
        let length = norm(n[0], n[1], n[2]);
        for value in n {
            *value = if length > 0.0 { *value / length } else { 0.0 };
        }
    }
}

pub fn light(vertices: &[f32], normals: &[f32], lamp: &[f64], out: &mut [f32]) -> Result<(), String> {
    expect_length("normals", normals.len(), vertices.len())?;
    expect_length("out", out.len(), vertices.len())?;
    expect_length("lamp", lamp.len(), 6)?;
    let [ambient, directional, specular, px, py, pz] = [0, 1, 2, 3, 4, 5].map(|i| lamp[i] as f32);
    let lamp = Lamp {
        ambient,
        directional,
        specular,
        position: [px, py, pz],
    };
    shine(vertices, normals, &lamp, out);
    Ok(())
}

struct Lamp {
    ambient: f32,
    directional: f32,
    specular: f32,
    position: [f32; 3],
}

#[inline(always)]
fn shine(vertices: &[f32], normals: &[f32], lamp: &Lamp, out: &mut [f32]) {
    let frame = UnitFrame::of(vertices);
    for ((v, n), color) in vertices
        .chunks_exact(3)
        .zip(normals.chunks_exact(3))
        .zip(out.chunks_exact_mut(3))
    {
        // From vertex to light, which is also from vertex to viewer.
        let x = lamp.position[0] - frame.place(v[0], 0);
        let y = lamp.position[1] - frame.place(v[1], 1);
        let z = lamp.position[2] - frame.place(v[2], 2);
        let length = norm(x, y, z);
        let (dx, dy, dz) = if length > 0.0 {
            (x / length, y / length, z / length)
        } else {
            (0.0, 0.0, 0.0)
        };
        let cos = dot(n[0], n[1], n[2], dx, dy, dz);
        let mut value = lamp.ambient;
        if cos > 0.0 {
            // The mirrored direction r = 2 cos n - d; with light and viewer in one place, v . r is d . r.
            let twice = 2.0 * cos;
            let shine = dot(dx, dy, dz, twice * n[0] - dx, twice * n[1] - dy, twice * n[2] - dz);
            value += lamp.directional * cos.min(1.0);
            value += lamp.specular * power5(shine.clamp(0.0, 1.0));
        }
        color.fill(value.clamp(0.0, 1.0));
    }
}

/// x, y, z from 0 by one common factor to at most 2, then each axis centred.
struct UnitFrame {
    min: [f32; 3],
    scale: f32,
    half: [f32; 3],
}

impl UnitFrame {
    #[inline(always)]
    fn of(vertices: &[f32]) -> Self {
        let mut min = [f32::INFINITY; 3];
        let mut max = [f32::NEG_INFINITY; 3];
        for v in vertices.chunks_exact(3) {
            for axis in 0..3 {
                // NaN stays, as in JavaScript's Math.min and Math.max.
                if v[axis] < min[axis] || v[axis].is_nan() {
                    min[axis] = v[axis];
                }
                if v[axis] > max[axis] || v[axis].is_nan() {
                    max[axis] = v[axis];
                }
            }
        }
        let extent = [max[0] - min[0], max[1] - min[1], max[2] - min[2]];
        let largest = extent
            .iter()
            .fold(f32::NEG_INFINITY, |a, &b| if b > a || b.is_nan() { b } else { a });
        let scale = 2.0 / largest;
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

#[inline(always)]
fn dot(ax: f32, ay: f32, az: f32, bx: f32, by: f32, bz: f32) -> f32 {
    ax * bx + ay * by + az * bz
}

#[inline(always)]
fn norm(x: f32, y: f32, z: f32) -> f32 {
    dot(x, y, z, x, y, z).sqrt()
}

#[inline(always)]
fn power5(x: f32) -> f32 {
    (x * x) * (x * x) * x
}
