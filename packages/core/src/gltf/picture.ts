// Apart from what needs glTF-Transform, whose types are not part of our own.

/** An encoded picture on a face. */
export interface FaceTexture {
  readonly data: Uint8Array
  readonly mimeType: 'image/png' | 'image/jpeg'
  /** Colours of the lining of the face's mouth, see `mouthColors`; dark unless given. */
  readonly mouth?: Float32Array | undefined
}

/** Size of the picture: its centre becomes the origin, its longer side one unit. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}
