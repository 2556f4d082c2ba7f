import { expect, it } from 'vitest';
import { withoutPresenceMarkers } from './presence-markers.js';

it('leaves out what tells that a field is set, at any depth, and nothing else', () => {
  const bytes = Uint8Array.of(1, 2);
  const message = {
    rate: 0.5,
    _rate: 'rate',
    payload: 'bytes',
    bytes,
    list: [{ share: 0, _share: 'share' }],
    nothing: null,
    labels: { _site: 'north', site: 'south' },
  };
  expect(withoutPresenceMarkers(message)).toEqual({
    rate: 0.5,
    payload: 'bytes',
    bytes,
    list: [{ share: 0 }],
    nothing: null,
    labels: { _site: 'north', site: 'south' },
  });
});
