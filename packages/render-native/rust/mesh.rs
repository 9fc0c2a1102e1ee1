/// A triangle mesh whose indices are known to lie inside its vertices.
pub struct Mesh<'a> {
    /// x y z
    pub vertices: &'a [f32],
    pub triangles: &'a [u32],
}

impl<'a> Mesh<'a> {
    pub fn new(vertices: &'a [f32], triangles: &'a [u32]) -> Result<Self, String> {
        if !vertices.len().is_multiple_of(3) || !triangles.len().is_multiple_of(3) {
            return Err(format!(
                "Expected multiples of 3 for a mesh but received {} coordinates and {} indices.",
                vertices.len(),
                triangles.len()
            ));
        }
        let count = vertices.len() / 3;
        match triangles.iter().max() {
            Some(&largest) if largest as usize >= count => Err(format!(
                "Expected indices below {count} for mesh.triangles but received {largest}."
            )),
            _ => Ok(Self { vertices, triangles }),
        }
    }

    pub fn vertex(&self, index: u32) -> [f32; 3] {
        let at = 3 * index as usize;
        [self.vertices[at], self.vertices[at + 1], self.vertices[at + 2]]
    }
}
