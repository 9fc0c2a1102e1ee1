/** No runtime that was tried could load a network: it is damaged, needs what the runtime lacks, or a provider does not work here. */
export class NetworkLoadError extends Error {
  override name = 'NetworkLoadError'
}
