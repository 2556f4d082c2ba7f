import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { requireSubjectId } from '../../service/platform/resource-names.js';
import { subjectOfName } from './subject-identity.js';

const digest = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 12);

describe('the subject of a name', () => {
  it.each(['plain', 'ada.lovelace', 'A-1_b~c@d+e', '7'])('is %s itself where that can be an id', (name) => {
    expect(subjectOfName(name)).toEqual({ subjectId: name, displayName: '' });
  });

  it.each([
    ['Ada Lovelace', 'Ada-Lovelace'],
    ["O'Brien", 'O-Brien'],
    ['José', 'Jose'],
    ['[test]', 'test'],
    ['张伟', 'subject'],
    ['Łukasz Großmann', 'Lukasz-Grossmann'],
    ['_x', 'x'],
    ['x'.repeat(200), 'x'.repeat(40)],
  ])('of %s is read from its ASCII part and told by its digest', (name, readable) => {
    const subject = subjectOfName(name);
    expect(subject).toEqual({ subjectId: `${readable}~${digest(name)}`, displayName: name });
    expect(requireSubjectId(subject.subjectId, 'id')).toBe(subject.subjectId);
  });

  it('is another one for each name, and one for two ways to write it', () => {
    const names = ['José', 'Josè', 'Jose ', ' Jose', '张伟', '张三'];
    expect(new Set(names.map((name) => subjectOfName(name).subjectId)).size).toBe(names.length);
    expect(subjectOfName('José'.normalize('NFD'))).toEqual(subjectOfName('José'.normalize('NFC')));
  });

  it('refuses what cannot be a name', () => {
    expect(() => subjectOfName('a\nb')).toThrow('has control characters');
    expect(() => subjectOfName('é'.repeat(257))).toThrow('has 257 characters');
  });
});
