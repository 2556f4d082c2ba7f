import { describe, expect, it } from 'vitest';

import { chooseActiveVersion } from './active-version.js';
import type { DetectorFamily, ModelVersion } from '../../../core/models/manifest.js';
import { arcFacePreset, retinaFacePreset } from '../../../core/models/presets.js';

const described = { displayName: 'net', license: 'MIT', source: 'made up' };
const graph = { fileName: 'net.onnx', sha256: '0'.repeat(64) };

function detector(id: string, family: DetectorFamily, day: number): ModelVersion {
  const manifest = { ...retinaFacePreset, ...described, family, graphs: { detector: graph } };
  return { id, contractDigest: id, createTime: new Date(Date.UTC(2026, 0, day)).toISOString(), manifest };
}

function backbone(id: string, day: number, displayName = 'net'): ModelVersion {
  const manifest = { ...arcFacePreset({ dimension: 128 }), ...described, displayName, graph };
  return { id, contractDigest: id, createTime: new Date(Date.UTC(2026, 0, day)).toISOString(), manifest };
}

describe('chooseActiveVersion', () => {
  const first = detector('first', 'retinaface', 2);
  const later = detector('later', 'retinaface', 3);
  const scrfd = detector('scrfd', 'scrfd', 4);

  it('takes what was activated, whatever else there is', () => {
    expect(chooseActiveVersion('detector', [first, later, scrfd], 'scrfd', 'net')).toBe(scrfd);
    expect(chooseActiveVersion('detector', [first, later, scrfd], 'first', 'net')).toBe(first);
  });

  it.each(['detector', 'backbone'] as const)('stays with the first %s, whatever is imported later', (kind) => {
    const imported = [later, backbone('second', 3), scrfd, first, backbone('first-net', 1)];
    const expected = kind === 'detector' ? 'first' : 'first-net';
    expect(chooseActiveVersion(kind, imported, undefined)?.id).toBe(expected);
    expect(chooseActiveVersion(kind, imported, undefined, 'absent')?.id).toBe(expected);
  });

  it('prefers the newest of the name that comes with SymFace where none was activated', () => {
    const versions = [backbone('a', 1), backbone('old', 2, 'shipped'), backbone('new', 3, 'shipped')];
    expect(chooseActiveVersion('backbone', versions, undefined, 'shipped')?.id).toBe('new');
    expect(chooseActiveVersion('backbone', versions, 'a', 'shipped')?.id).toBe('a');
  });

  it('finds none among models of another kind', () => {
    expect(chooseActiveVersion('detector', [backbone('b', 1)], undefined)).toBeUndefined();
    expect(() => chooseActiveVersion('backbone', [backbone('b', 1), first], 'first')).toThrow(/not installed/);
  });

  it('puts nothing in the place of an activated one that is gone', () => {
    expect(() => chooseActiveVersion('detector', [first], 'gone')).toThrow(/gone is not installed/);
  });
});
