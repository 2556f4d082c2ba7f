import type { FaceDetector } from './face-detector.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { sampleCrop, sampleCropOfReduced } from '../../core/faces/aligned-crop.js';
import { suppressNested, suppressOverlaps } from '../../core/faces/non-maximum-suppression.js';
import { applyTransform, type SimilarityTransform } from '../../core/faces/similarity-transform.js';
import { ReducedImages } from '../../core/images/reduced-images.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { DetectorManifest, PixelNormalisation, TensorLayout } from '../../core/models/manifest.js';
import type { Photograph } from '../decode/photograph.js';
import type { OnnxSession } from '../runtime/onnx-session.js';
import { PixelTensorEncoder } from '../runtime/pixel-tensor.js';
import { BLAZEFACE_INPUT_PIXELS, decodeBlazeFace, type FaceCandidate } from './blazeface.js';
import {
  boxOfMesh,
  cropAroundCandidate,
  cropAroundMesh,
  decodeFaceMesh,
  FACE_MESH_INPUT_PIXELS,
  landmarksOfMesh,
  type FaceMesh,
} from './face-mesh.js';
import { firstLook, secondLook, type SearchWindow } from './search-windows.js';

const blazeFaceSize = { width: BLAZEFACE_INPUT_PIXELS, height: BLAZEFACE_INPUT_PIXELS };
const faceMeshSize = { width: FACE_MESH_INPUT_PIXELS, height: FACE_MESH_INPUT_PIXELS };

/** FaceMesh takes pixels from 0 to 1. */
const faceMeshPixels: PixelNormalisation & TensorLayout = {
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [0, 0, 0],
  scale: [255, 255, 255],
};

/** Of 29 such faces in photographs of one person, 28 lay inside the right one by more; no face of a crowd did. */
const MAXIMUM_SHARE_INSIDE = 0.7;

/**
 * The detector that npm ships: BlazeFace proposes faces, FaceMesh finds their landmarks and says whether there is a
 * face at all. A face's probability is the product of both networks' judgements, since either alone is
 * wrong on textures.
 */
export class BlazeFaceMeshDetector implements FaceDetector {
  private readonly blazeFaceEncoder: PixelTensorEncoder;
  private readonly faceMeshEncoder = new PixelTensorEncoder(faceMeshPixels);

  /**
   * @param blazeFace the manifest's `detector` graph
   * @param faceMesh  the manifest's `landmarks` graph
   */
  constructor(
    private readonly blazeFace: OnnxSession,
    private readonly faceMesh: OnnxSession,
    private readonly manifest: DetectorManifest,
  ) {
    this.blazeFaceEncoder = new PixelTensorEncoder(manifest.input);
  }

  /** @throws Failure MODEL_INVALID where a graph's outputs are not those of its network */
  async detect(photograph: Photograph): Promise<readonly DetectedFace[]> {
    const { image } = await photograph.pixels(1);
    const faces = await this.search(image, firstLook(image.width, image.height));
    return faces.length > 0 ? faces : this.search(image, secondLook(image.width, image.height));
  }

  private async search(image: RgbImage, windows: readonly SearchWindow[]): Promise<readonly DetectedFace[]> {
    const candidates: FaceCandidate[] = [];
    const reductions = new ReducedImages(image);
    for (const window of windows) candidates.push(...(await this.propose(reductions, window)));
    const faces: DetectedFace[] = [];
    for (const candidate of suppressOverlaps(candidates, this.manifest.maximumOverlap)) {
      const face = await this.examine(image, candidate);
      if (face !== undefined) faces.push(face);
    }
    // Windows may cut a face in two; its meshes, drawn from the whole photograph, then coincide.
    const separate = suppressOverlaps(faces, this.manifest.maximumOverlap);
    // The closer windows show parts of a large face, in which both networks may see a small one.
    return suppressNested(separate, MAXIMUM_SHARE_INSIDE);
  }

  /** Candidates of one window, in pixels of the photograph. */
  private async propose(reductions: ReducedImages, window: SearchWindow): Promise<readonly FaceCandidate[]> {
    const scale = window.sidePixels / BLAZEFACE_INPUT_PIXELS;
    const inputToImage = { a: scale, b: 0, translationX: window.x, translationY: window.y };
    const crop = sampleCropOfReduced(reductions, betweenPixelCentres(inputToImage), blazeFaceSize);
    const outputs = await this.blazeFace.run(
      this.blazeFaceEncoder.encode([{ image: crop, mirrored: false }]),
    );
    return decodeBlazeFace(outputs, this.manifest.minimumProbability).map((candidate) =>
      candidateInImage(candidate, inputToImage),
    );
  }

  /** @returns undefined where the candidate turns out to be no face */
  private async examine(image: RgbImage, candidate: FaceCandidate): Promise<DetectedFace | undefined> {
    const requiredPresence = this.manifest.minimumProbability / candidate.probability;
    let mesh = await this.fitMesh(image, cropAroundCandidate(candidate));
    if (mesh.presence < requiredPresence) {
      // A box that is off by much spoils the crop; the mesh then still leans towards the face.
      mesh = await this.fitMesh(image, cropAroundMesh(mesh));
    }
    if (!(mesh.presence >= requiredPresence)) return undefined;
    return {
      box: boxOfMesh(mesh),
      landmarks: landmarksOfMesh(mesh),
      probability: candidate.probability * mesh.presence,
    };
  }

  private async fitMesh(image: RgbImage, cropToImage: SimilarityTransform): Promise<FaceMesh> {
    const crop = sampleCrop(image, betweenPixelCentres(cropToImage), faceMeshSize);
    const outputs = await this.faceMesh.run(this.faceMeshEncoder.encode([{ image: crop, mirrored: false }]));
    return decodeFaceMesh(outputs, cropToImage);
  }
}

/** The networks' coordinates start at the border of the first pixel, those of `sampleCrop` at its centre. */
function betweenPixelCentres({ a, b, translationX, translationY }: SimilarityTransform): SimilarityTransform {
  return {
    a,
    b,
    translationX: translationX + (a - b) / 2 - 0.5,
    translationY: translationY + (a + b) / 2 - 0.5,
  };
}

function candidateInImage(candidate: FaceCandidate, inputToImage: SimilarityTransform): FaceCandidate {
  const { x, y } = applyTransform(inputToImage, candidate.box);
  return {
    box: { x, y, width: inputToImage.a * candidate.box.width, height: inputToImage.a * candidate.box.height },
    leftEye: applyTransform(inputToImage, candidate.leftEye),
    rightEye: applyTransform(inputToImage, candidate.rightEye),
    probability: candidate.probability,
  };
}
