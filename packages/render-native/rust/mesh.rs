use crate::simd::vectorized;

/// A triangle mesh whose indices are known to lie inside its vertices.
pub struct Mesh<'a> {
    /// x y z
    pub vertices: &'a [[f32; 3]],
    pub triangles: &'a [[u32; 3]],
}

impl<'a> Mesh<'a> {
    pub fn new(vertices: &'a [f32], triangles: &'a [u32]) -> Result<Self, String> {
        let count = vertices.len() / 3;
        Self::of(vertices, Self::corners(triangles, count)?, count)
    }

    /// For triangles that `corners` gave for as many vertices.
    pub fn of(vertices: &'a [f32], triangles: &'a [[u32; 3]], count: usize) -> Result<Self, String> {
        expect_length("mesh.vertices", vertices.len(), 3 * count)?;
        Ok(Self {
            vertices: vertices.as_chunks().0,
            triangles,
        })
    }

    /// Indices by threes, each below `count`.
    pub fn corners(triangles: &'a [u32], count: usize) -> Result<&'a [[u32; 3]], String> {
        let (corners, rest) = triangles.as_chunks();
        if !rest.is_empty() {
            return Err(format!(
                "Expected a multiple of 3 indices for mesh.triangles but received {}.",
                triangles.len()
            ));
        }
        match largest(triangles) {
            largest if !triangles.is_empty() && largest as usize >= count => Err(format!(
                "Expected indices below {count} for mesh.triangles but received {largest}."
            )),
            _ => Ok(corners),
        }
    }

    /// `numbers` as one x y z for each vertex.
    pub fn per_vertex<'b>(&self, numbers: &'b [f32], name: &str) -> Result<&'b [[f32; 3]], String> {
        expect_length(name, numbers.len(), 3 * self.vertices.len())?;
        Ok(numbers.as_chunks().0)
    }
}

pub fn expect_length(name: &str, received: usize, expected: usize) -> Result<(), String> {
    if received == expected {
        return Ok(());
    }
    Err(format!(
        "Expected {expected} numbers for {name} but received {received}."
    ))
}

vectorized! {
    fn largest(indices: &[u32]) -> u32 {
        indices.iter().fold(0, |largest, &index| largest.max(index))
    }
}
