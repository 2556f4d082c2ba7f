import { expect, it } from 'vitest';
import { requireBoundedTexts } from './request-limits.js';

it.each([
  [{ name: 'x'.repeat(32_000) }, 'name'],
  [{ cron: '*'.repeat(400_000) }, 'cron'],
  [{ pairs: [{}, { policy: { timeZone: 'x'.repeat(1_025) } }] }, 'pairs[1].policy.time_zone'],
  [{ manifestJson: 'x'.repeat(65_537) }, 'manifest_json'],
  [{ datasets: ['a', 'x'.repeat(1_025)] }, 'datasets[1]'],
  [{ datasets: Array.from({ length: 257 }, () => 'a') }, 'datasets'],
])('refuses too long a text wherever it is (%#)', (message, field) => {
  let thrown: unknown;
  try {
    requireBoundedTexts(message);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ reason: 'INVALID_ARGUMENT', fieldViolations: [{ field }] });
});

it('leaves photographs, embeddings, manifests and paths alone', () => {
  requireBoundedTexts({
    image: { content: Buffer.alloc(100_000) },
    embedding: { values: Array.from({ length: 4_096 }, () => 0.5) },
    manifestJson: 'x'.repeat(65_536),
    path: 'x'.repeat(4_000),
    name: 'x'.repeat(1_024),
    missing: null,
  });
});
