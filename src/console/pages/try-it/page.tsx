import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { PageFrame } from '../../components/page-frame.js';
import { forgetPhotograph, isProblem, type Photograph, readPhotograph } from '../../components/photograph.js';
import { Comparison } from './comparison.js';
import { PhotographPanel, PickedFace } from './photograph-panel.js';
import { type CompareOptions, useCompared, useDetected } from './use-compared.js';

interface Place {
  readonly photograph: Photograph | undefined;
  /** Of the file that was given last; empty where there is none. */
  readonly problem: string;
}

const nothing: Place = { photograph: undefined, problem: '' };

/** Two photographs: what is found in them, whether they show one person, and how sure that is. */
export function TryItPage(): JSX.Element {
  const first = usePlace();
  const second = usePlace();
  const [options, setOptions] = useState<CompareOptions>({ isLargestFace: false, allowsLowQuality: false });
  const detectedFirst = useDetected(first.photograph);
  const detectedSecond = useDetected(second.photograph);
  const { value, failure, isLoading } = useCompared(first.photograph, second.photograph, options);
  const hasBoth = first.photograph !== undefined && second.photograph !== undefined;
  const isOfThese = value?.first === first.photograph && value?.second === second.photograph;
  const compared = hasBoth && isOfThese && failure === undefined ? value : undefined;
  const faces = (
    <div class="columns panels">
      <PickedFace label="First photograph" photograph={first.photograph} detected={detectedFirst} />
      <PickedFace label="Second photograph" photograph={second.photograph} detected={detectedSecond} />
    </div>
  );
  return (
    <PageFrame
      title="Try it"
      lead="Do two photographs show the same person? They are sent to this service only, compared, and not kept."
    >
      <div class="columns panels">
        <PhotographPanel
          label="First photograph"
          photograph={first.photograph}
          problem={first.problem}
          detected={detectedFirst}
          takesPaste={first.photograph === undefined}
          onFiles={([file, other]) => {
            first.put(file);
            if (other !== undefined) second.put(other);
          }}
          onRemove={first.clear}
        />
        <PhotographPanel
          label="Second photograph"
          photograph={second.photograph}
          problem={second.problem}
          detected={detectedSecond}
          takesPaste={first.photograph !== undefined}
          onFiles={([file, other]) => {
            second.put(file);
            if (other !== undefined) first.put(other);
          }}
          onRemove={second.clear}
        />
      </div>
      {hasBoth ? (
        <Comparison
          compared={compared}
          failure={failure}
          isLoading={isLoading}
          options={options}
          onOptions={setOptions}
        >
          {faces}
        </Comparison>
      ) : (
        <>
          <p class="muted">The decision appears here as soon as there are two photographs.</p>
          {faces}
        </>
      )}
    </PageFrame>
  );
}

interface PlaceOfPhotograph extends Place {
  readonly put: (file: File | undefined) => void;
  readonly clear: () => void;
}

function usePlace(): PlaceOfPhotograph {
  const [place, setPlace] = useState(nothing);
  const shown = useRef<Photograph | undefined>(undefined);
  /** Counts what was asked for: of two files the one that was given last counts, not the one that took longer to read. */
  const lastAsked = useRef(0);
  const show = useCallback((next: Place) => {
    if (shown.current !== next.photograph) forgetPhotograph(shown.current);
    shown.current = next.photograph;
    setPlace(next);
  }, []);
  useEffect(
    () => () => {
      lastAsked.current++;
      forgetPhotograph(shown.current);
    },
    [],
  );
  const put = useCallback(
    (file: File | undefined) => {
      if (file === undefined) return;
      const asked = ++lastAsked.current;
      void readPhotograph(file).then((read) => {
        const photograph = isProblem(read) ? undefined : read;
        if (asked === lastAsked.current) show({ photograph, problem: isProblem(read) ? read.problem : '' });
        else forgetPhotograph(photograph);
      });
    },
    [show],
  );
  const clear = useCallback(() => {
    lastAsked.current++;
    show(nothing);
  }, [show]);
  return { ...place, put, clear };
}
