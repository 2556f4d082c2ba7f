import { expect, it } from 'vitest';
import { connectionsWithin, openFilesLimit } from './open-files.js';

const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units
Max processes             127689               127689               processes
Max open files            ${soft.padEnd(20)} 1048576              files
`;

it('reads how many files may be open, where the system says so', () => {
  expect([limits('1024'), limits('unlimited'), undefined, ''].map((text) => openFilesLimit(text))).toEqual([
    1024,
    Infinity,
    // Of this process.
    openFilesLimit(),
    Infinity,
  ]);
  expect(openFilesLimit()).toBeGreaterThan(64);
});

it('leaves files for the process itself, whatever the connections are set to', () => {
  expect([1_024, 4_096, 65_536, Infinity, 300].map((files) => connectionsWithin(2_000, files))).toEqual([
    256, 1_792, 2_000, 2_000, 1,
  ]);
});
