/** Where a Go program usually serves its runtime's counters, by source. */
export const USUAL_PATHS = { expvar: '/debug/vars', prometheus: '/metrics', pprof: '/debug/pprof' } as const;
