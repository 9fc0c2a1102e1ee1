use crate::simd::vectorized;

/// A triangle mesh whose indices are known to lie inside its vertices.
pub struct Mesh<'a> {
    /// x y z
    pub vertices: &'a [[f32; 3]],
    pub triangles: &'a [[u32; 3]],
}

impl<'a> Mesh<'a> {
    pub fn new(vertices: &'a [f32], triangles: &'a [u32]) -> Result<Self, String> {
        let ((points, rest), (corners, tail)) = (vertices.as_chunks(), triangles.as_chunks());
        if !rest.is_empty() || !tail.is_empty() {
            return Err(format!(
                "Expected multiples of 3 for a mesh but received {} coordinates and {} indices.",
                vertices.len(),
                triangles.len()
            ));
        }
        match largest(triangles) {
            largest if !triangles.is_empty() && largest as usize >= points.len() => Err(format!(
                "Expected indices below {} for mesh.triangles but received {largest}.",
                points.len()
            )),
            _ => Ok(Self {
                vertices: points,
                triangles: corners,
            }),
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
