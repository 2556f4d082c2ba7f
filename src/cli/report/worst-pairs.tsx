import type { JSX } from 'preact';

import type { ListWorstPairsResponse__Output } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import type { WorstPair__Output } from '../../generated/symface/v1/WorstPair.js';
import type { WorstPairImage__Output } from '../../generated/symface/v1/WorstPairImage.js';

type Pairs = Pick<ListWorstPairsResponse__Output, 'falseMatches' | 'falseNonMatches'>;

/** The images where a model errs most, inside the page. */
export function WorstPairs({ falseMatches, falseNonMatches }: Pairs): JSX.Element {
  return (
    <>
      <h2>Most similar impostor pairs</h2>
      <PairGallery pairs={falseMatches} />
      <h2>Least similar genuine pairs</h2>
      <PairGallery pairs={falseNonMatches} />
    </>
  );
}

function PairGallery({ pairs }: { readonly pairs: readonly WorstPair__Output[] }): JSX.Element {
  return (
    <div class="pairs">
      {pairs.map(({ similarity, first, second }, index) => (
        <figure key={index} class="pair">
          <PairImage image={first} />
          <PairImage image={second} />
          <figcaption>{similarity.toFixed(4)}</figcaption>
        </figure>
      ))}
    </div>
  );
}

function PairImage({ image }: { readonly image: WorstPairImage__Output | null }): JSX.Element | null {
  if (image === null) return null;
  const data = `data:image/png;base64,${image.alignedPng.toString('base64')}`;
  return <img src={data} alt={image.name} title={image.name} />;
}
