import type { LineOrigin } from '../go/gctrace-processes.ts';

const ISO = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)?/;
const SYSLOG =
  /(?:^|[\s>])(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const JOURNAL_MICROSECONDS = /"__REALTIME_TIMESTAMP" ?: ?"(\d{10,17})"/;
const JSON_EPOCH = /"(?:ts|time|timestamp|@timestamp)" ?: ?"?(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})"?[,}]/;

/** How logs name who wrote a line: journald `unit[pid]:`, `kubectl logs --prefix`, docker compose, journald's JSON. */
const SOURCES = [
  /([\w@.:-]{1,100}\[\d{1,10}\]): *$/,
  /(\[pod\/[\w./-]{1,300}\])/,
  /^ *([\w.-]{1,100}) +\| /,
  /"_PID" ?: ?"(\d{1,10})"/,
  /"container_?(?:id|name|Name|Id)" ?: ?"([\w./-]{1,200})"/i,
];

/** Reads who wrote a line and when, from what stands around the cycle in it. */
export function lineOrigin(rest: string): LineOrigin {
  const source = SOURCES.map((one) => one.exec(rest)?.[1]).find((found) => found !== undefined);
  return { source, ...timeOf(rest) };
}

function timeOf(text: string): Omit<LineOrigin, 'source'> {
  const journal = JOURNAL_MICROSECONDS.exec(text)?.[1];
  if (journal !== undefined) return { seconds: Number(journal) / 1e6, dated: true, grainSeconds: 1e-6 };
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction = '', zone] = iso;
    const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
    const seconds = whole / 1000 + Number(`0.${fraction}0`) - zoneSeconds(zone);
    return { seconds, dated: zone !== undefined, grainSeconds: 10 ** -fraction.length };
  }
  const epoch = JSON_EPOCH.exec(text)?.[1];
  if (epoch !== undefined) {
    const digits = epoch.split('.')[0]?.length ?? 10;
    return { seconds: Number(epoch) / 10 ** (digits - 10), dated: true, grainSeconds: digits > 10 ? 1e-3 : 1 };
  }
  const syslog = SYSLOG.exec(text);
  if (syslog === null) return { seconds: undefined, dated: false, grainSeconds: 0 };
  const [, month = '', day, hour, minute, second, fraction = ''] = syslog;
  const whole = Date.UTC(2000, MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second));
  return { seconds: whole / 1000 + Number(`0.${fraction}0`), dated: false, grainSeconds: 10 ** -fraction.length };
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
