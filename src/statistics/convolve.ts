/** The distribution of the sum of two independent whole numbers from 0 on, from the probabilities of each. */
export function convolve(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(a.length + b.length - 1);
  b.forEach((mass, shift) => {
    if (mass === 0) return;
    for (let i = 0; i < a.length; i++) sum[i + shift] = (sum[i + shift] as number) + mass * (a[i] as number);
  });
  return sum;
}
