#!/usr/bin/env node
import { passOverMeaninglessSignals } from '../core/concurrency/process-signals.js';
import { hasTerminal } from './leave-terminal.js';
import { runCommandLine } from './program.js';
import { processTerminal } from './terminal.js';
import { keepQuietAboutAddresses } from './tls-to-address.js';

passOverMeaninglessSignals(hasTerminal());
keepQuietAboutAddresses();
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal);
