import { expect, it } from 'vitest';
import { hostAndPort } from './network-address.js';

it('puts addresses of version 6 into brackets, and nothing else', () => {
  expect(hostAndPort('::1', 50_051)).toBe('[::1]:50051');
  expect(hostAndPort('[::1]', 50_051)).toBe('[::1]:50051');
  expect(hostAndPort('127.0.0.1', 1)).toBe('127.0.0.1:1');
  expect(hostAndPort('localhost', 2)).toBe('localhost:2');
});
