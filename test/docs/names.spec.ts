import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { statusOfReason } from '../../src/service/platform/grpc/rich-status.js';
import { inlineCode, pages, text } from './markdown.js';

const api = text('docs/api.md');
const configuration = text('docs/configuration.md');

/** Services, methods, messages and enums of the contract, which docs/api.md has headings for. */
const contractNames = new Set([...api.matchAll(/^#{2,4} (\w+)$/gmu)].map(([, name = '']) => name));

/** Environment variables of other programs. */
const variables = ['UV_THREADPOOL_SIZE', 'ONNXRUNTIME_NODE_INSTALL'];

/** What looks like a method of the contract: `CreateCollection`, `WatchEvaluation`, `ModelService.GetModelVersion`. */
const methodName =
  /\b(?:Create|Get|List|Update|Delete|Watch|Cancel|Revoke|Start|Stop|Import|Activate|Enroll)[A-Z][a-z]\w+\b/gu;
const serviceName = /\b[A-Z]\w+Service\b/gu;

/** Words in capitals between backticks that are neither a reason, a status, a setting nor a word of the contract. */
function unknownWords(page: string): readonly string[] {
  const words = inlineCode(page).filter((code) => /^[A-Z]+(?:_[A-Z0-9]+)+$/u.test(code));
  return words.filter(
    (word) =>
      !(word in statusOfReason) &&
      !(word in status) &&
      !configuration.includes(word) &&
      !variables.includes(word) &&
      !new RegExp(`(?:\\b|_)${word}\\b`, 'u').test(api),
  );
}

function unknownNames(page: string): readonly string[] {
  const named = [...page.matchAll(methodName), ...page.matchAll(serviceName)].map(([name]) => name);
  return [...new Set(named)].filter((name) => !contractNames.has(name));
}

/** Results and decisions say what was; the contract's pages are made from it. */
const current = pages().filter(
  (file) => !/^(?:docs\/(?:results|adr|libraries|how-to)\/|docs\/api\.md|CHANGELOG)/u.test(file),
);

describe.each(current)('%s', (file) => {
  it('names services and methods of the contract', () => {
    expect(unknownNames(text(file))).toEqual([]);
  });

  it('names reasons, statuses and settings that there are', () => {
    expect(unknownWords(text(file))).toEqual([]);
  });
});

describe('the check of names', () => {
  it('finds what there is not', () => {
    const page =
      'ModelService.GetModelVersion, ModelService.GetModels, FaceService; `MODEL_INVALID`, `MODEL_LOST`';
    expect(unknownNames(page)).toEqual(['GetModels', 'FaceService']);
    expect(unknownWords(page)).toEqual(['MODEL_LOST']);
  });
});
