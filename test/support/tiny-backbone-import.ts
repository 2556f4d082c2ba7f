import type { SymFaceClient } from '../../src/client/symface-client.js';
import { tinyBackbone } from './tiny-models.js';

/**
 * Imports a backbone that is of no use but quick.
 * @param testTimeAugmentation of another value makes another version
 * @returns the name of the model version
 */
export async function importTinyBackbone(
  client: SymFaceClient,
  testTimeAugmentation: 'none' | 'horizontal-flip' = 'none',
): Promise<string> {
  const { modelVersion } = await client.model.importModelVersion([
    { manifestJson: JSON.stringify(tinyManifest(testTimeAugmentation)) },
    { graphChunk: tinyBackbone() },
  ]);
  return modelVersion!.name;
}

/** The manifest of a tiny backbone. */
export function tinyManifest(testTimeAugmentation: 'none' | 'horizontal-flip' = 'none') {
  return {
    schemaVersion: 1,
    kind: 'backbone',
    displayName: 'tiny',
    license: 'MIT',
    source: 'made by this test',
    input: {
      width: 112,
      height: 112,
      layout: 'NCHW',
      channelOrder: 'RGB',
      mean: [127.5, 127.5, 127.5],
      scale: [128, 128, 128],
    },
    alignment: 'arcface-112',
    embedding: { dimension: 4, testTimeAugmentation },
  };
}
