/** The plot of a panel over time in units of its drawing: a tenth of a pixel or less, so that paths are whole numbers. */
export const PLOT = { width: 1600, height: 840 } as const;
