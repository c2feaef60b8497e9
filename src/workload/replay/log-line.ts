/** A request of an access log. */
export interface LoggedRequest {
  /** Unix seconds. */
  readonly at: number;
  /** Whether the log tells no fraction of the second. */
  readonly wholeSecond: boolean;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/**
 * What a line of an access log says: a request; that it holds none that can be sent again (a connection without a request, a
 * proxy's CONNECT), which is passed over; or why it is no line of a log.
 */
export type LogLine = LoggedRequest | 'passed-over' | { readonly problem: string };

/** Longer lines are not those of a log. */
export const MOST_LINE = 65_536;

/** Reads a line of the common or combined log format, or a JSON object. */
export function readLogLine(line: string): LogLine {
  return line.startsWith('{') ? readJson(line) : readCommon(line);
}

/** `host ident user [time] "request" status bytes …`, as servers write it since NCSA httpd. */
function readCommon(line: string): LogLine {
  const open = line.indexOf('[');
  const close = line.indexOf(']', open);
  if (open < 0 || close < 0) return { problem: 'it has no time in [brackets]' };
  const time = readTime(line.slice(open + 1, close));
  if (time === undefined) return { problem: 'the time in [brackets] is none: 10/Oct/2026:13:55:36 +0200' };
  const start = line.indexOf('"', close);
  if (start < 0) return { problem: 'it has no request in "quotes"' };
  let end = start + 1;
  while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1;
  if (end >= line.length) return { problem: 'the quotes around the request do not end' };
  if (!/^ (?:\d{3}|-)(?: |$)/.test(line.slice(end + 1, end + 6)))
    return { problem: 'it has no status after the request' };
  return request(time, line.slice(start + 1, end));
}

/** Names that servers give the fields of a log, the most telling first. */
const TIME = ['ts', 'time', 'timestamp', '@timestamp', 'time_iso8601', 'msec', 'time_local', 'StartUTC', 'start_time'];
const METHOD = ['method', 'request_method', 'requestMethod', 'RequestMethod', 'http_method', 'verb'];
const PATH = ['uri', 'request_uri', 'path', 'url', 'requestUrl', 'RequestPath', 'target'];

function readJson(line: string): LogLine {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return { problem: 'it is not JSON' };
  }
  const top = fields as Readonly<Record<string, unknown>>;
  const written = first(top, TIME);
  if (written === undefined) return { problem: `it has no time: none of ${TIME.join(', ')}` };
  const time = readTime(written);
  if (time === undefined) return { problem: 'its time is neither ISO 8601 nor a Unix time' };
  const inside = top['request'] ?? top['httpRequest'];
  if (typeof inside === 'string') return request(time, inside);
  const places = typeof inside === 'object' && inside !== null ? [inside as typeof top, top] : [top];
  const method = places.map((place) => first(place, METHOD)).find((found) => found !== undefined);
  const path = places.map((place) => first(place, PATH)).find((found) => found !== undefined);
  if (typeof path !== 'string') return { problem: `it has no path: none of ${PATH.join(', ')}` };
  if (method !== undefined && typeof method !== 'string') return { problem: 'its method is not text' };
  return sendable(time, method ?? 'GET', path);
}

function first(fields: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  const name = names.find((one) => Object.hasOwn(fields, one));
  return name === undefined ? undefined : fields[name];
}

type Time = Pick<LoggedRequest, 'at' | 'wholeSecond'>;

/** `GET /path HTTP/1.1`. */
function request(time: Time, text: string): LogLine {
  const [method = '', target, ...rest] = text.split(' ');
  if (target === undefined || rest.length > 1) return 'passed-over';
  return sendable(time, method, target.replaceAll(/\\(?:x([0-9a-fA-F]{2})|(["\\]))/g, unescape));
}

/** nginx and Apache write a byte that is not printable as `\xHH`, and a quote with a backslash before it. */
function unescape(_whole: string, hex: string | undefined, character: string | undefined): string {
  if (hex !== undefined) return `%${hex.toUpperCase()}`;
  return character === '"' ? '%22' : '%5C';
}

/** Most characters of a path that are sent; servers refuse longer ones. */
const MOST_PATH = 8192;

/** Of an address, as a proxy logs it, the path alone: nothing is ever sent to another host. */
function sendable(time: Time, method: string, target: string): LogLine {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? '';
  const bare = target.slice(origin.length);
  const rooted = origin !== '' && !bare.startsWith('/') ? `/${bare}` : bare;
  const path = rooted.replaceAll(/[^!-~]/gu, (character) => encoded(character));
  if (!/^[A-Z]{1,16}$/.test(method) || method === 'CONNECT') return 'passed-over';
  if (!path.startsWith('/') || path.length > MOST_PATH) return 'passed-over';
  return { ...time, method, path: path.replace(/#.*$/s, '') };
}

function encoded(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const COMMON = /^(\d{1,2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? ([+-])(\d{2})(\d{2})$/;
const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,](\d{1,9}))?(?:Z|[+-]\d{2}:?\d{2})?$/;
/** The units of a Unix time by the size of its number today: seconds, then thousandths and so on. */
const LARGEST_SECONDS = 1e11;

function readTime(written: unknown): Time | undefined {
  const number = typeof written === 'string' && /^\d{1,20}(?:\.\d{1,9})?$/.test(written) ? Number(written) : written;
  if (typeof number === 'number') {
    if (!Number.isFinite(number) || number < 0) return undefined;
    let at = number;
    while (at >= LARGEST_SECONDS) at /= 1000;
    return { at, wholeSecond: number < LARGEST_SECONDS && Number.isInteger(number) };
  }
  if (typeof written !== 'string' || written.length > 40) return undefined;
  const common = COMMON.exec(written);
  const text = common === null ? written : isoOf(common);
  const iso = text === undefined ? null : ISO.exec(text);
  if (text === undefined || iso === null) return undefined;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`;
  const at = Date.parse(zoned.replace(' ', 'T').replace(',', '.')) / 1000;
  return Number.isFinite(at) ? { at, wholeSecond: iso[1] === undefined } : undefined;
}

function isoOf(parts: RegExpExecArray): string | undefined {
  const [, day = '', name = '', year, hour, minute, second, fraction, sign, hours, minutes] = parts;
  const month = MONTHS.indexOf(name) + 1;
  if (month === 0) return undefined;
  const two = (value: number | string): string => String(value).padStart(2, '0');
  const rest = fraction === undefined ? '' : `.${fraction}`;
  return `${year}-${two(month)}-${two(day)}T${hour}:${minute}:${second}${rest}${sign}${hours}:${minutes}`;
}
