import type { JSX } from 'preact';
import { Section } from '../../components/section.js';
import type { ServiceProblem } from '../../generated/symface/v1/operations_service_pb.js';

/** What is wrong and what to do about it; nothing where nothing is. */
export function ProblemsSection({
  problems,
}: {
  readonly problems: readonly ServiceProblem[];
}): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <Section title="What is wrong" lead="docs/runbook.md has a section for each of these names.">
      <ul>
        {problems.map(({ alert, description, nextStep }) => (
          <li key={`${alert} ${description}`}>
            <strong>{description}</strong> {nextStep} <span class="muted">{alert}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
