import { FACEBOXES_RANGES, MB05_RANGES } from './quantize/published-ranges.ts'
import type { ActivationRanges } from './quantize/ranges.ts'

/** Where a file is published. */
export interface UpstreamSource {
  /** `owner/name`. */
  readonly repository: string
  readonly commit: string
  readonly path: string
}

export interface UpstreamFile {
  readonly id: string
  /** Absent for what is not in a repository; `note` then says where it is. */
  readonly source?: UpstreamSource
  /** Size; absent where the published file could not be measured. */
  readonly bytes?: number
  /** sha1 of "blob <size>\0" + content, which pins it; absent for files that only a user can bring. */
  readonly blobId?: string
  /** Of the content, where it is known; checked besides the blob id. */
  readonly sha256?: string
  readonly licence: LicenceId
  readonly note?: string
  /** Where below a local folder it may lie besides the usual places. */
  readonly local?: string
  /** The same numbers stored in another way, which serve as well. */
  readonly twins?: readonly { readonly blobId: string; readonly bytes: number }[]
}

/** A replacement for a published file that may be used when that cannot be had. */
export interface StandIn {
  readonly replaces: string
  readonly blobId: string
  readonly bytes: number
  readonly note: string
}

export type ArtifactKind =
  | 'regressor'
  | 'faceboxes'
  | 'ultraface'
  | 'yunet'
  | 'morphable-model'
  | 'uv-topology'
  | 'position-map'

/** What the importer makes: one file of ours from one or more upstream files. */
export interface Artifact {
  readonly id: string
  readonly kind: ArtifactKind
  readonly description: string
  readonly file: string
  /** Role in the importer -> upstream file id. */
  readonly inputs: Readonly<Record<string, string>>
  /** Makes it the network in 8 bits, see `quantizeNetwork`. */
  readonly ranges?: ActivationRanges
}

export interface Manifest {
  readonly files: readonly UpstreamFile[]
  readonly standIns: readonly StandIn[]
  readonly artifacts: readonly Artifact[]
}

export type LicenceId = 'MIT' | 'Apache-2.0' | 'BFM'

export const LICENCES: Readonly<Record<LicenceId, { readonly name: string; readonly terms: string }>> = {
  MIT: { name: 'MIT License', terms: 'Free use with the copyright notice kept.' },
  'Apache-2.0': { name: 'Apache License 2.0', terms: 'Free use with notices kept; patent grant.' },
  BFM: {
    name: 'Basel Face Model licence',
    terms:
      'Derived from the Basel Face Model (University of Basel): academic, non-commercial use only. Ask its owners for anything else.',
  },
}

const TDDFA = { repository: 'cleardusk/3DDFA_V2', commit: '1b6c67601abffc1e9f248b291708aef0e43b55ae' }
const tddfa = (path: string): UpstreamSource => ({ ...TDDFA, path })

const PRNET = { repository: 'YadiraF/PRNet', commit: 'fc12fe5e1f1462bdea52409b213d0cf1c8cf6c5b' }
const prnet = (name: string): UpstreamSource => ({ ...PRNET, path: `Data/uv-data/${name}` })
const prnetKeras = (name: string): UpstreamSource => ({
  repository: 'kameo4189/PRNet-keras',
  commit: '8d6e79d56609a1569c2ed138c8435f5e5f6a42d6',
  path: `resource/UV/${name}`,
})

const regressor = (id: string, description: string): Artifact => ({
  id,
  kind: 'regressor',
  description,
  file: `${id}.onnx`,
  inputs: { checkpoint: id, meanStd: 'param-mean-std' },
})

/** Every upstream file, pinned, and what becomes of it. */
export const MANIFEST: Manifest = {
  files: [
    {
      id: 'mb05',
      source: tddfa('weights/mb05_120x120.pth'),
      bytes: 3752462,
      blobId: '6b7be882d53da54cc84732b295695d5c89c93bc3',
      sha256: 'f93ed7f1c4c0382b16d7c18480a5f67473c1917a47475a9823924f38aeb27280',
      licence: 'MIT',
    },
    // Its size is not recorded: the blob id alone pins it.
    {
      id: 'mb1',
      source: tddfa('weights/mb1_120x120.pth'),
      blobId: 'bb78e0cd616fa578febb725b4be3a3ddd546f6b4',
      licence: 'MIT',
    },
    {
      id: 'resnet22',
      licence: 'MIT',
      note: `resnet22.pth is only on the drives that weights/readme.md of ${TDDFA.repository} links to; download it by hand, then: 3ddfa models import resnet22 --checkpoint resnet22.pth`,
    },
    {
      id: 'param-mean-std',
      source: tddfa('configs/param_mean_std_62d_120x120.pkl'),
      bytes: 713,
      blobId: '110c0f3eda9f7c610dd20a4ac96de848b76de443',
      sha256: '090d7150f77cb66c29ddae21e4508fbde59123dcd1dea7facc24a7ed06d1c795',
      licence: 'MIT',
    },
    {
      id: 'faceboxes',
      source: tddfa('FaceBoxes/weights/FaceBoxesProd.pth'),
      bytes: 4072492,
      blobId: '89c411c20eb55668e224b04cba549687ea242b57',
      sha256: 'c0cb2b1e40710c0aa5fc32a8759b1496a0fe0a126c907ca0ffe35b4bd0709d09',
      licence: 'MIT',
    },
    {
      id: 'bfm',
      source: tddfa('configs/bfm_noneck_v3.pkl'),
      blobId: '7a44e1e29d658fc5d7303eb07cd820b23daab34a',
      licence: 'BFM',
    },
    {
      id: 'tri',
      source: tddfa('configs/tri.pkl'),
      bytes: 913040,
      blobId: '31b52dcfb1a823649a6157f784ce39304c96ca6d',
      sha256: '0562a594d8369f7d1c86306522ff76fd3a2c81cf90ba9443893c1191ad0abbb8',
      licence: 'BFM',
    },
    {
      id: 'ncc',
      source: tddfa('configs/ncc_code.npy'),
      bytes: 460508,
      blobId: 'b1411ff3a716a1d87d43c865525007e6d65fd2f0',
      sha256: 'edab94fb09d2e25660d62eb068316becf8998e793dfe2ae3ac89196ebc0af981',
      licence: 'BFM',
    },
    {
      id: 'uv',
      source: tddfa('configs/BFM_UV.mat'),
      bytes: 779401,
      blobId: 'fa205443b62307647358facf6fd92b13166d0d86',
      sha256: '60be915f601563e274d9737abd54c6b925e8e737fa1c89d3cd64933315629ce1',
      licence: 'BFM',
    },
    {
      id: 'indices',
      source: tddfa('configs/indices.npy'),
      bytes: 153588,
      blobId: '8dc0fbd5fcd3f46528ce0c8cb40fd5fa8432bed4',
      sha256: 'b341debcdf26492332c1f96ced438e727e74164d1524cab9cca0aedf6ccd39c8',
      licence: 'BFM',
    },
    {
      id: 'ultraface',
      source: {
        repository: 'Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB',
        commit: 'dffdddda9794a50607cba8f318507a28c1c27cab',
        path: 'models/onnx/version-RFB-320_without_postprocessing.onnx',
      },
      bytes: 1163666,
      blobId: '388f54900221e36d4bdf4f0f715e29e1b486ce40',
      sha256: 'd7c687949526065ab6a192fdf993360045ce27b0fabf7c9fca5c2437b786b495',
      licence: 'MIT',
    },
    {
      id: 'yunet',
      source: {
        repository: 'ShiqiYu/libfacedetection.train',
        commit: '0047ac24afb1a50a0c6105001c89d1b5b805dbf1',
        path: 'onnx/yunet_n_dynamic.onnx',
      },
      bytes: 322906,
      blobId: '23b062e32f4484194cbe167b78b684f0b272e220',
      sha256: '104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12',
      licence: 'Apache-2.0',
    },
    {
      id: 'prnet-index',
      source: { ...PRNET, path: 'Data/net-data/256_256_resfcn256_weight.index' },
      bytes: 20319,
      blobId: '320723512d2fc8779aeebe880d6604263d20f1d0',
      sha256: 'cb88192fcf744b8e26d1ea6a2681cd90f102a2d977ab1bac3026bdf4ce785744',
      licence: 'MIT',
      local: 'PRNet/net-data/256_256_resfcn256_weight.index',
    },
    {
      id: 'prnet-data',
      licence: 'MIT',
      note: `256_256_resfcn256_weight.data-00000-of-00001 is only on the drive that README.md of ${PRNET.repository} links to; download it by hand, then: 3ddfa models import prnet --data FILE`,
    },
    {
      id: 'prnet-face-ind',
      source: prnet('face_ind.txt'),
      bytes: 1096675,
      blobId: '5b2b9ddb37e1fb1ae4471013c80ca0d57b084dbe',
      sha256: '86a7ce5131d3c827c368fd3c1236ded6b5d80802f1abd5cf98940ba0595ab231',
      licence: 'MIT',
      local: 'PRNet/uv-data/face_ind.txt',
    },
    {
      id: 'prnet-kpt-ind',
      source: prnet('uv_kpt_ind.txt'),
      bytes: 3400,
      blobId: '73c56b6a71e078cc0e73421887a0de6853bda361',
      sha256: '158f329a0e5518b7553195cf2373f91b9ada697b6071cdafb52b573d488a1c60',
      licence: 'MIT',
      local: 'PRNet/uv-data/uv_kpt_ind.txt',
    },
    {
      id: 'prnet-canonical',
      source: prnet('canonical_vertices.npy'),
      bytes: 1052888,
      blobId: '29f6432d9bc0eea28792a2f2688466aa1560c442',
      sha256: '724ceae7e9be10a86670159f3cdc4a4abd5bd8d3c29a475c17115b6ada55112c',
      licence: 'BFM',
      local: 'PRNet/uv-data/canonical_vertices.npy',
    },
    {
      id: 'prnet-triangles',
      source: {
        repository: 'MCG-NJU/SADRNet',
        commit: 'a5e6fac904c66711a6e9457fc603bd7b6d348d21',
        path: 'data/uv_data/uv_triangles.npy',
      },
      bytes: 4171664,
      blobId: '91523a15ee4e45308ee3f4b3328f3a9b42b0cac9',
      sha256: '32ffcb4ed8f5ae24bc4bb27b5938e0c75e6f6a3d207bdf894d7131c5da14d9ae',
      licence: 'Apache-2.0',
      local: 'PRNet/topology/uv_triangles.npy',
      // As int16.
      twins: [{ blobId: '9185aae7c1fead7fb877c14b906b1bae86dc490e', bytes: 1043012 }],
    },
    {
      id: 'prnet-bfm-corners',
      source: prnetKeras('uv_face_ind_to_org_triangles.txt'),
      bytes: 759737,
      blobId: 'd73bccf89455c11d84d0716246719d8e9f303961',
      sha256: '7a4c7f39cbe33663b2fb6b6d8344f989b21a9b9497e88aef639d7c48953ad72d',
      licence: 'BFM',
      local: 'PRNet/topology/uv_face_ind_to_org_triangles.txt',
    },
    {
      id: 'prnet-bfm-weights',
      source: prnetKeras('uv_face_ind_to_org_triweights.txt'),
      bytes: 3290025,
      blobId: '7f0683143ef50dda178738170f1eaf6be213f364',
      sha256: 'cf115823f3c286062b872cf79745cfaa25a5e8ef55a01ce027d03959b2ed3c93',
      licence: 'BFM',
      local: 'PRNet/topology/uv_face_ind_to_org_triweights.txt',
    },
  ],
  standIns: [
    {
      replaces: 'bfm',
      blobId: 'c23abb793dc72308a1a85be4666848ea775c3f1b',
      bytes: 23481394,
      note: 'same layout and mean face; the shape basis is rebuilt from samples and the expression basis is smooth between the landmarks, so dense results differ slightly from the published model',
    },
  ],
  artifacts: [
    regressor('mb05', 'parameter regressor, MobileNetV1 x0.5, 120x120 (the default)'),
    {
      ...regressor('mb05-int8', 'mb05 in 8 bits: about as exact; faster with 8-bit dot products (VNNI, ARM)'),
      inputs: { checkpoint: 'mb05', meanStd: 'param-mean-std' },
      ranges: MB05_RANGES,
    },
    regressor('mb1', 'parameter regressor, MobileNetV1 x1, 120x120'),
    regressor('resnet22', 'parameter regressor, ResNet-22, 120x120 (file by hand)'),
    {
      id: 'faceboxes',
      kind: 'faceboxes',
      description: 'face detector FaceBoxes (the default)',
      file: 'faceboxes.onnx',
      inputs: { checkpoint: 'faceboxes' },
    },
    {
      id: 'faceboxes-int8',
      kind: 'faceboxes',
      description: 'FaceBoxes in 8 bits: finds the same faces; faster with 8-bit dot products (VNNI, ARM)',
      file: 'faceboxes-int8.onnx',
      inputs: { checkpoint: 'faceboxes' },
      ranges: FACEBOXES_RANGES,
    },
    {
      id: 'ultraface',
      kind: 'ultraface',
      description: 'face detector UltraFace RFB-320',
      file: 'ultraface.onnx',
      inputs: { model: 'ultraface' },
    },
    { id: 'yunet', kind: 'yunet', description: 'face detector YuNet', file: 'yunet.onnx', inputs: { model: 'yunet' } },
    {
      id: 'bfm',
      kind: 'morphable-model',
      description: 'Basel face model without neck: 38,365 vertices, 40 shape and 10 expression components',
      file: 'bfm_noneck_v3.safetensors',
      inputs: { bfm: 'bfm', tri: 'tri', ncc: 'ncc', uv: 'uv', indices: 'indices' },
    },
    {
      id: 'prnet',
      kind: 'position-map',
      description: 'position-map regressor PRNet, 256x256 (file by hand)',
      file: 'prnet.onnx',
      inputs: { index: 'prnet-index', data: 'prnet-data' },
    },
    {
      id: 'prnet-uv',
      kind: 'uv-topology',
      description: "PRNet's UV mesh (43,867 vertices) and its map to the Basel model: for position maps",
      file: 'prnet_uv.safetensors',
      inputs: {
        cells: 'prnet-face-ind',
        landmarks: 'prnet-kpt-ind',
        canonical: 'prnet-canonical',
        triangles: 'prnet-triangles',
        corners: 'prnet-bfm-corners',
        weights: 'prnet-bfm-weights',
        indices: 'indices',
      },
    },
  ],
}
