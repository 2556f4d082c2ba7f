import { describe, expect, it } from 'vitest';

import { arcFaceColumns, dlibTemplate } from '../../../core/faces/alignment-template.js';
import type { BackboneManifest, ModelVersion } from '../../../core/models/manifest.js';
import { arcFacePreset, retinaFacePreset } from '../../../core/models/presets.js';
import { requireTrainable } from './trainable-parent.js';

function versionOf(manifest: object): ModelVersion {
  return {
    id: 'net-0123456789ab',
    contractDigest: '',
    createTime: '',
    manifest: manifest as BackboneManifest,
  };
}

describe('requireTrainable', () => {
  it.each([arcFaceColumns(112), arcFaceColumns(96), dlibTemplate])(
    'takes a backbone of whatever template: $name',
    (alignment) => {
      const manifest = { ...arcFacePreset({ dimension: 8 }), alignment };
      expect(requireTrainable(versionOf(manifest))).toMatchObject({ kind: 'backbone', alignment });
    },
  );

  it('refuses a detector, saying why', () => {
    const refused = (): unknown => requireTrainable(versionOf(retinaFacePreset));
    expect(refused).toThrow(expect.objectContaining({ reason: 'MODEL_NOT_TRAINABLE' }));
    expect(refused).toThrow(/it is a detector/u);
  });

  it('refuses weights in 8 bits, saying what to do', () => {
    const manifest = { ...arcFacePreset({ dimension: 8 }), precision: 'int8' };
    expect(() => requireTrainable(versionOf(manifest))).toThrow(
      /in 8 bits. Name or activate the version in 32 bits/u,
    );
  });
});
