import { describe, expect, it } from 'vitest';

import { chooseActiveBackbone, chooseActiveDetector } from './active-version.js';
import type { DetectorFamily, ModelVersion } from '../../../core/models/manifest.js';
import { arcFacePreset, retinaFacePreset } from '../../../core/models/presets.js';

const described = { displayName: 'net', license: 'MIT', source: 'made up' };
const graph = { fileName: 'net.onnx', sha256: '0'.repeat(64) };

function detector(id: string, family: DetectorFamily, day: number): ModelVersion {
  const manifest = { ...retinaFacePreset, ...described, family, graphs: { detector: graph } };
  return { id, contractDigest: id, createTime: new Date(Date.UTC(2026, 0, day)).toISOString(), manifest };
}

function backbone(id: string, day: number): ModelVersion {
  const manifest = { ...arcFacePreset({ dimension: 128 }), ...described, graph };
  return { id, contractDigest: id, createTime: new Date(Date.UTC(2026, 0, day)).toISOString(), manifest };
}

describe('chooseActiveDetector', () => {
  const shipped = detector('shipped', 'retinaface', 1);
  const older = detector('older', 'retinaface', 2);
  const newer = detector('newer', 'retinaface', 3);
  const scrfd = detector('scrfd', 'scrfd', 4);

  it('takes what was activated', () => {
    expect(chooseActiveDetector([shipped, newer, scrfd], 'scrfd')).toBe(scrfd);
  });

  it('prefers the newest RetinaFace, the shipped one where none was imported, to later imports of others', () => {
    expect(chooseActiveDetector([newer, older, shipped, scrfd], undefined)).toBe(newer);
    expect(chooseActiveDetector([shipped, scrfd], undefined)).toBe(shipped);
    expect(chooseActiveDetector([scrfd], undefined)).toBe(scrfd);
  });

  it('finds none among backbones', () => {
    expect(chooseActiveDetector([backbone('b', 1)], undefined)).toBeUndefined();
  });

  it('puts nothing in the place of an activated one that is gone', () => {
    expect(() => chooseActiveDetector([shipped], 'gone')).toThrow(/gone is not installed/);
  });
});

describe('chooseActiveBackbone', () => {
  it('stays with the first until another is activated', () => {
    const versions = [backbone('second', 2), backbone('first', 1), detector('d', 'yunet', 1)];
    expect(chooseActiveBackbone(versions, undefined)?.id).toBe('first');
    expect(chooseActiveBackbone(versions, 'second')?.id).toBe('second');
    expect(() => chooseActiveBackbone(versions, 'd')).toThrow(/not installed/);
  });

  it('prefers the one of a name where none was activated', () => {
    const named = backbone('third', 3);
    const preferred = { ...named, manifest: { ...named.manifest, displayName: 'net-int8' } };
    const versions = [backbone('first', 1), backbone('second', 2), preferred];
    expect(chooseActiveBackbone(versions, undefined, 'net-int8')?.id).toBe('third');
    expect(chooseActiveBackbone(versions, 'second', 'net-int8')?.id).toBe('second');
    expect(chooseActiveBackbone(versions, undefined, 'absent')?.id).toBe('first');
  });
});
