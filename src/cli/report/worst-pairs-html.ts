import type { ListWorstPairsResponse__Output } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import type { WorstPair__Output } from '../../generated/symface/v1/WorstPair.js';
import type { WorstPairImage__Output } from '../../generated/symface/v1/WorstPairImage.js';
import { html, type Html } from '../../training/report/html.js';

/** The images where a model errs most, inside the page. */
export function worstPairsHtml({ falseMatches, falseNonMatches }: ListWorstPairsResponse__Output): Html {
  return html`<h2>Most similar impostor pairs</h2>
    ${pairsHtml(falseMatches)}
    <h2>Least similar genuine pairs</h2>
    ${pairsHtml(falseNonMatches)}`;
}

function pairsHtml(pairs: readonly WorstPair__Output[]): Html {
  const figures = pairs.map(
    ({ similarity, first, second }) =>
      html`<figure class="pair">
        ${imageHtml(first)}${imageHtml(second)}
        <figcaption>${similarity.toFixed(4)}</figcaption>
      </figure>`,
  );
  return html`<div class="pairs">${figures}</div>`;
}

function imageHtml(image: WorstPairImage__Output | null): Html | undefined {
  if (image === null) return undefined;
  const data = `data:image/png;base64,${image.alignedPng.toString('base64')}`;
  return html`<img src="${data}" alt="${image.name}" title="${image.name}" />`;
}
