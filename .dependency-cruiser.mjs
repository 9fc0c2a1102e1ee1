// The direction of imports: core <- inference, detector, models, render-* <- cli, web-demo, examples, conformance; cli <- benchmarks.
const tests = '\\.test\\.ts$|/test/|/testing\\.ts$'
const library = (folder) => `^(packages/${folder}|${folder})/src/`

/** What the sources of a folder may import from the other folders of this repository. */
const mayImport = {
  core: [],
  inference: ['core'],
  detector: ['core'],
  models: ['core'],
  'render-native': ['core'],
  'render-wasm': ['core'],
  conformance: ['core'],
  cli: ['core', 'inference', 'detector', 'models', 'render-native', 'render-wasm'],
  'web-demo': ['core', 'inference', 'detector', 'models', 'render-wasm'],
  benchmarks: ['core', 'inference', 'detector', 'models', 'render-native', 'render-wasm', 'cli'],
}

const arrows = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: library(folder), pathNot: tests },
  to: {
    path: '^(packages/[^/]+|models|benchmarks|examples)/',
    pathNot: [folder, ...allowed].map((name) => `^(packages/${name}|${name})/`),
  },
}))

export default {
  forbidden: [
    ...arrows,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-is-platform-free',
      severity: 'error',
      from: { path: library('core'), pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-inference-knows-onnxruntime',
      severity: 'error',
      from: { path: '^(packages|models)/', pathNot: `^packages/(inference|cli)/|${tests}` },
      to: { path: 'onnxruntime' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: '/src/', pathNot: tests },
      to: {
        couldNotResolve: true,
        pathNot: '^#|\\.node$|^@bufbuild/protobuf/codegen|^onnxruntime-web/|^three/addons/|^vite$|^vega-lite$',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|target|node_modules/\\.pnpm/(?!onnxruntime))' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
  },
}
