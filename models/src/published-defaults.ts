/** Names of the published models that are taken unless others are asked for: regressor, detector and face model. */
export const PUBLISHED_DEFAULTS = { regressor: 'mb05', detector: 'faceboxes', face: 'bfm' } as const
