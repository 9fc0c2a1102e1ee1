//! Crop, zero padding and bilinear resize as OpenCV's INTER_LINEAR on 8 bits; twin of reference/resample.ts.

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
    let across = horizontal_taps(columns, out_width, x1, source);
    let down = taps(rows, out_height);
    let mut cache = [vec![0i32; 3 * out_width], vec![0i32; 3 * out_width]];
    let mut cached = [-1i32; 2];
    for (tap, line) in down.iter().zip(out.chunks_exact_mut(3 * out_width)) {
        let upper = tap.first.clamp(0, rows - 1);
        let lower = (tap.first + 1).clamp(0, rows - 1);
        for row in [upper, lower] {
            let slot = (row & 1) as usize;
            if cached[slot] != row {
                resize_row(source, y1 + row, &across, &mut cache[slot]);
                cached[slot] = row;
            }
        }
        blend_fastest(
            &cache[(upper & 1) as usize],
            &cache[(lower & 1) as usize],
            tap.weight0,
            tap.weight1,
            line,
        );
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
struct ColumnTap {
    left: usize,
    right: usize,
    weight0: i32,
    weight1: i32,
}

fn horizontal_taps(columns: i32, target: usize, x1: i32, source: &Source) -> Vec<ColumnTap> {
    let locate = |x: i32, weight: i32| -> (usize, i32) {
        let x = i64::from(x1) + i64::from(x);
        if x >= 0 && x < source.width as i64 {
            (x as usize * source.channels, weight)
        } else {
            (0, 0)
        }
    };
    taps(columns, target)
        .iter()
        .map(|tap| {
            // Past the region's own border the nearest column counts whole.
            let outside = tap.first < 0 || tap.first >= columns - 1;
            let first = tap.first.clamp(0, columns - 1);
            let (weight0, weight1) = if outside { (ONE, 0) } else { (tap.weight0, tap.weight1) };
            let (left, weight0) = locate(first, weight0);
            let (right, weight1) = locate((first + 1).min(columns - 1), weight1);
            ColumnTap {
                left,
                right,
                weight0,
                weight1,
            }
        })
        .collect()
}

fn resize_row(source: &Source, y: i32, columns: &[ColumnTap], out: &mut [i32]) {
    if y < 0 || y as usize >= source.height {
        out.fill(0);
        return;
    }
    let stride = source.width * source.channels;
    let row = &source.data[y as usize * stride..(y as usize + 1) * stride];
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("ssse3") {
        // SAFETY: the processor has SSSE3.
        unsafe { resize_row_ssse3(row, source.channels, columns, out) };
        return;
    }
    resize_pixels(row, columns, out);
}

#[inline(always)]
fn resize_pixels(row: &[u8], columns: &[ColumnTap], out: &mut [i32]) {
    for (tap, pixel) in columns.iter().zip(out.chunks_exact_mut(3)) {
        let (left, right) = (&row[tap.left..tap.left + 3], &row[tap.right..tap.right + 3]);
        for k in 0..3 {
            pixel[k] = i32::from(left[k]) * tap.weight0 + i32::from(right[k]) * tap.weight1;
        }
    }
}

/// The same sums, a pixel at a time: both neighbours come with one load and meet their weights in one instruction.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "ssse3")]
fn resize_row_ssse3(row: &[u8], channels: usize, columns: &[ColumnTap], out: &mut [i32]) {
    use std::arch::x86_64::*;
    let c = channels as i8;
    // Byte k of the left pixel beside byte k of the right one, as 16-bit numbers.
    let pairs = _mm_setr_epi8(0, -1, c, -1, 1, -1, c + 1, -1, 2, -1, c + 2, -1, -1, -1, -1, -1);
    for (i, tap) in columns.iter().enumerate() {
        let neighbours = tap.right == tap.left + channels && tap.left + 8 <= row.len() && 3 * i + 4 <= out.len();
        if !neighbours {
            resize_pixels(row, &columns[i..i + 1], &mut out[3 * i..3 * i + 3]);
            continue;
        }
        // SAFETY: eight bytes from `left` lie in the row and four numbers from `3 i` in the result (both checked); the fourth
        // is written again with the next pixel.
        unsafe {
            let both = _mm_loadl_epi64(row.as_ptr().add(tap.left).cast());
            let weights = _mm_set1_epi32(tap.weight0 | (tap.weight1 << 16));
            let sums = _mm_madd_epi16(_mm_shuffle_epi8(both, pairs), weights);
            _mm_storeu_si128(out.as_mut_ptr().add(3 * i).cast(), sums);
        }
    }
}

/// `blend` compiled for AVX2: baseline x86-64 has no 32-bit vector multiplication.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn blend_avx2(upper: &[i32], lower: &[i32], weight0: i32, weight1: i32, out: &mut [u8]) {
    blend(upper, lower, weight0, weight1, out);
}

fn blend_fastest(upper: &[i32], lower: &[i32], weight0: i32, weight1: i32, out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { blend_avx2(upper, lower, weight0, weight1, out) };
        return;
    }
    blend(upper, lower, weight0, weight1, out);
}

#[inline(always)]
fn blend(upper: &[i32], lower: &[i32], weight0: i32, weight1: i32, out: &mut [u8]) {
    for ((pixel, a), b) in out.iter_mut().zip(upper).zip(lower) {
        *pixel = (((((a >> 4) * weight0) >> 16) + (((b >> 4) * weight1) >> 16) + 2) >> 2) as u8;
    }
}
