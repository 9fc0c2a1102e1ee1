/** Largest picture that is decoded unless told otherwise: 150 megapixels, 450 MB in memory. */
export const MAX_PIXELS_DEFAULT = 150_000_000

/** Largest side that pictures are scaled down to for the detector, pixels. */
export const MAX_DETECT_SIZE = 8192

/** Largest file that is read: 1 GiB. */
export const MAX_FILE_BYTES: number = 2 ** 30
