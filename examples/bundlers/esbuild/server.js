import { SessionParamRegressor } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { regressorPath } from '@3ddfa/open-models/node'

const session = await createNodeSession(regressorPath)
const regressor = new SessionParamRegressor(session, 'open')
console.log(session.runtime, regressor.inputSize)
await regressor.dispose()
