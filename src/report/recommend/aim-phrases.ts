import type { Goal } from '../../analysis/recommend/wishes.ts';

/** How a goal is spoken of: what a better setting does, what stands before a change, and how answers to it begin. */
export const AIM_PHRASES: Readonly<
  Record<Goal['kind'], { readonly better: string; readonly subject: string; readonly lead: string }>
> = {
  memory: { better: 'has less memory', subject: 'memory ', lead: 'For memory' },
  cpu: { better: 'needs less CPU', subject: 'CPU ', lead: 'For CPU' },
  money: { better: 'costs less', subject: '', lead: 'For money' },
  exchange: {
    better: 'saves enough memory for its CPU',
    subject: 'memory less its price ',
    lead: 'At this marginal rate',
  },
};
