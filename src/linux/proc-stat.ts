/**
 * Clock ticks a second in `/proc/PID/stat` (USER_HZ). Linux fixes it at 100 on every architecture that Go supports
 * (include/uapi/asm-generic/param.h; only Alpha and Itanium differ), so no system is asked for CLK_TCK.
 */
export const TICKS_PER_SECOND = 100;

/** The fields of `/proc/PID/stat` that are used. */
export interface ProcStat {
  /** One letter: `R` running, `Z` a zombie. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** User and system time, in ticks. */
  readonly cpuTicks: number;
  /** The same of its ended children that it has waited for, with those that these waited for, in ticks. */
  readonly childCpuTicks: number;
  /** Since boot, in ticks. Together with the pid it names a process for as long as the machine is up. */
  readonly startTicks: number;
  /** The address at which its stack begins, which each execve draws anew; undefined of a process that this user may not look into. */
  readonly startStack: string | undefined;
}

/**
 * Reads the text of `/proc/PID/stat` (proc_pid_stat(5)); undefined where it is cut short or no such text. The second field,
 * the program's name, may hold blanks and parentheses: fields count from the last one.
 */
export function parseProcStat(text: string): ProcStat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  const numbers = [4, 5, 14, 15, 16, 17, 22].map(field);
  if (!numbers.every((each) => /^\d{1,15}$/.test(each))) return undefined;
  const [parent = 0, group = 0, user = 0, system = 0, childUser = 0, childSystem = 0, startTicks = 0] =
    numbers.map(Number);
  const stack = field(28);
  const startStack = /^[1-9]\d{0,19}$/.test(stack) ? stack : undefined;
  return {
    state: field(3),
    parent,
    group,
    cpuTicks: user + system,
    childCpuTicks: childUser + childSystem,
    startTicks,
    startStack,
  };
}
