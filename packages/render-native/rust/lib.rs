//! The JavaScript surface: checks lengths and indices, then calls the kernels, which are safe code on slices. The kernels
//! are the twins of `packages/core/src/reference`; every float operation stands in the same order there.

// A lane is one number in each of several arrays: an index says so better than a chain of zips.
#![allow(clippy::needless_range_loop)]

mod batch;
mod bounds;
mod decode;
mod held;
mod light;
mod lit;
mod mesh;
mod normals;
mod points;
mod raster;
mod resample;
mod scratch;
mod shade;
mod simd;
mod topology;

use held::Held;
use mesh::Mesh;
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// What a kernel says is wrong becomes a JavaScript error. Kernels do not panic, and if one did, `catch_unwind` makes an
/// error of it at this boundary.
fn checked<T>(result: std::result::Result<T, String>) -> Result<T> {
    result.map_err(|reason| Error::new(Status::InvalidArg, reason))
}

/// Bytes of an argument, to see that no result is written over an input.
fn range<T>(slice: &[T]) -> std::ops::Range<usize> {
    let bounds = slice.as_ptr_range();
    bounds.start as usize..bounds.end as usize
}

/// Makes a result array writable once it is sure to overlap no other argument.
macro_rules! writable {
    ($out:ident, $($input:expr),*) => {{
        let bounds = range(&$out[..]);
        let apart = [$(range(&$input[..])),*].iter().all(|other| other.end <= bounds.start || bounds.end <= other.start);
        if !apart {
            return Err(Error::new(Status::InvalidArg, "Expected a result array that shares no memory with the inputs."));
        }
        // SAFETY: no other argument overlaps it (just checked), JavaScript does not run during this synchronous call, and
        // the reference ends with it.
        unsafe { $out.as_mut() }
    }};
}

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn resample(
    image: &[u8],
    width: u32,
    height: u32,
    channels: u32,
    region: &[i32],
    mut out: Uint8ArraySlice,
    out_width: u32,
    out_height: u32,
) -> Result<()> {
    let out = writable!(out, image);
    let source = checked(resample::Source::new(image, width, height, channels))?;
    checked(resample::resample(
        &source,
        region,
        out,
        out_width as usize,
        out_height as usize,
    ))
}

/// A morphable model packed for decoding. JavaScript keeps one for each model; none once it is freed.
#[napi(custom_finalize)]
pub struct PackedModel(Held<decode::PackedModel>);

impl ObjectFinalize for PackedModel {
    fn finalize(mut self, env: Env) -> Result<()> {
        self.0.free(&env)
    }
}

#[napi]
impl PackedModel {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, mean: &[f32], basis: &[f32]) -> Result<Self> {
        let model = checked(decode::PackedModel::new(mean, basis))?;
        let bytes = model.bytes();
        Ok(Self(Held::new(&env, model, bytes)?))
    }

    #[napi(catch_unwind)]
    pub fn free(&mut self, env: Env) -> Result<()> {
        self.0.free(&env)
    }

    /// `frame`: roi x1 y1 x2 y2, input size.
    #[napi(catch_unwind)]
    pub fn decode(
        &self,
        camera: &[f32],
        coefficients: &[f32],
        frame: &[f64],
        mut out: Float32ArraySlice,
    ) -> Result<()> {
        let out = writable!(out, camera, coefficients, frame);
        checked(
            self.0
                .get()
                .and_then(|model| model.decode(camera, coefficients, frame, out)),
        )
    }
}

#[napi(catch_unwind)]
pub fn vertex_normals(vertices: &[f32], triangles: &[u32], mut out: Float32ArraySlice) -> Result<()> {
    let out = writable!(out, vertices, triangles);
    checked(Mesh::new(vertices, triangles).and_then(|mesh| normals::vertex_normals(&mesh, out)))
}

/// `lamp`: ambient, directional, specular, x, y, z.
#[napi(catch_unwind)]
pub fn light(vertices: &[f32], normals: &[f32], lamp: &[f64], mut out: Float32ArraySlice) -> Result<()> {
    let out = writable!(out, vertices, normals, lamp);
    checked(Mesh::new(vertices, &[]).and_then(|mesh| light::light(&mesh, normals, &light::Lamp::new(lamp)?, out)))
}

/// `out`: smallest x and y, largest x and y.
#[napi(catch_unwind)]
pub fn bounds(vertices: &[f32], mut out: Float32ArraySlice) -> Result<()> {
    let out = writable!(out, vertices);
    checked(Mesh::new(vertices, &[]).and_then(|mesh| {
        mesh::expect_length("out", out.len(), 4)?;
        out.copy_from_slice(&bounds::bounds(&mesh));
        Ok(())
    }))
}

/// `window`: x, y, width, height of the target.
#[napi(catch_unwind)]
pub fn rasterize(
    vertices: &[f32],
    triangles: &[u32],
    window: &[i32],
    mut depth: Float32ArraySlice,
    mut ids: Int32ArraySlice,
    first_id: i32,
) -> Result<()> {
    let depth = writable!(depth, vertices, triangles, window, ids);
    let ids = writable!(ids, vertices, triangles, window);
    checked(Mesh::new(vertices, triangles).and_then(|mesh| {
        let window = raster::Window::of(window, depth.len(), ids.len())?;
        raster::rasterize(&mesh, &window, depth, ids, first_id);
        Ok(())
    }))
}

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn shade(
    vertices: &[f32],
    triangles: &[u32],
    colors: &[f32],
    window: &[i32],
    ids: &[i32],
    mut image: Uint8ArraySlice,
    width: u32,
    height: u32,
    channels: u32,
    opacity: f64,
    first_id: i32,
) -> Result<()> {
    let image = writable!(image, vertices, triangles, colors, window, ids);
    checked(Mesh::new(vertices, triangles).and_then(|mesh| {
        let window = raster::Window::of(window, ids.len(), ids.len())?;
        let mut picture = raster::Picture::new(image, width, height, channels)?;
        let colors = mesh.per_vertex(colors, "colors")?;
        shade::shade(&mesh, colors, &window, ids, &mut picture, opacity as f32, first_id);
        Ok(())
    }))
}

/// A model's triangles, arranged for drawing. JavaScript keeps one for each model; none once it is freed.
#[napi(custom_finalize)]
pub struct Topology(Held<topology::Topology>);

impl ObjectFinalize for Topology {
    fn finalize(mut self, env: Env) -> Result<()> {
        self.0.free(&env)
    }
}

#[napi]
impl Topology {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, triangles: &[u32], vertex_count: u32) -> Result<Self> {
        let topology = checked(topology::Topology::new(triangles, vertex_count as usize))?;
        let bytes = topology.bytes();
        Ok(Self(Held::new(&env, topology, bytes)?))
    }

    #[napi(catch_unwind)]
    pub fn free(&mut self, env: Env) -> Result<()> {
        self.0.free(&env)
    }

    /// `faces`: vertices; `lamp` as for `light`; `window`: x, y, width, height of the part of the picture to draw in.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments)]
    pub fn draw_lit(
        &self,
        faces: Vec<Float32ArraySlice>,
        lamp: &[f64],
        window: &[i32],
        mut image: Uint8ArraySlice,
        width: u32,
        height: u32,
        channels: u32,
        opacity: f64,
    ) -> Result<()> {
        let faces: Vec<&[f32]> = faces.iter().map(|face| &face[..]).collect();
        for face in &faces {
            writable!(image, face);
        }
        let image = writable!(image, lamp, window);
        checked(self.0.get().and_then(|topology| {
            let (lamp, window) = (light::Lamp::new(lamp)?, raster::Window::new(window)?);
            let mut picture = raster::Picture::new(image, width, height, channels)?;
            lit::draw(topology, &faces, &lamp, &window, &mut picture, opacity as f32)
        }))
    }
}
