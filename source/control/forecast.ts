/**
 * When a download will be complete, from how its rate went lately.
 *
 * The model: rates stay what they were, and scatter around their mean as they did. Neighbouring seconds are alike (the
 * rate itself is a mean of ten), so the scatter is taken from the means of batches of thirty seconds, which are nearly
 * independent: their variance × 30 s is the variance c that each second adds to the bytes that come. After T seconds the
 * bytes deviate from mean·T by the scatter to come and by the error of the mean itself, which is known from W seconds
 * only: variance c·T·(1 + T/W). With Student's quantile t for that few batches, the download is complete by T with 90 %
 * where mean·T − t·√(c·T·(1 + T/W)) ≥ what is left. Where the mean is too uncertain for its end ever to be 90 % sure,
 * there is no P90. What the model does not know: that neighbours come and go, and that the last pieces are rare.
 */
const batchSeconds = 30;
/** Fewer say nothing about scatter. */
const batchesMin = 3;
/** A year: nobody plans beyond. */
const secondsMax = 31_536_000;
/** Student's t, one-sided 90 %, for 2, 3, … degrees of freedom. */
const quantiles: readonly number[] = [1.886, 1.638, 1.533, 1.476, 1.44, 1.415, 1.397, 1.383, 1.372, 1.363];

export interface Forecast {
  /** Seconds from now: as likely sooner as later. */
  readonly p50Seconds: number;
  /** Nine of ten times sooner; `null` where that cannot be said. */
  readonly p90Seconds: number | null;
  /** Bytes a second that it goes by, and of how many seconds. */
  readonly meanRate: number;
  readonly seenSeconds: number;
}

/**
 * @param rates bytes a second, one a second, the newest last. @param left bytes.
 * @returns `undefined` where nothing comes, less than ten seconds were seen, or it would take more than a year.
 */
export function forecastOf(rates: readonly number[], left: number): Forecast | undefined {
  const begun = rates.findIndex((rate) => rate > 0);
  const seen = begun < 0 ? [] : rates.slice(begun);
  if (seen.length < 10) return undefined;
  const batches = batchMeans(seen);
  // With whole batches their mean is the mean; before, all there is.
  const meanRate = mean(batches.length >= batchesMin ? batches : seen);
  const p50Seconds = left / meanRate;
  if (meanRate <= 0 || p50Seconds > secondsMax) return undefined;
  return {
    p50Seconds,
    p90Seconds: batches.length < batchesMin ? null : ninetieth(batches, meanRate, left),
    meanRate,
    seenSeconds: seen.length,
  };
}

/** Of whole batches, the newest last. */
function batchMeans(rates: readonly number[]): number[] {
  const means: number[] = [];
  for (let end = rates.length; end >= batchSeconds; end -= batchSeconds) {
    means.unshift(mean(rates.slice(end - batchSeconds, end)));
  }
  return means;
}

function ninetieth(batches: readonly number[], meanRate: number, left: number): number | null {
  const variance = batches.reduce((sum, value) => sum + (value - meanRate) ** 2, 0) / (batches.length - 1);
  const perSecond = variance * batchSeconds;
  const seenSeconds = batches.length * batchSeconds;
  const t = quantiles[batches.length - batchesMin] ?? 1.35;
  const surelyCame = (seconds: number): number =>
    meanRate * seconds - t * Math.sqrt(perSecond * seconds * (1 + seconds / seenSeconds));
  if (surelyCame(secondsMax) < left) return null;
  let tooSoon = left / meanRate;
  let lateEnough = secondsMax;
  // To a hundredth: it halves a year fifty times at most.
  for (let i = 0; i < 60 && lateEnough - tooSoon > tooSoon / 100; i++) {
    const middle = (tooSoon + lateEnough) / 2;
    if (surelyCame(middle) < left) tooSoon = middle;
    else lateEnough = middle;
  }
  return lateEnough;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
