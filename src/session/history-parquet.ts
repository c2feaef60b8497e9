import { parquetWriteBuffer } from 'hyparquet-writer';
import { HISTORY_COLUMNS, historyRows, type HistoryColumn } from '../history/rows.ts';
import type { Night } from '../history/night.ts';

const TYPES: Readonly<Partial<Record<HistoryColumn, 'DOUBLE' | 'INT32' | 'TIMESTAMP'>>> = {
  started_at: 'TIMESTAMP',
  value: 'DOUBLE',
  low: 'DOUBLE',
  high: 'DOUBLE',
  n: 'INT32',
  noise: 'DOUBLE',
  ratio_to_canary: 'DOUBLE',
  ratio_low: 'DOUBLE',
  ratio_high: 'DOUBLE',
  ratio_n: 'INT32',
};

/** A history as a Parquet file, a figure to a row: for DuckDB, pandas and their like. */
export function historyParquet(nights: readonly Night[]): Uint8Array {
  const data = Object.fromEntries(HISTORY_COLUMNS.map((name) => [name, [] as unknown[]]));
  for (const row of historyRows(nights))
    for (const name of HISTORY_COLUMNS)
      data[name]?.push(name === 'started_at' ? new Date(String(row[name])) : row[name]);
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: HISTORY_COLUMNS.map((name) => ({ name, data: data[name] ?? [], type: TYPES[name] ?? 'STRING' })),
    }),
  );
}
