//! Small triangles, sixteen at a time. Most of a face's triangles cover two pixels or fewer; one by one they cost mostly
//! branches that no processor foretells (is there a pixel? is it inside? was it the last?). Here every lane does the same
//! arithmetic for one pixel of each triangle's box, and only covered pixels are looked at singly. The operations on each
//! pixel are those of `raster::fill`, so the bits are the same; the order does not matter, since equal depths go to the
//! lower id.

use crate::points::{Point, SMALL, SUBPIXEL};
use crate::raster::{between, Layer, Window};
use crate::simd::{negatives, transpose, LANES};

/// Columns and rows of pixel centres, less one, that a box may have here. (Larger ones go faster one by one.)
const LARGEST: i32 = 7;
/// Pixels of the boxes that are tried before the covered ones are drawn: their flags fit one 64-bit number.
const GROUP: usize = 64 / LANES;
/// A bit for each lane.
const ALL: u32 = (1 << LANES) - 1;

type Ints = [i32; LANES];
type Floats = [f32; LANES];

/// Corners of the triangles, a lane each.
#[derive(Default)]
pub struct Batch {
    x: [Ints; 3],
    y: [Ints; 3],
    z: [Floats; 3],
    /// Only of layers that are shaded.
    grey: [Floats; 3],
}

/// The pixel centres within each triangle's bounding box.
struct Boxes {
    left: Ints,
    top: Ints,
    /// Less one; -1 where the lane draws nothing here.
    columns: Ints,
    rows: Ints,
    /// A bit for each lane that does not go through here: too large, or partly outside the window.
    others: u32,
}

/// An edge function from the box's first pixel on; see `raster::Walker`.
#[derive(Default)]
struct Edge {
    first: Ints,
    step_x: Ints,
    step_y: Ints,
    bias: Ints,
}

#[derive(Default)]
struct Edges {
    /// Opposite each corner.
    edges: [Edge; 3],
    inverse_area: Floats,
}

impl Batch {
    /// Takes one triangle a lane.
    #[inline(always)]
    pub fn put<L: Layer>(&mut self, triangles: &[[u32; 3]; LANES], points: &[Point]) {
        for (four, triangles) in triangles.as_chunks::<4>().0.iter().enumerate() {
            for k in 0..3 {
                let [x, y, z, grey] = transpose(triangles.each_ref().map(|t| points[t[k] as usize].words()));
                for i in 0..4 {
                    let lane = 4 * four + i;
                    self.x[k][lane] = x[i] as i32;
                    self.y[k][lane] = y[i] as i32;
                    self.z[k][lane] = f32::from_bits(z[i]);
                    if L::SHADED {
                        self.grey[k][lane] = f32::from_bits(grey[i]);
                    }
                }
            }
        }
    }

    /// Draws the triangle of each lane with the id `first_id + lane`; gives a bit for each lane that was left out.
    #[inline(always)]
    pub fn draw<L: Layer>(&self, layer: &mut L, first_id: i32) -> u32 {
        let width = layer.window().width;
        let boxes = self.boxes(layer.window());
        let edges = self.edges(&boxes);
        let start = boxes.start(layer.window());
        let columns = boxes.columns.iter().fold(-1, |a, &b| a.max(b)) + 1;
        let rows = boxes.rows.iter().fold(-1, |a, &b| a.max(b)) + 1;
        let (mut depth, mut grey) = ([[0f32; LANES]; GROUP], [[0f32; LANES]; GROUP]);
        let mut step = [0i32; GROUP];
        let (mut dx, mut dy) = (0, 0);
        for done in (0..columns * rows).step_by(GROUP) {
            let mut bits = 0u64;
            for place in 0..GROUP.min((columns * rows - done) as usize) {
                let covered = self.try_pixel::<L>(&edges, dx, dy, &mut depth[place], &mut grey[place]);
                bits |= u64::from(covered) << (LANES * place);
                step[place] = dy * width + dx;
                (dx, dy) = if dx + 1 < columns { (dx + 1, dy) } else { (0, dy + 1) };
            }
            while bits != 0 {
                let (place, lane) = (
                    bits.trailing_zeros() as usize / LANES,
                    bits.trailing_zeros() as usize % LANES,
                );
                bits &= bits - 1;
                layer.put(
                    (start[lane] + step[place]) as usize,
                    depth[place][lane],
                    first_id + lane as i32,
                    grey[place][lane],
                );
            }
        }
        boxes.others
    }

    #[inline(always)]
    fn boxes(&self, window: &Window) -> Boxes {
        let (right, bottom) = (window.x + window.width - 1, window.y + window.height - 1);
        let [mut left, mut top, mut columns, mut rows] = [[0i32; LANES]; 4];
        let mut others = [0i32; LANES];
        for l in 0..LANES {
            let (min_x, max_x) = bounds(self.x[0][l], self.x[1][l], self.x[2][l]);
            let (min_y, max_y) = bounds(self.y[0][l], self.y[1][l], self.y[2][l]);
            // Wrapping: a corner that draws nothing is infinitely far left.
            let (x1, x2) = (min_x.wrapping_add(SUBPIXEL - 1) >> 4, max_x >> 4);
            let (y1, y2) = (min_y.wrapping_add(SUBPIXEL - 1) >> 4, max_y >> 4);
            let (wide, high) = (x2.wrapping_sub(x1), y2.wrapping_sub(y1));
            let empty = (min_x == i32::MIN) | (x1 > x2) | (y1 > y2);
            let narrow = (max_x.wrapping_sub(min_x) < SMALL) & (max_y.wrapping_sub(min_y) < SMALL);
            let within = (x1 >= window.x) & (x2 <= right) & (y1 >= window.y) & (y2 <= bottom);
            let here = !empty & narrow & within & (wide <= LARGEST) & (high <= LARGEST);
            (left[l], top[l]) = (x1, y1);
            columns[l] = if here { wide } else { -1 };
            rows[l] = if here { high } else { -1 };
            others[l] = if empty | here { 0 } else { -1 };
        }
        Boxes {
            left,
            top,
            columns,
            rows,
            others: negatives(&others),
        }
    }

    #[inline(always)]
    fn edges(&self, boxes: &Boxes) -> Edges {
        let mut result = Edges::default();
        for l in 0..LANES {
            // Lanes that draw nothing become a point, whose numbers are small.
            let keep = if boxes.columns[l] >= 0 { -1 } else { 0 };
            let x = [self.x[0][l] & keep, self.x[1][l] & keep, self.x[2][l] & keep];
            let y = [self.y[0][l] & keep, self.y[1][l] & keep, self.y[2][l] & keep];
            let (x1, y1) = ((boxes.left[l] & keep) * SUBPIXEL, (boxes.top[l] & keep) * SUBPIXEL);
            let area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0]);
            let sign = if area < 0 { -1 } else { 1 };
            result.inverse_area[l] = 1.0 / (area * sign) as f32;
            for (edge, (p, q)) in result.edges.iter_mut().zip([(1, 2), (2, 0), (0, 1)]) {
                let (dx, dy) = (sign * (x[q] - x[p]), sign * (y[q] - y[p]));
                let owned = (dy < 0) | ((dy == 0) & (dx > 0));
                edge.first[l] = dx * (y1 - y[p]) - dy * (x1 - x[p]);
                edge.step_x[l] = -dy * SUBPIXEL;
                edge.step_y[l] = dx * SUBPIXEL;
                // Without area no edge value is positive, and nothing is drawn.
                edge.bias[l] = if owned & (area != 0) { 0 } else { 1 };
            }
        }
        result
    }

    /// Depth and grey of each triangle at pixel (dx, dy) of its box, and a bit for each one that covers it.
    #[inline(always)]
    fn try_pixel<L: Layer>(
        &self,
        Edges { edges, inverse_area }: &Edges,
        dx: i32,
        dy: i32,
        depth: &mut Floats,
        grey: &mut Floats,
    ) -> u32 {
        let mut signs = [0i32; LANES];
        for l in 0..LANES {
            let [e0, e1, e2] = [0, 1, 2].map(|k| edges[k].first[l] + edges[k].step_x[l] * dx + edges[k].step_y[l] * dy);
            signs[l] = (e0 - edges[0].bias[l]) | (e1 - edges[1].bias[l]) | (e2 - edges[2].bias[l]);
            let (w1, w2) = (e1 as f32 * inverse_area[l], e2 as f32 * inverse_area[l]);
            depth[l] = between([0, 1, 2].map(|k| self.z[k][l]), w1, w2);
            if L::SHADED {
                grey[l] = between([0, 1, 2].map(|k| self.grey[k][l]), w1, w2);
            }
        }
        negatives(&signs) ^ ALL
    }
}

impl Boxes {
    /// Where the first pixel of each box lies in the target.
    #[inline(always)]
    fn start(&self, window: &Window) -> Ints {
        let mut start = [0i32; LANES];
        for l in 0..LANES {
            let row = self.top[l].wrapping_sub(window.y).wrapping_mul(window.width);
            start[l] = row.wrapping_add(self.left[l].wrapping_sub(window.x));
        }
        start
    }
}

#[inline(always)]
fn bounds(a: i32, b: i32, c: i32) -> (i32, i32) {
    (a.min(b).min(c), a.max(b).max(c))
}
