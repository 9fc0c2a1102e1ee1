//! Lit faces in one go: the bits of `vertex_normals`, `light`, `rasterize` and `shade` one after the other. The light of a
//! vertex goes with its point through the rasteriser, which thus leaves colours in place of triangles to look up again.

use std::cell::RefCell;

use crate::light::{shine, Lamp, UnitFrame};
use crate::mesh::Mesh;
use crate::normals::unit;
use crate::points::{snap, Point, NOWHERE, POINTS};
use crate::raster::{draw_all, Layer, Picture, Window};
use crate::scratch::with_scratch;
use crate::shade::{self, mix};
use crate::simd::{prefetch, transpose, vectorized, LANES};
use crate::topology::{Row, Topology};

/// What is nearest at a pixel; means nothing where the depth is -Infinity.
#[derive(Clone, Copy, Default)]
struct Seen {
    id: i32,
    grey: f32,
}

struct Canvas<'a> {
    window: &'a Window,
    depth: &'a mut [f32],
    seen: &'a mut [Seen],
}

impl Layer for Canvas<'_> {
    const SHADED: bool = true;

    #[inline(always)]
    fn window(&self) -> &Window {
        self.window
    }

    #[inline(always)]
    fn put(&mut self, pixel: usize, value: f32, id: i32, grey: f32) {
        if value > self.depth[pixel] || (value == self.depth[pixel] && id < self.seen[pixel].id) {
            self.depth[pixel] = value;
            self.seen[pixel] = Seen { id, grey };
        }
    }
}

/// Pixels of a line that are blended together.
const TOGETHER: usize = 128;
/// Level of a pixel that is not drawn.
const NOTHING: f32 = -1.0;

thread_local! {
    static DEPTH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static SEEN: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
    static ROWS: RefCell<Vec<Row>> = const { RefCell::new(Vec::new()) };
    static FACETS: RefCell<Vec<Row>> = const { RefCell::new(Vec::new()) };
}

/// Draws faces that may cover each other.
pub fn draw(
    topology: &Topology,
    faces: &[&[f32]],
    lamp: &Lamp,
    window: &Window,
    picture: &mut Picture,
    opacity: f32,
) -> Result<(), String> {
    if window.size() == 0 {
        return Ok(());
    }
    if !picture.holds(window) {
        return Err("Expected a window within the picture.".into());
    }
    let meshes: Vec<Mesh> = faces
        .iter()
        .map(|vertices| topology.mesh(vertices))
        .collect::<Result<_, _>>()?;
    if meshes.iter().map(|mesh| mesh.triangles.len()).sum::<usize>() > i32::MAX as usize {
        return Err("Expected fewer than 2^31 triangles in all.".into());
    }
    with_scratch(&DEPTH, |depth| {
        with_scratch(&SEEN, |seen| {
            depth.clear();
            depth.resize(window.size(), f32::NEG_INFINITY);
            if seen.len() < window.size() {
                seen.resize(window.size(), Seen::default());
            }
            let mut canvas = Canvas { window, depth, seen };
            for (face, mesh) in (0..).zip(&meshes) {
                draw_one(topology, mesh, lamp, face, &mut canvas);
            }
            blend_all(&canvas, picture, opacity);
        });
    });
    Ok(())
}

fn draw_one(topology: &Topology, mesh: &Mesh, lamp: &Lamp, face: i32, canvas: &mut Canvas) {
    with_scratch(&POINTS, |points| {
        with_scratch(&ROWS, |rows| {
            with_scratch(&FACETS, |facets| {
                light_all(topology, mesh.vertices, lamp, points, rows, facets)
            });
        });
        let first_id = face * mesh.triangles.len() as i32;
        rasterize_all(mesh.triangles, points, canvas, first_id);
    });
}

vectorized! {
    /// Puts the vertices into `points`, with their light.
    fn light_all(
        topology: &Topology,
        vertices: &[[f32; 3]],
        lamp: &Lamp,
        points: &mut Vec<Point>,
        rows: &mut Vec<Row>,
        facets: &mut Vec<Row>
    ) {
        let padded = vertices.len().next_multiple_of(LANES);
        points.resize(padded, NOWHERE);
        rows.resize(padded, [0.0; 4]);
        for (row, &[x, y, z]) in rows.iter_mut().zip(vertices) {
            *row = [x, y, z, 0.0];
        }
        let frame = UnitFrame::of(vertices);
        let mut sums = topology.normal_sums(facets);
        for (points, rows_here) in points.as_chunks_mut().0.iter_mut().zip(rows.as_chunks().0) {
            let places = columns(rows_here);
            let grey = shine(&frame, &places, &unit(sums.next(rows)), lamp);
            *points = snap(&places, &grey);
        }
    }
}

/// x, y and z.
#[inline(always)]
fn columns(rows: &[Row; LANES]) -> [[f32; LANES]; 3] {
    let mut columns = [[0f32; LANES]; 3];
    for (part, four) in rows.as_chunks::<4>().0.iter().enumerate() {
        for (column, four) in columns.iter_mut().zip(transpose(four.each_ref())) {
            column[4 * part..][..4].copy_from_slice(&four);
        }
    }
    columns
}

vectorized! {
    fn rasterize_all(triangles: &[[u32; 3]], points: &[Point], canvas: &mut Canvas, first_id: i32) {
        draw_all(triangles, points, canvas, first_id);
    }
}

vectorized! {
    fn blend_all(canvas: &Canvas, picture: &mut Picture, opacity: f32) {
        let &Window { x, y, width, .. } = canvas.window;
        let lines = canvas.depth.chunks(width as usize).zip(canvas.seen.chunks(width as usize));
        let stride = picture.width as usize * picture.channels;
        let (first, length) = (y as usize * stride + x as usize * picture.channels, width as usize * picture.channels);
        for (row, (depth, seen)) in lines.enumerate() {
            let line = &mut picture.data[first + row * stride..];
            // Lines lie too far apart for the processor to foretell.
            prefetch(line, 3 * stride, length);
            let pixels = &mut line[..length];
            match picture.channels {
                3 => blend_line::<3>(depth, seen, pixels.as_chunks_mut().0, opacity),
                _ => blend_line::<4>(depth, seen, pixels.as_chunks_mut().0, opacity),
            }
        }
    }
}

#[inline(always)]
fn blend_line<const CHANNELS: usize>(depth: &[f32], seen: &[Seen], pixels: &mut [[u8; CHANNELS]], opacity: f32) {
    let mut levels = [[0f32; CHANNELS]; TOGETHER];
    let chunks = depth.chunks(TOGETHER).zip(seen.chunks(TOGETHER));
    for ((depth, seen), pixels) in chunks.zip(pixels.chunks_mut(TOGETHER)) {
        for ((levels, &depth), seen) in levels.iter_mut().zip(depth).zip(seen) {
            let level = shade::level(seen.grey);
            *levels = [if depth > f32::NEG_INFINITY { level } else { NOTHING }; CHANNELS];
        }
        for (byte, &level) in pixels.as_flattened_mut().iter_mut().zip(levels.as_flattened()) {
            let under = f32::from(*byte);
            *byte = mix(if level >= 0.0 { level } else { under }, under, opacity) as u8;
        }
        if CHANNELS == 4 {
            for (pixel, levels) in pixels.iter_mut().zip(&levels) {
                pixel[3] = if levels[3] >= 0.0 { 255 } else { pixel[3] };
            }
        }
    }
}
