import type { Problem } from './diagnose.ts';
import type { ReadSections } from '../sections.ts';
import type { YamlSource } from './yaml-source.ts';

/** A warm-up that ends by itself has a least and a most, and is what its settings are for. */
export function checkPhases({ phases }: ReadSections, source: YamlSource): Problem[] {
  const written = source.value['phases'] as { readonly auto_warmup?: unknown } | null | undefined;
  if (phases === undefined || written?.auto_warmup === undefined) return [];
  const { minSeconds, maxSeconds } = phases.autoWarmup;
  if (phases.warmupSeconds !== 'auto') {
    return [
      {
        code: 'unused-key',
        path: ['phases', 'auto_warmup'],
        atKey: true,
        message: 'auto_warmup says nothing where the warm-up has a length of its own',
        hint: 'write warmup: auto, or remove auto_warmup',
      },
    ];
  }
  if (minSeconds < maxSeconds) return [];
  return [
    {
      code: 'bad-duration',
      path: ['phases', 'auto_warmup'],
      atKey: true,
      message: `a warm-up of at least ${minSeconds} s cannot end after at most ${maxSeconds} s`,
      hint: 'let max be longer than min; they are 3s and 60s where the file does not say',
    },
  ];
}
