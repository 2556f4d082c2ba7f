import type { ListWorstPairsResponse__Output } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import type { WorstPair__Output } from '../../generated/symface/v1/WorstPair.js';
import type { WorstPairImage__Output } from '../../generated/symface/v1/WorstPairImage.js';
import { escapeXml } from '../../training/report/axes.js';

/** The images where a model errs most, inside the page. */
export function worstPairsHtml({ falseMatches, falseNonMatches }: ListWorstPairsResponse__Output): string {
  return [
    '<h2>Most similar impostor pairs</h2>',
    pairsHtml(falseMatches),
    '<h2>Least similar genuine pairs</h2>',
    pairsHtml(falseNonMatches),
  ].join('\n');
}

function pairsHtml(pairs: readonly WorstPair__Output[]): string {
  const figures = pairs.map(
    ({ similarity, first, second }) =>
      `<figure class="pair">${imageHtml(first)}${imageHtml(second)}<figcaption>${similarity.toFixed(4)}</figcaption></figure>`,
  );
  return `<div class="pairs">${figures.join('\n')}</div>`;
}

function imageHtml(image: WorstPairImage__Output | null): string {
  if (image === null) return '';
  const data = `data:image/png;base64,${image.alignedPng.toString('base64')}`;
  return `<img src="${data}" alt="${escapeXml(image.name)}" title="${escapeXml(image.name)}">`;
}
