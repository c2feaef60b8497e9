import type { Plan } from './plan.ts';

/** A part of a plan that is run by itself: the `number`-th of `of`. */
export interface Shard {
  /** Counts from 1. */
  readonly number: number;
  readonly of: number;
}

/** More parts than any plan has blocks. */
export const MOST_SHARDS = 10_000;

/** Reads `2/5`; undefined where it is not of this form. */
export function parseShard(text: string): Shard | undefined {
  const [, number, of] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  return shard.number >= 1 && shard.number <= shard.of && shard.of <= MOST_SHARDS ? shard : undefined;
}

/** `2/5`. */
export function shardName({ number, of }: Shard): string {
  return `${number}/${of}`;
}

/** Whether a block belongs to a part: each takes every `of`-th, so that all parts are as long as can be. Without a part all blocks do. */
export function isBlockOf(shard: Shard | undefined, block: number): boolean {
  return shard === undefined || (block - 1) % shard.of === shard.number - 1;
}

/** What a part has of a plan: its whole blocks, and of the first part the trials that profile. */
export function shareOf(plan: Plan, shard: Shard | undefined): Pick<Plan, 'trials' | 'profiling'> {
  return {
    trials: plan.trials.filter(({ block }) => isBlockOf(shard, block)),
    profiling: shard === undefined || shard.number === 1 ? plan.profiling : [],
  };
}

/** The blocks of a plan that belong to a part, in order. */
export function blocksOf({ blocks }: Pick<Plan, 'blocks'>, shard: Shard | undefined): readonly number[] {
  return Array.from({ length: blocks }, (_, index) => index + 1).filter((block) => isBlockOf(shard, block));
}
