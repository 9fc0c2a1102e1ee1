//! A mesh's triangles, arranged once for all the faces that are drawn with them.

use crate::mesh::Mesh;
use crate::simd::{cross, transpose, LANES};

/// Vertices whose sums are made together: what is added to one waits for what was added to it before.
const TOGETHER: usize = 4;

/// A vertex, or a normal, in one register.
pub type Row = [f32; 4];

pub struct Topology {
    vertex_count: usize,
    triangles: Vec<[u32; 3]>,
    /// The triangles around each of `TOGETHER` vertices, in their order. Where a vertex has fewer than its neighbours the
    /// number of triangles stands for one without a normal.
    around: Vec<[u32; TOGETHER]>,
    /// For each `TOGETHER` vertices where their part of `around` ends.
    ends: Vec<u32>,
    /// For each `LANES` vertices how many triangles they and those before them need.
    needed: Vec<u32>,
}

impl Topology {
    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.triangles[..])
            + size_of_val(&self.around[..])
            + size_of_val(&self.ends[..])
            + size_of_val(&self.needed[..])
    }

    pub fn new(triangles: &[u32], vertex_count: usize) -> Result<Self, String> {
        let triangles = Mesh::corners(triangles, vertex_count)?.to_vec();
        let none = u32::try_from(triangles.len()).map_err(|_| "Expected fewer than 2^32 triangles.")?;
        let padded = vertex_count.next_multiple_of(LANES);
        let mut counts = vec![0u32; padded];
        for &vertex in triangles.as_flattened() {
            counts[vertex as usize] += 1;
        }
        let (mut places, mut ends, mut end) = (Vec::with_capacity(padded), Vec::new(), 0);
        for four in counts.as_chunks::<TOGETHER>().0 {
            places.extend([end; TOGETHER]);
            end += four.iter().max().unwrap_or(&0);
            ends.push(end);
        }
        let mut around = vec![[none; TOGETHER]; end as usize];
        let mut needed = vec![0; padded / LANES];
        for (t, triangle) in (0..none).zip(&triangles) {
            for vertex in triangle.map(|vertex| vertex as usize) {
                around[places[vertex] as usize][vertex % TOGETHER] = t;
                places[vertex] += 1;
                needed[vertex / LANES] = t + 1;
            }
        }
        for block in 1..needed.len() {
            needed[block] = needed[block].max(needed[block - 1]);
        }
        Ok(Self {
            vertex_count,
            triangles,
            around,
            ends,
            needed,
        })
    }

    /// The mesh with these vertices.
    pub fn mesh<'a>(&'a self, vertices: &'a [f32]) -> Result<Mesh<'a>, String> {
        Mesh::of(vertices, &self.triangles, self.vertex_count)
    }

    /// Goes through the vertices; `facets` is memory to work in.
    #[inline(always)]
    pub fn normal_sums<'a>(&'a self, facets: &'a mut Vec<Row>) -> NormalSums<'a> {
        facets.resize(self.triangles.len() + 1, [0.0; 4]);
        facets[self.triangles.len()] = [0.0; 4];
        NormalSums {
            topology: self,
            facets,
            block: 0,
            begin: 0,
            done: 0,
        }
    }
}

/// Sums of the normals around each vertex, `LANES` vertices at a time.
pub struct NormalSums<'a> {
    topology: &'a Topology,
    /// Normals of triangles, as long as twice the area; then that of none.
    facets: &'a mut [Row],
    block: usize,
    /// In `around`.
    begin: usize,
    /// How many facets there are so far.
    done: usize,
}

impl NormalSums<'_> {
    /// x, y and z of the next vertices' sums: the bits of `normals::vertex_normals`.
    #[inline(always)]
    pub fn next(&mut self, rows: &[Row]) -> [[f32; LANES]; 3] {
        let topology = self.topology;
        let needed = topology.needed[self.block] as usize;
        // Just before they are read, so that they still lie in the first-level cache.
        let facets = self.facets[self.done..needed].iter_mut();
        for (facet, triangle) in facets.zip(&topology.triangles[self.done..needed]) {
            *facet = cross(triangle.map(|v| &rows[v as usize]));
        }
        self.done = needed;
        let mut sums = [[0f32; LANES]; 3];
        for part in 0..LANES / TOGETHER {
            let end = topology.ends[LANES / TOGETHER * self.block + part] as usize;
            let four = sum(&topology.around[self.begin..end], self.facets);
            self.begin = end;
            // As `cross` turned them.
            let [z, x, y, _] = transpose(four.each_ref());
            for (sums, four) in sums.iter_mut().zip([x, y, z]) {
                sums[TOGETHER * part..][..TOGETHER].copy_from_slice(&four);
            }
        }
        self.block += 1;
        sums
    }
}

/// From zero, in their order. (Adding the zero of a missing triangle changes no bit: no sum is -0.)
#[inline(always)]
fn sum(around: &[[u32; TOGETHER]], facets: &[Row]) -> [Row; TOGETHER] {
    let mut sums = [[0f32; 4]; TOGETHER];
    for row in around {
        for (sum, &facet) in sums.iter_mut().zip(row) {
            let facet = &facets[facet as usize];
            for k in 0..4 {
                sum[k] += facet[k];
            }
        }
    }
    sums
}
