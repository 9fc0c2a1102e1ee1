//! Dense decode: mean + basis * coefficients, camera and ROI in one pass over a packed basis.
//!
//! The basis is what costs: 23 MB in float32. It is kept in 16 bits with a scale for each component (11.5 MB, error below
//! 0.005 px on a 300 px face), in blocks of 16 vertices whose components follow one another, so that a block's sums stay in
//! registers and memory is read once, in order.

/// Vertices a block; one AVX-512 register of float32.
const BLOCK: usize = 16;
/// Numbers a component has in a block: 16 x, 16 y, 16 z.
const PLANES: usize = 3 * BLOCK;

pub struct PackedModel {
    vertices: usize,
    components: usize,
    /// [block][x y z][16]
    mean: Vec<f32>,
    /// [block][component][x y z][16]
    basis: Vec<i16>,
    /// Of each component: stored number to model unit.
    scale: Vec<f32>,
}

impl PackedModel {
    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.mean[..]) + size_of_val(&self.basis[..]) + size_of_val(&self.scale[..])
    }

    pub fn new(mean: &[f32], basis: &[f32]) -> Result<Self, String> {
        let size = mean.len();
        if size == 0 || !size.is_multiple_of(3) || !basis.len().is_multiple_of(size) {
            return Err(format!(
                "Expected a basis of whole components for {size} coordinates but received {}.",
                basis.len()
            ));
        }
        let (vertices, components) = (size / 3, basis.len() / size);
        let scale: Vec<f32> = basis
            .chunks_exact(size)
            .map(|c| largest(c) / f32::from(i16::MAX))
            .collect();
        let blocks = vertices.div_ceil(BLOCK);
        let mut packed = Self {
            vertices,
            components,
            mean: vec![0.0; blocks * PLANES],
            basis: vec![0; blocks * PLANES * components],
            scale,
        };
        for vertex in 0..vertices {
            let (block, lane) = (vertex / BLOCK, vertex % BLOCK);
            for axis in 0..3 {
                let place = axis * BLOCK + lane;
                packed.mean[block * PLANES + place] = mean[3 * vertex + axis];
                for k in 0..components {
                    let value = basis[k * size + 3 * vertex + axis] / packed.scale[k];
                    packed.basis[(block * components + k) * PLANES + place] = value.round() as i16;
                }
            }
        }
        Ok(packed)
    }

    /// `frame`: roi x1 y1 x2 y2, input size.
    pub fn decode(&self, camera: &[f32], coefficients: &[f32], frame: &[f64], out: &mut [f32]) -> Result<(), String> {
        if camera.len() != 12
            || frame.len() != 5
            || coefficients.len() != self.components
            || out.len() != 3 * self.vertices
        {
            return Err(format!(
                "Expected 12 camera numbers, {} coefficients and room for {} coordinates but received {}, {} and {}.",
                self.components,
                3 * self.vertices,
                camera.len(),
                coefficients.len(),
                out.len()
            ));
        }
        let scaled: Vec<f32> = coefficients.iter().zip(&self.scale).map(|(c, s)| c * s).collect();
        let transform = transform(camera, frame);
        let lowest = self.fastest(&scaled, &transform, out);
        for v in out.chunks_exact_mut(3) {
            v[2] -= lowest;
        }
        Ok(())
    }

    fn fastest(&self, coefficients: &[f32], transform: &[f32; 12], out: &mut [f32]) -> f32 {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
                // SAFETY: the features that the function needs were just found on this processor.
                return unsafe { self.run_avx512(coefficients, transform, out) };
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: as above.
                return unsafe { self.run_avx2(coefficients, transform, out) };
            }
        }
        self.run(coefficients, transform, out, accumulate)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn run_avx512(&self, coefficients: &[f32], transform: &[f32; 12], out: &mut [f32]) -> f32 {
        self.run(coefficients, transform, out, |sums, basis, coefficients| {
            accumulate_avx512(sums, basis, coefficients)
        })
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn run_avx2(&self, coefficients: &[f32], transform: &[f32; 12], out: &mut [f32]) -> f32 {
        // The plain loops, compiled for 256-bit registers.
        self.run(coefficients, transform, out, accumulate)
    }

    /// Smallest z of all vertices; `out` gets x y z, z not yet shifted.
    #[inline(always)]
    fn run(
        &self,
        coefficients: &[f32],
        m: &[f32; 12],
        out: &mut [f32],
        accumulate: impl Fn(&mut [f32; PLANES], &[i16], &[f32]),
    ) -> f32 {
        let mut lowest = f32::INFINITY;
        let stride = PLANES * self.components;
        let blocks = self.mean.chunks_exact(PLANES).enumerate();
        for ((block, mean), points) in blocks.zip(out.chunks_mut(PLANES)) {
            let mut sums: [f32; PLANES] = mean.try_into().expect("a chunk of PLANES numbers");
            accumulate(
                &mut sums,
                &self.basis[block * stride..(block + 1) * stride],
                coefficients,
            );
            for (lane, v) in points.chunks_exact_mut(3).enumerate() {
                let (x, y, z) = (sums[lane], sums[BLOCK + lane], sums[2 * BLOCK + lane]);
                v[0] = m[0] * x + m[1] * y + m[2] * z + m[3];
                v[1] = m[4] * x + m[5] * y + m[6] * z + m[7];
                v[2] = m[8] * x + m[9] * y + m[10] * z + m[11];
                lowest = lowest.min(v[2]);
            }
        }
        lowest
    }
}

fn largest(component: &[f32]) -> f32 {
    // A component of zeros needs a scale that divides.
    component.iter().fold(f32::MIN_POSITIVE, |a, b| a.max(b.abs()))
}

/// Camera, the network's 1-based y-up coordinates and the ROI as one 3x4 affine map, in double precision.
fn transform(camera: &[f32], frame: &[f64]) -> [f32; 12] {
    let [x1, y1, x2, y2, size] = [frame[0], frame[1], frame[2], frame[3], frame[4]];
    let (sx, sy) = ((x2 - x1) / size, (y2 - y1) / size);
    let sz = (sx + sy) / 2.0;
    let c = |i: usize| f64::from(camera[i]);
    let row = |from: usize, scale: f64, shift: f64| [c(from) * scale, c(from + 1) * scale, c(from + 2) * scale, shift];
    let rows = [
        row(0, sx, (c(3) - 1.0) * sx + x1),
        row(4, -sy, (size - c(7)) * sy + y1),
        row(8, sz, (c(11) - 1.0) * sz),
    ];
    std::array::from_fn(|i| rows[i / 4][i % 4] as f32)
}

#[inline(always)]
fn accumulate(sums: &mut [f32; PLANES], basis: &[i16], coefficients: &[f32]) {
    for (component, coefficient) in basis.chunks_exact(PLANES).zip(coefficients) {
        for (sum, &weight) in sums.iter_mut().zip(component) {
            *sum += f32::from(weight) * coefficient;
        }
    }
}

/// `accumulate` with the sums in three registers; the same operations on each number, so the same bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn accumulate_avx512(sums: &mut [f32; PLANES], basis: &[i16], coefficients: &[f32]) {
    use std::arch::x86_64::*;
    // SAFETY: every load and store lies inside a chunk of PLANES (48) numbers: offsets 0, 16 and 32, 16 numbers each.
    unsafe {
        let to = sums.as_mut_ptr();
        let mut s = [
            _mm512_loadu_ps(to),
            _mm512_loadu_ps(to.add(16)),
            _mm512_loadu_ps(to.add(32)),
        ];
        for (component, &coefficient) in basis.chunks_exact(PLANES).zip(coefficients) {
            let from = component.as_ptr();
            let factor = _mm512_set1_ps(coefficient);
            for (axis, sum) in s.iter_mut().enumerate() {
                let weights = _mm256_loadu_si256(from.add(axis * BLOCK).cast());
                let weights = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(weights));
                *sum = _mm512_add_ps(*sum, _mm512_mul_ps(weights, factor));
            }
        }
        for (axis, sum) in s.iter().enumerate() {
            _mm512_storeu_ps(to.add(axis * BLOCK), *sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(vertices: usize, components: usize) -> (Vec<f32>, Vec<f32>) {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        (
            (0..3 * vertices).map(|_| next() * 100.0).collect(),
            (0..3 * vertices * components).map(|_| next()).collect(),
        )
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        let (mean, basis) = model(37, 5);
        let packed = PackedModel::new(&mean, &basis).unwrap();
        let coefficients = [0.5, -2.0, 1.0, 0.25, 3.0];
        let m = [1.0, 0.1, 0.2, 5.0, -0.1, 1.0, 0.0, 6.0, 0.3, 0.0, 1.0, 7.0];
        let (mut plain, mut fast) = (vec![0.0; 111], vec![0.0; 111]);
        let scaled: Vec<f32> = coefficients.iter().zip(&packed.scale).map(|(c, s)| c * s).collect();
        let a = packed.run(&scaled, &m, &mut plain, accumulate);
        let b = packed.fastest(&scaled, &m, &mut fast);
        assert_eq!(a.to_bits(), b.to_bits());
        assert_eq!(plain, fast);
    }

    #[test]
    fn packing_loses_less_than_half_a_step() {
        let (mean, basis) = model(20, 3);
        let packed = PackedModel::new(&mean, &basis).unwrap();
        for k in 0..3 {
            let stored = f32::from(packed.basis[k * PLANES]) * packed.scale[k];
            assert!((stored - basis[k * 60]).abs() <= 0.51 * packed.scale[k]);
        }
    }

    #[test]
    fn wrong_lengths_are_refused() {
        assert!(PackedModel::new(&[0.0; 4], &[]).is_err());
        let packed = PackedModel::new(&[0.0; 3], &[0.0; 3]).unwrap();
        assert!(packed.decode(&[0.0; 12], &[0.0; 2], &[0.0; 5], &mut [0.0; 3]).is_err());
    }
}
