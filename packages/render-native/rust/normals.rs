//! Area-weighted vertex normals; twin of `vertexNormals` in reference/lighting.ts, operation by operation.

use std::cell::RefCell;

use crate::mesh::{expect_length, Mesh};
use crate::scratch::with_scratch;
use crate::simd::{vectorized, LANES};

thread_local! {
    /// Sum of the normals at each vertex; a fourth number makes it one register.
    static SUMS: RefCell<Vec<[f32; 4]>> = const { RefCell::new(Vec::new()) };
}

pub fn vertex_normals(mesh: &Mesh, out: &mut [f32]) -> Result<(), String> {
    expect_length("out", out.len(), 3 * mesh.vertices.len())?;
    with_scratch(&SUMS, |sums| {
        accumulate_and_normalize(mesh, sums, out.as_chunks_mut().0)
    });
    Ok(())
}

vectorized! {
    fn accumulate_and_normalize(mesh: &Mesh, sums: &mut Vec<[f32; 4]>, out: &mut [[f32; 3]]) {
        sums.clear();
        sums.resize(mesh.vertices.len(), [0.0; 4]);
        for triangle in mesh.triangles {
            let [a, b, c] = triangle.map(|v| mesh.vertices[v as usize]);
            let u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
            let w = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
            let n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0], 0.0];
            for vertex in triangle {
                let sum = &mut sums[*vertex as usize];
                for k in 0..4 {
                    sum[k] += n[k];
                }
            }
        }
        for (out, sums) in out.chunks_mut(LANES).zip(sums.chunks(LANES)) {
            let mut padded = [[0f32; 4]; LANES];
            padded[..sums.len()].copy_from_slice(sums);
            let [x, y, z] = unit([0, 1, 2].map(|k| padded.map(|sum| sum[k])));
            for (lane, out) in out.iter_mut().enumerate() {
                *out = [x[lane], y[lane], z[lane]];
            }
        }
    }
}

/// Scaled to length 1; 0 0 0 where there is no length.
#[inline(always)]
pub fn unit([x, y, z]: [[f32; LANES]; 3]) -> [[f32; LANES]; 3] {
    let mut normals = [[0f32; LANES]; 3];
    for l in 0..LANES {
        let length = (x[l] * x[l] + y[l] * y[l] + z[l] * z[l]).sqrt();
        let scaled = |n: f32| if length > 0.0 { n / length } else { 0.0 };
        (normals[0][l], normals[1][l], normals[2][l]) = (scaled(x[l]), scaled(y[l]), scaled(z[l]));
    }
    normals
}
