import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { failedCall, type FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { runAgainst as run } from '../../../test/support/run-against.js';

const point = {
  falseMatchRate: 1e-3,
  setTime: '',
  actor: '',
  modelVersion: 'modelVersions/net-1',
  similarityThreshold: 0.6699,
};

function answering(supportedFalseMatchRates: readonly number[]): FakeAnswers {
  const operatingPoint = { ...point, supportedFalseMatchRates: [...supportedFalseMatchRates] };
  return {
    benchmark: {
      GetOperatingPoint: (_call, done) => {
        done(null, { operatingPoint });
      },
    },
  };
}

it('shows no number of all pairs where each pair has a threshold of its own', async () => {
  const { terminal } = await run(answering([1e-1, 1e-3]), 'operating-point');
  expect(terminal.outLines.join('\n')).toContain('thresholds at: 1e-1, 1e-3');
  expect(terminal.outLines.join('\n')).toContain(
    'net-1: each pair has the threshold for photographs that look so',
  );
  expect(terminal.outLines.join('\n')).not.toContain('0.67');
});

it('shows the one number of a version that was not calibrated', async () => {
  const { terminal } = await run(answering([]), 'operating-point');
  expect(terminal.outLines[1]).toBe('  net-1: similarity threshold 0.6699 for all pairs');
});

it('prints as JSON what the server answered, without what tells that a field is set', async () => {
  const { terminal } = await run(answering([1e-3]), 'operating-point', '--json');
  expect(JSON.parse(terminal.outLines[0] ?? '')).toEqual({ ...point, supportedFalseMatchRates: [1e-3] });
});

it('does not ask for a better photograph where it is the rate that is not calibrated', async () => {
  const answers: FakeAnswers = {
    benchmark: {
      SetOperatingPoint: (_call, done) => {
        done(
          failedCall({
            code: status.FAILED_PRECONDITION,
            reason: 'THRESHOLD_NOT_CALIBRATED',
            message: 'Not of 1e-6.',
            metadata: { false_match_rate: '0.000001' },
          }),
        );
      },
    },
  };
  const { terminal } = await run(answers, 'operating-point', '--fmr', '1e-6');
  expect(terminal.errLines.join(' ')).toContain('symface models show <id>');
  expect(terminal.errLines.join(' ')).not.toContain('photograph');
});
