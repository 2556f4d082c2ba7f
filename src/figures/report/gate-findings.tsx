import type { JSX } from 'preact';

/** What one check of a gate found. */
export interface GateFinding {
  /** "held-out", "benchmark lfw". */
  readonly check: string;
  readonly passed: boolean;
  /** In a sentence. */
  readonly finding: string;
}

/** The checks of a gate side by side, those that failed first. */
export function GateFindings({ findings }: { readonly findings: readonly GateFinding[] }): JSX.Element {
  const ordered = findings.toSorted((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <ul class="findings">
      {ordered.map(({ check, passed, finding }) => (
        <li key={check}>
          <span class={`tag ${passed ? 'tag-good' : 'tag-bad'}`}>{passed ? 'passed' : 'failed'}</span>
          <strong>{check}</strong>
          <p>{finding}</p>
        </li>
      ))}
    </ul>
  );
}
