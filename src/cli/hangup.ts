import { constants, readFileSync, readlinkSync } from 'node:fs';
import { constants as os } from 'node:os';
import { basename } from 'node:path';

/**
 * Whether whoever started this process had SIGHUP ignored (`nohup`, `trap '' HUP`). Node gives every signal its default
 * back before any JavaScript runs, so that this process cannot be asked. What is left: bash and zsh name in `_` the
 * program that they started; nohup makes stdin a /dev/null that cannot be read where it was a terminal; and a shell
 * that ignores the signal hands that on to everything it starts.
 */
export function hangupIgnored(env: Readonly<Record<string, string | undefined>>, parent: number): boolean {
  return basename(env['_'] ?? '') === 'nohup' || hasStdinOfNohup() || ignoresHangup(parent);
}

function hasStdinOfNohup(): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readOfProc('self/fdinfo/0'))?.[1];
  if (flags === undefined || (Number.parseInt(flags, 8) & 3) !== constants.O_WRONLY) return false;
  return readlinkSync('/proc/self/fd/0') === '/dev/null';
}

/** `SigIgn` in /proc/PID/status is a mask in hex, of which the lowest bit is signal 1. */
function ignoresHangup(pid: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readOfProc(`${pid}/status`))?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(os.signals.SIGHUP - 1)) & 1n) === 1n;
}

/** Empty where there is no /proc (macOS), or it does not show this. */
function readOfProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
