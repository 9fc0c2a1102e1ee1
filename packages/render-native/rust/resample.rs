//! Crop, zero padding and bilinear resize as OpenCV's INTER_LINEAR on 8 bits; twin of reference/resample.ts.

use std::ops::Range;

use crate::simd::vectorized;

const ONE: i32 = 2048;

pub struct Source<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
    channels: usize,
}

impl<'a> Source<'a> {
    pub fn new(data: &'a [u8], width: u32, height: u32, channels: u32) -> Result<Self, String> {
        let size = u64::from(width) * u64::from(height) * u64::from(channels);
        if !(channels == 3 || channels == 4) || size != data.len() as u64 {
            return Err(format!(
                "Expected {width} x {height} x {channels} bytes of picture but received {}.",
                data.len()
            ));
        }
        Ok(Self {
            data,
            width: width as usize,
            height: height as usize,
            channels: channels as usize,
        })
    }
}

struct Tap {
    first: i32,
    weight0: i32,
    weight1: i32,
}

/// `region`: x1, y1, x2, y2 in whole pixels; may reach past the picture.
pub fn resample(
    source: &Source,
    region: &[i32],
    out: &mut [u8],
    out_width: usize,
    out_height: usize,
) -> Result<(), String> {
    let &[x1, y1, x2, y2] = region else {
        return Err("Expected x1, y1, x2 and y2 for the region.".into());
    };
    if out.len() != 3 * out_width * out_height || out.is_empty() {
        return Err(format!(
            "Expected {out_width} x {out_height} x 3 bytes for the result but received {}.",
            out.len()
        ));
    }
    let (columns, rows) = match (x2.checked_sub(x1), y2.checked_sub(y1)) {
        (Some(columns), Some(rows)) if columns > 0 && rows > 0 => (columns, rows),
        _ => return Err("Expected x1 < x2 and y1 < y2 for the region.".into()),
    };
    let across = Across::new(columns, out_width, x1, source);
    let down = taps(rows, out_height);
    let mut cache = [vec![0i16; 3 * out_width], vec![0i16; 3 * out_width]];
    let mut cached = [-1i32; 2];
    for (tap, line) in down.iter().zip(out.chunks_exact_mut(3 * out_width)) {
        let upper = tap.first.clamp(0, rows - 1);
        let lower = (tap.first + 1).clamp(0, rows - 1);
        for row in [upper, lower] {
            let slot = (row & 1) as usize;
            if cached[slot] != row {
                across.resize(source, y1 + row, &mut cache[slot]);
                cached[slot] = row;
            }
        }
        let [upper, lower] = [upper, lower].map(|row| &cache[(row & 1) as usize][..]);
        blend(upper, lower, tap.weight0, tap.weight1, line);
    }
    Ok(())
}

fn taps(source: i32, target: usize) -> Vec<Tap> {
    let scale = 1.0 / (target as f64 / source as f64);
    (0..target)
        .map(|i| {
            let at = ((i as f64 + 0.5) * scale - 0.5) as f32;
            let first = at.floor();
            let fraction = at - first;
            Tap {
                first: first as i32,
                weight0: ((1.0 - fraction) * ONE as f32).round_ties_even() as i32,
                weight1: (fraction * ONE as f32).round_ties_even() as i32,
            }
        })
        .collect()
}

/// Byte offsets in a row of the two source pixels of an output column, with weight 0 where there is none.
#[derive(Clone, Copy)]
struct ColumnTap {
    left: usize,
    right: usize,
    /// Of the left pixel in the lower half, of the right one in the upper.
    weights: i32,
}

/// How a row is resized.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "pairs are for SSSE3"))]
struct Across {
    taps: Vec<ColumnTap>,
    /// Columns whose two pixels are neighbours with room for a load of eight bytes and a store of eight numbers.
    roomy: Range<usize>,
    channels: usize,
}

impl Across {
    fn new(columns: i32, target: usize, x1: i32, source: &Source) -> Self {
        let channels = source.channels;
        let locate = |x: i32, weight: i32| -> (usize, i32) {
            let x = i64::from(x1) + i64::from(x);
            if x >= 0 && x < source.width as i64 {
                (x as usize * channels, weight)
            } else {
                (0, 0)
            }
        };
        let taps: Vec<ColumnTap> = taps(columns, target)
            .iter()
            .map(|tap| {
                // Past the region's own border the nearest column counts whole.
                let outside = tap.first < 0 || tap.first >= columns - 1;
                let first = tap.first.clamp(0, columns - 1);
                let (weight0, weight1) = if outside { (ONE, 0) } else { (tap.weight0, tap.weight1) };
                let (left, weight0) = locate(first, weight0);
                let (right, weight1) = locate((first + 1).min(columns - 1), weight1);
                let weights = weight0 | (weight1 << 16);
                ColumnTap { left, right, weights }
            })
            .collect();
        let roomy = |tap: &ColumnTap| tap.right == tap.left + channels && tap.left + 8 <= source.width * channels;
        let from = taps.iter().position(roomy).unwrap_or(taps.len());
        let count = taps[from..].iter().take_while(|tap| roomy(tap)).count();
        // A pair of columns fills six of the eight numbers that it stores.
        let to = (from + count).min(taps.len().saturating_sub(1)).max(from);
        let roomy = from..to - (to - from) % 2;
        Self { taps, roomy, channels }
    }

    /// One source row with 11 - 4 bits of fraction, which the blending of rows goes on with.
    fn resize(&self, source: &Source, y: i32, out: &mut [i16]) {
        if y < 0 || y as usize >= source.height {
            out.fill(0);
            return;
        }
        let stride = source.width * source.channels;
        let row = &source.data[y as usize * stride..(y as usize + 1) * stride];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("ssse3") {
            let Range { start, end } = self.roomy;
            self.resize_singly(row, 0..start, out);
            // SAFETY: the processor has SSSE3.
            unsafe { self.resize_pairs(row, out) };
            self.resize_singly(row, end..self.taps.len(), out);
            return;
        }
        self.resize_singly(row, 0..self.taps.len(), out);
    }

    fn resize_singly(&self, row: &[u8], columns: Range<usize>, out: &mut [i16]) {
        let pixels = out[3 * columns.start..3 * columns.end].as_chunks_mut::<3>().0;
        for (tap, pixel) in self.taps[columns].iter().zip(pixels) {
            let (left, right) = (&row[tap.left..tap.left + 3], &row[tap.right..tap.right + 3]);
            let (weight0, weight1) = (tap.weights & 0xffff, tap.weights >> 16);
            for k in 0..3 {
                pixel[k] = ((i32::from(left[k]) * weight0 + i32::from(right[k]) * weight1) >> 4) as i16;
            }
        }
    }

    /// The same sums for the roomy columns, two at a time: neighbours come with one load and meet their weights in one
    /// instruction.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "ssse3")]
    fn resize_pairs(&self, row: &[u8], out: &mut [i16]) {
        use std::arch::x86_64::*;
        let c = self.channels as i8;
        // Byte k of the left pixel beside byte k of the right one, as 16-bit numbers.
        let [first, second] = [0, 8].map(|at: i8| {
            let pair = |k: i8| (at + k, at + c + k);
            let [(a, b), (d, e), (f, g)] = [pair(0), pair(1), pair(2)];
            _mm_setr_epi8(a, -1, b, -1, d, -1, e, -1, f, -1, g, -1, -1, -1, -1, -1)
        });
        let close = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, -1, -1, -1, -1);
        let pairs = self.taps[self.roomy.clone()].as_chunks::<2>().0;
        let out = &mut out[3 * self.roomy.start..];
        assert!(pairs.is_empty() || out.len() >= 6 * pairs.len() + 2);
        for (i, [a, b]) in pairs.iter().enumerate() {
            debug_assert!(a.left + 8 <= row.len() && b.left + 8 <= row.len());
            // SAFETY: eight bytes from both `left` lie in the row (`roomy`), and eight numbers from `6 i` in the result (just
            // checked); the last two are written again with the next pixels.
            unsafe {
                let [a_bytes, b_bytes] = [a, b].map(|tap| _mm_loadl_epi64(row.as_ptr().add(tap.left).cast()));
                let bytes = _mm_unpacklo_epi64(a_bytes, b_bytes);
                let sum = |order, tap: &ColumnTap| {
                    let sums = _mm_madd_epi16(_mm_shuffle_epi8(bytes, order), _mm_set1_epi32(tap.weights));
                    _mm_srai_epi32::<4>(sums)
                };
                let both = _mm_packs_epi32(sum(first, a), sum(second, b));
                _mm_storeu_si128(out.as_mut_ptr().add(6 * i).cast(), _mm_shuffle_epi8(both, close));
            }
        }
    }
}

vectorized! {
    fn blend(upper: &[i16], lower: &[i16], weight0: i32, weight1: i32, out: &mut [u8]) {
        for ((pixel, a), b) in out.iter_mut().zip(upper).zip(lower) {
            let [a, b] = [(a, weight0), (b, weight1)].map(|(&n, weight)| ((i32::from(n) * i32::from(weight as i16)) >> 16) as i16);
            *pixel = ((a + b + 2) >> 2) as u8;
        }
    }
}
