import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { toErrorMessage } from './job-messages.js';

it('sends what is stored of a defect as it is: which log has the reason', () => {
  const message = 'Internal error; the log of the worker has the reason.';
  expect(toErrorMessage({ message })).toEqual({ code: status.INTERNAL, message, details: [] });
});

it('sends a failure with its reason', () => {
  const sent = toErrorMessage({ reason: 'OUT_OF_MEMORY', message: 'no memory' });
  expect(sent).toMatchObject({ code: status.RESOURCE_EXHAUSTED, message: 'no memory' });
  expect(sent.details).toHaveLength(1);
});
