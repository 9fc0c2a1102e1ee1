/**
 * Largest picture that is decoded unless told otherwise: 150 megapixels, 450 MB as RGB. Decoding them takes 0.6 GB in all, and
 * 1 GB where the orientation in EXIF turns them on their side.
 */
export const MAX_PIXELS_DEFAULT = 150_000_000

/** Bytes for each pixel of that limit that a decoder may hold at once: a progressive JPEG of full colour, or 8 bits of red, green and blue twice. */
export const MAX_HELD_PER_PIXEL = 6

/** Largest side that pictures are scaled down to for the detector, pixels. */
export const MAX_DETECT_SIZE = 8192

/** Largest file that is read: 1 GiB. */
export const MAX_FILE_BYTES: number = 2 ** 30
