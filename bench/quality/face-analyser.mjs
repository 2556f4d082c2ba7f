/** The service's own pipeline with the models of a data folder: from a photograph's bytes to the largest face. */
import { defaultImageLimits } from '../../dist/inference/decode/sharp-image-decoder.js';
import { loadImageAnalyser } from '../../dist/inference/analyser/load-image-analyser.js';
import { ModelFiles } from '../../dist/storage/models/model-files.js';

/**
 * Loads a detector and a backbone, by display name or version id.
 * @returns `{ versions, manifest, analyse }`; `analyse(bytes, wantCrops)` gives an `AnalysedFace`, undefined where no face is found
 */
export async function loadFaceAnalyser(dataFolder, { detector, backbone }) {
  const models = {
    detector: await modelNamed(dataFolder, 'detector', detector),
    backbone: await modelNamed(dataFolder, 'backbone', backbone),
  };
  const analyser = await loadImageAnalyser({
    models,
    intraOpThreads: 1,
    maximumBatchSize: 1,
    imageLimits: defaultImageLimits,
  });
  const { signal } = new AbortController();
  const analyse = async (encoded, wantCrops = false) => {
    const request = {
      encoded,
      kind: /** @type {const} */ ('photograph'),
      selection: /** @type {const} */ ('largest'),
      wantEmbeddings: true,
      wantCrops,
    };
    try {
      return (await analyser.analyse(request, signal)).faces[0];
    } catch (error) {
      if (error.reason === 'FACE_NOT_FOUND') return undefined;
      throw error;
    }
  };
  const versions = { detector: models.detector.version.id, backbone: models.backbone.version.id };
  return { versions, manifest: models.backbone.version.manifest, analyse };
}

/** The newest of that name. @throws Error naming those that there are */
export async function modelNamed(dataFolder, kind, name) {
  const all = (await new ModelFiles(dataFolder).list()).filter(
    ({ version }) => version.manifest.kind === kind,
  );
  const found = all.findLast(({ version }) => version.id === name || version.manifest.displayName === name);
  if (found !== undefined) return found;
  const known = all.map(({ version }) => version.manifest.displayName).join(', ') || 'none';
  throw new Error(
    `${dataFolder} has no ${kind} "${name}"; it has ${known}. Run "npm start" once, or name another.`,
  );
}
