import type { JSX } from 'preact';
import { gateSentences, noGateSentences } from '../../../core/protocols/choice/gate-text.js';
import { Section } from '../../components/section.js';
import type { LookGate } from '../../generated/symface/v1/training_pb.js';

interface LookGateProps {
  /** undefined: the trained network is for all */
  readonly gate: LookGate | undefined;
  readonly smoothingPixels: number;
}

/** Which faces a candidate's trained network is for, and what becomes of all others. */
export function LookGateSection({ gate, smoothingPixels }: LookGateProps): JSX.Element {
  if (gate === undefined) {
    return <Section title="Which faces get the trained network">{noGateSentences.map(paragraph)}</Section>;
  }
  return (
    <Section title="Which faces get the trained network">
      {gateSentences(gate, smoothingPixels).map(paragraph)}
      <p class="muted">
        Looks are colours, contrast and sharpness. Both networks are in the candidate's file, which is twice
        as large for it; a face takes the time of one.
      </p>
    </Section>
  );
}

function paragraph(text: string): JSX.Element {
  return <p key={text}>{text}</p>;
}
