/** A model that is not there, or could not be brought. The message says what to do. */
export class ModelStoreError extends Error {
  override name = 'ModelStoreError'
}

/** The folder that models are kept in cannot be written. */
export class ModelFolderError extends ModelStoreError {
  override name = 'ModelFolderError'
}
