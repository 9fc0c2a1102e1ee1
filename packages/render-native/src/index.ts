export { createNativeBackend } from './native-backend.ts'
