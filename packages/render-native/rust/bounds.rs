//! Bounding box of a mesh in the picture; twin of `boundingBox` in render/render-target.ts.

use crate::mesh::Mesh;
use crate::simd::{vectorized, LANES};

/// Smallest and largest x and y, as x1 y1 x2 y2; NaN is passed over.
pub fn bounds(mesh: &Mesh) -> [f32; 4] {
    let mut box_ = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
    extend(mesh.vertices, &mut box_);
    box_
}

vectorized! {
    fn extend(vertices: &[[f32; 3]], box_: &mut [f32; 4]) {
        let mut low = [f32::INFINITY; 3 * LANES];
        let mut high = [f32::NEG_INFINITY; 3 * LANES];
        let (whole, rest) = vertices.as_chunks::<LANES>();
        for vertices in whole {
            let numbers = vertices.as_flattened();
            for i in 0..3 * LANES {
                low[i] = lower(numbers[i], low[i]);
                high[i] = higher(numbers[i], high[i]);
            }
        }
        for (i, &number) in rest.as_flattened().iter().enumerate() {
            low[i] = lower(number, low[i]);
            high[i] = higher(number, high[i]);
        }
        for lane in 0..LANES {
            for axis in 0..2 {
                box_[axis] = lower(low[3 * lane + axis], box_[axis]);
                box_[2 + axis] = higher(high[3 * lane + axis], box_[2 + axis]);
            }
        }
    }
}

/// The second number where the first is NaN.
#[inline(always)]
fn lower(number: f32, so_far: f32) -> f32 {
    if number < so_far {
        number
    } else {
        so_far
    }
}

#[inline(always)]
fn higher(number: f32, so_far: f32) -> f32 {
    if number > so_far {
        number
    } else {
        so_far
    }
}
