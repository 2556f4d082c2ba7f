import { describe, expect, it } from 'vitest';

import { arcFaceTemplate, dlibTemplate } from '../geometry/alignment-template.js';
import { mapLandmarks } from '../geometry/landmarks.js';
import type { BackboneManifest, ModelVersion } from '../model/manifest.js';
import { arcFacePreset, retinaFacePreset } from '../model/presets.js';
import { requireTrainable } from './trainable-parent.js';

function versionOf(manifest: object): ModelVersion {
  return {
    id: 'net-0123456789ab',
    contractDigest: '',
    createTime: '',
    manifest: manifest as BackboneManifest,
  };
}

const arcFace = arcFacePreset({ dimension: 8 });

describe('requireTrainable', () => {
  it("takes backbones of ArcFace's template, whole or its middle columns", () => {
    const narrow = {
      ...arcFaceTemplate,
      width: 96,
      landmarks: mapLandmarks(arcFaceTemplate.landmarks, ({ x, y }) => ({ x: x - 8, y })),
    };
    for (const alignment of [arcFaceTemplate, { ...arcFaceTemplate, name: 'own' }, narrow]) {
      expect(requireTrainable(versionOf({ ...arcFace, alignment }))).toMatchObject({ kind: 'backbone' });
    }
  });

  it.each([
    ['a detector', retinaFacePreset, /it is a detector/u],
    ['another template', { ...arcFace, alignment: dlibTemplate }, /dlib-150 \(150x150 pixels\)/u],
    [
      "ArcFace's size with other points",
      {
        ...arcFace,
        alignment: {
          ...arcFaceTemplate,
          landmarks: mapLandmarks(arcFaceTemplate.landmarks, ({ x, y }) => ({ x, y: y + 1 })),
        },
      },
      /112x112/u,
    ],
  ])('refuses %s, saying why', (_name, manifest, why) => {
    const refused = (): unknown => requireTrainable(versionOf(manifest));
    expect(refused).toThrow(expect.objectContaining({ reason: 'MODEL_NOT_TRAINABLE' }));
    expect(refused).toThrow(why);
  });
});
