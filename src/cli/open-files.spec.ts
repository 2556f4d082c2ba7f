import { expect, it } from 'vitest';
import { requireOpenFiles } from './open-files.js';

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft}                  1048576              files     \n`;

it('asks for as many files as a service opens', () => {
  expect(() => {
    requireOpenFiles(limits('256'));
  }).toThrow(/may open 256 files .*ulimit -n 65536/u);
  requireOpenFiles(limits('1024'));
  requireOpenFiles(limits('unlimited'));
  requireOpenFiles(undefined);
});
