import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Section } from '../../components/section.js';
import {
  BenchmarkService,
  type ListWorstPairsResponse,
  type WorstPair,
  type WorstPairImage,
} from '../../generated/symface/v1/benchmark_service_pb.js';

/** The pairs on which the model errs most. Faces are read anew, and only where somebody asks to see them. */
export function WorstPairsSection({ benchmarkRun }: { readonly benchmarkRun: string }): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const [found, setFound] = useState<ListWorstPairsResponse | undefined>(undefined);
  const show = useAction(async (signal) => {
    setFound(await benchmarks.listWorstPairs({ benchmarkRun }, { signal }));
  });
  return (
    <Section title="Worst pairs" lead="Faces as they were compared. They are read from the data set anew.">
      <FailureNotice failure={show.failure} />
      {found === undefined ? (
        <button type="button" class="button" disabled={show.isRunning} onClick={show.run}>
          {show.isRunning ? 'Reading …' : 'Show the faces'}
        </button>
      ) : (
        <>
          <Pairs title="False matches: strangers of the highest similarity" pairs={found.falseMatches} />
          <Pairs
            title="False non-matches: one person, of the lowest similarity"
            pairs={found.falseNonMatches}
          />
        </>
      )}
    </Section>
  );
}

function Pairs({
  title,
  pairs,
}: {
  readonly title: string;
  readonly pairs: readonly WorstPair[];
}): JSX.Element {
  return (
    <>
      <h3>{title}</h3>
      {pairs.length === 0 && <p>There are none.</p>}
      <ul class="pairs">
        {pairs.map(({ similarity, first, second }, index) => (
          <li key={index}>
            <Face image={first} />
            <Face image={second} />
            <div>{similarity.toFixed(4)}</div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Face({ image }: { readonly image: WorstPairImage | undefined }): JSX.Element | null {
  const [url, setUrl] = useState<string | undefined>(undefined);
  const bytes = image?.alignedPng;
  useEffect(() => {
    if (bytes === undefined) return undefined;
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [bytes]);
  if (image === undefined) return null;
  return <img src={url} width="96" height="96" alt={image.name} title={image.name} />;
}
