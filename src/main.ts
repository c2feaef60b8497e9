#!/usr/bin/env node
// As a namespace: a named import of what an old version lacks would fail before the version can be checked.
import * as nodeModule from 'node:module';
import * as v8 from 'node:v8';

const LEAST_NODE = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < LEAST_NODE) {
  process.stderr.write(`gctune needs Node.js ${LEAST_NODE} or newer; this is ${process.version}\n`);
  process.exit(3);
}
// The space of young objects would else grow to three times 64 MiB before much of it is collected, and no command is faster for it.
v8.setFlagsFromString('--semi-space-growth-factor=1');
// Loaded only now: older versions could not even parse it.
const { ownPlace } = await import('./target/cache-directory.ts');
// What lies in this cache is run. Node's own default is a folder that anybody may have made first.
const compileCache = ownPlace(process.env, 'compile-cache');
if (compileCache !== undefined) nodeModule.enableCompileCache(compileCache);
const { program } = await import('./program.ts');
const { runOnProcess } = await import('./cli/run-on-process.ts');
// A run that was killed may still have work under way that nobody waits for.
process.exit(await runOnProcess(program, process));
