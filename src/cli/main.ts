#!/usr/bin/env node
import { runCommandLine } from './program.js';
import { processTerminal } from './terminal.js';
import { keepQuietAboutAddresses } from './tls-to-address.js';

keepQuietAboutAddresses();
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal);
